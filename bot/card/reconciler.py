"""The loop: events wake it, a tick guarantees it, and it makes Slack show what Prefect says."""

import asyncio
import contextlib
from collections.abc import Callable, Coroutine, Set
from datetime import timedelta
from typing import Any
from weakref import WeakValueDictionary

from bot import log
from bot.card.cards import Cards, Outcome
from bot.card.looks import Looks
from bot.card.state import Stage
from bot.charts.drawing import DrawingFailed
from bot.decisions.voting import is_approved
from bot.ports import Runs, RunsForbidden, RunsUnavailable, SlackFailed
from bot.reminders.reminders import Reminding
from bot.rollbacks.news import RollbackNews, taken_back
from bot.runs import Address, Facts, Run
from bot.thread.diffs import Thread
from bot.thread.transcript import Transcripts
from bot.work.queue import WorkQueue
from bot.work.tasks import Tasks

WORKERS = 4
LOOK_BACK = timedelta(days=7)
"""How long after its end a card may still have to be brought up to date, after an outage of ours."""

LATELY = timedelta(minutes=15)
"""How far every tick looks back; the whole LOOK_BACK is read at the start and now and then."""

_TICK_WHILE_BUILDING = 2.0  # seconds; people who wait for a build see it move

_LOOK_AGAIN_AFTER = 300.0  # seconds; a settled run is read again now and then, in case a write of ours was undone
_BACK_OFF = (5.0, 10.0, 30.0, 60.0, 300.0)


