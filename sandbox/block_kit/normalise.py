"""What Slack adds to blocks before it stores them: missing ids and the defaults of text objects."""

from typing import Any

from sandbox.block_kit.rules import elements_of, nested
from sandbox.identifiers import Identifiers

Json = dict[str, Any]


def stored(blocks: list[Json], identifiers: Identifiers) -> list[Json]:
    """A copy of valid blocks as Slack would answer with them."""
    copies: list[Json] = [_with_text_defaults(block) for block in blocks]
    for block, _ in nested(copies):
        block.setdefault("block_id", identifiers.block())
        for element in elements_of(block):
            if element["type"] != "image":
                element.setdefault("action_id", identifiers.block())
    return copies


def _with_text_defaults(value: Any) -> Any:
    if isinstance(value, list):
        return [_with_text_defaults(item) for item in value]
    if not isinstance(value, dict):
        return value
    copy = {name: _with_text_defaults(item) for name, item in value.items()}
    if copy.get("type") == "plain_text":
        copy.setdefault("emoji", True)
    if copy.get("type") == "mrkdwn":
        copy.setdefault("verbatim", False)
    return copy
