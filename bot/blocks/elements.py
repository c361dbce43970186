"""The few Block Kit shapes that we use, each within Slack's limits."""

import re
from collections.abc import Sequence
from typing import Any

from bot.blocks import limits
from bot.blocks.escape import cut_mrkdwn, shown, shown_lines

Block = dict[str, Any]


def plain(text: str, length: int) -> dict[str, Any]:
    """Plain text; emoji codes inside data stay as they are."""
    return {"type": "plain_text", "text": shown(text, length) or " ", "emoji": False}


def header(text: str) -> Block:
    """The first line of a message."""
    return {"type": "header", "text": plain(text, limits.HEADER_CHARS)}


def section(mrkdwn: str) -> Block:
    """A paragraph of our own words; data in it must have gone through escape.code."""
    return {"type": "section", "text": {"type": "mrkdwn", "text": cut_mrkdwn(mrkdwn, limits.SECTION_CHARS)}}


def context(*mrkdwn: str) -> Block:
    """Small grey text, at most ten elements."""
    elements = [{"type": "mrkdwn", "text": cut_mrkdwn(text, limits.SECTION_CHARS)} for text in mrkdwn if text]
    return {"type": "context", "elements": elements[:10]}


def paragraph(text: str, *, bold: str = "", length: int = 1_000) -> Block:
    """Words from elsewhere (a reason, a finding): rich text, in which nothing can format, mention or link.

    Only pairs of back-ticks are honoured, as code font.
    """
    lead = [{"type": "text", "text": bold + " ", "style": {"bold": True}}] if bold else []
    return {
        "type": "rich_text",
        "elements": [{"type": "rich_text_section", "elements": [*lead, *_spans(shown_lines(text, length))]}],
    }


def quote(text: str, *, length: int = 1_000) -> Block:
    """What a person wrote, as a quotation."""
    return {
        "type": "rich_text",
        "elements": [{"type": "rich_text_quote", "elements": _spans(shown_lines(text, length))}],
    }


def button(action_id: str, text: str, **more: Any) -> dict[str, Any]:
    """A button; `more` are further fields of Slack's button."""
    return {"type": "button", "action_id": action_id, "text": plain(text, limits.BUTTON_CHARS), **more}


def text_cell(text: str, length: int = 60) -> dict[str, Any]:
    """A table cell; Slack wants at least one character."""
    return {"type": "raw_text", "text": shown(text, length) or "—"}


def number_cell(number: int | None) -> dict[str, Any]:
    """A number in a table cell; what is not known is a question mark, never 0."""
    if number is None:
        return {"type": "raw_text", "text": "?"}
    return {"type": "raw_number", "value": number, "text": f"{number:,}"}


def table(head: Sequence[str], rows: Sequence[Sequence[dict[str, Any]]], *, right: frozenset[int]) -> Block:
    """A native table. `right` are the positions of right-aligned columns."""
    return {
        "type": "table",
        "column_settings": [
            {"align": "right" if position in right else "left", "is_wrapped": position not in right}
            for position in range(len(head))
        ],
        "rows": [[text_cell(name) for name in head], *(list(row) for row in rows)],
    }


def _spans(text: str) -> list[dict[str, Any]]:
    spans: list[dict[str, Any]] = []
    for position, part in enumerate(re.split(r"`([^`]+)`", text)):
        if not part:
            continue
        style = {"style": {"code": True}} if position % 2 else {}
        spans.append({"type": "text", "text": part, **style})
    return spans or [{"type": "text", "text": "—"}]
