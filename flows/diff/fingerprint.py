"""The fingerprint of a relation: its rows counted and hashed in one scan, whatever their order."""

from collections.abc import Callable, Sequence

from flows.contract import Column, Side
from flows.diff.types import hashable
from flows.warehouse.base import Dialect, Environment, Relation, Warehouse


def fingerprint_sql(dialect: Dialect, relation: Relation, table: str) -> str:
    """One row: number of rows, fingerprint over all columns in catalog order as text ('0' without rows)."""
    aggregate = dialect.fingerprint(hash_inputs(dialect, relation.columns))
    return (
        f"SELECT COUNT(*) AS row_count, COALESCE(CAST({aggregate} AS VARCHAR), '0') AS fingerprint\nFROM {table} AS t"
    )


def side(warehouse: Warehouse, relation: Relation, table: str) -> Side:
    """The relation as it is now. `table` is its name in SQL. Raises WarehouseError."""
    [(rows, fingerprint)] = warehouse.query(fingerprint_sql(warehouse.dialect, relation, table))
    return Side(columns=relation.columns, rows=int(rows), fingerprint=str(fingerprint))


def fingerprints(
    warehouse: Warehouse, env: Environment, *, which: Callable[[Relation], bool] = lambda _: True
) -> dict[str, Side]:
    """Every relation of the environment that is wanted, by name: the same numbers as in a report.

    Raises WarehouseError.
    """
    return {
        relation.name: side(warehouse, relation, warehouse.table(env, relation.name))
        for relation in warehouse.relations(env)
        if which(relation)
    }


def hash_inputs(dialect: Dialect, columns: Sequence[Column]) -> list[str]:
    """SQL of the columns of the table `t` as a row hash takes them."""
    return [hashable(dialect, f"t.{dialect.quote(column.name)}", column.type) for column in columns]
