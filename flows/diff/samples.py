"""From rows of a query to counts and sample rows: the arithmetic after the SQL."""

from collections.abc import Sequence
from typing import Any

from flows.contract import CellChange, ColumnCount, SampleRow
from flows.diff.keyed import KeyedQuery

Row = tuple[Any, ...]
ORDER = ("changed", "added", "removed")
"""What a reviewer should see first."""


def counts(rows: Sequence[Row]) -> tuple[int, int, int]:
    """Added, removed, changed."""
    added, removed, changed = rows[0][:3]
    return int(added), int(removed), int(changed)


def column_counts(query: KeyedQuery, rows: Sequence[Row]) -> tuple[ColumnCount, ...]:
    """The columns that differ in some row, those that differ most first."""
    found = [
        ColumnCount(column=pair.name, rows=int(number))
        for pair, number in zip(query.pairs, rows[0][3 : 3 + len(query.pairs)], strict=True)
        if number
    ]
    return tuple(sorted(found, key=lambda count: -count.rows))


def keyed_samples(query: KeyedQuery, rows: Sequence[Row]) -> tuple[SampleRow, ...]:
    """The sample rows: changed, added, removed; within a kind in the order of the query."""
    start = 3 + len(query.pairs)
    shown = [_sample(query, row[start:]) for row in rows if row[start] is not None]
    return tuple(sorted(shown, key=lambda sample: ORDER.index(sample.kind)))


def _sample(query: KeyedQuery, row: Row) -> SampleRow:
    kind, rest = row[0], list(row[1:])
    key = _take(rest, len(query.key))
    flags = _take(rest, len(query.pairs))
    before = {column.name: _take(rest, 1)[0] for column in query.production}
    after = {column.name: _take(rest, 1)[0] for column in query.staging}
    match kind:
        case "changed":
            names = [pair.name for pair, differs in zip(query.pairs, flags, strict=True) if differs]
        case "added":
            names, before = list(after), {}
        case _:
            names, after = list(before), {}
    cells = tuple(CellChange(column=name, production=before.get(name), staging=after.get(name)) for name in names)
    return SampleRow(kind=kind, key=tuple(key), cells=cells)


def _take(cells: list[Any], number: int) -> list[Any]:
    taken, cells[:] = cells[:number], cells[number:]
    return taken
