"""Which rows differ: by key if the table has a sound one, else as whole rows."""

from dataclasses import replace

from flows.contract import Freshness, TableDiff
from flows.contract.profile import Cell
from flows.diff.columns import Pair, listed
from flows.diff.concentration import concentration
from flows.diff.freshness import moment_of
from flows.diff.glance import Glance
from flows.diff.key_check import key_problems
from flows.diff.keyed import KeyedPlan, keyed_sql
from flows.diff.keyed_result import KeyedResult, read_keyed
from flows.diff.multiset import multiset_samples, multiset_sql
from flows.diff.settings import Key
from flows.diff.subject import Subject
from flows.warehouse.base import Warehouse, WarehouseError

Sizes = tuple[Glance, Glance]
"""Both sides at a glance, production first."""


class RowsMoved(WarehouseError):
    """The counts of one table do not add up, because its rows changed between two statements."""


def key_pairs(subject: Subject, key: Key | None) -> tuple[Pair, ...]:
    """The key's columns as both sides have them; empty if there is no key or it cannot be compared."""
    found = [subject.comparison.pair(name) for name in dict.fromkeys(key.columns)] if key else []
    pairs = tuple(pair for pair in found if pair is not None)
    return pairs if len(pairs) == len(found) else ()


def diff_rows(
    warehouse: Warehouse,
    subject: Subject,
    *,
    key: Key | None,
    sizes: Sizes,
    places: tuple[Pair, ...],
    table: TableDiff,
) -> TableDiff:
    """`table` with its counts, samples and notes. Raises WarehouseError.

    `places` are the columns in which a concentration is looked for; without a sound key it is not.
    """
    moment, notes = moment_of(subject)
    table = _noted(table, *subject.comparison.notes, *notes)
    if key is None:
        return _multiset(warehouse, subject, moment=moment, sizes=sizes, table=table)
    pairs = key_pairs(subject, key)
    if not pairs:
        problems: tuple[str, ...] = (_unusable(key),)
    else:
        plan = KeyedPlan(subject, pairs, moment=moment, places=places)
        found = _tried(warehouse, plan, sizes) if all(size.is_joinable for size in sizes) else None
        problems = () if found else key_problems(warehouse, subject, pairs)
        if not problems:
            found = found or _asked(warehouse, plan)
            table = _keyed(plan, found, sizes=sizes, table=table.model_copy(update={"key_source": key.source}))
            return _with_concentration(warehouse, subject, found, table)
    table = _noted(table, *problems, "So whole rows were compared, without the key.")
    return _multiset(warehouse, subject, moment=moment, sizes=sizes, table=table)


def _tried(warehouse: Warehouse, plan: KeyedPlan, sizes: Sizes) -> KeyedResult | None:
    """What the join finds, if its counts prove the key sound: nothing else needs to be asked of the key then."""
    before, after = sizes
    found = _asked(warehouse, plan)
    return found if found.is_sound(before=before.rows, after=after.rows) else None


def _asked(warehouse: Warehouse, plan: KeyedPlan) -> KeyedResult:
    try:
        return read_keyed(plan, warehouse.query(keyed_sql(plan)))
    except WarehouseError:
        if not plan.places:
            raise
        plain = replace(plan, places=())
        return read_keyed(plain, warehouse.query(keyed_sql(plain)))


def _with_concentration(warehouse: Warehouse, subject: Subject, found: KeyedResult, table: TableDiff) -> TableDiff:
    try:
        return table.model_copy(update={"concentration": concentration(warehouse, subject, found.places, table=table)})
    except WarehouseError:
        return _noted(table, "Where the change is was not looked for: the warehouse could not compute it.")


def _keyed(plan: KeyedPlan, found: KeyedResult, *, sizes: Sizes, table: TableDiff) -> TableDiff:
    before, after = sizes
    if not found.is_sound(before=before.rows, after=after.rows):
        raise _moved(table, sizes, added=found.added + found.fresh, removed=found.removed)
    return table.model_copy(
        update={
            "method": "keyed",
            "key": tuple(pair.name for pair in plan.key),
            "added": found.added,
            "removed": found.removed,
            "changed": found.changed,
            "unchanged": before.rows - found.removed - found.changed,
            "fresh": _freshness(plan.moment, until=found.until, rows=found.fresh),
            "changed_columns": found.columns,
            "samples": found.samples,
        }
    )


def _multiset(
    warehouse: Warehouse, subject: Subject, *, moment: Pair | None, sizes: Sizes, table: TableDiff
) -> TableDiff:
    if not subject.comparison.compared:
        return _noted(table, "No rows were compared: the sides have no column in common to compare.")
    rows = warehouse.query(multiset_sql(subject, moment))
    added, fresh, removed = (int(count) for count in rows[0][:3])
    before, after = sizes
    if before.rows - removed != after.rows - added - fresh:
        raise _moved(table, sizes, added=added + fresh, removed=removed)
    table = table.model_copy(
        update={
            "method": "multiset",
            "added": added,
            "removed": removed,
            "unchanged": before.rows - removed,
            "fresh": _freshness(moment, until=rows[0][3], rows=fresh),
            "samples": multiset_samples(subject, rows),
        }
    )
    table = _noted(table, "Without a key, a changed row counts as one removed and one added.")
    return _noted(table, "Without a key, tolerances do not apply.") if subject.is_tolerant else table


def _freshness(moment: Pair | None, *, until: Cell, rows: int) -> Freshness | None:
    return Freshness(column=moment.name, until=until, rows=rows) if moment else None


def _unusable(key: Key) -> str:
    return f"The key ({listed(key.columns)}) is not on both sides with types that compare."


def _moved(table: TableDiff, sizes: Sizes, *, added: int, removed: int) -> RowsMoved:
    before, after = (size.rows for size in sizes)
    condition = table.scope.condition if table.scope else ""
    volatile = f", and if the condition `{condition}` always gives the same rows" if condition else ""
    return RowsMoved(
        f"Not compared: the rows of {table.name} moved while they were read ({before:,} and {after:,} rows, "
        f"{added:,} added, {removed:,} removed). Run the audit again when nothing writes to them{volatile}."
    )


def _noted(table: TableDiff, *notes: str) -> TableDiff:
    return table.model_copy(update={"notes": (*table.notes, *notes)})
