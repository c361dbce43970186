"""What the warehouse still keeps of a staging that was replaced, and that a release lies in it."""

from collections.abc import Iterator

import pytest

from flows.warehouse.base import Environment
from tests.flows.warehouse.snowflake_world import SnowflakeWorld
from tests.flows.warehouse.world import DuckDBWorld, publish, refresh, rows
from tests.snowflake.stand_in import StandIn

STAGING = Environment.STAGING


@pytest.fixture
def snow(stand_in: StandIn) -> Iterator[SnowflakeWorld]:
    """A target that a role of its own owns."""
    with SnowflakeWorld(stand_in, role="WAP_FLOW") as found:
        yield found


def _keeps(world: SnowflakeWorld | DuckDBWorld) -> bool:
    with world.warehouse() as warehouse:
        return warehouse.keeps_dropped_staging()


def test_staging_that_a_refresh_has_replaced_is_kept(snow: SnowflakeWorld) -> None:
    """Until then there is nothing; and what was dropped under another name does not count."""
    snow.execute("CREATE SCHEMA ELSEWHERE", "DROP SCHEMA ELSEWHERE")
    assert not _keeps(snow)
    refresh(snow)
    assert _keeps(snow)
    snow.execute("ALTER SCHEMA {s} RENAME TO ASIDE_1", "UNDROP SCHEMA {s}")
    assert not _keeps(snow)
    snow.execute("DROP SCHEMA ASIDE_1")


def test_retired_release_lies_in_the_first_staging_that_was_dropped_after_its_publish(snow: SnowflakeWorld) -> None:
    """Two refreshes later it is the second that UNDROP brings back, with its marker; and not production's past."""
    for run, number in (("run-1", 1), ("run-2", 2)):
        snow.execute(f"CREATE OR REPLACE TABLE {{s}}.T AS SELECT {number} AS ID")
        publish(snow, run)
        refresh(snow)
    refresh(snow)
    assert rows(snow, Environment.PRODUCTION, "T") == [(2,)]
    for number in (1, 2):
        snow.execute(f"ALTER SCHEMA {{s}} RENAME TO ASIDE_{number}", "UNDROP SCHEMA {s}")
        with snow.warehouse() as warehouse:
            found = warehouse.released(STAGING)
        assert (found.run if found else None) == (None, "run-1")[number - 1]
    assert rows(snow, STAGING, "T") == [(1,)]
    snow.execute("DROP SCHEMA ASIDE_1", "DROP SCHEMA ASIDE_2")


def test_duckdb_keeps_nothing(world: DuckDBWorld) -> None:
    """What was dropped from a file is gone."""
    refresh(world)
    assert not _keeps(world)
