"""From the rows that the keyed statement returns to counts and sample rows."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from flows.contract import CellChange, ColumnCount, SampleRow
from flows.diff.keyed import KeyedPlan

Row = tuple[Any, ...]

_ORDER = ("changed", "added", "removed")
"""What a reviewer should see first."""


@dataclass(frozen=True, slots=True)
class KeyedResult:
    """What the statement found. `nominated` rows had other hashes; `changed` rows had other values."""

    added: int
    removed: int
    nominated: int
    changed: int
    columns: tuple[ColumnCount, ...]
    samples: tuple[SampleRow, ...]


def read_keyed(plan: KeyedPlan, rows: Sequence[Row]) -> KeyedResult:
    """Read the rows of `keyed_sql`; there is always one."""
    added, removed, nominated, changed, *rest = rows[0]
    width = len(plan.pairs)
    samples = [_sample(plan, row[4 + width :]) for row in rows if row[4 + width] is not None]
    return KeyedResult(
        added=int(added),
        removed=int(removed),
        nominated=int(nominated),
        changed=int(changed),
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
