"""The demo project on real dbt and DuckDB: two days in a row, the bug, and the staging schema."""

import json
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

import duckdb
import pytest

Build = Callable[..., str]
FULL_TABLES = (
    "customers",
    "products",
    "order_status",
    "order_items",
    "orders",
    "daily_revenue",
    "customer_value",
)
BUILDS = ("day_one", "day_two", "again", "bug", "staging")


@dataclass(frozen=True, slots=True)
class Harbour:
    """A folder with one DuckDB file per build, and what dbt printed for each."""

    folder: Path
    printed: dict[str, str]

    def manifest(self, name: str) -> dict[str, Any]:
        """What dbt knew about the project in the build of that name."""
        manifest: dict[str, Any] = json.loads((self.folder / f"{name}.json").read_text())
        return manifest


@pytest.fixture(scope="module")
def harbour(tmp_path_factory: pytest.TempPathFactory, build: Build, shop: ModuleType, project: Path) -> Harbour:
    """Day 1; on top of it day 2, day 2 twice, day 2 with the bug, and day 2 into an empty `develop_dwh`."""
    folder = tmp_path_factory.mktemp("harbour")
    one, two, bug = folder / "raw_one", folder / "raw_two", folder / "raw_bug"
    shop.generate(one, 1)
    shop.generate(two, 2)
    shop.generate(bug, 2, bug=True)
    profiles = folder / "profiles"
    profiles.mkdir()
    production = (project / "profiles.yml").read_text()
    (profiles / "profiles.yml").write_text(production.replace("schema: dwh", "schema: develop_dwh"))

    def run(name: str, raw: Path, *, after: str | None = None, profiles: Path = project) -> str:
        if after:
            shutil.copy(folder / f"{after}.duckdb", folder / f"{name}.duckdb")
        output = build(folder / f"{name}.duckdb", raw, folder / "target", profiles=profiles)
        shutil.copy(folder / "target" / "manifest.json", folder / f"{name}.json")
        return output

    printed = {
        "day_one": run("day_one", one),
        "day_two": run("day_two", two, after="day_one"),
        "again": run("again", two, after="day_two"),
        "bug": run("bug", bug, after="day_one"),
        "staging": run("staging", two, after="day_one", profiles=profiles),
    }
    return Harbour(folder, printed)


@pytest.fixture
def sql(harbour: Harbour) -> Iterator[duckdb.DuckDBPyConnection]:
    """A connection that sees every build, read only, under the name of the build."""
    with duckdb.connect() as connection:
        for name in BUILDS:
            connection.execute(f"attach '{harbour.folder / name}.duckdb' as {name} (read_only)")
        yield connection


def number(sql: duckdb.DuckDBPyConnection, query: str) -> float:
    """The one value that a query returns."""
    row = sql.execute(query).fetchone()
    assert row is not None
    return float(row[0])


def diff(sql: duckdb.DuckDBPyConnection, old: str, new: str, *, key: str) -> dict[str, int]:
    """How many keys were added, removed, and kept with another content."""
    added, removed, changed = sql.execute(
        f"""
        select count(*) filter (o is null), count(*) filter (n is null), count(*) filter (o <> n)
        from (select {key}, cast(o as varchar) as o from {old} as o)
        full join (select {key}, cast(n as varchar) as n from {new} as n) using ({key})
        """
    ).fetchall()[0]
    return {"added": added, "removed": removed, "changed": changed}


@pytest.mark.parametrize("name", BUILDS)
def test_build_is_green_and_quiet(harbour: Harbour, name: str) -> None:
    """Every node and test passes in every build, and dbt announces no deprecation."""
    assert "WARN=0 ERROR=0 SKIP=0" in harbour.printed[name]
    assert "eprecat" not in harbour.printed[name]


@pytest.mark.parametrize("name", BUILDS)
def test_build_lets_go_of_the_file(harbour: Harbour, name: str) -> None:
    """After a build the same process can open the file in another mode."""
    assert "file is free" in harbour.printed[name]


