"""A query that takes long: it is waited for without end of patience, and ends on the server when nobody waits."""

import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import asdict

import pytest

from flows.warehouse.base import WarehouseError
from flows.warehouse.snowflake import waiting
from flows.warehouse.snowflake.session import Access, Session
from tests.flows.warehouse.snowflake_world import SnowflakeWorld
from tests.snowflake.stand_in import StandIn, stand_in

SLOW = "SELECT SYSTEM$WAIT(300) AS W"

FLOW = """
import json, sys
from prefect import flow
from flows.warehouse.snowflake.errors import Facts
from flows.warehouse.snowflake.session import Access, Session

facts, options = (json.loads(text) for text in sys.argv[1:3])

@flow
def audit():
    session = Session(Access(lambda: options, Facts(**facts)))
    session.open()
    try:
        session.query(sys.argv[3])
    finally:
        session.close()

audit()
"""


@pytest.fixture
def snow() -> Iterator[StandIn]:
    """A stand-in of its own: what runs in it is this test's."""
    with stand_in() as found:
        yield found


@pytest.fixture
def world(snow: StandIn) -> Iterator[SnowflakeWorld]:
    """An empty target."""
    with SnowflakeWorld(snow) as found:
        yield found


@contextmanager
def opened(world: SnowflakeWorld, watch: Callable[[], None] = lambda: None, **login: object) -> Iterator[Session]:
    """A session; `watch` is asked while a query takes long."""
    options = world.stand_in.connection_options | login
    session = Session(Access(lambda: options, world.facts(), watch=watch))
    session.open()
    with closing(session):
        yield session


def only(snow: StandIn) -> str:
    """The id of the one statement that runs, as soon as there is one."""
    deadline = time.monotonic() + 60
    while not snow.running:
        assert time.monotonic() < deadline, "no query has begun"
        time.sleep(0.01)
    [query_id] = snow.running
    return query_id


def outcome(snow: StandIn, query_id: str) -> str:
    """What became of it, once it has ended."""
    deadline = time.monotonic() + 60
    while snow.outcome(query_id) == "RUNNING" and time.monotonic() < deadline:
        time.sleep(0.01)
    return snow.outcome(query_id)


@contextmanager
def disturbed(snow: StandIn, act: Callable[[], None]) -> Iterator[list[str]]:
    """Do this as soon as a query runs; gives the id of the query."""
    seen: list[str] = []

    def wait() -> None:
        seen.append(only(snow))
        act()

    thread = threading.Thread(target=wait)
    thread.start()
    yield seen
    thread.join()


class Stop(BaseException):
    """Somebody has cancelled the run."""


def test_query_outlives_the_timeout_of_the_network(world: SnowflakeWorld) -> None:
    """It says how soon a dead connection is noticed, and not how long a query may take: the connector's own `execute`
    cancels a statement after it."""
    with opened(world, network_timeout=1) as session:
        with pytest.raises(WarehouseError, match=r"`network_timeout`"):
            session.rows("SELECT SYSTEM$WAIT(2) AS W")
        assert session.query("SELECT SYSTEM$WAIT(2) AS W") == [("waited 2 seconds",)]


def test_long_change_outlives_the_timeout_of_the_network(world: SnowflakeWorld) -> None:
    """The clone of a large schema may take minutes."""
    world.stand_in.faults.delay("CREATE SCHEMA SLOW", 2.0)
    with opened(world, network_timeout=1) as session:
        session.change("CREATE SCHEMA SLOW", refusal="Nothing was made.", is_long=True)
    assert world.rows("SHOW SCHEMAS LIKE 'SLOW'")


def test_query_that_fails_says_why(world: SnowflakeWorld) -> None:
    """As if it had been waited for in one request."""
    with opened(world) as session, pytest.raises(WarehouseError, match=r"^Nothing was read\. .*GONE' does not"):
        session.query(world.filled("SELECT 1 AS ONE FROM {p}.GONE"))


