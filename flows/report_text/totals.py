"""Pure: a report in one sentence."""

from collections.abc import Iterable

from flows.contract import Report, TableDiff
from flows.words import counted


def summary(report: Report) -> str:
    """`3 of 18 tables differ: 12 rows added, 4 removed, 230 changed; 1 warning.`"""
    differing = report.differing
    if not differing:
        said = f"Nothing differs in {counted(len(report.tables), 'table')}"
    else:
        verb = "differs" if len(differing) == 1 and len(report.tables) == 1 else "differ"
        said = f"{len(differing):,} of {counted(len(report.tables), 'table')} {verb}{_totals(differing)}"
    return "; ".join([said, *_alarms(report)]) + "."


def row_counts(*, added: int | None, removed: int | None, changed: int | None) -> str:
    """`12 rows added, 4 removed, 230 changed`: what is zero or not known is not named."""
    every = ((added, "added"), (removed, "removed"), (changed, "changed"))
    known = [(number, verb) for number, verb in every if number]
    if not known:
        return "rows not counted" if (added, removed, changed) == (None, None, None) else "no row differs"
    first, *others = known
    return ", ".join([f"{counted(first[0], 'row')} {first[1]}", *(f"{number:,} {verb}" for number, verb in others)])


def _totals(tables: tuple[TableDiff, ...]) -> str:
    added, removed, changed = (
        sum(count or 0 for count in counts)
        for counts in zip(*((table.added, table.removed, table.changed) for table in tables), strict=True)
    )
    if added or removed or changed:
        return f": {row_counts(added=added, removed=removed, changed=changed)}"
    # What was not counted must not read as nothing.
    return "" if any(table.added is None for table in tables) else ", but no row does"


def _alarms(report: Report) -> Iterable[str]:
    failed = sum(table.status == "failed" for table in report.tables)
    vanished = sum(table.status == "removed" for table in report.tables)
    if failed:
        yield f"{counted(failed, 'table')} could not be compared"
    if vanished:
        yield f"{counted(vanished, 'table')} would vanish"
    if report.blockers:
        yield counted(len(report.blockers), "blocker")
    if report.warnings:
        yield counted(len(report.warnings), "warning")