def test_build_writes_nothing_into_the_project(harbour: Harbour, project: Path) -> None:
    """The project folder holds sources only: no target, no log, no user file of dbt's telemetry."""
    assert "day_two" in harbour.printed
    assert not {"target", "logs", ".user.yml", "dbt_packages"} & {path.name for path in project.iterdir()}


def test_second_day_adds_changes_and_removes_orders(sql: duckdb.DuckDBPyConnection) -> None:
    """A reviewer of day 2 sees all three kinds: new orders, later statuses, one purged test order."""
    seen = diff(sql, "day_one.dwh.orders", "day_two.dwh.orders", key="order_id")
    assert seen["removed"] == 1
    assert seen["added"] > 100
    assert seen["changed"] > 100


@pytest.mark.parametrize(
    ("table", "key"),
    [("customers", "customer_id"), ("products", "product_id"), ("customer_value", "customer_id")],
)
def test_second_day_reaches_every_table(sql: duckdb.DuckDBPyConnection, table: str, key: str) -> None:
    """New and changed rows arrive in the smaller tables as well."""
    seen = diff(sql, f"day_one.dwh.{table}", f"day_two.dwh.{table}", key=key)
    assert seen["removed"] == 0
    assert seen["added"] > 0
    assert seen["changed"] > 0


def test_second_day_revises_population_rates_in_place(sql: duckdb.DuckDBPyConnection) -> None:
    """Two years of one region change under the four-column key; no row comes or goes."""
    tables = ("day_one.dwh.population_rates", "day_two.dwh.population_rates")
    seen = diff(sql, *tables, key="region_code, sex, age, year")
    assert seen["added"] == seen["removed"] == 0
    assert 0 < seen["changed"] <= 2 * 20 * 2


def test_population_rates_have_no_change_in_the_first_year_only(sql: duckdb.DuckDBPyConnection) -> None:
    """The lagged change is NULL in the first year and nowhere else."""
    years = sql.execute(
        "select distinct year from day_one.dwh.population_rates where arrival_rate_change is null"
    ).fetchall()
    assert years == [(2016,)]


@pytest.mark.parametrize("table", FULL_TABLES)
def test_continued_build_equals_a_build_from_nothing(sql: duckdb.DuckDBPyConnection, table: str) -> None:
    """Day 2 on top of day 1 gives the same rows as day 2 into an empty schema, incremental model included."""
    continued, fresh = f"from day_two.dwh.{table}", f"from staging.develop_dwh.{table}"
    assert number(sql, f"select count(*) from ({continued} except all {fresh})") == 0
    assert number(sql, f"select count(*) from ({fresh} except all {continued})") == 0


def test_building_the_same_day_again_changes_nothing(sql: duckdb.DuckDBPyConnection) -> None:
    """Neither the tables nor the snapshot know the time of the build."""
    for table in (*FULL_TABLES, "order_history", "population_rates"):
        first, second = f"from day_two.dwh.{table}", f"from again.dwh.{table}"
        assert number(sql, f"select count(*) from ({first} except all {second})") == 0, table
        assert number(sql, f"select count(*) from ({second} except all {first})") == 0, table


def test_snapshot_keeps_what_was_and_closes_it(sql: duckdb.DuckDBPyConnection) -> None:
    """The history grows by one row per change, and each order has exactly one open row."""
    seen = diff(sql, "day_one.dwh.order_history", "day_two.dwh.order_history", key="dbt_scd_id")
    moved = diff(sql, "day_one.dwh.order_status", "day_two.dwh.order_status", key="order_id")
    assert seen == {"added": moved["added"] + moved["changed"], "removed": 0, "changed": moved["changed"]}
    open_rows = "select order_id from day_two.dwh.order_history where dbt_valid_to is null"
    orders = "select order_id from day_two.dwh.order_status"
    assert number(sql, f"select count(*) from ({open_rows} except all {orders})") == 0
    assert number(sql, f"select count(*) from ({orders} except all {open_rows})") == 0


