"""A publish in a process of its own, to be killed. The processes are forked: importing the connector takes seconds."""

import contextlib
import dataclasses
import json
import os
import signal
import subprocess
import sys
from types import TracebackType
from typing import Self

from flows.contract import Ledger, SchemaPair
from flows.warehouse.base import Environment, Release, Warehouse
from flows.warehouse.snowflake.errors import Facts
from flows.warehouse.snowflake.session import Access
from flows.warehouse.snowflake.warehouse import SnowflakeWarehouse
from tests.flows.warehouse.snowflake_world import SnowflakeWorld


def publish_whole(warehouse: Warehouse, release: Release) -> Ledger | None:
    """Everything that the flow's publish asks of an open warehouse: the exchange, its proof, its books."""

    def look() -> None:
        for env in (Environment.STAGING, Environment.PRODUCTION):
            warehouse.query(f"SELECT COUNT(*) AS N FROM {warehouse.table(env, 'ORDERS')}")

    warehouse.exchange(release, look)
    assert warehouse.released(Environment.PRODUCTION) == release
    return warehouse.ledger()


class Publishers:
    """Starts publishes that can be killed. Leaving the block ends them."""

    def __init__(self, world: SnowflakeWorld) -> None:
        known = (dataclasses.asdict(world.facts()), world.stand_in.connection_options)
        self._mother = subprocess.Popen(
            [
                sys.executable,
                "-m",
                "tests.flows.warehouse.killed_publish",
                *(json.dumps(one, default=SchemaPair.model_dump) for one in known),
            ],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        assert self._heard() == "ready"

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        with self._mother as mother:
            assert mother.stdin is not None
            mother.stdin.close()  # a publish that nobody has killed comes to its end

    def start(self, release: Release) -> int:
        """Start a publish; its process id."""
        assert self._mother.stdin is not None
        self._mother.stdin.write(json.dumps(dataclasses.asdict(release)) + "\n")
        self._mother.stdin.flush()
        return int(self._heard())

    def kill(self, process: int) -> bool:
        """Kill it. False if it had come to its end before, which on a busy machine it may."""
        with contextlib.suppress(ProcessLookupError):
            os.kill(process, signal.SIGKILL)
        ended = self._heard()
        assert ended in ("0", str(-signal.SIGKILL))
        return ended != "0"

    def _heard(self) -> str:
        assert self._mother.stdout is not None
        return self._mother.stdout.readline().strip()


def main() -> None:
    """Fork a publish for each line, say its process id, then how it ended."""
    from snowflake import connector  # noqa: F401 - so that the children have it

    facts, options = (json.loads(text) for text in sys.argv[1:])
    facts["further"] = tuple(SchemaPair(**pair) for pair in facts["further"])
    print("ready", flush=True)  # noqa: T201 - this is how it talks
    for line in sys.stdin:
        child = os.fork()
        if child == 0:
            with SnowflakeWarehouse(Access(lambda: options, Facts(**facts))) as warehouse:
                publish_whole(warehouse, Release(**json.loads(line)))
            os._exit(0)
        print(child, flush=True)  # noqa: T201
        print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), flush=True)  # noqa: T201


if __name__ == "__main__":
    main()
