"""Use cases: deciding about a run, in the order in which its effects must happen."""

import asyncio
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from bot import log
from bot.answers import Answers
from bot.blocks.modals import approve_modal, reject_modal
from bot.messages import at_home, on_command, to_person
from bot.payloads import Click, Place, Submission
from bot.permission import Asked, Permissions, Permitted, Stoppable
from bot.policy import Person
from bot.ports import (
    AlreadyDecided,
    Desk,
    NotRecorded,
    Recorded,
    Refused,
    Resumption,
    Runs,
    RunsForbidden,
    RunsUnavailable,
    Slack,
    SlackFailed,
    Unsure,
    View,
)
from bot.tasks import Tasks
from flows.contract import Claims, Decider, Decision, Report, Verdict, sign_proof

REASON_CHARS = 3_000
"""What a decision can carry; Slack's own inputs end there, a command does not."""


@dataclass(frozen=True, slots=True)
class FollowUp:
    """How a lost answer is followed up, in seconds. Until `late_arrival` a request may still be on its way."""

    every: float = 2.0
    late_arrival: float = 10.0
    at_most: float = 60.0


class Reviews:
    """Decides about runs for people. Prefect is changed first, Slack is told afterwards."""

    def __init__(
        self,
        runs: Runs,
        desk: Desk,
        slack: Slack,
        *,
        permissions: Permissions,
        answers: Answers,
        reconcile: Callable[[str], Coroutine[Any, Any, None]],
        tasks: Tasks,
        signing_keys: tuple[str, ...],
        clock: Callable[[], datetime],
        new_nonce: Callable[[], str],
        follow_up: FollowUp | None = None,
    ) -> None:
        self._runs = runs
        self._desk = desk
        self._slack = slack
        self._permissions = permissions
        self._answers = answers
        self._reconcile = reconcile
        self._tasks = tasks
        self._keys = signing_keys
        self._clock = clock
        self._new_nonce = new_nonce
        self._follow = follow_up or FollowUp()

    async def approve(self, click: Click) -> None:
        """Record an approval, or tell the person why not."""
        await self.decide(_asked(click, "Approve"), words="")

    async def ask_reason(self, click: Click) -> None:
        """Open the form that a rejection needs, if the person may reject at all."""
        await self._open_form(_asked(click, "Reject"), click.trigger_id, reject_modal)

    async def ask_comment(self, click: Click) -> None:
        """Open the form of an approval with a comment, if the person may approve at all."""
        await self._open_form(_asked(click, "Approve"), click.trigger_id, approve_modal)

    async def ask_reason_for(self, place: Place, run_id: str, trigger_id: str) -> None:
        """The same for a run that was only named."""
        await self._open_form(Asked(place, "Reject", run_id), trigger_id, reject_modal)

    async def submit(self, verdict: Verdict, sent: Submission) -> None:
        """Record what a form says; rights and state are looked at again, because it may have been open for long."""
        await self.decide(Asked(sent.place, verdict, sent.question.run_id, sent.question), words=sent.words)

    async def decide(self, asked: Asked, *, words: str) -> None:
        """Record a decision with its reason or comment, or tell the person why not."""
        if len(words) > REASON_CHARS:
            await self._answers.tell(asked.place, on_command.words_too_long(len(words), REASON_CHARS))
            return
        match await self._permissions.to_decide(asked):
            case str(refusal):
                log.info("decision.refused", run_id=asked.run_id, by=asked.place.user_id, verdict=asked.verdict)
                await self._answers.tell(asked.place, refusal)
                await self._refresh(asked.run_id)
            case Permitted(person, report):
                await self._record(asked, person, report, words=words)

    async def cancel(self, place: Place, run_id: str) -> None:
        """Stop a run, or tell the person why not. Rejecting says no to the data, this says no to the run."""
        match await self._permissions.to_cancel(place.user_id, run_id):
            case str(refusal):
                await self._answers.tell(place, refusal)
            case Stoppable(person, card):
                refused = await self._desk.cancel(run_id, f"Cancelled in Slack by {person.name}.")
                log.info("cancel.sent", run_id=run_id, by=person.id, stored=refused is None)
                if isinstance(refused, Refused):
                    await self._answers.tell(place, on_command.not_cancelled(refused.detail))
                else:
                    told = on_command.cancelled(person.id, person.name, card)
                    await self._answers.tell(place, told, is_public=True)
        await self._refresh(run_id)

    async def _open_form(self, asked: Asked, trigger_id: str, form: Callable[[Report, Place], View]) -> None:
        match await self._permissions.to_decide(asked):
            case str(refusal):
                await self._answers.tell(asked.place, refusal)
            case Permitted(report=report):
                try:
                    await self._slack.open_modal(trigger_id, form(report, asked.place))
                except SlackFailed as error:
                    log.warning("modal.not_opened", run_id=report.run, cause=error)
                    await self._answers.tell(asked.place, to_person.modal_not_opened())

    async def _record(self, asked: Asked, person: Person, report: Report, *, words: str) -> None:
        nonce = self._new_nonce()
        decision = self._signed(asked.verdict, person, report, words=words, nonce=nonce)
        outcome = await self._runs.resume(report.run, report.gate, decision, nonce=nonce)
        log.info(
            "decision.sent",
            run_id=report.run,
            by=person.id,
            verdict=asked.verdict,
            outcome=type(outcome).__name__,
        )
        if isinstance(outcome, Unsure):
            follow_up = self._follow_up(asked, report, nonce)
            self._tasks.spawn(follow_up, name=f"follow up {report.run}")
        if isinstance(outcome, Recorded):
            await asyncio.gather(self._refresh(report.run), self._say_done(asked, person, report, words=words))
        else:
            await self._answers.tell(asked.place, _sentence(outcome, asked))
            await self._refresh(report.run)

    async def _say_done(self, asked: Asked, person: Person, report: Report, *, words: str) -> None:
        """On the card the decision shows by itself; whoever decided elsewhere hears of it there."""
        verb = {"Approve": "approved", "Reject": "rejected"}[asked.verdict]
        if asked.place.channel:
            return
        if asked.place.response_url:
            told = on_command.decided(person.id, person.name, report.run_name, verb=verb, words=words)
            await self._answers.tell(asked.place, told, is_public=True)
        else:
            await self._answers.tell(asked.place, at_home.done(verb.capitalize(), report.run_name))

    async def _follow_up(self, asked: Asked, report: Report, nonce: str) -> None:
        """Find out what became of a decision whose answer was lost, and tell the person in any case."""
        waited = 0.0
        outcome: Resumption = Unsure()
        while waited < self._follow.at_most:
            await asyncio.sleep(self._follow.every)
            waited += self._follow.every
            outcome = await self._runs.read_back(report.run, report.gate, nonce=nonce)
            may_arrive = isinstance(outcome, NotRecorded) and waited < self._follow.late_arrival
            if not isinstance(outcome, Unsure) and not may_arrive:
                break
        known = not isinstance(outcome, Unsure)
        told = _sentence(outcome, asked) if known else to_person.still_unsure(asked.verdict)
        await self._answers.tell(asked.place, told)

    def _signed(self, verdict: Verdict, person: Person, report: Report, *, words: str, nonce: str) -> Decision:
        claims = Claims(
            run=report.run,
            attempt=report.attempt,
            digest=report.digest,
            verdict=verdict,
            decider=Decider(
                name=person.name,
                user_id=person.id,
                team_id=person.team_id,
                enterprise_id=person.enterprise_id,
            ),
            nonce=nonce,
            at=self._clock(),
        )
        return Decision(verdict=verdict, reason=words, proof=sign_proof(claims, self._keys))

    async def _refresh(self, run_id: str) -> None:
        """Show what is stored now. Failing here must not sound as if the decision had failed; the tick heals it."""
        try:
            await self._reconcile(run_id)
        except (RunsUnavailable, RunsForbidden, SlackFailed) as error:
            log.warning("card.late", run_id=run_id, cause=error)


def _asked(click: Click, verdict: Verdict) -> Asked:
    return Asked(click.place, verdict, click.question.run_id, click.question)


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
