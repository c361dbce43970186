"""Use case: sending a decision, finding out what became of it, and telling the person."""

import asyncio
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from typing import Any

from bot import log
from bot.answers import Answers
from bot.decisions.permission import Asked
from bot.decisions.policy import Person
from bot.messages import at_home, on_command, to_person
from bot.ports import (
    AlreadyDecided,
    NotRecorded,
    Recorded,
    Resumption,
    Runs,
    RunsForbidden,
    RunsUnavailable,
    SlackFailed,
    Unsure,
)
from bot.work.tasks import Tasks
from flows.contract import Decision, Report


@dataclass(frozen=True, slots=True)
class FollowUp:
    """How a lost answer is followed up, in seconds. Until `late_arrival` a request may still be on its way."""

    every: float = 2.0
    late_arrival: float = 10.0
    at_most: float = 60.0


@dataclass(frozen=True, slots=True)
class Signed:
    """A decision that is ready to be sent; `nonce` finds it again. `vote` is that of the person who completed it."""

    decision: Decision
    nonce: str
    vote: str = ""


class Recording:
    """Prefect is changed first, Slack is told afterwards."""

    def __init__(
        self,
        runs: Runs,
        answers: Answers,
        *,
        reconcile: Callable[[str], Coroutine[Any, Any, None]],
        tasks: Tasks,
        follow_up: FollowUp,
    ) -> None:
        self._runs = runs
        self._answers = answers
        self._reconcile = reconcile
        self._tasks = tasks
        self._follow = follow_up

    async def record(self, asked: Asked, person: Person, report: Report, signed: Signed) -> None:
        """Store the decision, show it, and tell the person what the card does not."""
        outcome = await self.send(report, signed, by=person.id)
        if isinstance(outcome, Unsure):
            follow_up = self._follow_up(asked, report, signed)
            self._tasks.spawn(follow_up, name=f"follow up {report.run}")
        if isinstance(outcome, Recorded):
            said = self.say_done(asked, person, report, words=signed.decision.reason)
            await asyncio.gather(self.refresh(report.run), said)
        else:
            await self._answers.tell(asked.place, _sentence(outcome, asked))
            await self.refresh(report.run)

    async def send(self, report: Report, signed: Signed, *, by: str) -> Resumption:
        """Resume the run. A decision of several people that somebody else has sent with this vote in it is ours too."""
        outcome = _ours(await self._runs.resume(report.run, report.gate, signed.decision, nonce=signed.nonce), signed)
        verdict, what = signed.decision.verdict, type(outcome).__name__
        log.info("decision.sent", run_id=report.run, by=by, verdict=verdict, outcome=what)
        return outcome

    async def say_done(self, asked: Asked, person: Person, report: Report, *, words: str) -> None:
        """On the card the decision shows by itself; whoever decided elsewhere hears of it there."""
        verb = {"Approve": "approved", "Reject": "rejected"}[asked.verdict]
        if asked.place.channel:
            return
        if asked.place.response_url:
            told = on_command.decided(person.id, person.name, report.run_name, verb=verb, words=words)
            await self._answers.tell(asked.place, told, is_public=True)
        else:
            await self._answers.tell(asked.place, at_home.done(verb.capitalize(), report.run_name))

    async def refresh(self, run_id: str) -> None:
        """Show what is stored now. Failing here must not sound as if the decision had failed; the tick heals it."""
        try:
            await self._reconcile(run_id)
        except (RunsUnavailable, RunsForbidden, SlackFailed) as error:
            log.warning("card.late", run_id=run_id, cause=error)

    async def _follow_up(self, asked: Asked, report: Report, signed: Signed) -> None:
        """Find out what became of a decision whose answer was lost, and tell the person in any case."""
        waited = 0.0
        outcome: Resumption = Unsure()
        while waited < self._follow.at_most:
            await asyncio.sleep(self._follow.every)
            waited += self._follow.every
            outcome = _ours(await self._runs.read_back(report.run, report.gate, nonce=signed.nonce), signed)
            may_arrive = isinstance(outcome, NotRecorded) and waited < self._follow.late_arrival
            if not isinstance(outcome, Unsure) and not may_arrive:
                break
        known = not isinstance(outcome, Unsure)
        told = _sentence(outcome, asked) if known else to_person.still_unsure(asked.verdict)
        await self._answers.tell(asked.place, told)


def _ours(outcome: Resumption, signed: Signed) -> Resumption:
    is_part = isinstance(outcome, AlreadyDecided) and signed.vote and signed.vote in outcome.decision.votes
    return Recorded() if is_part else outcome


def _sentence(outcome: Resumption, asked: Asked) -> str:
    match outcome:
        case Recorded():
            return to_person.recorded(asked.verdict)
        case AlreadyDecided(decision):
            by_you = decision.decider is not None and decision.decider.user_id == asked.place.user_id
            return to_person.already_decided(decision, by_you=by_you)
        case NotRecorded(still_waiting, detail):
            return to_person.not_recorded(asked.verdict, still_waiting=still_waiting, detail=detail)
        case Unsure():
            return to_person.unsure(asked.verdict)
