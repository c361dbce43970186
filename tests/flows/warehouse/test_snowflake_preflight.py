"""What the preflight finds in Snowflake, one case each; access has tests of its own."""

from collections.abc import Iterator

import pytest

from flows.warehouse.base import Environment, WarehouseError
from tests.flows.warehouse.snowflake_world import SnowflakeWorld
from tests.flows.warehouse.world import codes, publish, refresh, rows
from tests.snowflake.stand_in import StandIn


@pytest.fixture
def world(stand_in: StandIn) -> Iterator[SnowflakeWorld]:
    """The same table on both sides."""
    with SnowflakeWorld(stand_in) as found:
        found.execute("CREATE TABLE {p}.ORDERS AS SELECT 1 AS ID", "CREATE TABLE {s}.ORDERS AS SELECT 2 AS ID")
        yield found


CASES = {
    "a CTE that hides the table it reads": (
        "CREATE VIEW {s}.V AS WITH ORDERS AS (SELECT ID FROM {s}.ORDERS) SELECT ID FROM ORDERS",
        ("warning", "view_repaired_late"),
    ),
    "a view that names production": (
        "CREATE VIEW {s}.V AS SELECT ID FROM {p}.ORDERS",
        ("warning", "view_reads_other_side"),
    ),
    "a view elsewhere that names staging": (
        "CREATE OR REPLACE VIEW PUBLIC.V AS SELECT ID FROM {s}.ORDERS",
        ("warning", "view_outside_reads_staging"),
    ),
    "a stream": ("CREATE STREAM {s}.ST ON TABLE {s}.ORDERS", ("warning", "stream_in_schema")),
    "a masking policy": (
        "CREATE MASKING POLICY {p}.HIDE AS (V VARCHAR) RETURNS VARCHAR -> '***'",
        ("warning", "masking_policy_in_schema"),
    ),
    "a row access policy": (
        "CREATE ROW ACCESS POLICY {s}.SOME AS (V VARCHAR) RETURNS BOOLEAN -> TRUE",
        ("warning", "row_access_policy_in_schema"),
    ),
    "a task": ("CREATE TASK {p}.TA SCHEDULE = '5 MINUTE' AS SELECT 1", ("warning", "task_in_schema")),
    "an alert": ("CREATE ALERT {p}.AL IF (EXISTS (SELECT 1)) THEN SELECT 1", ("warning", "alert_in_schema")),
    "a dynamic table": (
        "CREATE DYNAMIC TABLE {s}.DT TARGET_LAG = '1 hour' WAREHOUSE = WH AS SELECT ID FROM {s}.ORDERS",
        ("warning", "dynamic_table_in_schema"),
    ),
}


@pytest.mark.parametrize(("statement", "expected"), CASES.values(), ids=CASES.keys())
def test_preflight_finds(world: SnowflakeWorld, statement: str, expected: tuple[str, str]) -> None:
    """Each case has its own finding, and what is only a warning can be published."""
    world.execute("USE SCHEMA ANALYTICS.PUBLIC", statement)
    assert list(codes(world)) == [expected]
    publish(world)
    world.execute("DROP VIEW IF EXISTS PUBLIC.V")


def test_stage_that_no_clone_has_stops_everything(world: SnowflakeWorld) -> None:
    """Documented: a clone has no internal stages. The swap would take it from production, and the build after that
    would drop it, with its files."""
    world.execute("CREATE STAGE {p}.LANDING")
    refresh(world)
    with world.warehouse() as warehouse:
        [found] = warehouse.preflight()
    assert (found.severity, found.code, found.object) == ("blocker", "stage_vanishes", f"{world.production}.LANDING")
    world.execute("CREATE STAGE {s}.LANDING")
    assert list(codes(world)) == []


def test_production_that_reads_staging_stops_everything(world: SnowflakeWorld) -> None:
    """A view that a publish could not put right is a blocker, and nothing is built that it would show."""
    world.execute("CREATE VIEW {p}.V AS SELECT ID FROM {s}.ORDERS")
    assert list(codes(world)) == [("blocker", "production_reads_staging")]
    with pytest.raises(WarehouseError, match=r"^Staging was not refreshed\. The view `DWH_\d+\.V` of production reads"):
        refresh(world)
    assert rows(world, Environment.STAGING, "ORDERS") == [(2,)]


def test_view_that_cannot_be_put_right_stops_everything(world: SnowflakeWorld) -> None:
    """A name in a text is found by nothing that rewrites views, and would be read after the swap."""
    world.execute("CREATE VIEW {s}.V AS SELECT ID FROM IDENTIFIER('{s}.ORDERS')")
    assert list(codes(world)) == [("blocker", "view_beyond_repair")]


def test_preflight_finds_nothing_in_what_dbt_builds(world: SnowflakeWorld) -> None:
    """Tables, views over views, names with and without the schema, comments, CTEs: no finding, before and after."""
    for side in ("{p}", "{s}"):
        world.execute(
            f"CREATE VIEW {side}.STG AS (SELECT ID FROM {side}.ORDERS)",
            f"CREATE OR REPLACE VIEW {side}.MART COPY GRANTS COMMENT = 'develop_dwh' AS ("
            f"WITH S AS (SELECT * FROM {side}.STG) SELECT S.ID, 'DEVELOP_DWH' AS SIDE FROM S)",
        )
    assert list(codes(world)) == []
    publish(world)
    assert list(codes(world)) == []


def test_preflight_asks_for_both_schemas(world: SnowflakeWorld) -> None:
    """What is not there cannot be swapped, and nothing more is asked."""
    world.execute("DROP SCHEMA {s}")
    with world.warehouse() as warehouse:
        [found] = warehouse.preflight()
    assert (found.severity, found.code, found.object) == ("blocker", "schema_missing", world.staging)


def test_preflight_says_what_it_could_not_look_at(world: SnowflakeWorld) -> None:
    """A list that the account refuses is told, never taken as empty."""
    world.stand_in.faults.answer("SHOW TASKS", 3001, "Insufficient privileges.", sqlstate="42501", times=2)
    with world.warehouse() as warehouse:
        found = warehouse.preflight()
    assert {(one.severity, one.code, one.object) for one in found} == {
        ("warning", "not_looked_at", world.production),
        ("warning", "not_looked_at", world.staging),
    }
    assert "tasks" in found[0].consequence
    assert "Insufficient privileges" in found[0].consequence
