"""The histogram of a column of numbers or instants: ranges of equal width, counted on both sides."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import pairwise

from flows.contract.profile import Bar, Cell, Profile
from flows.diff.columns import Pair
from flows.diff.distribution_edges import instant, instant_edges, number, number_edges
from flows.diff.profile_types import INSTANTS, Kind, is_whole, is_zoned
from flows.diff.subject import Alias, Subject
from flows.warehouse.base import Warehouse

_LARGEST = "1.7976931348623157e308"
"""The largest finite double; infinity and NaN sort above it."""


@dataclass(frozen=True, slots=True)
class Axis:
    """The values of a pair of columns as they are placed: as they are, else cast to what both types have in common."""

    subject: Subject
    pair: Pair
    kind: Kind

    @property
    def type(self) -> str:
        """The type of a value and of an edge."""
        if self.pair.production == self.pair.staging:
            return self.pair.staging
        return "TIMESTAMP" if self.kind in INSTANTS else "DOUBLE"

    def value(self, alias: Alias) -> str:
        """SQL of a value of one side."""
        value = f"{alias}.{self.subject.dialect.quote(self.pair.name)}"
        return value if self.pair.production == self.pair.staging else f"CAST({value} AS {self.type})"

    @property
    def is_beyond(self) -> str:
        """SQL of whether the value `v` has no place: NaN, infinities, instants outside the years 1 to 9999."""
        if self.kind in INSTANTS:
            day = "CAST(v AS DATE)"
            return f"({day} < CAST('0001-01-01' AS DATE) OR {day} > CAST('9999-12-31' AS DATE))"
        return f"ABS(v) > {_LARGEST}"

    def place(self, text: Cell) -> Decimal | None:
        """Where a value lies; None if it is NULL or has no place."""
        return instant(text) if self.kind in INSTANTS else number(text)

    def edges(self, low: Decimal, high: Decimal) -> tuple[str, ...]:
        """The edges of the ranges between two places; () if the places are one."""
        if self.kind in INSTANTS:
            return instant_edges(low, high, is_date=self.kind is Kind.DATE)
        whole = is_whole(self.pair.production) and is_whole(self.pair.staging)
        return number_edges(low, high, is_whole=whole)

    def edge(self, text: str) -> str:
        """SQL of an edge in the type of the values, so that `<` compares exactly."""
        if is_zoned(self.type):
            text += " 00:00:00+00:00" if len(text) == len("2024-01-01") else "+00:00"
        return f"CAST('{text}' AS {self.type})"


def histogram(warehouse: Warehouse, axis: Axis, before: Profile, after: Profile) -> tuple[Bar, ...]:
    """The ranges in order, then the rest if there are values without a place; NULLs are in none of them.

    () if fewer than two values have a place. Raises WarehouseError.
    """
    ends = [end for profile in (before, after) for end in (profile.low, profile.high) if end is not None]
    places = [axis.place(end) for end in ends]
    has_rest = None in places
    if has_rest:
        [found] = warehouse.query(ends_sql(axis))
        places = [axis.place(end) for end in found]
    placed = [place for place in places if place is not None]
    edges = axis.edges(min(placed), max(placed)) if placed else ()
    if not edges:
        return ()
    rows = warehouse.query(histogram_sql(axis, edges, has_rest=has_rest))
    return _bars(edges, {n: (int(production), int(staging)) for n, production, staging in rows if n is not None})


def ends_sql(axis: Axis) -> str:
    """One row: the least and the greatest value with a place, as text."""
    text = axis.subject.dialect.as_text
    return (
        f"SELECT {text('low', axis.type)} AS low, {text('high', axis.type)} AS high\n"
        f"FROM (SELECT MIN(v) AS low, MAX(v) AS high FROM (\n{_values(axis)}) AS both_sides"
        f" WHERE NOT ({axis.is_beyond})) AS ends"
    )


def histogram_sql(axis: Axis, edges: Sequence[str], *, has_rest: bool) -> str:
    """A row for each range that holds rows: its number (that of the rest follows the last), rows of both sides.

    NULLs have no number. The outer edges are not looked at: they lie around all values.
    """
    inner = " ".join(f"WHEN v < {axis.edge(edge)} THEN {n}" for n, edge in enumerate(edges[1:-1]))
    last = len(edges) - 2
    rest = f" WHEN {axis.is_beyond} THEN {last + 1}" if has_rest else ""
    return (
        "SELECT bar, COUNT(production) AS production, COUNT(staging) AS staging FROM (\n"
        f"  SELECT CASE WHEN v IS NULL THEN NULL{rest} {inner} ELSE {last} END AS bar, production, staging\n"
        f"  FROM (\n{_values(axis)}) AS both_sides) AS placed\nGROUP BY bar"
    )


def _values(axis: Axis) -> str:
    return (
        f"    SELECT {axis.value('p')} AS v, 1 AS production, NULL AS staging FROM {axis.subject.table('p')} AS p\n"
        f"    UNION ALL SELECT {axis.value('s')}, NULL, 1 FROM {axis.subject.table('s')} AS s"
    )


def _bars(edges: Sequence[str], rows: dict[int, tuple[int, int]]) -> tuple[Bar, ...]:
    def bar(n: int, label: Cell, upper: Cell = None, *, is_rest: bool = False) -> Bar:
        production, staging = rows.get(n, (0, 0))
        return Bar(label=label, upper=upper, production=production, staging=staging, is_rest=is_rest)

    ranges = [bar(n, label, upper) for n, (label, upper) in enumerate(pairwise(edges))]
    rest = [bar(len(ranges), None, is_rest=True)] if len(ranges) in rows else []
    return (*ranges, *rest)