class Reconciler:
    """Keeps the cards of all runs true. Level-triggered: it never needs to know what happened, only what is."""

    def __init__(
        self,
        runs: Runs,
        cards: Cards,
        thread: Thread,
        transcripts: Transcripts,
        rollbacks: RollbackNews,
        reminding: Reminding,
        looks: Looks,
        *,
        tasks: Tasks,
        tick_seconds: float,
        monotonic: Callable[[], float],
        changed: Callable[[], None] = lambda: None,
        complete: Callable[[str], Coroutine[Any, Any, None]] | None = None,
    ) -> None:
        self._runs = runs
        self._cards = cards
        self._thread = thread
        self._transcripts = transcripts
        self._rollbacks = rollbacks
        self._reminding = reminding
        self._looks = looks
        self._telling: set[str] = set()
        self._succeeding: set[str] = set()
        self._tasks = tasks
        self._tick = tick_seconds
        self._monotonic = monotonic
        self._queue = WorkQueue()
        self._wake = asyncio.Event()
        self._locks: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()
        self._settled: dict[str, tuple[str, float]] = {}
        self._failures: dict[str, tuple[int, float]] = {}
        self._posting: set[str] = set()
        self._handing_over: set[str] = set()
        self._building: set[str] = set()
        self._changed = changed
        self._complete = complete
        self._completing: set[str] = set()
        self._seen: frozenset[str] = frozenset()
        # All posts share Slack's one message a second: a new card must not queue behind fifty threads.
        self._one_thread_at_a_time = asyncio.Semaphore(1)
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
                with contextlib.suppress(TimeoutError):
                    tick = min(self._tick, _TICK_WHILE_BUILDING) if self._building else self._tick
                    await asyncio.wait_for(self._wake.wait(), tick)

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
            if outcome.address and self._thread.is_pending(facts, outcome.card.stage):
                self._fill_thread(facts, outcome.address)
            if outcome.card.stage is Stage.WAITING and is_approved(facts):
                self._go_on(run_id)
            if outcome.address and self._transcripts.is_due(facts):
                self._hand_over(facts, outcome.address)
            if outcome.address and self._reminding.is_pending(facts):
                self._tell(facts, outcome.address)
            if outcome.address and outcome.card.rollback_votes:
                await self._rollbacks.tell_asked(facts, outcome.card, outcome.address)

    async def _follow(self, facts: Facts, original: str) -> None:
        """A roll back shows on the card of the run that it takes back, which never waits for it in turn."""
        await self.reconcile(original, urgent=True)
        found = await self._runs.facts(original)
        if found is not None:
            await self._rollbacks.tell(facts, found)
        if facts.run.is_over:
            self._settled[facts.run.id] = (facts.run.state_id, self._monotonic())

    def _hint(self, run_id: str | None) -> None:
        if run_id is None:
            self._wake.set()
        else:
            self._settled.pop(run_id, None)
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
            if self._is_due(run):
                self._queue.add(run.id)
        if is_full:
            self._full_look_at = self._monotonic() + _LOOK_AGAIN_AFTER
            self._prune({run.id for run in listed})

    def _notice(self, states: Set[str]) -> None:
        """Whatever an event did not tell: a run that is open now and was not, or the other way round."""
        if states != self._seen:
            self._seen = frozenset(states)
            self._changed()

    def _is_due(self, run: Run) -> bool:
        now = self._monotonic()
        if self._failures.get(run.id, (0, 0.0))[1] > now:
            return False
        state, since = self._settled.get(run.id, ("", 0.0))
        if state != run.state_id:
            return True
        if self._looks.is_due(run.id):
            return True
        return not run.is_over and (self._reminding.is_due(run.id) or now - since > _LOOK_AGAIN_AFTER)

    async def _work(self) -> None:
        while True:
            run_id = await self._queue.get()
            try:
                await self.reconcile(run_id)
                self._failures.pop(run_id, None)
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
        count, _ = self._failures.get(run_id, (0, 0.0))
        delay = _BACK_OFF[min(count, len(_BACK_OFF) - 1)]
        self._failures[run_id] = (count + 1, self._monotonic() + delay)
        self._settled.pop(run_id, None)
        log.warning("reconcile.postponed", run_id=run_id, cause=error, seconds=delay)

    def _remember(self, facts: Facts, outcome: Outcome) -> None:
        run = facts.run
        self._looks.note(facts, outcome.card)
        is_building = outcome.card.stage is Stage.BUILDING and run.has_started
        (self._building.add if is_building else self._building.discard)(run.id)
        is_pending = self._transcripts.is_due(facts) or (
            outcome.address is not None
            and (self._thread.is_pending(facts, outcome.card.stage) or self._reminding.is_pending(facts))
        )
        if outcome.is_current and outcome.card.is_settled and not is_pending:
            self._settled[run.id] = (run.state_id, self._monotonic())
        else:
            self._settled.pop(run.id, None)

    def _fill_thread(self, facts: Facts, address: Address) -> None:
        run_id = facts.run.id
        if run_id not in self._posting:
            self._posting.add(run_id)
            self._tasks.spawn(self._post_thread(facts, address), name=f"thread {run_id}")

    async def _post_thread(self, facts: Facts, address: Address) -> None:
        """Outside the lock of the run: ten posts take ten seconds, and a click must not wait for them."""
        try:
            async with self._one_thread_at_a_time:
                await self._thread.post_missing(facts, address)
        except (RunsUnavailable, SlackFailed, DrawingFailed) as error:
            log.warning("thread.postponed", run_id=facts.run.id, cause=error)
        finally:
            self._posting.discard(facts.run.id)

    def _go_on(self, run_id: str) -> None:
        """The last approval is there and the run still waits: whoever counted it is at it, or has stopped."""
        if self._complete and run_id not in self._completing:
            self._completing.add(run_id)
            self._tasks.spawn(self._resume(run_id, self._complete), name=f"complete {run_id}")

    async def _resume(self, run_id: str, complete: Callable[[str], Coroutine[Any, Any, None]]) -> None:
        try:
            await complete(run_id)
        except (RunsUnavailable, SlackFailed) as error:
            log.warning("decision.postponed", run_id=run_id, cause=error)
        finally:
            self._completing.discard(run_id)

    def _look_at_predecessor(self, facts: Facts) -> None:
        """A build has used staging, so the release before it cannot be taken back any more: its card says so."""
        run = facts.run
        if facts.predecessor and not run.is_over and run.id not in self._succeeding:
            self._succeeding.add(run.id)
            self._queue.add(facts.predecessor)

    def _hand_over(self, facts: Facts, address: Address) -> None:
        run_id = facts.run.id
        if run_id not in self._handing_over:
            self._handing_over.add(run_id)
            self._tasks.spawn(self._store_discussion(facts, address), name=f"discussion {run_id}")

    async def _store_discussion(self, facts: Facts, address: Address) -> None:
        try:
            await self._transcripts.store(facts, address)
        except (RunsUnavailable, SlackFailed) as error:
            log.warning("discussion.postponed", run_id=facts.run.id, cause=error)
        finally:
            self._handing_over.discard(facts.run.id)

    def _tell(self, facts: Facts, address: Address) -> None:
        run_id = facts.run.id
        if run_id not in self._telling:
            self._telling.add(run_id)
            self._tasks.spawn(self._remind(facts, address), name=f"reminder {run_id}")

    async def _remind(self, facts: Facts, address: Address) -> None:
        try:
            async with self._one_thread_at_a_time:
                await self._reminding.tell(facts, address)
        except (RunsUnavailable, SlackFailed) as error:
            log.warning("reminder.postponed", run_id=facts.run.id, cause=error)
        finally:
            self._telling.discard(facts.run.id)

    def _forget(self, run_id: str) -> None:
        self._reminding.forget(run_id)
        self._looks.forget(run_id)
        self._building.discard(run_id)
        self._succeeding.discard(run_id)
        self._settled.pop(run_id, None)
        self._failures.pop(run_id, None)

    def _prune(self, listed: set[str]) -> None:
        for run_id in (set(self._settled) | set(self._failures) | self._building) - listed:
            self._forget(run_id)
