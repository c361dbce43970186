"""The diff of two schemas: every table and view of either side, one after the other."""

from collections.abc import Callable, Mapping

from flows.contract import TableDiff
from flows.diff.settings import DiffSettings, Key, key_of
from flows.diff.table import diff_table
from flows.warehouse.base import Environment, Warehouse

Progress = Callable[[str, int, int], None]
"""Called before a table is compared: its name, its place (from 1), how many there are."""


def diff_schemas(
    warehouse: Warehouse,
    *,
    keys: Mapping[str, Key],
    settings: DiffSettings,
    progress: Progress | None = None,
) -> tuple[TableDiff, ...]:
    """Compare staging with production, by name.

    A table that cannot be compared has status "failed"; the others go on. Raises WarehouseError only if the
    relations themselves cannot be listed.
    """
    production = {relation.name: relation for relation in warehouse.relations(Environment.PRODUCTION)}
    staging = {relation.name: relation for relation in warehouse.relations(Environment.STAGING)}
    names = sorted({*production, *staging})
    tables: list[TableDiff] = []
    for place, name in enumerate(names, start=1):
        if progress:
            progress(name, place, len(names))
        tables.append(
            diff_table(
                warehouse,
                production.get(name),
                staging.get(name),
                production_table=warehouse.table(Environment.PRODUCTION, name),
                staging_table=warehouse.table(Environment.STAGING, name),
                key=key_of(keys, name),
                settings=settings,
            )
        )
    return tuple(tables)
