"""The three things an app sends with blocks in them, checked or refused with Slack's error codes."""

import json
from typing import Any

from sandbox.block_kit import limits
from sandbox.block_kit.blocks import Surface
from sandbox.block_kit.checks import Check, Problems, anything, boolean, one_of, record, string
from sandbox.block_kit.composition import plain_text
from sandbox.block_kit.normalise import stored
from sandbox.block_kit.rules import check_blocks, table_count
from sandbox.block_kit.tables import characters
from sandbox.errors import Refusal
from sandbox.identifiers import Identifiers

Json = dict[str, Any]


def message_blocks(
    blocks: Any, identifiers: Identifiers, *, tables_elsewhere: int = 0, maximum_characters: int
) -> tuple[Json, ...]:
    """Check the blocks of a message and return them as Slack stores them.

    Raises Refusal: `invalid_blocks_format` (not a list of objects), `invalid_blocks` (a rule of Block Kit),
    `invalid_attachments` with `only_one_table_allowed`, `msg_blocks_too_long` (all texts together).
    """
    if not isinstance(blocks, list) or not all(isinstance(block, dict) for block in blocks):
        raise Refusal("invalid_blocks_format")
    problems = Problems()
    check_blocks(blocks, Surface.MESSAGE, at="/blocks", problems=problems)
    if problems.messages:
        raise Refusal("invalid_blocks", tuple(problems.messages))
    _one_table(table_count(blocks) + tables_elsewhere)
    if characters(blocks) > maximum_characters:
        raise Refusal("msg_blocks_too_long")
    return tuple(stored(blocks, identifiers))


def message_attachments(attachments: Any, identifiers: Identifiers) -> tuple[Json, ...]:
    """Check legacy attachments and the blocks inside them. Raises Refusal `invalid_attachments`."""
    if not isinstance(attachments, list) or not all(isinstance(item, dict) for item in attachments):
        raise Refusal("invalid_attachments")
    if len(attachments) > limits.ATTACHMENTS:
        raise Refusal("too_many_attachments")
    problems = Problems()
    for index, attachment in enumerate(attachments):
        at = f"/attachments/{index}/blocks"
        check_blocks(attachment.get("blocks", []), Surface.MESSAGE, at=at, problems=problems)
    if problems.messages:
        raise Refusal("invalid_attachments", tuple(problems.messages))
    _one_table(attachment_tables(attachments))
    return tuple(
        item | ({"blocks": stored(item["blocks"], identifiers)} if "blocks" in item else {}) for item in attachments
    )


def attachment_tables(attachments: Any) -> int:
    """How many tables stand inside attachments."""
    return sum(table_count(attachment.get("blocks", [])) for attachment in attachments)


def _one_table(tables: int) -> None:
    if tables > 1:
        raise Refusal("invalid_attachments", ("only_one_table_allowed",))


_COMMON: dict[str, Check] = {
    "private_metadata": string(limits.PRIVATE_METADATA, minimum=0),
    "callback_id": string(limits.CALLBACK_ID, minimum=0),
    "external_id": string(limits.EXTERNAL_ID, minimum=0),
}
_MODAL = record(
    {"type": one_of("modal"), "title": plain_text(limits.VIEW_TITLE), "blocks": anything},
    {
        **_COMMON,
        "submit": plain_text(limits.VIEW_TITLE),
        "close": plain_text(limits.VIEW_TITLE),
        "clear_on_close": boolean,
        "notify_on_close": boolean,
        "submit_disabled": boolean,
    },
)
_HOME = record({"type": one_of("home"), "blocks": anything}, _COMMON)


def view(body: Any, surface: Surface, identifiers: Identifiers) -> Json:
    """Check a modal or Home tab and return it as Slack stores it.

    Raises Refusal: `invalid_arguments` with pointers below `/view`, or `view_too_large` above 250 kB.
    """
    problems = Problems()
    (_HOME if surface is Surface.HOME else _MODAL)(body, "/view", problems)
    if not problems.messages:
        check_blocks(body["blocks"], surface, at="/view/blocks", problems=problems)
    if not problems.messages:
        _submit_with_inputs(body, surface, problems)
    if problems.messages:
        raise Refusal("invalid_arguments", tuple(problems.messages))
    if len(json.dumps(body, ensure_ascii=False).encode()) > limits.VIEW_BYTES:
        raise Refusal("view_too_large")
    titles = {name: {"emoji": True, **body[name]} for name in ("title", "submit", "close") if name in body}
    return {**body, **titles, "blocks": stored(body["blocks"], identifiers)}


def _submit_with_inputs(body: Json, surface: Surface, problems: Problems) -> None:
    has_input = any(block["type"] == "input" for block in body["blocks"])
    if surface is Surface.MODAL and has_input and "submit" not in body:
        problems.add("/view", "must define `submit` to use an `input` block in modals")
