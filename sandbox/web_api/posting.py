"""Reading a message out of the arguments of chat.postMessage and its relatives."""

from dataclasses import dataclass
from typing import Any

from sandbox.block_kit import limits
from sandbox.block_kit.payloads import attachment_tables, message_attachments, message_blocks
from sandbox.errors import Refusal
from sandbox.web_api.arguments import Arguments
from sandbox.world import World

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Content:
    """What a message says: checked blocks and attachments, text cut at 40,000 characters."""

    text: str
    blocks: tuple[Json, ...] | None
    attachments: tuple[Json, ...] | None
    metadata: Json | None


def read_content(world: World, arguments: Arguments) -> Content:
    """The content of a message.

    Raises Refusal with Slack's codes: `no_text`, `invalid_blocks_format`, `invalid_blocks`, `invalid_attachments`,
    `markdown_text_conflict`, `msg_too_long`, `msg_blocks_too_long`, `invalid_metadata_format`.
    """
    blocks = arguments.structure("blocks", error="invalid_blocks_format")
    attachments = arguments.structure("attachments", error="invalid_attachments")
    text = arguments.text("text") or ""
    markdown = arguments.text("markdown_text")
    if markdown is not None:
        if text or blocks:
            raise Refusal("markdown_text_conflict")
        if len(markdown) > limits.MARKDOWN:
            raise Refusal("msg_too_long")
        blocks = [{"type": "markdown", "text": markdown}]
    if not (text or blocks or attachments):
        raise Refusal("no_text")
    checked = message_attachments(attachments, world.identifiers) if attachments is not None else None
    return Content(
        text=text[: limits.MESSAGE_TEXT],
        blocks=None if blocks is None else _checked_blocks(world, blocks, attachments),
        attachments=checked,
        metadata=read_metadata(arguments),
    )


def _checked_blocks(world: World, blocks: Any, attachments: Any) -> tuple[Json, ...]:
    return message_blocks(
        blocks,
        world.identifiers,
        tables_elsewhere=attachment_tables(attachments or []),
        maximum_characters=world.settings.message_characters,
    )


def read_metadata(arguments: Arguments) -> Json | None:
    """Message metadata: an event type and a flat payload. Raises Refusal `invalid_metadata_*`."""
    metadata = arguments.structure("metadata", error="invalid_metadata_format")
    if metadata is None:
        return None
    if not isinstance(metadata, dict) or set(metadata) != {"event_type", "event_payload"}:
        raise Refusal("invalid_metadata_format")
    payload = metadata["event_payload"]
    if not isinstance(metadata["event_type"], str) or not isinstance(payload, dict):
        raise Refusal("invalid_metadata_format")
    if not all(_allowed(value, depth=1) for value in payload.values()):
        raise Refusal("invalid_metadata_schema")
    return metadata


def _allowed(value: Any, *, depth: int) -> bool:
    """Strings, numbers, booleans; flat objects of those; lists of such objects or values."""
    if isinstance(value, str | int | float | bool):
        return True
    if isinstance(value, dict) and depth:
        return all(_allowed(inner, depth=0) for inner in value.values())
    return isinstance(value, list) and bool(depth) and all(_allowed(item, depth=1) for item in value)
