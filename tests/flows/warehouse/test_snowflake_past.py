"""The books of a publish whose first attempt swapped and then ended: what the next one can still tell, and what not."""

from collections.abc import Iterator

import pytest

from flows.contract import Ledger
from flows.warehouse.base import WarehouseError
from flows.warehouse.snowflake.past import FORGOTTEN, UNTOLD
from tests.flows.warehouse.killed_publish import publish_whole
from tests.flows.warehouse.snowflake_releases import READER, build, two_releases
from tests.flows.warehouse.snowflake_world import SnowflakeWorld
from tests.flows.warehouse.world import publish, refresh, release
from tests.snowflake.stand_in import StandIn


@pytest.fixture
def world(stand_in: StandIn) -> Iterator[SnowflakeWorld]:
    """A target that was published before, and the next release in staging."""
    stand_in.run("CREATE ROLE IF NOT EXISTS STRANGER")
    with two_releases(stand_in, old=0, new=1) as found:
        publish(found, "run-1")
        build(found, "{s}", 2)
        yield found


def half_published(world: SnowflakeWorld) -> None:
    """A publish that has swapped, and ends before it has shut readers out of what it put aside."""
    fault = world.stand_in.faults.answer("^REVOKE", 3001, "Insufficient privileges.", sqlstate="42501", times=1000)
    with world.warehouse() as warehouse, pytest.raises(WarehouseError, match=r"^Published, but not finished\."):
        warehouse.exchange(release("run-2"), lambda: None)
    assert fault.happened
    world.stand_in.faults.clear()


def books(world: SnowflakeWorld) -> Ledger:
    """Those of the attempt that completes it."""
    with world.warehouse() as warehouse:
        found = publish_whole(warehouse, release("run-2"))
    assert found is not None
    return found


def test_books_of_a_completed_publish_tell_what_it_did_to_access(world: SnowflakeWorld) -> None:
    """What was granted before is read from what the swap put aside, and compared with what is granted now."""
    world.execute(f"GRANT SELECT ON FUTURE TABLES IN SCHEMA {{p}} TO ROLE {READER}")
    half_published(world)
    world.execute(
        "GRANT SELECT ON TABLE {p}.ORDERS TO ROLE STRANGER", f"REVOKE USAGE ON SCHEMA {{p}} FROM ROLE {READER}"
    )
    told = books(world)
    assert told.access is not None
    assert told.access.lost == (f"USAGE ON SCHEMA TO ROLE {READER}",)
    assert told.access.gained == ("SELECT ON TABLE ORDERS TO ROLE STRANGER",)
    assert (told.access.before, told.access.after) == (3, 3)
    assert told.unknown == (UNTOLD,)


def test_what_another_run_lets_into_staging_does_not_get_into_production(world: SnowflakeWorld) -> None:
    """Staging is that run's when the publish is completed: what is granted there stays there, and gets nowhere else."""
    half_published(world)
    refresh(world)
    world.execute("GRANT USAGE ON SCHEMA {s} TO ROLE STRANGER", "GRANT CREATE TABLE ON SCHEMA {s} TO ROLE STRANGER")
    books(world)
    on_production, on_staging = (
        str(world.stand_in.run(f"SHOW GRANTS ON SCHEMA ANALYTICS.{schema}"))
        for schema in (world.production, world.staging)
    )
    assert "STRANGER" not in on_production
    assert READER in on_production
    assert "STRANGER" in on_staging


def test_books_know_a_door_that_was_shut_already(world: SnowflakeWorld) -> None:
    """As if the first attempt had revoked what readers had on the retired schema itself: the marker remembers."""
    half_published(world)
    world.execute(f"REVOKE USAGE ON SCHEMA {{s}} FROM ROLE {READER}")
    told = books(world)
    assert told.access is not None
    assert (told.access.lost, told.access.gained, told.access.before) == ((), (), 2)


def test_books_do_not_guess_when_staging_was_used_again(world: SnowflakeWorld) -> None:
    """Another run has made staging anew before the publish was completed: that is said, and nothing is compared."""
    half_published(world)
    refresh(world)
    told = books(world)
    assert (told.access, told.unknown) == (None, (UNTOLD, FORGOTTEN))
    assert told.sent > 0


def test_books_of_one_attempt_know_everything(world: SnowflakeWorld) -> None:
    """Nothing is missing, and nothing is said to be."""
    told = books(world)
    assert told.access is not None
    assert (told.access.lost, told.access.gained, told.unknown) == ((), (), ())
