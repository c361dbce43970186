"""What is measured: the floor, the counts of rows, and the whole of what a review gets."""

from collections.abc import Callable

from benchmarks.cases import Case
from benchmarks.making import MOVED
from flows.diff import DiffSettings, Key, diff_schemas
from flows.diff.columns import compare_columns
from flows.diff.keyed import KeyedPlan, keyed_sql
from flows.diff.multiset import multiset_sql
from flows.diff.subject import Subject
from flows.warehouse.base import Environment, Warehouse

Step = Callable[[Warehouse, Case], None]


class WrongResult(Exception):
    """What was measured did not find what was put in."""


def floor(warehouse: Warehouse, case: Case) -> None:
    """Count the rows and hash all columns of both sides."""
    hashed = warehouse.dialect.row_hash([f"c{n}" for n in range(case.columns)])
    for env in Environment:
        warehouse.query(f"SELECT COUNT(*), SUM({hashed}) FROM {warehouse.table(env, 't')}")


def counts(warehouse: Warehouse, case: Case) -> None:
    """The statement that joins: added, removed, changed, counts per column; no samples."""
    [production], [staging] = warehouse.relations(Environment.PRODUCTION), warehouse.relations(Environment.STAGING)
    settings = DiffSettings(sample_rows=0)
    subject = Subject(
        production,
        staging,
        production_table=warehouse.table(Environment.PRODUCTION, "t"),
        staging_table=warehouse.table(Environment.STAGING, "t"),
        comparison=compare_columns(production, staging, settings=settings, dialect=warehouse.dialect),
        settings=settings,
        dialect=warehouse.dialect,
    )
    key = tuple(pair for pair in subject.comparison.pairs if pair.name in case.key_columns)
    warehouse.query(keyed_sql(KeyedPlan(subject, key)) if key else multiset_sql(subject))


def whole(warehouse: Warehouse, case: Case) -> None:
    """What a review gets: fingerprints, key check, counts, samples, profile. Raises WrongResult."""
    keys = {"t": Key(case.key_columns, "benchmark")} if case.key else {}
    [table] = diff_schemas(warehouse, keys=keys, settings=DiffSettings())
    expected = "changed" if case.changed_percent else "equal"
    if table.status != expected:
        raise WrongResult(f"{case.title}: status {table.status} instead of {expected}. {table.error}")
    moved = MOVED if case.changed_percent else 0
    if case.key and (table.added, table.removed) != (moved, moved):
        raise WrongResult(f"{case.title}: {table.added} added, {table.removed} removed instead of {moved} each.")


STEPS: dict[str, Step] = {"floor": floor, "counts": counts, "whole": whole}
