"""Pure: what in a report is most dangerous to publish, worst first."""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import IntEnum

from flows.contract import Report, TableDiff


class RiskKind(IntEnum):
    """What can be lost; the smaller, the worse."""

    TABLE_VANISHES = 0
    TABLE_EMPTIED = 1
    COLUMN_DROPPED = 2
    NOT_COMPARED = 3
    ROWS_REMOVED = 4
    COLUMN_RETYPED = 5


@dataclass(frozen=True, slots=True)
class Risk:
    """One thing that can be lost. `rows` of `of` rows where rows are lost; `column` where a column is.

    `or_changed`: without a key a changed row counts as removed, too.
    """

    kind: RiskKind
    table: str
    column: str = ""
    rows: int = 0
    of: int = 0
    or_changed: bool = False

    @property
    def share(self) -> float:
        """The lost share of the rows, 0 to 1."""
        return self.rows / self.of if self.of else 0.0


def risks(report: Report) -> tuple[Risk, ...]:
    """Everything that publishing can lose, worst first; of equal kinds the larger share first."""
    found = (risk for diff in report.differing for risk in _of(diff))
    return tuple(sorted(found, key=lambda risk: (risk.kind, -risk.share, risk.table, risk.column)))


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


def _lost_rows(diff: TableDiff) -> Iterator[Risk]:
    before = diff.production.rows if diff.production else 0
    if before and diff.staging and not diff.staging.rows:
        yield Risk(RiskKind.TABLE_EMPTIED, diff.name, rows=before, of=before)
    elif diff.removed:
        of = diff.scope.production_rows if diff.scope else before
        yield Risk(RiskKind.ROWS_REMOVED, diff.name, rows=diff.removed, of=of, or_changed=diff.method == "multiset")
