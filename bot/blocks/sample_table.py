"""Sample rows of one table -> a native Slack table of old and new values, for the card's thread."""

from collections.abc import Iterator
from typing import Any, assert_never

from bot.blocks import limits
from bot.blocks.elements import Block, table, text_cell
from bot.blocks.escape import value
from flows.contract import SampleRow, TableDiff

ROWS = 30
CHARS = 6_000
_KEY_CHARS = 60
_CELL_CHARS = 120
_ABSENT = "—"
_WHOLE = "whole row"


def sample_table(diff: TableDiff) -> Block | None:
    """Changed cells old -> new, one line each; added and removed rows as a whole. None without samples."""
    cells = (line for sample in diff.samples for line in _lines(sample, has_key=bool(diff.key)))
    lines = limits.rows_that_fit(cells, chars=CHARS, count=ROWS)
    key = [", ".join(diff.key)] if diff.key else []
    return table(("Row", *key, "Column", "Production", "Staging"), lines, right=frozenset()) if lines else None


def _lines(sample: SampleRow, *, has_key: bool) -> Iterator[list[dict[str, Any]]]:
    key = [text_cell(", ".join(map(value, sample.key)), _KEY_CHARS)] if has_key else []
    times = f" ×{sample.times}" if sample.times > 1 else ""  # noqa: RUF001  the multiplication sign is meant
    match sample.kind:
        case "added":
            row = "; ".join(f"{cell.column} {value(cell.staging)}" for cell in sample.cells)
            yield [text_cell("+" + times), *key, text_cell(_WHOLE), text_cell(_ABSENT), text_cell(row, _CELL_CHARS)]
        case "removed":
            row = "; ".join(f"{cell.column} {value(cell.production)}" for cell in sample.cells)
            yield [text_cell("-" + times), *key, text_cell(_WHOLE), text_cell(row, _CELL_CHARS), text_cell(_ABSENT)]
        case "changed":
            for cell in sample.cells:
                sides = [text_cell(value(side), _CELL_CHARS) for side in (cell.production, cell.staging)]
                yield [text_cell("~" + times), *key, text_cell(cell.column, _KEY_CHARS), *sides]
        case _:
            assert_never(sample.kind)
