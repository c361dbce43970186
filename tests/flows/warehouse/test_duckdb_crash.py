"""A process that is killed while it publishes leaves either the old release or the new one, never a mixture."""

import random
import subprocess
import sys
import time
from pathlib import Path

from tests.flows.warehouse.world import DuckDBWorld, refresh

TABLES, KILLS = 20, 16

PUBLISHER = """
import sys, time
from pathlib import Path
from flows.warehouse.base import Environment
from tests.flows.warehouse.world import DuckDBWorld, release
world = DuckDBWorld(Path(sys.argv[1]))
with world.warehouse() as warehouse:
    found = warehouse.released(Environment.PRODUCTION)
number = int(found.run) if found else 0
while True:
    number, started = number + 1, time.monotonic()
    with world.warehouse() as warehouse:
        warehouse.exchange(release(str(number)), lambda: print("begun", flush=True))
    print("ended", time.monotonic() - started, flush=True)
"""


def build(world: DuckDBWorld) -> None:
    """Version 0 in production, version 1 in staging, with keys and views."""
    refresh(world)
    for version, schema in ((0, "{p}"), (1, "{s}")):
        for number in range(TABLES):
            world.execute(
                f"CREATE TABLE {schema}.t{number} (id INTEGER PRIMARY KEY, version INTEGER NOT NULL)",
                f"INSERT INTO {schema}.t{number} SELECT i, {version} FROM range(1000) AS r(i)",
            )
        world.execute(f"CREATE VIEW {schema}.v AS SELECT DISTINCT version, {version} AS text FROM {schema}.t0")


def versions(world: DuckDBWorld, schema: str) -> set[tuple[int, ...]]:
    """Every (version, rows) of every table of the schema; one when nothing is mixed."""
    union = " UNION ALL ".join(f"SELECT version FROM {schema}.t{number}" for number in range(TABLES))
    return set(world.rows(f"SELECT version, count(*) FROM ({union}) GROUP BY version"))


def kill_while_publishing(folder: Path, moment: float) -> bool:
    """Let a process publish once, and kill it during one of the next two times. Whether it was inside of one."""
    process = subprocess.Popen([sys.executable, "-c", PUBLISHER, str(folder)], stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        assert process.stdout.readline() == "begun\n"
        seconds = float(process.stdout.readline().removeprefix("ended "))
        time.sleep(2 * seconds * moment)
    finally:
        process.kill()
        rest, _ = process.communicate()
    return rest.count("begun") > rest.count("ended")


def test_exchange_killed_at_any_moment_is_whole(tmp_path: Path) -> None:
    """After every kill the marker agrees with all 20 tables and the view, on both sides."""
    world = DuckDBWorld(tmp_path)
    build(world)
    inside = 0
    for kill in range(KILLS):
        inside += kill_while_publishing(tmp_path, (kill + random.random()) / KILLS)
        number = int(world.rows("SELECT run FROM {p}._wap_release")[0][0])
        now, before = number % 2, (number + 1) % 2
        assert versions(world, "{p}") == {(now, TABLES * 1000)}
        assert versions(world, "{s}") == {(before, TABLES * 1000)}
        assert world.rows("FROM {p}.v") == [(now, now)]
        assert world.rows("FROM {s}.v") == [(before, before)]
    assert inside >= KILLS // 4, "too few kills came inside an exchange, so little was tried"
