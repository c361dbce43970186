"""What it costs to send a query to Snowflake so that it can be cancelled: requests, and seconds of waiting."""

import time
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tests.flows.warehouse.snowflake_world import SnowflakeWorld

SECONDS = (0.0, 0.2, 2.0, 20.0)
"""How long the server takes for the query."""


@dataclass(frozen=True, slots=True)
class Cost:
    """Requests, and seconds from the call to its rows."""

    requests: int
    seconds: float


def main() -> None:
    """Measure, and print a line for each duration."""
    columns = ("query takes s", "in one request", "after s", "cancellable", "after s")
    print(" ".join(f"{column:>16}" for column in columns))
    from tests.flows.warehouse.snowflake_world import SnowflakeWorld
    from tests.snowflake.stand_in import stand_in

    with stand_in() as snow, SnowflakeWorld(snow) as world:
        for seconds in SECONDS:
            plain, waited = _measured(world, seconds)
            figures = (f"{seconds:g}", plain.requests, f"{plain.seconds:.2f}", waited.requests, f"{waited.seconds:.2f}")
            print(" ".join(f"{figure:>16}" for figure in figures), flush=True)


def _measured(world: "SnowflakeWorld", seconds: float) -> tuple[Cost, Cost]:
    from flows.warehouse.snowflake.session import Access, Session

    sql = f"SELECT SYSTEM$WAIT({seconds}) AS W"
    session = Session(Access(lambda: world.stand_in.connection_options, replace(world.facts(), timeout_seconds=3600)))
    session.open()
    with closing(session):
        session.query("SELECT 1 AS WARM")
        return _cost(world, lambda: session.rows(sql)), _cost(world, lambda: session.query(sql))


def _cost(world: "SnowflakeWorld", act: Callable[[], Any]) -> Cost:
    before, started = world.stand_in.requests, time.monotonic()
    act()
    return Cost(world.stand_in.requests - before, time.monotonic() - started)
