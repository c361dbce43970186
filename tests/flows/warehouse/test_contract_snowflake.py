"""Snowflake keeps the contract of every warehouse, on a stand-in, through the real connector."""

from collections.abc import Iterator

import pytest

from tests.flows.warehouse.contract_suite import *  # noqa: F403 - the suite is meant to be run by every warehouse
from tests.flows.warehouse.several_suite import *  # noqa: F403 - this one, too
from tests.flows.warehouse.snowflake_world import SnowflakeWorld
from tests.snowflake.stand_in import StandIn


@pytest.fixture
def world(stand_in: StandIn) -> Iterator[SnowflakeWorld]:
    """An empty target: two schemas."""
    with SnowflakeWorld(stand_in) as found:
        yield found


@pytest.fixture
def twofold(stand_in: StandIn) -> Iterator[SnowflakeWorld]:
    """An empty target of two pairs."""
    with SnowflakeWorld(stand_in, is_twofold=True) as found:
        yield found
