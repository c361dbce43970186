"""Sample rows of one table -> a native Slack table of old and new values, for the card's thread."""

from collections.abc import Iterator
from typing import Any, assert_never

from bot.blocks import limits
from bot.blocks.elements import Block, table, text_cell
from bot.blocks.escape import value
from flows.contract import CellChange, SampleRow, TableDiff

HEAD = ("Row", "Key", "Column", "Production", "Staging")
ROWS = 30
CHARS = 6_000
_ABSENT = "—"


def sample_table(diff: TableDiff) -> Block | None:
    """Changed cells old -> new, one row each; added and removed rows side by side. None without samples."""
    cells = (row for sample in diff.samples for row in _rows(sample))
    rows = limits.rows_that_fit(cells, chars=CHARS, count=ROWS)
    return table(HEAD, rows, right=frozenset()) if rows else None


def _rows(sample: SampleRow) -> Iterator[list[dict[str, Any]]]:
    match sample.kind:
        case "added":
            yield from (_row("+", sample, cell.column, _ABSENT, value(cell.staging)) for cell in _cells(sample))
        case "removed":
            yield from (_row("-", sample, cell.column, value(cell.production), _ABSENT) for cell in _cells(sample))
        case "changed":
            yield from (
                _row("~", sample, cell.column, value(cell.production), value(cell.staging)) for cell in sample.cells
            )
        case _:
            assert_never(sample.kind)


def _cells(sample: SampleRow) -> tuple[CellChange, ...]:
    """A row of key columns only has no other cell to show."""
    return sample.cells or (CellChange(column=_ABSENT, production=_ABSENT, staging=_ABSENT),)


def _row(sign: str, sample: SampleRow, column: str, production: str, staging: str) -> list[dict[str, Any]]:
    times = f" ×{sample.times}" if sample.times > 1 else ""  # noqa: RUF001  the multiplication sign is meant
    key = ", ".join(value(part) for part in sample.key) or "no key"
    return [
        text_cell(sign + times),
        text_cell(key),
        text_cell(column, 40),
        text_cell(production, 120),
        text_cell(staging, 120),
    ]
