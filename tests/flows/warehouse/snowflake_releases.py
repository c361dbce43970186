"""Releases in the stand-in for Snowflake that a publish can be disturbed with."""

from collections.abc import Iterator
from contextlib import contextmanager

from tests.flows.warehouse.snowflake_world import SnowflakeWorld
from tests.snowflake.stand_in import StandIn

READER = "READER"


def build(world: SnowflakeWorld, side: str, value: int) -> None:
    """What a build leaves: orders that are this value, a view that can be put right before the swap, one that cannot.

    The side is `{p}` or `{s}`. What was granted on the tables before is gone with them.
    """
    world.execute(
        f"CREATE OR REPLACE TABLE {side}.ORDERS AS SELECT {value} AS ID",
        f"CREATE OR REPLACE VIEW {side}.EARLY AS SELECT ID FROM {side}.ORDERS",
        f"CREATE OR REPLACE VIEW {side}.LATE AS WITH ORDERS AS (SELECT ID FROM {side}.ORDERS) SELECT ID FROM ORDERS",
    )


@contextmanager
def two_releases(stand_in: StandIn, *, old: int, new: int) -> Iterator[SnowflakeWorld]:
    """The old release in production, the new one in staging, and a reader of production."""
    stand_in.run(f"CREATE ROLE IF NOT EXISTS {READER}")
    with SnowflakeWorld(stand_in) as world:
        build(world, "{p}", old)
        build(world, "{s}", new)
        world.execute(
            f"GRANT USAGE ON SCHEMA {{p}} TO ROLE {READER}", f"GRANT SELECT ON TABLE {{p}}.ORDERS TO ROLE {READER}"
        )
        yield world
