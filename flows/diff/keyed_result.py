"""From the rows that the keyed statement returns to counts and sample rows."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from flows.contract import CellChange, ColumnCount, SampleRow
from flows.contract.profile import Cell
from flows.diff.keyed import KeyedPlan

Row = tuple[Any, ...]

_ORDER = ("changed", "added", "removed")
"""What a reviewer should see first."""

_COUNTS = 7
"""The values that come before the counts of the columns."""


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
    samples = [_sample(plan, row[_COUNTS + width :]) for row in rows if row[_COUNTS + width] is not None]
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
    )


def _column_counts(plan: KeyedPlan, numbers: Sequence[int]) -> tuple[ColumnCount, ...]:
    """The columns that differ in some row, those that differ most first."""
    pairs = zip(plan.pairs, numbers, strict=True)
    found = [ColumnCount(column=pair.name, rows=int(number)) for pair, number in pairs if number]
    return tuple(sorted(found, key=lambda count: -count.rows))


def _sample(plan: KeyedPlan, row: Row) -> SampleRow:
    kind, *cells = row
    key, cells = cells[: len(plan.key)], cells[len(plan.key) :]
    flags, cells = cells[: len(plan.pairs)], cells[len(plan.pairs) :]
    width = len(plan.rest("p"))
    before = {column.name: cell for column, cell in zip(plan.rest("p"), cells[:width], strict=True)}
    after = {column.name: cell for column, cell in zip(plan.rest("s"), cells[width:], strict=True)}
    match kind:
        case "changed":
            names = [pair.name for pair, differs in zip(plan.pairs, flags, strict=True) if differs]
        case "added":
            names, before = list(after), {}
        case _:
            names, after = list(before), {}
    changes = [CellChange(column=name, production=before.get(name), staging=after.get(name)) for name in names]
    return SampleRow(kind=kind, key=tuple(key), cells=tuple(changes))
