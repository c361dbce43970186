"""Slack's limits, and how text and tables are kept inside them. Source: docs.slack.dev/reference."""

from collections.abc import Iterable, Sequence
from typing import Any

from bot.blocks.escape import stored_chars, whole

HEADER_CHARS = 150
BUTTON_CHARS = 75
BUTTON_VALUE_CHARS = 2_000
CONFIRM_TITLE_CHARS = 100
CONFIRM_TEXT_CHARS = 300
MODAL_TITLE_CHARS = 24
PRIVATE_METADATA_CHARS = 3_000
INPUT_CHARS = 3_000
SECTION_CHARS = 3_000
SELECT_OPTIONS = 100
FALLBACK_BYTES = 4_000  # chat.update counts bytes of UTF-8, not characters
MESSAGE_BLOCKS = 50
MODAL_BLOCKS = 100
TABLE_ROWS = 100
TABLE_COLUMNS = 20
TABLE_CHARS = 10_000

MESSAGE_CHARS = 9_000
"""All text of one message. Slack documents no number; `msg_blocks_too_long` was seen from 11,341 characters up."""

_SHOWN = {"text", "title", "confirm", "deny", "placeholder", "label"}


def text_chars(blocks: object) -> int:
    """Characters of text in blocks, rather too many than too few."""
    match blocks:
        case str():
            return 0
        case dict():
            shown = sum(stored_chars(part) for name, part in blocks.items() if name in _SHOWN and isinstance(part, str))
            return shown + sum(text_chars(part) for part in blocks.values())
        case list() | tuple():
            return sum(text_chars(part) for part in blocks)
        case _:
            return 0


def row_chars(row: Sequence[dict[str, Any]]) -> int:
    """Characters of the cells of one table row."""
    return sum(stored_chars(cell["text"]) for cell in row)


def rows_that_fit(
    rows: Iterable[Sequence[dict[str, Any]]], *, chars: int, count: int
) -> list[Sequence[dict[str, Any]]]:
    """The first rows that fit; never a part of a row."""
    kept: list[Sequence[dict[str, Any]]] = []
    for row in rows:
        chars -= row_chars(row)
        if chars < 0 or len(kept) == count:
            break
        kept.append(row)
    return kept


def cut_bytes(text: str, limit: int = FALLBACK_BYTES) -> str:
    """At most `limit` bytes of UTF-8 of mrkdwn, without breaking a character, an entity or a code span."""
    raw = text[: limit + 1].encode("utf-8", "replace")
    return text if len(raw) <= limit else whole(raw[: limit - 3].decode("utf-8", "ignore")) + "…"
