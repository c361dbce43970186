"""Snowflake keeps the contract of every warehouse where staging is a database of its own, too."""

from collections.abc import Iterator

import pytest

from tests.flows.warehouse.contract_suite import *  # noqa: F403 - the suite is meant to be run by every warehouse
from tests.flows.warehouse.several_suite import *  # noqa: F403 - this one, too
from tests.flows.warehouse.snowflake_database_world import DatabaseWorld
from tests.snowflake.stand_in import StandIn


@pytest.fixture
def world(stand_in: StandIn) -> Iterator[DatabaseWorld]:
    """An empty target: a schema in each of two databases."""
    with DatabaseWorld(stand_in) as found:
        yield found


@pytest.fixture
def twofold(stand_in: StandIn) -> Iterator[DatabaseWorld]:
    """An empty target of two pairs."""
    with DatabaseWorld(stand_in, is_twofold=True) as found:
        yield found
