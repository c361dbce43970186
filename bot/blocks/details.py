"""The details of a run in a modal: pick one of its tables, see what changes in it."""

from collections.abc import Sequence
from typing import Any

from bot import payloads
from bot.blocks import limits
from bot.blocks.elements import Block, context, plain, section
from bot.blocks.thread import table_message
from bot.messages import on_card, on_change
from bot.payloads import Place
from flows.contract import Report, TableDiff, by_importance, rows_touched

DETAILS_MODAL = "wap_details_modal"
PICK = "wap_pick_table"

_GROUP = 100  # Slack's limit of a select, and of a group of options
_TABLES = 500
"""A whole view may have 250 kB; this many options stay below it whatever their names are."""

_OPTION_CHARS = 75
_ROW_CHARS = 300
_CHARS = 20_000


def details_modal(report: Report, place: Place, *, picked: int | None, shows_rows: bool) -> dict[str, Any]:
    """The modal. `picked` is the position of a table in `by_importance`; the first one if nobody has picked."""
    differing = by_importance(report.tables)
    position = picked if picked is not None and picked < len(differing) else 0
    blocks = [section(on_change.risk_line(report, shows_values=shows_rows) or "No table differs.")]
    if differing:
        blocks += [_picker(differing, position), *table_blocks(differing[position], shows_rows=shows_rows)]
    if len(differing) > _TABLES:
        blocks.append(context(on_change.picker_rest_line(len(differing) - _TABLES, report.run_name)))
    return {
        "type": "modal",
        "callback_id": DETAILS_MODAL,
        "private_metadata": payloads.modal_metadata(payloads.question_about(report), place),
        "title": plain(report.run_name, limits.MODAL_TITLE_CHARS),
        "close": plain("Close", limits.MODAL_TITLE_CHARS),
        "blocks": [*blocks[: limits.MODAL_BLOCKS]],
    }


def table_blocks(diff: TableDiff, *, shows_rows: bool) -> list[Block]:
    """What changes in one table. Modals take no native tables: their rows become lines of plain text."""
    shown = table_message(diff if shows_rows else without_rows(diff))
    blocks = [_lines(block) if block["type"] == "table" else block for block in shown.blocks]
    return [*blocks, *([] if shows_rows or not diff.samples else [context(on_card.rows_elsewhere_line())])]


def without_rows(diff: TableDiff) -> TableDiff:
    """The same without any value that comes from a row."""
    return diff.model_copy(
        update={"samples": (), "concentration": None, "fresh": None, "profile": (), "distributions": ()}
    )


def _picker(differing: Sequence[TableDiff], position: int) -> Block:
    options = [
        {"text": plain(_option(diff), _OPTION_CHARS), "value": str(number)}
        for number, diff in enumerate(differing[:_TABLES])
    ]
    groups = [
        {"label": plain(f"{start + 1} to {min(start + _GROUP, len(options))}", 75), "options": part}
        for start in range(0, len(options), _GROUP)
        if (part := options[start : start + _GROUP])
    ]
    offered: Block = {"options": options} if len(options) <= _GROUP else {"option_groups": groups}
    select = {
        "type": "static_select",
        "action_id": PICK,
        "placeholder": plain("Pick a table", 150),
        "initial_option": options[min(position, len(options) - 1)],
        **offered,
    }
    return {"type": "actions", "block_id": "wap_pick", "elements": [select]}


def _option(diff: TableDiff) -> str:
    touched = rows_touched(diff)
    return f"{diff.name} · {diff.status}" + (f", {touched:,} rows" if touched is not None else "")


def _lines(table: Block) -> Block:
    """The rows of a native table, one line each."""
    rows = [" | ".join(cell["text"] for cell in row) for row in table["rows"]]
    kept, chars = [], 0
    for row in rows:
        chars += len(row)
        if chars > _CHARS:
            break
        kept.append(row[:_ROW_CHARS])
    text = "\n".join(kept) + (f"\nand {len(rows) - len(kept)} more" if len(kept) < len(rows) else "")
    return {
        "type": "rich_text",
        "elements": [{"type": "rich_text_preformatted", "elements": [{"type": "text", "text": text}]}],
    }
