"""A table or view that only one side has: its rows, a few of them, and its profile."""

from typing import Literal

from flows.contract import CellChange, Column, SampleRow, TableDiff
from flows.diff.cells import Cells
from flows.diff.fingerprint import hash_inputs
from flows.diff.settings import DiffSettings, Key
from flows.diff.sides import column_profiles, read_side
from flows.warehouse.base import Relation, Warehouse

Status = Literal["added", "removed"]


def one_sided(
    warehouse: Warehouse, relation: Relation, table: str, *, status: Status, key: Key | None, settings: DiffSettings
) -> TableDiff:
    """All rows of the relation as added or removed. `table` is its name in SQL. Raises WarehouseError."""
    scan = read_side(warehouse, relation, table, settings=settings)
    there = scan.side
    found = _key_columns(relation, key)
    rest = tuple(column for column in relation.columns if column not in found)
    sql = _samples_sql(warehouse, relation, table, key=found, rest=rest, settings=settings)
    rows = warehouse.query(sql) if there.rows and settings.sample_rows else []
    return TableDiff(
        name=relation.name,
        home=relation.home,
        kind=relation.kind,
        status=status,
        production=there if status == "removed" else None,
        staging=there if status == "added" else None,
        key=tuple(column.name for column in found),
        key_source=key.source if key and found else "",
        added=there.rows if status == "added" else 0,
        removed=there.rows if status == "removed" else 0,
        changed=0,
        unchanged=0,
        samples=tuple(_sample(row, status=status, key=found, rest=rest) for row in rows),
        profile=column_profiles({}, scan.profile) if status == "added" else column_profiles(scan.profile, {}),
        notes=scan.notes,
    )


def _samples_sql(
    warehouse: Warehouse,
    relation: Relation,
    table: str,
    *,
    key: tuple[Column, ...],
    rest: tuple[Column, ...],
    settings: DiffSettings,
) -> str:
    cells = Cells(relation.name, settings, dialect=warehouse.dialect).row("t", (*key, *rest))
    place = warehouse.dialect.row_hash(hash_inputs(warehouse.dialect, key or relation.columns))
    return (
        f"SELECT {', '.join(f'{cell} AS x{n}' for n, cell in enumerate(cells))}\n"
        f"FROM {table} AS t ORDER BY {place} LIMIT {int(settings.sample_rows)}"
    )


def _sample(
    row: tuple[str | None, ...], *, status: Status, key: tuple[Column, ...], rest: tuple[Column, ...]
) -> SampleRow:
    which = "staging" if status == "added" else "production"
    cells = [
        CellChange(column=column.name, **{which: cell}) for column, cell in zip(rest, row[len(key) :], strict=True)
    ]
    return SampleRow(kind=status, key=row[: len(key)], cells=tuple(cells))


def _key_columns(relation: Relation, key: Key | None) -> tuple[Column, ...]:
    by_name = {column.name.casefold(): column for column in relation.columns}
    names = [name.casefold() for name in key.columns] if key else []
    return tuple(by_name[name] for name in names) if all(name in by_name for name in names) else ()
