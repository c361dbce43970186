"""Taking a release back on the stand-in for Snowflake: one more swap, and readers are where they were."""

import pytest

from tests.flows import test_flow_on_snowflake as on_snowflake
from tests.flows.project import Project
from tests.flows.reviewed import Reviewed, approve
from tests.flows.test_rollback import RolledBack
from tests.flows.warehouse.snowflake_world import SnowflakeWorld

pytestmark = pytest.mark.usefixtures("prefect")

world = on_snowflake.world
shop = on_snowflake.shop


def test_rollback_on_snowflake_swaps_once_and_readers_read_the_release_before(
    prefect: str, shop: Project, world: SnowflakeWorld
) -> None:
    """Tables, views, incremental models and snapshots; nothing of it is left for readers in staging; twice is once."""
    shop.rows((1, 10), (2, 200))
    assert Reviewed(prefect, shop, approve).ended_as("Published")
    shop.rows((1, 11), (4, 400))
    second = Reviewed(prefect, shop, approve)
    assert second.ended_as("Published"), second.state.message
    done = RolledBack(prefect, shop, second.run)
    assert done.state.name == "Rolled back", done.state.message
    for _ in range(2):
        assert on_snowflake.read(world, "ORDERS") == [(1, 10), (2, 200)]
        assert on_snowflake.read(world, "BIG_ORDERS") == [(2, 200)]
        assert on_snowflake.read(world, "LOG") == [(1, 10), (2, 200)]
        assert [row[5] for row in world.rows("SHOW GRANTS ON SCHEMA {s}") if row[1] == "USAGE"] == []
        again = RolledBack(prefect, shop, second.run)
        assert "nothing was repeated" in again.sentence
    assert sum(" SWAP WITH " in statement.sql for statement in done.receipt.statements) == 1
