"""What an account or a user sets for all sessions changes nothing of a publish."""

from collections.abc import Iterator

import pytest

from flows.warehouse.base import Environment
from tests.flows.warehouse.snowflake_world import SnowflakeWorld
from tests.flows.warehouse.world import names, no_guard, publish, release, rows
from tests.snowflake.stand_in import StandIn
from tests.snowflake.stand_in import stand_in as started


@pytest.fixture
def stand_in() -> Iterator[StandIn]:
    """An account of this test alone: its parameters count for everybody."""
    with started() as found:
        yield found


@pytest.fixture
def world(stand_in: StandIn) -> Iterator[SnowflakeWorld]:
    """Three tables on both sides; nobody has set anything for the sessions that made them."""
    with SnowflakeWorld(stand_in) as found:
        for number, name in enumerate(("ORDERS", "CUSTOMERS", "items"), start=1):
            found.execute(
                f'CREATE TABLE {{p}}."{name}" AS SELECT {number} AS ID',
                f'CREATE TABLE {{s}}."{name}" AS SELECT {number + 10} AS ID',
            )
        yield found


def test_names_keep_their_case(world: SnowflakeWorld) -> None:
    """Else the marker, whose name is in lower case, would be made under another one and never be found: a swap that
    happened would look like one that did not."""
    world.stand_in.run("ALTER ACCOUNT SET QUOTED_IDENTIFIERS_IGNORE_CASE = TRUE")
    assert publish(world, "run-1") > 0
    with world.warehouse() as warehouse:
        found = warehouse.released(Environment.PRODUCTION)
        assert found is not None
        assert found.run == "run-1"
        assert warehouse.exchange(release("run-1"), no_guard) == ()
    assert rows(world, Environment.PRODUCTION, "items") == [(13,)]


def test_no_answer_is_cut_off(world: SnowflakeWorld) -> None:
    """Else tables, grants and policies beyond the first ones would not be seen, and would be swapped unseen."""
    world.stand_in.run("ALTER ACCOUNT SET ROWS_PER_RESULTSET = 2")
    assert names(world, Environment.STAGING) == ["CUSTOMERS", "ORDERS", "items"]
