"""Use cases: deciding about a run, in the order in which its effects must happen."""

from collections.abc import Callable, Coroutine
from dataclasses import replace
from datetime import datetime
from typing import Any

from bot import log
from bot.answers import Answers
from bot.blocks.modals import approve_modal, reject_modal
from bot.decisions.ballots import Ballots
from bot.decisions.permission import Asked, Permissions, Permitted, Stoppable
from bot.decisions.policy import Person
from bot.decisions.recording import FollowUp, Recording, Signed
from bot.decisions.voting import Voting, decider_of
from bot.messages import on_command, to_person
from bot.payloads import Click, Place, Submission
from bot.ports import Desk, Refused, Runs, Slack, SlackFailed, View
from bot.work.tasks import Tasks
from flows.contract import Claims, Decision, Report, Verdict, sign_proof

REASON_CHARS = 3_000
"""What a decision can carry; Slack's own inputs end there, a command does not."""


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
        self._desk = desk
        self._slack = slack
        self._permissions = permissions
        self._answers = answers
        self._keys = signing_keys
        self._clock = clock
        self._new_nonce = new_nonce
        self._recording = Recording(runs, answers, reconcile=reconcile, tasks=tasks, follow_up=follow_up or FollowUp())
        voting = Voting(runs, permissions, signing_keys=signing_keys, clock=clock, new_nonce=new_nonce)
        self._ballots = Ballots(runs, slack, voting, self._recording, answers)

    async def approve(self, click: Click) -> None:
        """Record an approval, or tell the person why not."""
        await self.decide(replace(_asked(click, "Approve"), trigger_id=click.trigger_id), words="")

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
                await self._recording.refresh(asked.run_id)
            case Permitted(person, report) if asked.verdict == "Approve" and report.approvals_needed > 1:
                await self._ballots.approve(asked, person, report, words=words)
            case Permitted(person, report):
                signed = self._signed(asked.verdict, person, report, words=words)
                await self._recording.record(asked, person, report, signed)

    async def withdraw(self, place: Place, run_id: str) -> None:
        """Take an approval back while more are needed, or tell the person why not."""
        await self._ballots.withdraw(place, run_id)

    async def complete(self, run_id: str) -> None:
        """Let a run go on whose approvals are complete, if nobody has yet."""
        await self._ballots.complete(run_id)

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
        await self._recording.refresh(run_id)

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

    def _signed(self, verdict: Verdict, person: Person, report: Report, *, words: str) -> Signed:
        claims = Claims(
            run=report.run,
            attempt=report.attempt,
            digest=report.digest,
            verdict=verdict,
            decider=decider_of(person),
            nonce=self._new_nonce(),
            at=self._clock(),
        )
        decision = Decision(verdict=verdict, reason=words, proof=sign_proof(claims, self._keys))
        return Signed(decision, claims.nonce)


def _asked(click: Click, verdict: Verdict) -> Asked:
    return Asked(click.place, verdict, click.question.run_id, click.question)
