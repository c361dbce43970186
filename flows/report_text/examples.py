"""Pure: example rows: old and new of what changed, and whole rows that were added or removed."""

from collections.abc import Iterator
from typing import Final

from flows.contract import SampleRow, TableDiff
from flows.report_text.escaping import cell, change, name, names
from flows.report_text.tables import markdown_table
from flows.words import counted

_ROWS: Final = 10
_CELLS: Final = 8
"""Changed cells of one row."""

_COLUMNS: Final = 6
"""Columns of an added or removed row beside its key: tables in the Prefect UI scroll, they do not wrap."""


def examples(table: TableDiff) -> str:
    """Up to ten rows of each kind, under a line that says which they are."""
    parts = []
    for kind in ("changed", "removed", "added"):
        rows = tuple(row for row in table.samples if row.kind == kind and (row.cells or row.key))
        if rows:
            parts.append(_changed(table, rows) if kind == "changed" else _whole(table, rows))
    return "\n\n".join(parts)


def _changed(table: TableDiff, rows: tuple[SampleRow, ...]) -> str:
    key = ", ".join(name(column) for column in table.key) or "key"
    lines = [line for row in rows[:_ROWS] for line in _changed_lines(row)]
    return f"**Changed, for example**{_of(rows)}\n\n{markdown_table((key, 'column', 'production → staging'), lines)}"


def _changed_lines(row: SampleRow) -> Iterator[tuple[str, str, str]]:
    key = ", ".join(cell(part) for part in row.key)
    for place, changed in enumerate(row.cells[:_CELLS]):
        yield key if place == 0 else "", name(changed.column), change(changed.production, changed.staging)
    if (more := len(row.cells) - _CELLS) > 0:
        yield "", f"*and {counted(more, 'more column')}*", ""


def _whole(table: TableDiff, rows: tuple[SampleRow, ...]) -> str:
    columns = tuple(shown.column for shown in rows[0].cells)
    is_repeated = any(row.times > 1 for row in rows)
    keys = table.key if len(table.key) == len(rows[0].key) else ("key",) * len(rows[0].key)
    headers = [name(column) for column in (*keys, *columns[:_COLUMNS])]
    lines = [[*_cells(row), *([f"{row.times:,}"] if is_repeated else [])] for row in rows[:_ROWS]]
    text = markdown_table([*headers, *([">times"] if is_repeated else [])], lines)
    more = f"\n\nnot shown: {names(columns[_COLUMNS:], most=6)}" if len(columns) > _COLUMNS else ""
    return f"**{rows[0].kind.capitalize()}, for example**{_of(rows)}\n\n{text}{more}"


def _cells(row: SampleRow) -> Iterator[str]:
    yield from (cell(part) for part in row.key)
    for shown in row.cells[:_COLUMNS]:
        yield cell(shown.staging if row.kind == "added" else shown.production)


def _of(rows: tuple[SampleRow, ...]) -> str:
    return f" ({_ROWS} of the {len(rows):,} that the machine's report holds)" if len(rows) > _ROWS else ""
