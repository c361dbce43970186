"""Use cases: deciding about a run, in the order in which its effects must happen."""

from collections.abc import Awaitable, Callable, Coroutine
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
from bot.decisions.votes import claims_on
from bot.decisions.voting import Voting
from bot.messages import on_command, to_person
from bot.modals import Fill, Modals, Opening
from bot.payloads import Click, Place, Submission
from bot.ports import Desk, Refused, Runs, Slack, View
from bot.runs import Run
from bot.work.tasks import Tasks
from flows.contract import Decision, Report, Verdict, sign_proof

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
        modals: Modals,
        reconcile: Callable[[str], Coroutine[Any, Any, None]],
        tasks: Tasks,
        signing_keys: tuple[str, ...],
        clock: Callable[[], datetime],
        new_nonce: Callable[[], str],
        follow_up: FollowUp | None = None,
    ) -> None:
        self._desk = desk
        self._modals = modals
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
        asked = _asked(click, "Reject")
        await self._open(click.place, click.trigger_id, "Reject", lambda: self._form(asked, reject_modal))

    async def ask_comment(self, click: Click) -> None:
        """Open the form of an approval with a comment, if the person may approve at all."""
        asked = _asked(click, "Approve")
        await self._open(click.place, click.trigger_id, "Approve", lambda: self._form(asked, approve_modal))

    async def ask_reason_for(self, place: Place, trigger_id: str, find: Callable[[], Awaitable[Run | str]]) -> None:
        """The same for a run that was only named: `find` looks for it, or says why there is none."""

        async def form() -> View | str:
            found = await find()
            return found if isinstance(found, str) else await self._form(Asked(place, "Reject", found.id), reject_modal)

        await self._open(place, trigger_id, "Reject", form)

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

    async def _open(self, place: Place, trigger_id: str, verdict: Verdict, form: Fill) -> None:
        await self._modals.open(Opening(place, trigger_id, f"{verdict} this run", to_person.modal_not_opened()), form)

    async def _form(self, asked: Asked, form: Callable[[Report, Place], View]) -> View | str:
        permitted = await self._permissions.to_decide(asked)
        return permitted if isinstance(permitted, str) else form(permitted.report, asked.place)

    def _signed(self, verdict: Verdict, person: Person, report: Report, *, words: str) -> Signed:
        claims = claims_on(report, verdict, person, nonce=self._new_nonce(), at=self._clock())
        decision = Decision(verdict=verdict, reason=words, proof=sign_proof(claims, self._keys))
        return Signed(decision, claims.nonce)


def _asked(click: Click, verdict: Verdict) -> Asked:
    return Asked(click.place, verdict, click.question.run_id, click.question)
