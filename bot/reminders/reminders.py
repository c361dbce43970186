"""Reminding: the thread of a run that waits is told again, the last time that nobody came. By Prefect's clock only."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot import log
from bot.blocks import limits
from bot.blocks.elements import section
from bot.card.stages import Stage, stage_of
from bot.keys import part_key
from bot.messages import on_reminder
from bot.ports import Message, Runs, Slack
from bot.reminders.times import after_quiet, is_escalated, next_look, passed
from bot.runs import Address, Facts
from bot.thread.postings import Postings, claims_of, is_settled
from flows.contract import Report

ESCALATION, EXPIRED = "escalation", "expired"
TOLD_WITHIN = timedelta(hours=6)
"""A run that expired longer ago is not told of any more."""

_REMINDER = re.compile(r"reminder-([0-9]+)")


@dataclass(frozen=True, slots=True)
class Due:
    """What the thread should be told now. `part` names it among the messages of the thread."""

    part: str
    text: str

    @property
    def message(self) -> Message:
        """As it is posted."""
        return Message(limits.cut_bytes(self.text), (section(self.text),))


def due(facts: Facts, *, now: datetime) -> Due | None:
    """At most one thing: after hours in which no bot ran, the last of the reminders stands for all before it."""
    report = facts.report
    if report is None:
        return None
    stage = stage_of(facts, now=now)
    if stage is Stage.EXPIRED:
        is_quiet = after_quiet(report.policy.reminders.quiet, now) > now
        # The flow may have paused days before, and not have lived to say that the time is over.
        over_since = facts.run.since if facts.run.is_over else report.expires_at
        is_told = now - over_since > TOLD_WITHIN or is_settled(facts, part_key(report.attempt, EXPIRED))
        return None if is_told else Due(EXPIRED, on_reminder.expired(report, is_quiet=is_quiet))
    if stage is not Stage.WAITING or facts.decision or facts.acknowledgement:
        return None
    return _while_waiting(facts, report, now)


def _while_waiting(facts: Facts, report: Report, now: datetime) -> Due | None:
    asked, reminders = facts.run.since, report.policy.reminders
    # A message that is claimed and not yet noted may have to be tried again, so it does not count as the last one.
    is_told = is_settled(facts, part_key(report.attempt, ESCALATION))
    if not is_told and is_escalated(reminders, asked, report.expires_at, now=now):
        return Due(ESCALATION, on_reminder.escalation(report))
    due_now = passed(reminders, asked, report.expires_at, now=now)
    # A question that is put again is reminded of from the beginning; the numbers go on.
    number = _last(facts, report, before=asked) + due_now
    part = f"reminder-{number}"
    if not due_now or is_settled(facts, part_key(report.attempt, part)) or number < _last(facts, report):
        return None
    if now - _last_at(facts, report, but=part, asked=asked) < (reminders.after or timedelta()):
        return None
    done = {vote.claims.decider.user_id for vote in facts.votes}
    return Due(part, on_reminder.reminder(report, done=done))


def _last(facts: Facts, report: Report, *, before: datetime | None = None) -> int:
    """The number of the last reminder that somebody has begun to send, at all or `before` that."""
    found = (
        _REMINDER.fullmatch(claim.part.removeprefix(part_key(report.attempt, "")))
        for claim in facts.parts_claimed
        if before is None or claim.at < before
    )
    return max((int(one[1]) for one in found if one), default=0)


def _last_at(facts: Facts, report: Report, *, but: str, asked: datetime) -> datetime:
    """When the thread was last told something: two messages are never closer than the first was to the question."""
    told = [part_key(report.attempt, name) for name in (ESCALATION, f"reminder-{_last(facts, report)}") if name != but]
    return max((claim.at for key in told for claim in claims_of(facts, key)), default=asked)


class Reminding:
    """Tells the threads. What it remembers only says when to look again; that is found out anew after a restart."""

    def __init__(self, runs: Runs, slack: Slack, *, name: str, clock: Callable[[], datetime | None]) -> None:
        self._runs = runs
        self._slack = slack
        self._postings = Postings(runs, slack, name=name)
        self._clock = clock
        self._looks: dict[str, datetime] = {}

    def is_due(self, run_id: str) -> bool:
        """Whether this run, which has not changed, has to be looked at again because time has passed."""
        look, now = self._looks.get(run_id), self._clock()
        return look is not None and now is not None and now >= look

    def is_pending(self, facts: Facts) -> bool:
        """Whether there is something to tell now. Notes when to look again."""
        now = self._clock()
        if now is None:  # nothing has been heard of Prefect's clock: not now
            return False
        report = facts.report
        look = None
        if report and stage_of(facts, now=now) is Stage.WAITING:
            look = next_look(report.policy.reminders, facts.run.since, report.expires_at, now=now)
        self._looks.pop(facts.run.id, None)
        if look:
            self._looks[facts.run.id] = look
        return due(facts, now=now) is not None

    def forget(self, run_id: str) -> None:
        """This run is gone."""
        self._looks.pop(run_id, None)

    async def tell(self, facts: Facts, card: Address) -> None:
        """Tell what is due, once. Raises RunsUnavailable and SlackFailed."""
        now = self._clock()
        if now is None or facts.report is None or (found := due(facts, now=now)) is None:
            return
        key = part_key(facts.report.attempt, found.part)

        async def make() -> Message | None:
            # The claim took a moment, and so did whatever was posted before: nothing is sent after the decision.
            fresh = await self._runs.facts(facts.run.id)
            if fresh is None or fresh.run.state_id != facts.run.state_id or fresh.decision != facts.decision:
                return None
            return found.message

        if await self._postings.once(facts, card, key, make, now=now):
            log.info("thread.reminded", run_id=facts.run.id, part=found.part)
