"""Table diffs -> one native Slack table: what changes, how much, most important first."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, assert_never

from bot.blocks import limits
from bot.blocks.elements import Block, number_cell, table, text_cell
from bot.blocks.escape import stored_chars, visible
from flows.contract import TableDiff, by_importance

HEAD = ("Table", "Rows", "+ added", "- removed", "~ changed", "Columns", "Key")
FRESH = "fresh"
"""One column more, only where some table has rows that are newer than production."""

NOT_COUNTED = "—"
"""Without a key there are no changed rows to count, only removed and added ones."""

PARTIAL = "of a part"

_COLUMNS_SHOWN = 2
_CELL_CHARS = 60


@dataclass(frozen=True, slots=True)
class DiffTable:
    """The table (None if nothing differs), how many differing tables it leaves out, how many are equal."""

    block: Block | None
    left_out: int
    equal: int


def diff_table(tables: Sequence[TableDiff], *, chars: int) -> DiffTable:
    """The differing tables that fit into `chars` characters and Slack's hundred rows, in order of importance."""
    differing = by_importance(tables)
    has_fresh = any(diff.fresh and diff.fresh.rows for diff in differing)
    head = (*HEAD[:3], FRESH, *HEAD[3:]) if has_fresh else HEAD
    rows = limits.rows_that_fit(
        (_row(diff, has_fresh=has_fresh) for diff in differing),
        chars=min(chars, limits.TABLE_CHARS) - sum(map(len, head)),
        count=limits.TABLE_ROWS - 1,
    )
    block = table(head, rows, right=frozenset(range(1, len(head) - 2))) if rows else None
    return DiffTable(block, left_out=len(differing) - len(rows), equal=len(tables) - len(differing))


def _row(diff: TableDiff, *, has_fresh: bool) -> list[dict[str, Any]]:
    fresh = [number_cell(diff.fresh.rows if diff.fresh else 0)] if has_fresh else []
    return [
        text_cell(diff.name),
        text_cell(_rows(diff)),
        number_cell(diff.added),
        *fresh,
        number_cell(diff.removed),
        _changed(diff),
        text_cell(_columns(diff), _CELL_CHARS),
        text_cell(_key(diff)),
    ]


def _changed(diff: TableDiff) -> dict[str, Any]:
    return text_cell(NOT_COUNTED) if diff.changed is None and diff.method == "multiset" else number_cell(diff.changed)


def _rows(diff: TableDiff) -> str:
    if diff.status == "failed" and not (diff.production and diff.staging):
        return "?"
    before = f"{diff.production.rows:,}" if diff.production else "none"
    after = f"{diff.staging.rows:,}" if diff.staging else "none"
    return f"{before} → {after}"


def _columns(diff: TableDiff) -> str:
    match diff.status:
        case "failed":
            return "diff failed"
        case "added":
            return f"new {diff.kind}"
        case "removed":
            return f"{diff.kind} removed"
        case "changed" | "equal":
            part = [PARTIAL] if diff.scope else []
            return _fitting([*part, *_schema_changes(diff)], _changed_columns(diff)) or "same"
        case _:
            assert_never(diff.status)


def _fitting(first: list[str], then: list[str]) -> str:
    """As many parts as a cell has room for, the schema's before all others; the rest is counted, not cut off."""
    parts = [*first, *then[:_COLUMNS_SHOWN]]
    total = len(first) + len(then)
    for shown in range(len(parts), 0, -1):
        more = [f"and {total - shown} more"] if total > shown else []
        text = ", ".join((*parts[:shown], *more))
        if stored_chars(visible(text[: _CELL_CHARS + 1])) <= _CELL_CHARS:
            return text
    return f"{total} differ" if parts else ""


def _schema_changes(diff: TableDiff) -> list[str]:
    signs = {"added": "+", "removed": "-", "retyped": "~"}
    return [signs[change.kind] + change.column for change in diff.schema_changes]


def _changed_columns(diff: TableDiff) -> list[str]:
    """The columns that differ most, with the rows in which they do: where a wrong unit or a lost value shows first."""
    most = sorted(diff.changed_columns, key=lambda count: (-count.rows, count.column))
    return [f"{count.column} {count.rows:,}" for count in most]


def _key(diff: TableDiff) -> str:
    return ", ".join(diff.key) or "no key"
