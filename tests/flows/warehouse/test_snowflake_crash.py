"""A process that dies, or a reply that never comes, at each statement of a publish: the next attempt completes it.

    WAP_EXAMPLES=50 python -m pytest tests/flows/warehouse/test_snowflake_crash.py --log-cli-level=INFO

does each as often as that at each statement, and logs what it saw; without it each statement has one kind of trouble.
"""

import logging
import os
import time
from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from snowflake.connector.errorcode import ER_FAILED_TO_REQUEST
from snowflake.connector.errors import OperationalError

from flows.contract import Ledger
from flows.warehouse.base import WarehouseError
from flows.warehouse.snowflake.past import UNTOLD
from flows.warehouse.snowflake.publish import NOT_FINISHED, NOT_PUBLISHED
from tests.flows.warehouse.killed_publish import Publishers, publish_whole
from tests.flows.warehouse.snowflake_releases import READER, build, two_releases
from tests.flows.warehouse.snowflake_world import SnowflakeWorld
from tests.flows.warehouse.world import release
from tests.snowflake.stand_in import StandIn
from tests.snowflake.stand_in import stand_in as started

_logger = logging.getLogger(__name__)

EXAMPLES = int(os.environ.get("WAP_EXAMPLES", "0"))
"""How often at each statement. 0: each statement once, but by one kind of trouble only."""

KINDS = ("kill_process", "kill_connection", "drop_reply")
"""The server does what a dead client told it last; a statement does not arrive; it is done, and nobody hears of it."""


def _at_once() -> Iterator[int]:
    """How long the connector is to wait before it asks again for an answer that did not come: it is not to ask."""
    yield 0
    raise OperationalError(msg="Failed to execute request: nobody answers", errno=ER_FAILED_TO_REQUEST)


FORLORN: dict[str, Any] = {"backoff_policy": _at_once}


HELD = 0.1
"""Seconds for which a statement is held, so that its client dies while it waits."""


@pytest.fixture
def stand_in() -> Iterator[StandIn]:
    """An account of this test alone: killed clients leave their sessions."""
    with started() as found:
        yield found


@pytest.fixture
def ground(stand_in: StandIn) -> Iterator["Ground"]:
    """A target that has been published before."""
    with two_releases(stand_in, old=-1, new=0) as world:
        yield Ground(world)


class Ground:
    """One target and its releases: that of `run-5` holds orders that are 5, and the next is built when it is over."""

    def __init__(self, world: SnowflakeWorld) -> None:
        self.world = world
        self.number = 0
        self.seen: Counter[str] = Counter()
        world.stand_in.run(
            f"GRANT USAGE ON DATABASE {world.stand_in.database} TO ROLE {READER}",
            f"GRANT USAGE ON WAREHOUSE {world.stand_in.warehouse} TO ROLE {READER}",
        )
        self.complete()
        self.rights = self._rights("{p}")
        self.places = self.statements()

    @property
    def run(self) -> str:
        """The run whose release is being published."""
        return f"run-{self.number}"

    def build(self) -> None:
        """A new release in staging, as dbt leaves it: nothing of an earlier publish is in it."""
        self.number += 1
        self.world.execute('DROP TABLE IF EXISTS {s}."_wap_release"')
        build(self.world, "{s}", self.number)
        self._arrived = len(self.world.stand_in.statements)

    def complete(self) -> Ledger:
        """An attempt that nobody disturbs."""
        with self.world.warehouse() as warehouse:
            books = publish_whole(warehouse, release(self.run))
        assert books is not None
        return books

    def statements(self) -> list[str]:
        """What one undisturbed publish sends, in this order."""
        self.build()
        self.books = self.complete()
        return [one.text for one in self.world.stand_in.statements[self._arrived :]]

    def check(self, *, said: str | None, lost: bool) -> None:
        """Assert that the disturbed publish left something whole, that what it `said` is true, and that the next
        attempt completes it. `lost`: the swap never arrived although it was sent once."""
        is_out = self._is_whole(said)
        books = self.complete()
        assert books.access == self.books.access
        assert books.unknown == ((UNTOLD,) if is_out else ())
        assert self._contents("{p}") == [self.number] * 3
        assert self._contents("{s}") == [self.number - 1] * 3
        assert self._rights("{p}") == self.rights
        assert READER not in str(self.world.rows("SHOW GRANTS ON SCHEMA {s}"))
        sent = self.world.stand_in.statements[self._arrived :]
        swaps = sum(f'"{self.world.production}" SWAP WITH' in one.text and not one.replayed for one in sent)
        assert swaps - lost == 1
        self.seen["had swapped" if is_out else "had not swapped"] += 1

    def _is_whole(self, said: str | None) -> bool:
        """Whether the release is out. Marker, tables and what a reader sees say the same."""
        [(run,)] = self.world.rows('SELECT "run" AS R FROM {p}."_wap_release"')
        is_out = bool(run == self.run)
        now = self.number if is_out else self.number - 1
        assert run == f"run-{now}"
        orders, early, late = self._contents("{p}")
        assert (orders, early) == (now, now)
        assert late in (now, now - 1)  # it cannot be put right before the swap; the preflight says so
        assert self.world.as_role(READER, "SELECT ID FROM {p}.ORDERS") == [(now,)]
        if said is not None:
            assert said.startswith((NOT_FINISHED if is_out else NOT_PUBLISHED, "It is not known"))
        return is_out

    def _contents(self, side: str) -> list[int]:
        """Of orders and both views."""
        [found] = self.world.rows(f"SELECT O.ID, E.ID, L.ID FROM {side}.ORDERS O, {side}.EARLY E, {side}.LATE L")
        return [int(value) for value in found]

    def _rights(self, side: str) -> list[tuple[Any, ...]]:
        asked = (f"SCHEMA {side}", f"TABLE {side}.ORDERS", f"VIEW {side}.EARLY", f"VIEW {side}.LATE")
        return [(one, *row[1:]) for one in asked for row in self.world.rows(f"SHOW GRANTS ON {one}")]


