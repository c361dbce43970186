"""Use cases: what a person asks for, in the order in which its effects must happen."""

import asyncio
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from bot import log
from bot.blocks.modals import reject_modal
from bot.card_state import Stage, card_of
from bot.messages import to_person
from bot.payloads import Click, Question, Submission
from bot.policy import CHANNEL, Denied, Home, Person, groups_to_read, may_decide
from bot.ports import (
    AlreadyDecided,
    NotRecorded,
    Recorded,
    Resumption,
    Runs,
    RunsForbidden,
    RunsUnavailable,
    Slack,
    SlackFailed,
    Unsure,
)
from bot.tasks import Tasks
from flows.contract import Claims, Decider, Decision, Policy, Report, Verdict, sign_proof


@dataclass(frozen=True, slots=True)
class FollowUp:
    """How a lost answer is followed up, in seconds. Until `late_arrival` a request may still be on its way."""

    every: float = 2.0
    late_arrival: float = 10.0
    at_most: float = 60.0


@dataclass(frozen=True, slots=True)
class Permitted:
    """This person may give this verdict on this report now."""

    person: Person
    report: Report


@dataclass(frozen=True, slots=True)
class Asked:
    """Who wants which verdict, where an answer is to be whispered."""

    user_id: str
    channel: str
    verdict: Verdict
    question: Question


class Reviews:
    """Decides about runs for people. Prefect is changed first, Slack is told afterwards."""

    def __init__(
        self,
        runs: Runs,
        slack: Slack,
        *,
        reconcile: Callable[[str], Coroutine[Any, Any, None]],
        tasks: Tasks,
        home: Home,
        signing_keys: tuple[str, ...],
        clock: Callable[[], datetime],
        new_nonce: Callable[[], str],
        follow_up: FollowUp | None = None,
    ) -> None:
        self._runs = runs
        self._slack = slack
        self._reconcile = reconcile
        self._tasks = tasks
        self._home = home
        self._keys = signing_keys
        self._clock = clock
        self._new_nonce = new_nonce
        self._follow = follow_up or FollowUp()

    async def approve(self, click: Click) -> None:
        """Record an approval, or tell the person why not."""
        asked = Asked(click.user_id, click.channel, "Approve", click.question)
        await self._decide(asked, reason="")

    async def ask_reason(self, click: Click) -> None:
        """Open the form that a rejection needs, if the person may reject at all."""
        asked = Asked(click.user_id, click.channel, "Reject", click.question)
        match await self._permitted(asked):
            case str(refusal):
                await self._tell(asked, refusal)
            case Permitted(report=report):
                try:
                    await self._slack.open_modal(click.trigger_id, reject_modal(report, click.channel))
                except SlackFailed as error:
                    log.warning("modal.not_opened", run_id=report.run, cause=error)
                    await self._tell(asked, to_person.modal_not_opened())

    async def reject(self, submission: Submission) -> None:
        """Record a rejection; rights and state are looked at again, because the form may have been open for long."""
        asked = Asked(submission.user_id, submission.channel, "Reject", submission.question)
        await self._decide(asked, reason=submission.reason)

    async def _decide(self, asked: Asked, *, reason: str) -> None:
        match await self._permitted(asked):
            case str(refusal):
                log.info("decision.refused", run_id=asked.question.run_id, by=asked.user_id, verdict=asked.verdict)
                await self._tell(asked, refusal)
                await self._refresh(asked.question.run_id)
            case Permitted(person, report):
                await self._record(asked, person, report, reason=reason)

    async def _record(self, asked: Asked, person: Person, report: Report, *, reason: str) -> None:
        nonce = self._new_nonce()
        decision = self._signed(asked, person, report, reason=reason, nonce=nonce)
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
        if not isinstance(outcome, Recorded):
            await self._tell(asked, _sentence(outcome, asked))
        await self._refresh(report.run)

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
        await self._tell(asked, _sentence(outcome, asked) if known else to_person.still_unsure(asked.verdict))

    async def _permitted(self, asked: Asked) -> Permitted | str:
        """Look at everything afresh: the run, the report, the person. A text says why not."""
        facts = await self._runs.facts(asked.question.run_id)
        if facts is None:
            return to_person.gone(asked.question.run_id)
        card = card_of(facts, now=self._clock())
        if card.stage is not Stage.WAITING or facts.report is None:
            return to_person.not_waiting(card)
        report = facts.report
        if not asked.question.is_about(report):
            return to_person.stale()
        try:
            person = await self._slack.person(asked.user_id)
        except SlackFailed as error:
            log.warning("person.unknown", user=asked.user_id, cause=error)
            return to_person.slack_unreadable()
        members = await self._members(report.policy, person)
        judgement = may_decide(asked.verdict, person, report, home=self._home, members=members)
        if isinstance(judgement, Denied):
            return to_person.denied(judgement, asked.verdict, report)
        return Permitted(person, report)

    async def _members(self, policy: Policy, person: Person) -> dict[str, frozenset[str] | None]:
        entries = groups_to_read(policy, person)
        return dict(zip(entries, await asyncio.gather(*map(self._members_of, entries)), strict=True))

    async def _members_of(self, entry: str) -> frozenset[str] | None:
        try:
            if entry == CHANNEL:
                return await self._slack.channel_members()
            return await self._slack.group_members(entry)
        except SlackFailed as error:
            log.warning("members.unknown", group=entry, cause=error)
            return None

    def _signed(self, asked: Asked, person: Person, report: Report, *, reason: str, nonce: str) -> Decision:
        claims = Claims(
            run=report.run,
            attempt=report.attempt,
            digest=report.digest,
            verdict=asked.verdict,
            decider=Decider(
                name=person.name,
                user_id=person.id,
                team_id=person.team_id,
                enterprise_id=person.enterprise_id,
            ),
            nonce=nonce,
            at=self._clock(),
        )
        return Decision(verdict=asked.verdict, reason=reason, proof=sign_proof(claims, self._keys))

    async def _refresh(self, run_id: str) -> None:
        """Show what is stored now. Failing here must not sound as if the decision had failed; the tick heals it."""
        try:
            await self._reconcile(run_id)
        except (RunsUnavailable, RunsForbidden, SlackFailed) as error:
            log.warning("card.late", run_id=run_id, cause=error)

    async def _tell(self, asked: Asked, text: str) -> None:
        """Slack failing here changes nothing: the card and `/wap show` say what is stored."""
        try:
            await self._slack.whisper(asked.user_id, asked.channel, text)
        except SlackFailed as error:
            log.warning("whisper.lost", user=asked.user_id, cause=error)


def _sentence(outcome: Resumption, asked: Asked) -> str:
    match outcome:
        case Recorded():
            return to_person.recorded(asked.verdict)
        case AlreadyDecided(decision):
            by_you = decision.decider is not None and decision.decider.user_id == asked.user_id
            return to_person.already_decided(decision, by_you=by_you)
        case NotRecorded(still_waiting, detail):
            return to_person.not_recorded(asked.verdict, still_waiting=still_waiting, detail=detail)
        case Unsure():
            return to_person.unsure(asked.verdict)
