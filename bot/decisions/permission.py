"""Use case: may this person do this now? Run, report and person are looked at afresh, every time."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from bot import log
from bot.card.stages import Stage, is_late
from bot.card.state import Card, card_of
from bot.decisions.policy import (
    CHANNEL,
    Allowed,
    Denied,
    Home,
    Members,
    Person,
    Rule,
    groups_to_read,
    may_cancel,
    may_decide,
    may_start,
)
from bot.messages import on_expiry, on_rollback, to_person
from bot.payloads import Place, Question
from bot.ports import Runs, Slack, SlackFailed
from bot.work.sharing import SharedWork
from flows.contract import Policy, Report, StagingUse, Verdict

_SLACK_READS = 10
_VERDICTS: tuple[Verdict, ...] = ("Approve", "Reject")

CANCELLABLE = (Stage.BUILDING, Stage.WAITING, Stage.UNREADABLE)
"""Later the flow is acting on a decision: stopping it in the middle of a publish helps nobody."""


@dataclass(frozen=True, slots=True)
class Asked:
    """Who wants which verdict on which run. `question` is what a button showed; None when a run was only named.
    With a `trigger_id` a form can still be opened."""

    place: Place
    verdict: Verdict
    run_id: str
    question: Question | None = None
    trigger_id: str = ""


@dataclass(frozen=True, slots=True)
class Permitted:
    """This person may give this verdict on this report now."""

    person: Person
    report: Report


@dataclass(frozen=True, slots=True)
class Stoppable:
    """This person may cancel the run of this card now."""

    person: Person
    card: Card


@dataclass(frozen=True, slots=True)
class Takeable:
    """This person may take back what was published from this report, by a run with the settings `config`."""

    person: Person
    report: Report
    config: str


class Permissions:
    """Every entry point asks here. A text as the answer says why not."""

    def __init__(self, runs: Runs, slack: Slack, *, home: Home, clock: Callable[[], datetime]) -> None:
        self._runs = runs
        self._slack = slack
        self._home = home
        self._clock = clock
        # Shared, not kept: Slack answers about a hundred users.info a minute, and a crowd may press at once.
        self._people = SharedWork(slack.person, at_once=_SLACK_READS)
        self._groups = SharedWork(self._read_members, at_once=_SLACK_READS)

    async def to_decide(self, asked: Asked) -> Permitted | str:
        """Whether this person may give this verdict on this run now."""
        facts = await self._runs.facts(asked.run_id)
        if facts is None:
            return to_person.gone(asked.run_id)
        card = card_of(facts, now=self._clock())
        if facts.report is not None and card.stage in (Stage.WAITING, Stage.EXPIRED) and is_late(facts):
            return on_expiry.too_late(facts.report)
        if card.stage is not Stage.WAITING or facts.report is None:
            return to_person.not_waiting(card)
        report = facts.report
        if asked.question and not asked.question.is_about(report):
            return to_person.stale()
        person = await self._person(asked.place.user_id)
        if person is None:
            return to_person.slack_unreadable()
        members = await self._members(report.policy, person)
        judgement = may_decide(asked.verdict, person, report, home=self._home, members=members)
        if isinstance(judgement, Denied):
            return to_person.denied(judgement, asked.verdict, report)
        return Permitted(person, report)

    async def still_approving(self, report: Report, user_id: str) -> Allowed | Denied | None:
        """Whether somebody who approved this report may still do that; None if Slack cannot tell."""
        person = await self._person(user_id)
        if person is None:
            return None
        members = await self._members(report.policy, person)
        judgement = may_decide("Approve", person, report, home=self._home, members=members)
        return None if judgement == Denied(Rule.UNKNOWN_MEMBERS) else judgement

    async def to_cancel(self, user_id: str, run_id: str) -> Stoppable | str:
        """Whether this person may stop this run now."""
        facts = await self._runs.facts(run_id)
        if facts is None:
            return to_person.gone(run_id)
        card = card_of(facts, now=self._clock())
        if card.stage not in CANCELLABLE:
            return to_person.not_cancellable(card)
        person = await self._person(user_id)
        if person is None:
            return to_person.slack_unreadable()
        policy = facts.report.policy if facts.report else None
        members = await self._members(policy, person) if policy else {}
        judgement = may_cancel(person, card.requested_by, policy, home=self._home, members=members)
        if isinstance(judgement, Denied):
            return to_person.cancel_denied(judgement, card)
        return Stoppable(person, card)

    async def to_roll_back(self, user_id: str, run_id: str, question: Question | None) -> Takeable | str:
        """Whether this person may take the release of this run back now: whoever may approve it may."""
        facts = await self._runs.facts(run_id)
        if facts is None:
            return to_person.gone(run_id)
        card = card_of(facts, now=self._clock())
        if facts.rollback is not None:
            return on_rollback.already(facts.rollback)
        if card.stage is not Stage.PUBLISHED or facts.report is None:
            return on_rollback.not_published(card)
        report = facts.report
        if question and not question.is_about(report):
            return to_person.stale()
        if obstacle := _obstacle(report, facts.staging_used):
            return obstacle
        person = await self._person(user_id)
        if person is None:
            return to_person.slack_unreadable()
        members = await self._members(report.policy, person)
        judgement = may_decide("Approve", person, report, home=self._home, members=members)
        if isinstance(judgement, Denied):
            return on_rollback.denied(judgement, report)
        return Takeable(person, report, facts.run.config)

    async def to_start(self, user_id: str) -> Person | str:
        """Whether this person may ask for a release."""
        person = await self._person(user_id)
        if person is None:
            return to_person.slack_unreadable()
        judgement = may_start(person, home=self._home)
        return to_person.start_denied(judgement) if isinstance(judgement, Denied) else person

    async def verdicts_of(self, user_id: str, reports: Sequence[Report]) -> dict[str, frozenset[Verdict]]:
        """Which verdicts this person may give, by run; a run that is not there is none of theirs. Each group is read
        once."""
        person = await self._person(user_id)
        if person is None:
            return {}
        entries = {entry for report in reports for entry in groups_to_read(report.policy, person)}
        members = dict(zip(entries, await asyncio.gather(*map(self._members_of, entries)), strict=True))
        found = {
            report.run: frozenset(
                verdict
                for verdict in _VERDICTS
                if isinstance(may_decide(verdict, person, report, home=self._home, members=members), Allowed)
            )
            for report in reports
        }
        return {run: verdicts for run, verdicts in found.items() if verdicts}

    async def to_see_rows(self, user_id: str) -> bool:
        """Whether this person could read rows in the card's channel anyway; no, if that cannot be told."""
        members = await self._members_of(CHANNEL)
        return members is not None and user_id in members

    async def _person(self, user_id: str) -> Person | None:
        try:
            return await self._people.get(user_id)
        except SlackFailed as error:
            log.warning("person.unknown", user=user_id, cause=error)
            return None

    async def _members(self, policy: Policy, person: Person) -> Members:
        entries = groups_to_read(policy, person)
        return dict(zip(entries, await asyncio.gather(*map(self._members_of, entries)), strict=True))

    async def _members_of(self, entry: str) -> frozenset[str] | None:
        try:
            return await self._groups.get(entry)
        except SlackFailed as error:
            log.warning("members.unknown", group=entry, cause=error)
            return None

    async def _read_members(self, entry: str) -> frozenset[str]:
        return await (self._slack.channel_members() if entry == CHANNEL else self._slack.group_members(entry))


def _obstacle(report: Report, use: StagingUse | None) -> str:
    """What keeps everybody from taking this release back, as far as Prefect knows; the flow looks at the data."""
    if use is not None:
        return on_rollback.staging_used(report, use)
    if all(table.production is None for table in report.tables):
        return on_rollback.nothing_before(report)
    return ""
