"""What a run needs besides its card: its thread, a decision that is complete, its discussion, its reminders."""

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any

from bot import log
from bot.card.cards import Outcome
from bot.card.stages import Stage
from bot.charts.drawing import DrawingFailed
from bot.decisions.voting import is_approved
from bot.ports import RunsUnavailable, SlackFailed
from bot.reminders.reminders import Reminding
from bot.runs import Address, Facts
from bot.thread.diffs import Thread
from bot.thread.transcript import Transcripts
from bot.work.tasks import Tasks

Complete = Callable[[str], Coroutine[Any, Any, None]]
"""Lets the run of this id go on whose approvals are complete."""


class Chores:
    """Begins what is due, one of a kind per run at a time, and outside the lock of the run: ten posts take ten seconds,
    and a click must not wait for them. What fails is begun again when the run is looked at the next time."""

    def __init__(
        self, thread: Thread, transcripts: Transcripts, reminding: Reminding, *, tasks: Tasks, complete: Complete
    ) -> None:
        self._thread = thread
        self._transcripts = transcripts
        self._reminding = reminding
        self._tasks = tasks
        self._complete = complete
        self._busy: set[tuple[str, str]] = set()
        # All posts share Slack's one message a second: a new card must not queue behind fifty threads.
        self._one_thread_at_a_time = asyncio.Semaphore(1)

    def is_pending(self, facts: Facts, outcome: Outcome) -> bool:
        """Whether something is left to do now, so that the run has to be looked at again."""
        return self._transcripts.is_due(facts) or (
            outcome.address is not None
            and (self._thread.is_pending(facts, outcome.card.stage) or self._reminding.is_pending(facts))
        )

    def is_due(self, run_id: str) -> bool:
        """Whether this run, which has not changed, has to be looked at again because time has passed."""
        return self._reminding.is_due(run_id)

    def forget(self, run_id: str) -> None:
        """This run is gone."""
        self._reminding.forget(run_id)

    def begin(self, facts: Facts, outcome: Outcome) -> None:
        """Begin what is due for a run whose card shows this."""
        run_id, address = facts.run.id, outcome.address
        if outcome.card.stage is Stage.WAITING and is_approved(facts):
            # The last approval is there and the run still waits: whoever counted it is at it, or has stopped.
            self._begin("decision", run_id, lambda: self._complete(run_id))
        if address is None:
            return
        if self._thread.is_pending(facts, outcome.card.stage):
            self._begin("thread", run_id, lambda: self._fill(facts, address))
        if self._transcripts.is_due(facts):
            self._begin("discussion", run_id, lambda: self._transcripts.store(facts, address))
        if self._reminding.is_pending(facts):
            self._begin("reminder", run_id, lambda: self._remind(facts, address))

    async def _fill(self, facts: Facts, address: Address) -> None:
        async with self._one_thread_at_a_time:
            await self._thread.post_missing(facts, address)

    async def _remind(self, facts: Facts, address: Address) -> None:
        async with self._one_thread_at_a_time:
            await self._reminding.tell(facts, address)

    def _begin(self, kind: str, run_id: str, work: Callable[[], Coroutine[Any, Any, None]]) -> None:
        if (kind, run_id) not in self._busy:
            self._busy.add((kind, run_id))
            self._tasks.spawn(self._do(kind, run_id, work), name=f"{kind} {run_id}")

    async def _do(self, kind: str, run_id: str, work: Callable[[], Coroutine[Any, Any, None]]) -> None:
        try:
            await work()
        except (RunsUnavailable, SlackFailed, DrawingFailed) as error:
            log.warning(f"{kind}.postponed", run_id=run_id, cause=error)
        finally:
            self._busy.discard((kind, run_id))
