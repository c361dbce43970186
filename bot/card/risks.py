"""Pure: what in a report is most dangerous to publish, worst first."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from enum import IntEnum

from flows.contract import Report, TableDiff
from flows.contract.factors import Factor, factors


class RiskKind(IntEnum):
    """What can be lost; the smaller, the worse."""

    TABLE_VANISHES = 0
    TABLE_EMPTIED = 1
    COLUMN_DROPPED = 2
    UNIT_CHANGED = 3
    NOT_COMPARED = 4
    ROWS_REMOVED = 5
    COLUMN_RETYPED = 6
    VALUES_SCALED = 7


@dataclass(frozen=True, slots=True)
class Risk:
    """One thing that can be lost. `rows` of `of` rows where rows are lost or moved; `column` where a column is.

    `or_changed`: without a key a changed row counts as removed, too.
    """

    kind: RiskKind
    table: str
    column: str = ""
    rows: int = 0
    of: int = 0
    or_changed: bool = False
    factor: Factor | None = None
    more_tables: int = 0
    """How many other tables have the same column moved by the same factor: one mistake, seen wherever it is read."""

    @property
    def share(self) -> float:
        """The lost share of the rows, 0 to 1."""
        return self.rows / self.of if self.of else 0.0


def risks(report: Report) -> tuple[Risk, ...]:
    """Everything that publishing can lose or falsify, worst first; of equal kinds the larger share first."""
    found = [risk for diff in report.differing for risk in _of(diff)]
    found.sort(key=lambda risk: (risk.kind, -risk.share, risk.table, risk.column))
    return tuple(_told_once(found))


def _of(diff: TableDiff) -> Iterator[Risk]:
    if diff.status == "removed":
        yield Risk(RiskKind.TABLE_VANISHES, diff.name, rows=diff.production.rows if diff.production else 0)
        return
    if diff.status == "failed":
        yield Risk(RiskKind.NOT_COMPARED, diff.name)
    for change in diff.schema_changes:
        if change.kind == "removed":
            yield Risk(RiskKind.COLUMN_DROPPED, diff.name, change.column)
        elif change.kind == "retyped":
            yield Risk(RiskKind.COLUMN_RETYPED, diff.name, change.column)
    yield from _lost_rows(diff)
    yield from _moved(diff)


def _lost_rows(diff: TableDiff) -> Iterator[Risk]:
    before = diff.production.rows if diff.production else 0
    if before and diff.staging and not diff.staging.rows:
        yield Risk(RiskKind.TABLE_EMPTIED, diff.name, rows=before, of=before)
    elif diff.removed:
        of = diff.scope.production_rows if diff.scope else before
        yield Risk(RiskKind.ROWS_REMOVED, diff.name, rows=diff.removed, of=of, or_changed=diff.method == "multiset")


def _moved(diff: TableDiff) -> Iterator[Risk]:
    for found in factors(diff):
        kind = RiskKind.UNIT_CHANGED if found.is_of_magnitude else RiskKind.VALUES_SCALED
        yield Risk(kind, diff.name, found.column, rows=found.rows, of=found.of, factor=found)


def _told_once(risks: Sequence[Risk]) -> Iterator[Risk]:
    """A column that several tables have, moved by the same factor, is one risk: the first, which counts the others."""
    likenesses = [_likeness(risk) for risk in risks]
    alike = Counter(likenesses)
    seen: set[object] = set()
    for risk, likeness in zip(risks, likenesses, strict=True):
        if likeness not in seen:
            yield replace(risk, more_tables=alike[likeness] - 1) if alike[likeness] > 1 else risk
        seen.add(likeness)


def _likeness(risk: Risk) -> object:
    if risk.factor:
        return risk.column.casefold(), f"{risk.factor.by:.2g}"
    return risk.kind, risk.table, risk.column