def test_bug_is_plain_in_daily_revenue(sql: duckdb.DuckDBPyConnection) -> None:
    """Every test passed, and the last day earned about a hundredth of what it really earned."""
    last = "dwh.daily_revenue where order_date = (select max(order_date) from day_two.dwh.daily_revenue)"
    right = number(sql, f"select revenue from day_two.{last}")
    wrong = number(sql, f"select revenue from bug.{last}")
    assert wrong == pytest.approx(right / 100, rel=0.01)


def test_bug_is_plain_in_changed_orders(sql: duckdb.DuckDBPyConnection, shop: ModuleType) -> None:
    """Orders that were corrected on the last day fall from their old amount to a few cents in the euro."""
    both = "from day_one.dwh.orders as o join bug.dwh.orders as n using (order_id)"
    assert number(sql, f"select count(*) {both} where n.amount < o.amount / 20") == shop.DAILY_CORRECTIONS


def test_orders_keep_their_contract_in_the_database(sql: duckdb.DuckDBPyConnection) -> None:
    """The primary key and the checks of the contract are real constraints, also after a rebuild."""
    kinds = sql.execute(
        "select constraint_type from duckdb_constraints() "
        "where database_name = 'again' and schema_name = 'dwh' and table_name = 'orders'"
    ).fetchall()
    assert {"PRIMARY KEY", "CHECK", "NOT NULL"} <= {kind for (kind,) in kinds}


def test_staging_build_leaves_production_alone(sql: duckdb.DuckDBPyConnection) -> None:
    """With the schema of the profile replaced, nothing is written to `dwh` and no other schema appears."""
    schemas = sql.execute(
        "select table_schema from information_schema.tables where table_catalog = 'staging'"
    ).fetchall()
    assert set(schemas) == {("develop_dwh",), ("dwh",)}
    seen = diff(sql, "day_one.dwh.orders", "staging.dwh.orders", key="order_id")
    assert seen == {"added": 0, "removed": 0, "changed": 0}


def test_staging_views_read_their_own_schema(sql: duckdb.DuckDBPyConnection) -> None:
    """No view in `develop_dwh` names `dwh`, and at least one reads a table next to it."""
    views = [
        text.replace("develop_dwh.", "own.")
        for (text,) in sql.execute(
            "select sql from duckdb_views() where database_name = 'staging' and schema_name = 'develop_dwh'"
        ).fetchall()
    ]
    assert not [text for text in views if "dwh." in text]
    assert [text for text in views if "JOIN own." in text]


@pytest.mark.parametrize(("name", "schema"), [("day_two", "dwh"), ("staging", "develop_dwh")])
def test_no_node_names_a_schema_of_its_own(harbour: Harbour, name: str, schema: str) -> None:
    """Models, seeds and the snapshot all follow the profile."""
    nodes = [node for node in harbour.manifest(name)["nodes"].values() if node["resource_type"] != "test"]
    assert {node["schema"] for node in nodes} == {schema}


def test_every_node_has_an_owner_and_a_description(harbour: Harbour) -> None:
    """Whoever reviews a table can see what it is and whom to ask."""
    nodes = [node for node in harbour.manifest("day_two")["nodes"].values() if node["resource_type"] != "test"]
    assert [node["name"] for node in nodes if not (node["description"] and node["meta"].get("owner"))] == []


def test_manifest_carries_what_the_audit_reads(harbour: Harbour) -> None:
    """The mask on the e-mail, the composite key and the dashboard are where the audit looks for them."""
    manifest = harbour.manifest("day_two")
    customers = manifest["nodes"]["model.harbour_shop.customers"]
    rates = manifest["nodes"]["model.harbour_shop.population_rates"]
    dashboard = manifest["exposures"]["exposure.harbour_shop.harbour_dashboard"]
    assert customers["columns"]["email"]["meta"] == {"wap": {"mask": True}}
    assert rates["meta"]["wap"] == {"key": ["region_code", "sex", "age", "year"]}
    assert "model.harbour_shop.daily_revenue" in dashboard["depends_on"]["nodes"]
