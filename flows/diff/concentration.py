"""Where the change is: the one value of one column that most of the differing rows share, if there is such a value."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from flows.contract import Column, Concentration, TableDiff
from flows.contract.profile import Cell, Profile
from flows.diff.columns import Pair
from flows.diff.profile_types import Kind, kind_of
from flows.diff.subject import Alias, Subject
from flows.diff.types import Form
from flows.warehouse.base import Warehouse

MOST_PLACES = 10
FEW_VALUES = 50
FEW_DAYS = 1_000
"""A column is asked only if it has few different values. Of dates there may be more: a bad day is a common place."""

LEAST_ROWS = 20
LEAST_SHARE = 0.8
LEAST_GAIN = 0.3
"""The share among the differing rows must exceed the share among all rows by this, or the value tells nobody where to
look: of a column that says "DE" in nine of ten rows, nine of ten changes say so too."""

_TRIED = 3

_PLACES = frozenset({Kind.SMALL_EXACT, Kind.LARGE_EXACT, Kind.DATE, Kind.TIMESTAMP, Kind.TEXT, Kind.BOOLEAN})

DiffKind = Literal["added", "removed", "changed"]


@dataclass(frozen=True, slots=True)
class Place:
    """The value that so many of the differing rows of a kind have in a column: the most frequent one."""

    kind: DiffKind
    column: str
    value: Cell
    rows: int


def places(
    subject: Subject, *, key: Sequence[Pair], before: Mapping[str, Profile], after: Mapping[str, Profile]
) -> tuple[Pair, ...]:
    """The columns in which a concentration is looked for, those of the fewest values first; none that is masked.

    A key of one column is left out: it tells rows apart, so nothing gathers in it.
    """
    found = [
        (distinct, pair)
        for pair in subject.comparison.pairs
        if (distinct := _distinct(pair.name, before, after)) > 1 and _may_be_place(subject, pair, distinct=distinct)
        if tuple(key) != (pair,)
    ]
    return tuple(pair for _, pair in sorted(found, key=lambda one: one[0])[:MOST_PLACES])


def gathered_sql(subject: Subject, pairs: Sequence[Pair]) -> str:
    """A CTE of at most one row per kind and place of the CTE `placed` (kind, g0, g1 ...).

    Its columns: kind, number of the place, its most frequent value, how many rows have it (LEAST_ROWS or more).
    """
    branches = "\n  UNION ALL ".join(_of_place(subject, n, pair) for n, pair in enumerate(pairs))
    return (
        f"gathered AS (\n  SELECT kind, place_number, place_value, times FROM (\n  {branches}) AS by_value\n"
        "  QUALIFY ROW_NUMBER() OVER (PARTITION BY kind, place_number ORDER BY times DESC, place_value) = 1)"
    )


def concentration(
    warehouse: Warehouse, subject: Subject, found: Sequence[Place], *, table: TableDiff
) -> Concentration | None:
    """The place that tells most, judged by the counts of `table`; None if the change is spread.

    Each of the few places that hold enough rows costs a scan of one column. Raises WarehouseError.
    """
    kind, total = _main_kind(table)
    changed = {count.column: count.rows for count in table.changed_columns}
    told = [
        place
        for place in found
        if place.kind == kind and place.rows >= max(LEAST_ROWS, LEAST_SHARE * total)
        # A column that the change itself rewrote says what changed, not where.
        if kind != "changed" or changed.get(place.column, 0) < total / 2
    ]
    judged = [
        Concentration(
            kind=kind, column=place.column, value=place.value, rows=place.rows, of=total,
            usual=_usual(warehouse, subject, place),
        )
        for place in sorted(told, key=lambda place: -place.rows)[:_TRIED]
    ]  # fmt: skip
    gains = [(one.rows / one.of - one.usual, one) for one in judged]
    gain, best = max(gains, key=lambda one: one[0], default=(0.0, None))
    return best if gain >= LEAST_GAIN else None


def _distinct(name: str, *sides: Mapping[str, Profile]) -> int:
    return max((side[name].distinct or 0 for side in sides if name in side), default=0)


def _may_be_place(subject: Subject, pair: Pair, *, distinct: int) -> bool:
    kind = kind_of(subject.dialect, pair.staging)
    is_told = pair.form is Form.AS_IS and not subject.settings.masks(subject.staging.name, pair.name)
    return is_told and kind in _PLACES and distinct <= (FEW_DAYS if kind is Kind.DATE else FEW_VALUES)


def _of_place(subject: Subject, number: int, pair: Pair) -> str:
    value = subject.cells.cell(f"g{number}", Column(name=pair.name, type=pair.staging))
    return (
        f"SELECT kind, {number} AS place_number, {value} AS place_value, times FROM (SELECT kind, g{number},"
        f" COUNT(*) AS times FROM placed GROUP BY kind, g{number} HAVING COUNT(*) >= {LEAST_ROWS}) AS place_{number}"
    )


def _main_kind(table: TableDiff) -> tuple[DiffKind, int]:
    kinds: Iterator[tuple[DiffKind, int]] = iter(
        (("changed", table.changed or 0), ("added", table.added or 0), ("removed", table.removed or 0))
    )
    return max(kinds, key=lambda one: one[1])


def _usual(warehouse: Warehouse, subject: Subject, place: Place) -> float:
    """The share of the value among all rows of the side that the place was told of."""
    alias: Alias = "p" if place.kind == "removed" else "s"
    pair = subject.comparison.pair(place.column)
    if pair is None:
        return 1.0
    cell = subject.cells.cell("g", Column(name=pair.name, type=pair.staging))
    rows = warehouse.query(
        f"SELECT {cell} AS place_value, times FROM (SELECT {subject.value(pair, alias)} AS g, COUNT(*) AS times\n"
        f"  FROM {subject.table(alias)} AS {alias} GROUP BY {subject.value(pair, alias)}) AS by_value"
    )
    total = sum(int(times) for _, times in rows)
    return sum(int(times) for value, times in rows if value == place.value) / total if total else 1.0
