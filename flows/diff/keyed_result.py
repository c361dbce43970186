"""From the rows that the keyed statement returns to counts and sample rows."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby
from operator import itemgetter
from typing import Any

from flows.contract import CellChange, ColumnCount, SampleRow
from flows.contract.profile import Cell
from flows.diff.concentration import Place
from flows.diff.keyed_plan import KeyedPlan
from flows.diff.subject import Alias

Row = tuple[Any, ...]

_ORDER = ("changed", "added", "removed")
"""What a reviewer should see first."""

_COUNTS = 7
"""The values that come before the counts of the columns."""

_PLACE = 3
"""The values at the end of a row that tell a place."""


@dataclass(frozen=True, slots=True)
class KeyedResult:
    """What the statement found.

    `pairs` counts the pairs of the join, rows without a partner included; `unsound` counts those among the latter
    that have a NULL in the key, or share their key.
    """

    pairs: int
    unsound: int
    added: int
    fresh: int
    removed: int
    changed: int
    until: Cell
    columns: tuple[ColumnCount, ...]
    samples: tuple[SampleRow, ...]
    places: tuple[Place, ...]

    def is_sound(self, *, before: int, after: int) -> bool:
        """Whether the key is unique and never NULL on both sides, which have so many rows.

        A key that stands i times in production and j times in staging makes i * j pairs. Only if every such key
        stands once on both sides are there as many pairs as rows.
        """
        return not self.unsound and self.pairs == before + self.added + self.fresh == after + self.removed


def read_keyed(plan: KeyedPlan, rows: Sequence[Row]) -> KeyedResult:
    """Read the rows of `keyed_sql`; there is always one."""
    pairs, unsound, added, fresh, removed, changed, until, *rest = rows[0]
    width = len(plan.pairs)
    tails = [row[_COUNTS + width :] for row in rows]
    sides = [tail[:-_PLACE] for tail in tails if tail[0] is not None]
    samples = [_sample(plan, tuple(of_one)) for _, of_one in groupby(sides, key=itemgetter(0))]
    return KeyedResult(
        pairs=int(pairs),
        unsound=int(unsound),
        added=int(added),
        fresh=int(fresh),
        removed=int(removed),
        changed=int(changed),
        until=until,
        columns=_column_counts(plan, rest[:width]),
        samples=tuple(sorted(samples, key=lambda sample: _ORDER.index(sample.kind))),
        places=tuple(_place(plan, tail) for tail in tails if tail[-1] is not None),
    )


def _column_counts(plan: KeyedPlan, numbers: Sequence[int]) -> tuple[ColumnCount, ...]:
    """The columns that differ in some row, those that differ most first."""
    pairs = zip(plan.pairs, numbers, strict=True)
    found = [ColumnCount(column=pair.name, rows=int(number)) for pair, number in pairs if number]
    return tuple(sorted(found, key=lambda count: -count.rows))


def _sample(plan: KeyedPlan, sides: Sequence[Row]) -> SampleRow:
    """One sample from the rows of its sides: number, kind, side, key cells, flags, other cells."""
    _, kind, _, *cells = sides[0]
    key, flags = cells[: len(plan.key)], cells[len(plan.key) :]
    named = {side: _named(plan, side, cells) for _, _, side, *cells in sides}
    before, after = named.get("p", {}), named.get("s", {})
    names = [pair.name for pair, differs in zip(plan.pairs, flags, strict=False) if differs]
    if kind != "changed":
        names = list(after or before)
    changes = [CellChange(column=name, production=before.get(name), staging=after.get(name)) for name in names]
    return SampleRow(kind=kind, key=tuple(key), cells=tuple(changes))


def _place(plan: KeyedPlan, tail: Row) -> Place:
    _, kind, *_, number, value, times = tail
    return Place(kind=kind, column=plan.places[int(number)].name, value=value, rows=int(times))


def _named(plan: KeyedPlan, side: Alias, cells: Sequence[Cell]) -> dict[str, Cell]:
    first = len(plan.key) + len(plan.pairs)
    return {column.name: cell for column, cell in zip(plan.rest(side), cells[first:], strict=False)}