def test_cancelled_run_ends_its_query(world: SnowflakeWorld, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever is asked while it takes long says stop: nobody waits for the query any more, so it ends."""
    monkeypatch.setattr(waiting, "_LOOK_SECONDS", 0.0)

    def watch() -> None:
        raise Stop

    with disturbed(world.stand_in, lambda: None) as seen, opened(world, watch) as session, pytest.raises(Stop):
        session.query(SLOW)
    assert outcome(world.stand_in, *seen) == "ABORTED"
    assert world.stand_in.open_sessions == 1  # the world's own


@pytest.fixture
def _interruptible() -> Iterator[None]:
    """Ctrl-C counts, also where a shell has started the tests in the background."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.mark.usefixtures("_interruptible")
def test_interrupted_query_ends(world: SnowflakeWorld) -> None:
    """Ctrl-C in the terminal of `wap run` or `wap diff`."""
    interrupt = lambda: os.kill(os.getpid(), signal.SIGINT)  # noqa: E731
    with disturbed(world.stand_in, interrupt) as seen, opened(world) as session, pytest.raises(KeyboardInterrupt):
        session.query(SLOW)
    assert outcome(world.stand_in, *seen) == "ABORTED"


def test_query_whose_id_is_not_known_is_ended_from_another_session(
    world: SnowflakeWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Stopped between the request and its reply: the statement runs, and nobody here knows which one it is."""
    import snowflake.connector.cursor as module

    submit = module.SnowflakeCursor.execute_async

    def interrupted(self: module.SnowflakeCursor, *args: object) -> None:
        submit(self, *args)
        raise Stop

    monkeypatch.setattr(module.SnowflakeCursor, "execute_async", interrupted)
    with disturbed(world.stand_in, lambda: None) as seen, opened(world) as session, pytest.raises(Stop):
        session.query(SLOW)
    assert outcome(world.stand_in, *seen) == "ABORTED"


def _process(world: SnowflakeWorld, prefect_url: str) -> subprocess.Popen[bytes]:
    """A Prefect flow in a process of its own that waits for a slow query."""
    facts = asdict(world.facts(timeout_seconds=3600))
    arguments = (json.dumps(facts), json.dumps(world.stand_in.connection_options), SLOW)
    environment = {**os.environ, "PREFECT_API_URL": prefect_url}
    return subprocess.Popen([sys.executable, "-c", FLOW, *arguments], env=environment, stderr=subprocess.DEVNULL)


def test_flow_that_is_told_to_end_ends_its_query(world: SnowflakeWorld, prefect_url: str) -> None:
    """SIGTERM is how Prefect's runner and worker cancel a run."""
    with _process(world, prefect_url) as process:
        query_id = only(world.stand_in)
        process.send_signal(signal.SIGTERM)
        process.wait(60)
    assert process.returncode != 0
    assert outcome(world.stand_in, query_id) == "ABORTED"


def test_flow_that_is_killed_leaves_no_query_for_long(world: SnowflakeWorld, prefect_url: str) -> None:
    """Nobody can say goodbye after SIGKILL. ABORT_DETACHED_QUERY has the server notice; documented: in five minutes."""
    with _process(world, prefect_url) as process:
        query_id = only(world.stand_in)
        world.stand_in.forget_clients_after(8.0)  # longer than the longest pause between two looks
        process.kill()
        process.wait(60)
    assert outcome(world.stand_in, query_id) == "ABORTED"


def test_query_goes_on_when_its_session_is_renewed(world: SnowflakeWorld) -> None:
    """The token expires after an hour (390112); the connector takes a new one, and the query never stopped."""
    with disturbed(world.stand_in, world.stand_in.expire_sessions) as seen, opened(world) as session:
        assert session.query("SELECT SYSTEM$WAIT(1) AS W") == [("waited 1 seconds",)]
    assert outcome(world.stand_in, *seen) == "SUCCESS"
    assert _sent(world, "WAIT(1)") == 1


def test_query_is_sent_again_when_its_session_cannot_be_renewed(world: SnowflakeWorld) -> None:
    """The master token has expired, too (390114): a new login, what the old session did is ended, and once more."""
    with (
        disturbed(world.stand_in, lambda: world.stand_in.expire_sessions(for_good=True)) as seen,
        opened(world) as session,
    ):
        assert session.query("SELECT SYSTEM$WAIT(1) AS W") == [("waited 1 seconds",)]
    assert outcome(world.stand_in, *seen) == "ABORTED"
    assert _sent(world, "WAIT(1)") == 2


def test_change_is_not_sent_again_when_its_session_is_gone(world: SnowflakeWorld) -> None:
    """What it should have changed is looked at first, and that is not for the session to do."""
    with opened(world) as session:
        session.rows("SELECT 1 AS ONE")
        world.stand_in.expire_sessions(for_good=True)
        with pytest.raises(WarehouseError, match=r"^Nothing was made\. The session expired .* Try again\.$"):
            session.change("CREATE SCHEMA NEVER", refusal="Nothing was made.")
    assert world.stand_in.run("SHOW SCHEMAS LIKE 'NEVER'") == []


def _sent(world: SnowflakeWorld, text: str) -> int:
    return sum(text in one.text for one in world.stand_in.statements)
