"""Which tables of a report matter most: one order for the card, its details, its thread and the report in Prefect."""

from collections.abc import Iterable
from typing import assert_never

from flows.contract.factors import factors
from flows.contract.table import TableDiff


def by_importance(tables: Iterable[TableDiff]) -> tuple[TableDiff, ...]:
    """The tables that differ, what could hurt first: failed, removed, column lost, unit changed, size unknown, by rows.

    A unit has changed where a column moved by an order of magnitude, in however few rows: see `factors`. Rows that
    production has and that would go or change weigh more than any number of new ones, which arrive every day.
    Of equal tables by name, so that the order is the same wherever it is asked for.
    """
    return tuple(sorted((diff for diff in tables if diff.status != "equal"), key=_importance))


def rows_touched(diff: TableDiff) -> int | None:
    """Rows added, removed or changed; None when that is not known.

    Without a key (method multiset) a changed row counts as one removed and one added, so nothing is missing.
    """
    changed = 0 if diff.changed is None and diff.method == "multiset" else diff.changed
    if diff.added is None or diff.removed is None or changed is None:
        return None
    return diff.added + diff.removed + changed


def _importance(diff: TableDiff) -> tuple[int, int, int, str]:
    is_counted = rows_touched(diff) is not None
    match diff.status:
        case "failed":
            rank = 0
        case "removed":
            rank = 1
        case "changed" | "added":
            loses = any(change.kind == "removed" for change in diff.schema_changes)
            rank = 2 if loses else 3 if _has_other_unit(diff) else (5 if is_counted else 4)
        case "equal":
            rank = 6
        case _:
            assert_never(diff.status)
    return (rank, -((diff.removed or 0) + (diff.changed or 0)), -(diff.added or 0), diff.name)


def _has_other_unit(diff: TableDiff) -> bool:
    return any(found.is_of_magnitude for found in factors(diff))
