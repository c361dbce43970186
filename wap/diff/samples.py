"""The examples of the page: old → new of a changed row, all cells of an added or removed one."""

from collections.abc import Iterator
from itertools import groupby

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from flows.contract import CellChange, SampleRow, TableDiff
from flows.report_text.visible import apart, edged, shortened, visible
from wap.diff.headline import SIGNS
from wap.diff.sections import grid

_CELL = 60
_CELLS = 12
"""Cells that are shown of one row; the rest is counted."""


def samples(table: TableDiff, *, is_narrow: bool) -> RenderableType | None:
    """A table of rows, or lines where a table has no room."""
    if not table.samples:
        return None
    if is_narrow:
        return Group(*(Text.assemble(_sign(row), " ", " ".join(_words(row, table))) for row in table.samples))
    by_kind = ((kind, tuple(rows)) for kind, rows in groupby(table.samples, key=lambda row: row.kind))
    return Group(*(_changed(table, rows) if kind == "changed" else _whole(table, rows) for kind, rows in by_kind))


def _changed(table: TableDiff, rows: tuple[SampleRow, ...]) -> Table:
    lines = grid("", *_key_names(table), "column", "production", "→ staging")
    for row in rows:
        cells, more = row.cells[:_CELLS], len(row.cells) - _CELLS
        for place, cell in enumerate(cells):
            first = (_sign(row), *_key(row, table)) if place == 0 else (Text(),) * (1 + len(_key_names(table)))
            before, after = _both(cell)
            lines.add_row(*first, Text(visible(cell.column)), Text(before, style="red"), Text(after, style="green"))
        if more > 0:
            lines.add_row(*(Text(),) * (1 + len(_key_names(table))), Text(f"and {more} more columns", style="dim"))
    return lines


def _whole(table: TableDiff, rows: tuple[SampleRow, ...]) -> Table:
    lines = grid("", *(["key"] if table.key and rows[0].key else []), rows[0].kind)
    for row in rows:
        key = [Text(", ".join(_value(part) for part in row.key))] if table.key and rows[0].key else []
        lines.add_row(_sign(row), *key, Text(", ".join(_cells(row)) + _times(row)))
    return lines


def _words(row: SampleRow, table: TableDiff) -> Iterator[str]:
    pairs = zip(table.key, row.key, strict=False)
    yield from (f"{visible(name)} {_value(part)}:" if name == table.key[-1] else f"{visible(name)} {_value(part)},"
                for name, part in pairs)  # fmt: skip
    yield ", ".join(_cells(row)) + _times(row)


def _cells(row: SampleRow) -> Iterator[str]:
    for cell in row.cells[:_CELLS]:
        yield f"{visible(cell.column)} {_told(row, cell)}"
    if (more := len(row.cells) - _CELLS) > 0:
        yield f"and {more} more columns"


def _told(row: SampleRow, cell: CellChange) -> str:
    match row.kind:
        case "added":
            return _value(cell.staging)
        case "removed":
            return _value(cell.production)
        case "changed":
            return " → ".join(_both(cell))


def _key_names(table: TableDiff) -> tuple[str, ...]:
    return tuple(visible(name) for name in table.key)


def _key(row: SampleRow, table: TableDiff) -> tuple[Text, ...]:
    # Text of a key that the table does not name cannot be placed under a heading.
    return tuple(Text(_value(part)) for part in row.key[: len(table.key)])


def _sign(row: SampleRow) -> Text:
    sign, colour = SIGNS[row.kind]
    return Text(sign, style=colour)


def _times(row: SampleRow) -> str:
    return f" ({row.times:,} times)" if row.times > 1 else ""


def _both(cell: CellChange) -> tuple[str, str]:
    before, after = apart(edged(visible(cell.production or "")), edged(visible(cell.staging or "")), _CELL)
    return _known(cell.production) or before, _known(cell.staging) or after


def _value(value: str | None) -> str:
    return _known(value) or shortened(edged(visible(value or "")), _CELL)


def _known(value: str | None) -> str:
    return "NULL" if value is None else "(empty)" if value == "" else ""
