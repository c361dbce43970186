"""The diff finds in Snowflake what it must find in every warehouse, through the real connector."""

from collections.abc import Iterator

import pytest

from tests.flows.diff.warehouse_suite import *  # noqa: F403 - the suite is meant to be run by every warehouse
from tests.flows.warehouse.snowflake_world import SnowflakeWorld
from tests.snowflake.stand_in import StandIn


@pytest.fixture
def world(stand_in: StandIn) -> Iterator[SnowflakeWorld]:
    """An empty target in the stand-in."""
    with SnowflakeWorld(stand_in) as found:
        yield found
