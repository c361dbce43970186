"""Sample rows of one table -> a native Slack table: the key first, then only the columns that changed, old -> new."""

from collections.abc import Iterator, Sequence
from typing import Any, assert_never

from bot.blocks import limits
from bot.blocks.elements import Block, table, text_cell
from bot.blocks.escape import transition, value
from flows.contract import CellChange, SampleRow, TableDiff

ROWS = 30
COLUMNS = 3
"""Columns with a place of their own: with the key and the rest five in all, which a phone still shows."""

_KEY_CHARS = 60
_CELL_CHARS = 80
_REST_CHARS = 160
_SIGNS = {"added": "+", "removed": "-", "changed": "~"}


def sample_table(diff: TableDiff, samples: Sequence[SampleRow], *, chars: int, most: int = ROWS) -> Block | None:
    """One line a row, as many as fit into `chars` characters; None without samples.

    Cells beyond the first columns stand in the last one.
    """
    own = _own_columns(diff, samples)
    has_rest = any(cell.column not in own for sample in samples for cell in _cells(diff, sample))
    rows = [_row(diff, sample, own, has_rest=has_rest) for sample in samples[:most]]
    head = (", ".join(diff.key) or "Row", *own, *(("Other columns",) if has_rest else ()))
    room = min(chars, limits.TABLE_CHARS) - limits.row_chars([text_cell(name) for name in head])
    lines = limits.rows_that_fit(rows, chars=room, count=most)
    return table(head, lines, right=frozenset()) if lines else None


def _own_columns(diff: TableDiff, samples: Sequence[SampleRow]) -> tuple[str, ...]:
    """The columns that differ most; where no row is changed, the first ones."""
    changed = [sample for sample in samples if sample.kind == "changed"]
    seen = dict.fromkeys(cell.column for sample in changed or samples for cell in _cells(diff, sample))
    rows = {count.column: count.rows for count in diff.changed_columns}
    return tuple(sorted(seen, key=lambda column: -rows.get(column, 0))[:COLUMNS])


def _cells(diff: TableDiff, sample: SampleRow) -> Iterator[CellChange]:
    """The cells of a row without those of its key."""
    return (cell for cell in sample.cells if cell.column not in diff.key)


def _row(diff: TableDiff, sample: SampleRow, own: tuple[str, ...], *, has_rest: bool) -> list[dict[str, Any]]:
    cells = {cell.column: cell for cell in _cells(diff, sample)}
    shown = [text_cell(_said(sample, cells.get(column), _CELL_CHARS), _CELL_CHARS) for column in own]
    rest = [f"{name} {_said(sample, cell, _CELL_CHARS)}" for name, cell in cells.items() if name not in own]
    return [_name(diff, sample), *shown, *([text_cell("; ".join(rest), _REST_CHARS)] if has_rest else [])]


def _name(diff: TableDiff, sample: SampleRow) -> dict[str, Any]:
    key = " " + ", ".join(map(value, sample.key)) if diff.key else ""
    times = f" ×{sample.times}" if sample.times > 1 else ""  # noqa: RUF001  the multiplication sign is meant
    return text_cell(_SIGNS[sample.kind] + key + times, _KEY_CHARS)


def _said(sample: SampleRow, cell: CellChange | None, length: int) -> str:
    """A cell as its row knows it; empty where this row has nothing to say about the column."""
    if cell is None:
        return ""
    match sample.kind:
        case "added":
            return value(cell.staging)
        case "removed":
            return value(cell.production)
        case "changed":
            return transition(value(cell.production), value(cell.staging), length)
        case _:
            assert_never(sample.kind)