def test_a_publish_that_is_killed_at_each_statement_is_completed_once(ground: Ground) -> None:
    """The server does what it was told last, and nothing after that."""
    with Publishers(ground.world) as publishers:
        for at in _walk(ground, "kill_process"):
            while not _is_killed(ground, publishers, at):
                ground.check(said=None, lost=False)
            ground.check(said=None, lost=False)


@pytest.mark.parametrize("kind", KINDS[1:])
def test_a_publish_that_hears_nothing_at_each_statement_is_completed_once(ground: Ground, kind: str) -> None:
    """Before or after the server has done what it was told; what the publish says of it is true."""
    for at in _walk(ground, kind):
        ground.build()
        fault = getattr(ground.world.stand_in.faults, kind)(r"^(?!LOGIN )", nth=at)
        said = _said(ground)
        ground.world.stand_in.faults.clear()
        assert fault.happened == 1, said
        ground.seen["went on by itself" if said is None else f"said: {said.partition('.')[0]}"] += 1
        ground.check(said=said, lost=kind == "kill_connection" and " SWAP WITH " in ground.places[at - 1])


def test_a_publish_is_disturbed_until_its_books_are_closed(ground: Ground) -> None:
    """The statements that are walked through are those of every publish, and go on after the swap."""
    places = ground.places
    assert len(ground.statements()) == len(places)
    assert ground.books.access is not None
    assert (ground.books.access.lost, ground.books.access.gained, ground.books.unknown) == ((), (), ())
    [swap] = [number for number, text in enumerate(places) if " SWAP WITH " in text]
    [close] = [number for number, text in enumerate(places) if text.startswith("REVOKE")]
    books = [number for number, text in enumerate(places) if "OBJECT_PRIVILEGES" in text and number > close]
    assert swap < close < books[-1]


def _walk(ground: Ground, kind: str) -> Iterator[int]:
    """The number of each statement, from 1 on, round by round, if it is to be disturbed in this way."""
    places = ground.places
    for number in range(1, max(EXAMPLES, 1) + 1):
        for at in range(1, len(places) + 1):
            if EXAMPLES or at % len(KINDS) == KINDS.index(kind):
                yield at
        seen = " ".join(f"{name.replace(' ', '_')}={count}" for name, count in sorted(ground.seen.items()))
        _logger.info("stress.round kind=%s round=%s statements=%s %s", kind, number, len(places), seen)


def _is_killed(ground: Ground, publishers: Publishers, at: int) -> bool:
    """Build, publish, and kill it while its statement of that number waits; whether it was still there to be killed."""
    ground.build()
    held = ground.world.stand_in.faults.delay(".", HELD, nth=at)
    process = publishers.start(release(ground.run))
    _wait(lambda: held.happened > 0)
    killed = publishers.kill(process)
    _wait(lambda: ground.world.stand_in.is_idle)
    ground.world.stand_in.faults.clear()
    ground.seen["killed" if killed else "was over before"] += 1
    return killed


def _said(ground: Ground) -> str | None:
    """Publish; the error, or None."""
    try:
        with ground.world.warehouse(**FORLORN) as warehouse:
            publish_whole(warehouse, release(ground.run))
    except WarehouseError as error:
        return str(error)
    return None


def _wait(happened: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 60
    while not happened():
        assert time.monotonic() < deadline, "it did not happen"
        time.sleep(0.002)
