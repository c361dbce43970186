"""Dropped and replaced schemas of the stand-in come back, as Snowflake documents it."""

import pytest
from snowflake.connector.errors import ProgrammingError

from tests.snowflake.stand_in import StandIn

HISTORY = "SHOW SCHEMAS HISTORY LIKE 'DWH' IN DATABASE ANALYTICS"


def _dropped(snow: StandIn) -> list[object]:
    return [row[-1] for row in snow.run(HISTORY)]


def test_a_replaced_schema_comes_back_under_its_name(fresh: StandIn) -> None:
    """With its rows, views and grants; its name must be free first. docs: sql-reference/sql/undrop-schema"""
    fresh.run(
        "CREATE ROLE READER",
        "CREATE TABLE dwh.t AS SELECT 1 AS id",
        "CREATE VIEW dwh.v AS SELECT id FROM t",
        "GRANT SELECT ON TABLE dwh.t TO ROLE READER",
        "CREATE OR REPLACE SCHEMA dwh CLONE develop_dwh",
    )
    with pytest.raises(ProgrammingError) as refused:
        fresh.run("UNDROP SCHEMA dwh")
    assert refused.value.errno == 2002
    fresh.run("ALTER SCHEMA dwh RENAME TO aside", "UNDROP SCHEMA dwh")
    assert fresh.run("SELECT id FROM dwh.v") == [(1,)]
    assert [row[5] for row in fresh.run("SHOW GRANTS ON TABLE dwh.t") if row[1] == "SELECT"] == ["READER"]
    assert fresh.run("SHOW TABLES IN SCHEMA aside") == []


def test_versions_come_back_from_the_youngest_to_the_oldest(fresh: StandIn) -> None:
    """SHOW SCHEMAS HISTORY lists them with the times at which they were dropped, and nothing else has one."""
    for number in (1, 2):
        fresh.run(f"CREATE TABLE dwh.t{number} AS SELECT {number} AS id", "CREATE OR REPLACE SCHEMA dwh")
    times = _dropped(fresh)
    assert times[0] is None
    assert times[1:] == sorted(times[1:], key=str)
    assert len(times) == 3
    for number in (2, 1):
        fresh.run(f"ALTER SCHEMA dwh RENAME TO aside_{number}", "UNDROP SCHEMA dwh")
        assert [row[1] for row in fresh.run("SHOW TABLES IN SCHEMA dwh")] == [f"T{number}"]
    assert _dropped(fresh) == [None]
    fresh.run("DROP SCHEMA dwh")
    assert len(_dropped(fresh)) == 1


def test_what_was_never_there_and_what_is_not_ours_does_not_come_back(fresh: StandIn) -> None:
    """UNDROP needs the name of a dropped schema, and its owner."""
    with pytest.raises(ProgrammingError) as refused:
        fresh.run("UNDROP SCHEMA nowhere")
    assert refused.value.errno == 2003
    fresh.run("CREATE ROLE OTHER", "GRANT ROLE OTHER TO USER WAP", "DROP SCHEMA dwh")
    with pytest.raises(ProgrammingError) as refused:
        fresh.run("UNDROP SCHEMA dwh", role="OTHER")
    assert refused.value.errno == 3001


def test_a_swap_takes_history_along(fresh: StandIn) -> None:
    """What is dropped is the schema that bears the name by then, whatever its name was before."""
    fresh.run(
        "CREATE TABLE dwh.old AS SELECT 1 AS id",
        "ALTER SCHEMA dwh SWAP WITH develop_dwh",
        "CREATE OR REPLACE SCHEMA develop_dwh CLONE dwh",
        "DROP SCHEMA develop_dwh",
        "UNDROP SCHEMA develop_dwh",
        "ALTER SCHEMA develop_dwh RENAME TO aside",
        "UNDROP SCHEMA develop_dwh",
    )
    assert fresh.run("SELECT id FROM develop_dwh.old") == [(1,)]
