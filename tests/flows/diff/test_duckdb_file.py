"""The diff through the real DuckDB warehouse, on a file that is closed and opened again."""

from pathlib import Path

import duckdb

from flows.diff import DiffSettings, Key, diff_schemas, fingerprints
from flows.warehouse.base import Environment
from flows.warehouse.duckdb.warehouse import DuckDBWarehouse


def test_report_and_fingerprints_agree_across_sessions(tmp_path: Path) -> None:
    """What one session reports is what another one finds before publishing, until a row moves."""
    path = _file(tmp_path)
    keys = {"orders": Key(("id",), "test")}
    with _warehouse(path) as warehouse:
        tables = {table.name: table for table in diff_schemas(warehouse, keys=keys, settings=DiffSettings())}
    orders = tables["orders"]
    assert (orders.method, orders.added, orders.removed, orders.changed, orders.unchanged) == ("keyed", 1, 1, 9, 90)
    assert (tables["recent"].kind, tables["recent"].status) == ("view", "changed")
    with _warehouse(path) as warehouse:
        for env in Environment:
            shown = {name: getattr(table, env.value) for name, table in tables.items() if getattr(table, env.value)}
            assert fingerprints(warehouse, env) == shown
    with duckdb.connect(str(path)) as connection:
        connection.execute("UPDATE develop_dwh.orders SET amount = amount + 0.01 WHERE id = 50")
    with _warehouse(path) as warehouse:
        assert fingerprints(warehouse, Environment.STAGING)["orders"] != orders.staging


def test_no_file_and_no_schema_is_nothing_to_compare(tmp_path: Path) -> None:
    """Before the first build there is neither side."""
    with _warehouse(tmp_path / "new.duckdb") as warehouse:
        assert diff_schemas(warehouse, keys={}, settings=DiffSettings()) == ()


def _file(folder: Path) -> Path:
    path = folder / "shop.duckdb"
    with duckdb.connect(str(path)) as connection:
        connection.execute("CREATE SCHEMA dwh; CREATE SCHEMA develop_dwh")
        for schema, first in (("dwh", 0), ("develop_dwh", 1)):
            connection.execute(
                f"CREATE TABLE {schema}.orders AS SELECT i AS id, (i / 4)::DECIMAL(12, 2) + CASE WHEN i % 10 = 0"
                f" THEN {first} ELSE 0 END AS amount, [i, NULL] AS lines FROM range({first}, {100 + first}) r(i)"
            )
            connection.execute(f"CREATE VIEW {schema}.recent AS SELECT * FROM {schema}.orders WHERE id > 90")
    return path


def _warehouse(path: Path) -> DuckDBWarehouse:
    return DuckDBWarehouse(path, production="dwh", staging="develop_dwh")
