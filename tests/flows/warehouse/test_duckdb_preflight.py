"""What the preflight finds in a DuckDB file."""

from pathlib import Path

import pytest

from flows.warehouse.base import WarehouseError
from tests.flows.warehouse.world import DuckDBWorld, codes, publish, refresh

CASES = {
    "a view elsewhere reads staging": (
        ["CREATE TABLE {s}.t AS SELECT 1 AS id", "CREATE VIEW main.report AS SELECT id FROM {s}.t"],
        ("warning", "outside_view_reads_staging"),
    ),
    "a view of staging reads production": (
        ["CREATE TABLE {p}.t AS SELECT 1 AS id", "CREATE TABLE {s}.t AS SELECT 2 AS id",
         "CREATE VIEW {s}.v AS SELECT id FROM {p}.t"],
        ("warning", "view_reads_other_side"),
    ),
    "a view of production reads staging": (
        ["CREATE TABLE {p}.t AS SELECT 1 AS id", "CREATE TABLE {s}.t AS SELECT 2 AS id",
         "CREATE VIEW {p}.v AS SELECT id FROM {s}.t"],
        ("warning", "view_reads_other_side"),
    ),
    "a view of staging reads what production is about to lose": (
        ["CREATE TABLE {p}.t AS SELECT 1 AS id", "CREATE VIEW {s}.v AS SELECT id FROM {p}.t"],
        ("blocker", "view_loses_relation"),
    ),
    "a view would read itself": (
        ["CREATE VIEW {p}.v AS SELECT 1 AS id", "CREATE VIEW {s}.v AS SELECT id FROM {p}.v"],
        ("blocker", "views_in_a_circle"),
    ),
    "a view of staging cannot be read": (
        ["CREATE TABLE {s}.t AS SELECT 1 AS id", "CREATE VIEW {s}.v AS SELECT id FROM {s}.t", "DROP TABLE {s}.t"],
        ("blocker", "view_broken"),
    ),
    "a view of production cannot be read": (
        ["CREATE TABLE {p}.t AS SELECT 1 AS id", "CREATE VIEW {p}.v AS SELECT id FROM {p}.t", "DROP TABLE {p}.t"],
        ("warning", "view_broken"),
    ),
    "a view calls a macro of staging": (
        ["CREATE MACRO {s}.m(a) AS a + 1", "CREATE VIEW {s}.v AS SELECT {s}.m(1) AS two"],
        ("blocker", "view_calls_staging"),
    ),
    "a view reads a table macro of staging": (
        ["CREATE MACRO {s}.m(a) AS TABLE SELECT a AS b", "CREATE VIEW {s}.v AS SELECT * FROM {s}.m(1)"],
        ("blocker", "view_calls_staging"),
    ),
    "a view names staging in a text": (
        ["CREATE SEQUENCE {s}.q", "CREATE VIEW {s}.v AS SELECT nextval('develop_dwh.q') AS n"],
        ("warning", "view_text_names_staging"),
    ),
    "a macro stays": (["CREATE MACRO {s}.m(a) AS a + 1"], ("warning", "macro_stays")),
    "a sequence stays": (["CREATE SEQUENCE {s}.q"], ("warning", "sequence_stays")),
    "a type stays": (["CREATE TYPE {s}.mood AS ENUM ('a')"], ("warning", "type_stays")),
    "a default takes numbers from staging": (
        ["CREATE SEQUENCE {s}.q", "CREATE TABLE {s}.t (id INTEGER DEFAULT nextval('develop_dwh.q'))"],
        ("blocker", "table_names_staging"),
    ),
    "a check calls a macro of staging": (
        ["CREATE MACRO {s}.m(a) AS a + 1", "CREATE TABLE {s}.t (id INTEGER CHECK ({s}.m(id) > 0))"],
        ("blocker", "table_names_staging"),
    ),
    "a foreign key to itself": (
        ["CREATE TABLE {s}.t (id INTEGER PRIMARY KEY, up INTEGER REFERENCES {s}.t(id))"],
        ("blocker", "self_foreign_key"),
    ),
    "a trigger": (
        ["CREATE TABLE {s}.log (id INTEGER)", "CREATE TABLE {s}.t (id INTEGER)", "USE {s}",
         "CREATE TRIGGER tr AFTER INSERT ON t FOR EACH STATEMENT INSERT INTO log VALUES (1)"],
        ("blocker", "trigger_lost"),
    ),
}  # fmt: skip


@pytest.mark.parametrize(("statements", "expected"), CASES.values(), ids=CASES.keys())
def test_preflight_finds(world: DuckDBWorld, statements: list[str], expected: tuple[str, str]) -> None:
    """Each case has its own finding."""
    world.execute(*statements)
    assert expected in codes(world)


def test_preflight_finds_nothing_in_what_dbt_builds(world: DuckDBWorld) -> None:
    """Tables, keys between them, indexes, comments, views over views, CTEs named like relations: no finding."""
    for schema in ("{p}", "{s}"):
        world.execute(
            f"CREATE TABLE {schema}.orders (id INTEGER PRIMARY KEY, day DATE DEFAULT current_date)",
            f"CREATE TABLE {schema}.items (id INTEGER REFERENCES {schema}.orders(id))",
            f"CREATE INDEX ix ON {schema}.orders(day)",
            f"COMMENT ON TABLE {schema}.orders IS 'what develop_dwh.orders means'",
            f"CREATE VIEW {schema}.stg AS WITH orders AS (SELECT * FROM {schema}.orders) SELECT id FROM orders",
            f"CREATE VIEW {schema}.mart AS WITH stg AS (SELECT * FROM {schema}.stg), mart AS (SELECT * FROM stg) "
            "SELECT list_transform([id], lambda x: x + 1) AS l FROM mart",
        )
    assert list(codes(world)) == []
    publish(world)
    assert list(codes(world)) == []


def test_preflight_finds_a_file_named_like_a_schema(tmp_path: Path) -> None:
    """DuckDB would not know whether `dwh.t` means a database or a schema."""
    world = DuckDBWorld(tmp_path)
    refresh(world)
    world.path.rename(tmp_path / "Dwh.duckdb")
    world.path = tmp_path / "Dwh.duckdb"
    with world.warehouse() as warehouse:
        [finding] = warehouse.preflight()
    assert (finding.severity, finding.code, finding.object) == ("blocker", "schema_name_ambiguous", "dwh")
    assert finding.remedy == "Rename the DuckDB file: its name without the ending must not be the name of a schema."
    with pytest.raises(WarehouseError, match=r"^Staging was not refreshed\. `dwh` is the name of a schema and of a"):
        refresh(world)


def test_preflight_puts_blockers_first(world: DuckDBWorld) -> None:
    """What closes the gate is read first."""
    world.execute("CREATE SEQUENCE {s}.q", "CREATE TABLE {s}.t (id INTEGER DEFAULT nextval('develop_dwh.q'))")
    assert [severity for severity, _ in codes(world)] == ["blocker", "warning"]


def test_warnings_do_not_break_the_exchange(world: DuckDBWorld) -> None:
    """Every case that is only a warning can be published all the same."""
    for statements, (severity, _) in CASES.values():
        if severity == "warning":
            world.execute("DROP SCHEMA {s} CASCADE", "DROP SCHEMA {p} CASCADE", "DROP VIEW IF EXISTS main.report")
            world.execute("CREATE SCHEMA {s}", "CREATE SCHEMA {p}", *statements)
            publish(world)
