"""A process that is killed while it publishes leaves the old release or the new one, and the next attempt completes."""

import dataclasses
import json
import random
import subprocess
import sys
import time
from collections.abc import Iterator

import pytest

from flows.warehouse.base import Environment
from tests.flows.warehouse.snowflake_world import SnowflakeWorld
from tests.flows.warehouse.world import publish, release, rows
from tests.snowflake.stand_in import StandIn

KILLS = 8

PUBLISH = """
import json, sys
from flows.warehouse.base import Release
from flows.warehouse.snowflake import SnowflakeWarehouse
from flows.warehouse.snowflake_errors import Facts
from flows.warehouse.snowflake_session import Access

facts, options, release = (json.loads(text) for text in sys.argv[1:])
with SnowflakeWarehouse(Access(lambda: options, Facts(**facts))) as warehouse:
    print("ready", flush=True)
    sys.stdin.readline()
    warehouse.exchange(Release(**release), lambda: None)
"""


@pytest.fixture
def world(stand_in: StandIn) -> Iterator[SnowflakeWorld]:
    """Two releases of tables and views, and a reader."""
    stand_in.run("CREATE ROLE IF NOT EXISTS READER")
    with SnowflakeWorld(stand_in) as found:
        for side, value in (("{p}", 0), ("{s}", 1)):
            found.execute(
                f"CREATE TABLE {side}.ORDERS AS SELECT {value} AS ID",
                f"CREATE VIEW {side}.EARLY AS SELECT ID FROM {side}.ORDERS",
                f"CREATE VIEW {side}.LATE AS WITH ORDERS AS (SELECT ID FROM {side}.ORDERS) SELECT ID FROM ORDERS",
            )
        found.execute("GRANT USAGE ON SCHEMA {p} TO ROLE READER", "GRANT SELECT ON TABLE {p}.ORDERS TO ROLE READER")
        yield found


def test_a_killed_publish_is_completed_once(world: SnowflakeWorld) -> None:
    """Killed at random instants: the marker and the tables always tell the same, and each run publishes once."""
    dice = random.Random(4711)
    for number in range(1, KILLS + 1):
        run = f"run-{number}"
        _killed(world, run, after=dice.uniform(0, 0.5))
        with world.warehouse() as warehouse:
            is_out = warehouse.released(Environment.PRODUCTION) == release(run)
        assert rows(world, Environment.PRODUCTION, "ORDERS") == [((number if is_out else number - 1) % 2,)]
        publish(world, run)
        for view in ("ORDERS", "EARLY", "LATE"):
            assert rows(world, Environment.PRODUCTION, view) == [(number % 2,)]
            assert rows(world, Environment.STAGING, view) == [((number - 1) % 2,)]
        readers = {side: [row[5] for row in world.rows(f"SHOW GRANTS ON SCHEMA {side}")] for side in ("{p}", "{s}")}
        assert ("READER" in readers["{p}"], "READER" in readers["{s}"]) == (True, False)


def _killed(world: SnowflakeWorld, run: str, *, after: float) -> None:
    """Publish in a process of its own, and kill it so many seconds after it began."""
    values = (dataclasses.asdict(world.facts()), world.stand_in.connection_options, dataclasses.asdict(release(run)))
    command = [sys.executable, "-c", PUBLISH, *(json.dumps(value) for value in values)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
        process.stdin.write("go\n")
        process.stdin.flush()
        time.sleep(after)
        process.kill()
    _settled(world)


def _settled(world: SnowflakeWorld) -> None:
    """Wait until the server has done what was under way when its client died."""
    seen = -1
    while seen != (seen := len(world.stand_in.statements)):
        time.sleep(0.2)
