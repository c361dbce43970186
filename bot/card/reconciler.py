"""The loop: events wake it, a tick guarantees it, and it makes Slack show what Prefect says."""

import asyncio
import contextlib
from collections.abc import Callable, Set
from datetime import timedelta
from weakref import WeakValueDictionary

from bot import log
from bot.card.attention import Attention
from bot.card.cards import Cards, Outcome
from bot.card.chores import Chores
from bot.card.stages import Stage
from bot.home.tallies import Tallies
from bot.ports import Runs, RunsForbidden, RunsUnavailable, SlackFailed
from bot.rollbacks.news import RollbackNews, taken_back
from bot.runs import Facts
from bot.work.queue import WorkQueue

WORKERS = 4
LOOK_BACK = timedelta(days=7)
"""How long after its end a card may still have to be brought up to date, after an outage of ours."""

LATELY = timedelta(minutes=15)
"""How far every tick looks back; the whole LOOK_BACK is read at the start and now and then."""

_TICK_WHILE_BUILDING = 2.0  # seconds; people who wait for a build see it move

_WHOLE_LOOK_EVERY = 300.0  # seconds


class Reconciler:
    """Keeps the cards of all runs true. Level-triggered: it never needs to know what happened, only what is."""

    def __init__(
        self,
        runs: Runs,
        cards: Cards,
        chores: Chores,
        rollbacks: RollbackNews,
        attention: Attention,
        tallies: Tallies,
        *,
        tick_seconds: float,
        monotonic: Callable[[], float],
        changed: Callable[[], None] = lambda: None,
    ) -> None:
        self._runs = runs
        self._cards = cards
        self._chores = chores
        self._rollbacks = rollbacks
        self._attention = attention
        self._tallies = tallies
        self._tick = tick_seconds
        self._monotonic = monotonic
        self._changed = changed
        self._queue = WorkQueue()
        self._wake = asyncio.Event()
        self._locks: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()
        self._building: set[str] = set()
        self._succeeding: set[str] = set()
        self._seen: frozenset[str] = frozenset()
        self._is_prefect_down = False
        self._full_look_at = self._monotonic()

    async def run(self) -> None:
        """Work for ever. Raises RunsForbidden when Prefect refuses our credentials."""
        async with asyncio.TaskGroup() as group:
            group.create_task(self._runs.watch(self._hint))
            for _ in range(WORKERS):
                group.create_task(self._work())
            while True:
                self._wake.clear()
                await self._sweep()
                tick = min(self._tick, _TICK_WHILE_BUILDING) if self._building else self._tick
                # Not wait_for: before Python 3.12 it forgets a cancellation that comes together with what it waits for.
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(tick):
                        await self._wake.wait()

    async def reconcile(self, run_id: str, *, urgent: bool = False) -> None:
        """Make Slack show this run now; `urgent` when a person waits for it.

        Calls for the same run wait for each other, so the newest facts win.
        """
        lock = self._locks.setdefault(run_id, asyncio.Lock())
        async with lock:
            facts = await self._runs.facts(run_id)
            if facts is None:
                self._forget(run_id)
                return
            if (original := taken_back(facts)) and original != run_id:
                await self._follow(facts, original)
                return
            outcome = await self._cards.show(facts, urgent=urgent)
            self._remember(facts, outcome)
            self._look_at_predecessor(facts)
            self._chores.begin(facts, outcome)
            if outcome.address and outcome.card.rollback_votes:
                await self._rollbacks.tell_asked(facts, outcome.card, outcome.address)

    async def _follow(self, facts: Facts, original: str) -> None:
        """A roll back shows on the card of the run that it takes back, which never waits for it in turn."""
        await self.reconcile(original, urgent=True)
        found = await self._runs.facts(original)
        if found is not None:
            await self._rollbacks.tell(facts, found)
        if facts.run.is_over:
            self._attention.settle(facts.run)

    def _hint(self, run_id: str | None) -> None:
        if run_id is None:
            self._wake.set()
        else:
            self._attention.unsettle(run_id)
            self._queue.add(run_id, first=True)
            self._changed()

    async def _sweep(self) -> None:
        is_full = self._monotonic() >= self._full_look_at
        try:
            listed = await self._runs.listed(ended_within=LOOK_BACK if is_full else LATELY)
        except RunsUnavailable as error:
            if not self._is_prefect_down:
                log.warning("prefect.unreachable", cause=error, retry="every tick")
            self._is_prefect_down = True
            return
        if self._is_prefect_down:
            log.info("prefect.reachable")
        self._is_prefect_down = False
        self._notice({run.state_id for run in listed if not run.is_over})
        for run in listed:
            if self._attention.is_due(run, has_chores=self._chores.is_due(run.id)):
                self._queue.add(run.id)
        for run_id in self._attention.due_for_votes(self._tallies.counting()):
            self._queue.add(run_id)
        if is_full:
            self._full_look_at = self._monotonic() + _WHOLE_LOOK_EVERY
            self._prune({run.id for run in listed})

    def _notice(self, states: Set[str]) -> None:
        """Whatever an event did not tell: a run that is open now and was not, or the other way round."""
        if states != self._seen:
            self._seen = frozenset(states)
            self._changed()

    async def _work(self) -> None:
        while True:
            run_id = await self._queue.get()
            try:
                await self.reconcile(run_id)
                self._attention.succeed(run_id)
            except RunsForbidden:
                raise
            except (RunsUnavailable, SlackFailed) as error:
                self._fail(run_id, error)
            except Exception as error:  # noqa: BLE001  one run that we cannot handle must not stop all others
                self._fail(run_id, error)
                log.error("reconcile.failed", cause=error, run_id=run_id)
            finally:
                self._queue.done(run_id)

    def _fail(self, run_id: str, error: Exception) -> None:
        delay = self._attention.fail(run_id)
        log.warning("reconcile.postponed", run_id=run_id, cause=error, seconds=delay)

    def _remember(self, facts: Facts, outcome: Outcome) -> None:
        run = facts.run
        self._attention.note(facts, outcome.card)
        if self._tallies.note(outcome.card):
            self._changed()
        is_building = outcome.card.stage is Stage.BUILDING and run.has_started
        (self._building.add if is_building else self._building.discard)(run.id)
        if outcome.is_current and outcome.card.is_settled and not self._chores.is_pending(facts, outcome):
            self._attention.settle(run)
        else:
            self._attention.unsettle(run.id)

    def _look_at_predecessor(self, facts: Facts) -> None:
        """A build has used staging, so the release before it cannot be taken back any more: its card says so."""
        run = facts.run
        if facts.predecessor and not run.is_over and run.id not in self._succeeding:
            self._succeeding.add(run.id)
            self._queue.add(facts.predecessor)

    def _forget(self, run_id: str) -> None:
        self._chores.forget(run_id)
        self._attention.forget(run_id)
        self._tallies.forget(run_id)
        self._building.discard(run_id)
        self._succeeding.discard(run_id)

    def _prune(self, listed: set[str]) -> None:
        for run_id in (self._attention.known() | self._building | self._tallies.counting()) - listed:
            self._forget(run_id)
