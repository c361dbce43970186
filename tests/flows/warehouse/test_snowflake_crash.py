"""A process that is killed, or a reply that is lost, at any statement: the old release or the new one, then completed.

    WAP_EXAMPLES=50 python -m pytest tests/flows/warehouse/test_snowflake_crash.py --log-cli-level=INFO

does each as often as that, and logs what it saw.
"""

import dataclasses
import json
import logging
import os
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator

import pytest

from flows.warehouse.base import Environment, WarehouseError
from tests.flows.warehouse.snowflake_world import SnowflakeWorld
from tests.flows.warehouse.world import publish, release, rows
from tests.snowflake.stand_in import StandIn

EXAMPLES = int(os.environ.get("WAP_EXAMPLES", "8"))

STATEMENTS = 33
"""So many the first publish of this world sends, and later ones a few less; asserted below.
The examples walk through them in strides."""

STRIDE = 7

HASTY = {"network_timeout": 1, "socket_timeout": 1, "login_timeout": 5}
"""The connector gives up after a second, and what it was told is lost for good."""

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


def test_a_publish_that_is_killed_at_any_statement_is_completed_once(world: SnowflakeWorld) -> None:
    """The marker and the tables always tell the same, and each run publishes once."""
    seen: Counter[str] = Counter()
    for number in range(1, EXAMPLES + 1):
        _killed(world, f"run-{number}", at=_place(number))
        seen[_checked(world, number)] += 1
    logging.getLogger(__name__).info("stress.killed examples=%s %s", EXAMPLES, dict(seen))


def test_a_publish_that_hears_no_reply_to_any_statement_is_completed_once(world: SnowflakeWorld) -> None:
    """The server has done it, and nobody has heard of it."""
    seen: Counter[str] = Counter()
    for number in range(1, EXAMPLES + 1):
        fault = world.stand_in.faults.drop_reply(".", nth=_place(number), times=3)  # a repeated request counts as one
        try:
            with world.warehouse(**HASTY) as warehouse:
                warehouse.exchange(release(f"run-{number}"), lambda: None)
            seen["went on by itself" if fault.happened else "was over before"] += 1
        except WarehouseError:
            seen["gave up"] += 1
        world.stand_in.faults.clear()
        seen[_checked(world, number)] += 1
    logging.getLogger(__name__).info("stress.unanswered examples=%s %s", EXAMPLES, dict(seen))


def test_the_examples_walk_through_a_whole_publish(world: SnowflakeWorld) -> None:
    """The number of statements above is not out of date."""
    before = len(world.stand_in.statements)
    publish(world)
    assert len(world.stand_in.statements) - before == STATEMENTS
    assert {_place(number) for number in range(1, STATEMENTS + 1)} == set(range(1, STATEMENTS + 1))


def _place(number: int) -> int:
    return number * STRIDE % STATEMENTS + 1


def _checked(world: SnowflakeWorld, number: int) -> str:
    """What the disturbed publish had come to; asserts that it is whole, and that the next attempt completes it."""
    run = f"run-{number}"
    with world.warehouse() as warehouse:
        is_out = warehouse.released(Environment.PRODUCTION) == release(run)
    assert rows(world, Environment.PRODUCTION, "ORDERS") == [((number if is_out else number - 1) % 2,)]
    publish(world, run)
    for view in ("ORDERS", "EARLY", "LATE"):
        assert rows(world, Environment.PRODUCTION, view) == [(number % 2,)]
        assert rows(world, Environment.STAGING, view) == [((number - 1) % 2,)]
    readers = {side: [row[5] for row in world.rows(f"SHOW GRANTS ON SCHEMA {side}")] for side in ("{p}", "{s}")}
    assert ("READER" in readers["{p}"], "READER" in readers["{s}"]) == (True, False)
    return "had published" if is_out else "had not"


def _killed(world: SnowflakeWorld, run: str, *, at: int) -> None:
    """Publish in a process of its own, and kill it when its statement of that number arrives."""
    values = (dataclasses.asdict(world.facts()), world.stand_in.connection_options, dataclasses.asdict(release(run)))
    command = [sys.executable, "-c", PUBLISH, *(json.dumps(value) for value in values)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
        before = len(world.stand_in.statements)
        process.stdin.write("go\n")
        process.stdin.flush()
        while len(world.stand_in.statements) - before < at and process.poll() is None:
            time.sleep(0.001)
        process.kill()
    _settled(world)


def _settled(world: SnowflakeWorld) -> None:
    """Wait until the server has done what was under way when its client died."""
    seen = -1
    while seen != (seen := len(world.stand_in.statements)):
        time.sleep(0.2)
