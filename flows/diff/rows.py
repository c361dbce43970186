"""Which rows differ: by key if the table has a sound one, else as whole rows."""

from flows.contract import Side, TableDiff
from flows.diff.columns import Pair, listed
from flows.diff.key_check import key_problems
from flows.diff.keyed import KeyedPlan, keyed_sql
from flows.diff.keyed_result import read_keyed
from flows.diff.multiset import multiset_samples, multiset_sql
from flows.diff.settings import Key
from flows.diff.subject import Subject
from flows.warehouse.base import Warehouse, WarehouseError


class RowsMoved(WarehouseError):
    """The counts of one table do not add up, because its rows changed between two statements."""


def diff_rows(warehouse: Warehouse, subject: Subject, *, key: Key | None, table: TableDiff) -> TableDiff:
    """`table` with its counts, samples and notes. Raises WarehouseError."""
    table = _noted(table, *subject.comparison.notes)
    if key is None:
        return _multiset(warehouse, subject, table)
    pairs = _pairs(subject, key)
    problems = key_problems(warehouse, subject, pairs) if pairs else (_unusable(key),)
    if problems:
        return _multiset(warehouse, subject, _noted(table, *problems, "So whole rows were compared, without the key."))
    return _keyed(warehouse, subject, key=pairs, table=table.model_copy(update={"key_source": key.source}))


def _keyed(warehouse: Warehouse, subject: Subject, *, key: tuple[Pair, ...], table: TableDiff) -> TableDiff:
    plan = KeyedPlan(subject, key)
    found = read_keyed(plan, warehouse.query(keyed_sql(plan)))
    table = table.model_copy(
        update={
            "method": "keyed",
            "key": tuple(pair.name for pair in key),
            "added": found.added,
            "removed": found.removed,
            "changed": found.changed,
            "unchanged": _unchanged(table, added=found.added, removed=found.removed, changed=found.changed),
            "changed_columns": found.columns,
            "samples": found.samples,
        }
    )
    if found.nominated > found.changed and not subject.is_tolerant:
        equal = found.nominated - found.changed
        return _noted(table, f"Rows whose values are written differently but compare as equal: {equal:,}.")
    return table


def _multiset(warehouse: Warehouse, subject: Subject, table: TableDiff) -> TableDiff:
    if not subject.comparison.compared:
        return _noted(table, "No rows were compared: the sides have no column in common to compare.")
    rows = warehouse.query(multiset_sql(subject))
    added, removed = (int(count) for count in rows[0][:2])
    table = table.model_copy(
        update={
            "method": "multiset",
            "added": added,
            "removed": removed,
            "unchanged": _unchanged(table, added=added, removed=removed, changed=0),
            "samples": multiset_samples(subject, rows),
        }
    )
    table = _noted(table, "Without a key, a changed row counts as one removed and one added.")
    return _noted(table, "Without a key, tolerances do not apply.") if subject.is_tolerant else table


def _pairs(subject: Subject, key: Key) -> tuple[Pair, ...]:
    found = [subject.comparison.pair(name) for name in dict.fromkeys(key.columns)]
    pairs = tuple(pair for pair in found if pair is not None)
    return pairs if len(pairs) == len(found) else ()


def _unusable(key: Key) -> str:
    return f"The key ({listed(key.columns)}) is not on both sides with types that compare."


def _unchanged(table: TableDiff, *, added: int, removed: int, changed: int) -> int:
    before, after = _rows(table.production), _rows(table.staging)
    unchanged = before - removed - changed
    if unchanged != after - added - changed:
        raise RowsMoved(
            f"Not compared: the rows of {table.name} moved while they were read ({before:,} and {after:,} rows, "
            f"{added:,} added, {removed:,} removed). Run the audit again when nothing writes to them."
        )
    return unchanged


def _rows(side: Side | None) -> int:
    return side.rows if side else 0


def _noted(table: TableDiff, *notes: str) -> TableDiff:
    return table.model_copy(update={"notes": (*table.notes, *notes)})
