"""Use case: taking the newest release back. The flow does it, and checks everything once more by itself."""

from collections.abc import Callable, Coroutine, Sequence
from datetime import datetime
from typing import Any

from bot import log
from bot.answers import Answers
from bot.blocks.rollback import rollback_modal, withdraw_rollback_modal
from bot.commands.deployments import Deployment
from bot.decisions.permission import Permissions, Takeable
from bot.decisions.policy import Person
from bot.decisions.votes import claims_on
from bot.home.overview import Overview
from bot.messages import on_rollback, on_rollback_vote, to_person
from bot.modals import Modals, Opening
from bot.payloads import Click, Place, Question
from bot.ports import Desk, Refused, Runs, RunsForbidden, RunsUnavailable, Slack, SlackFailed, View
from bot.rollbacks.proposals import Asked, Complete, Proposals
from bot.runs import Run
from flows.contract import Outcome, Receipt, Report, Target, sign_proof

TRIES = 20
"""How many roll backs of one release may have ended before; each begins under a number of its own."""


class Rollbacks:
    """Starts roll backs for people who may approve. Pressing twice starts one run."""

    def __init__(
        self,
        runs: Runs,
        desk: Desk,
        slack: Slack,
        *,
        overview: Overview,
        permissions: Permissions,
        answers: Answers,
        modals: Modals,
        proposals: Proposals,
        reconcile: Callable[[str], Coroutine[Any, Any, None]],
        signing_keys: tuple[str, ...],
        clock: Callable[[], datetime],
        new_nonce: Callable[[], str],
    ) -> None:
        self._runs = runs
        self._desk = desk
        self._slack = slack
        self._modals = modals
        self._proposals = proposals
        self._reconcile = reconcile
        self._overview = overview
        self._permissions = permissions
        self._answers = answers
        self._keys = signing_keys
        self._clock = clock
        self._new_nonce = new_nonce

    async def press(self, click: Click) -> None:
        """Take the release of a card back, or ask for it where several have to, or tell the person why not."""
        await self._begin(click.place, click.question.run_id, click.question, trigger_id=click.trigger_id)

    async def submit(self, place: Place, question: Question) -> None:
        """The same from the form that `ask` opened, which may have been open for long."""
        await self._begin(place, question.run_id, question)

    async def withdraw(self, place: Place, run_id: str) -> bool:
        """Take back that this person asked to roll this run back; False if it is no run of which that can be asked."""
        facts = await self._runs.facts(run_id)
        if facts is None or facts.report is None or not facts.rollback_votes:
            return False
        if facts.rollback is not None:
            await self._answers.tell(place, on_rollback.already(facts.rollback))
            return True
        await self._answers.tell(place, await self._proposals.withdraw(place.user_id, facts, facts.report))
        await self._refresh(run_id)
        return True

    async def ask(self, place: Place, target: str, trigger_id: str) -> None:
        """Open the form for the newest release of a target."""
        opening = Opening(place, trigger_id, "Roll back a release", to_person.modal_not_opened())
        await self._modals.open(opening, lambda: self._form(place, target))

    async def _form(self, place: Place, target: str) -> View | str:
        found = _newest(await self._overview.ended(target))
        if isinstance(found, str):
            return found or on_rollback.nothing_to_take_back(target)
        allowed = await self._permissions.to_roll_back(place.user_id, found.run, None)
        return allowed if isinstance(allowed, str) else rollback_modal(allowed.report, place)

    async def _begin(self, place: Place, run_id: str, question: Question, *, trigger_id: str = "") -> None:
        allowed = await self._permissions.to_roll_back(place.user_id, run_id, question)
        if isinstance(allowed, str):
            log.info("rollback.refused", run_id=run_id, by=place.user_id)
            await self._answers.tell(place, allowed)
            return
        report = allowed.report
        deployment = _fitting(await self._desk.rollbacks(), allowed)
        if deployment is None or deployment.is_paused:
            told = on_rollback.paused_deployment(deployment.name) if deployment else on_rollback.no_deployment(report)
            await self._answers.tell(place, told)
            return
        if report.approvals_needed == 1:
            await self._go(place, deployment, allowed, self._proof(allowed.person, report))
            return
        match await self._proposals.ask(allowed.person, report):
            case Complete(proof):
                await self._go(place, deployment, allowed, proof)
            case Asked(have, is_new=True):
                await self._answers.tell(place, on_rollback_vote.asked(report, have=have))
            case Asked(have):
                await self._offer_withdrawal(place, report, trigger_id, have=have)
            case str(told):
                await self._answers.tell(place, told)
        await self._refresh(run_id)

    async def _offer_withdrawal(self, place: Place, report: Report, trigger_id: str, *, have: int) -> None:
        """Whoever has asked already finds the way back here; without a form in words, should the trigger be dead."""
        if trigger_id:
            try:
                await self._slack.open_modal(trigger_id, withdraw_rollback_modal(report, place, have=have))
                return
            except SlackFailed as error:
                log.warning("modal.not_opened", run_id=report.run, cause=error)
        told = f"{on_rollback_vote.asked_before(report, have=have)} {on_rollback_vote.how_to_withdraw(report)}"
        await self._answers.tell(place, told)

    async def _refresh(self, run_id: str) -> None:
        """Show who asks now. Failing here changes nothing of what is stored."""
        try:
            await self._reconcile(run_id)
        except (RunsUnavailable, RunsForbidden, SlackFailed) as error:
            log.warning("card.late", run_id=run_id, cause=error)

    async def _go(self, place: Place, deployment: Deployment, allowed: Takeable, proof: str) -> None:
        report = allowed.report
        made = await self._start(deployment, allowed.person, report, proof)
        if isinstance(made, Refused):
            await self._answers.tell(place, on_rollback.not_started(made.detail))
            return
        log.info("rollback.started", run_id=report.run, by=allowed.person.id, rollback=made.id)
        await self._answers.tell(place, on_rollback.started(report, made.name))

    async def _start(self, deployment: Deployment, person: Person, report: Report, proof: str) -> Run | Refused:
        """The run that takes this release back: one that is under way, or else a new one."""
        parameters = {
            "run": report.run,
            "proof": proof,
            "requested_by": person.name,
            "requester_user_id": person.id,
        }
        for number in range(1, TRIES + 1):
            made = await self._desk.start(deployment.id, parameters, once=f"wap-rollback-{report.run}-{number}")
            if isinstance(made, Refused) or not made.is_over:
                return made
        return Refused(f"{TRIES} roll backs of this run have ended already; look at them first")

    def _proof(self, person: Person, report: Report) -> str:
        claims = claims_on(report, "Rollback", person, nonce=self._new_nonce(), at=self._clock())
        return sign_proof(claims, self._keys)


def _newest(ended: Sequence[Receipt]) -> Receipt | str:
    """The receipt of the newest release, or why there is none to take back; empty if nothing was published."""
    released = [one for one in ended if one.outcome in (Outcome.PUBLISHED, Outcome.ROLLED_BACK)]
    if not released:
        return ""
    newest = released[0]
    if any(_place(one.target) != _place(newest.target) for one in released):
        return on_rollback.several_targets(newest.target.production)
    return on_rollback.already(newest.rollback) if newest.rollback else newest


def _place(target: Target) -> tuple[str, str, str]:
    """Where a release lies: the same place also if another staging or a further schema belongs to it since."""
    return target.warehouse, target.database, target.production


def _fitting(offered: Sequence[Deployment], allowed: Takeable) -> Deployment | None:
    """The deployment with the settings that the run was made with; the flow refuses if they are of another target."""
    same = [one for one in offered if one.config == allowed.config]
    fitting = same or offered
    return fitting[0] if len(fitting) == 1 else None
