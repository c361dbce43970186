"""Pure: Prefect run + report + decision + receipt -> the state that a card shows."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import assert_never

from bot.runs import Facts, StateType, StoredDecision, Withdrawn
from flows.contract import (
    Approval,
    Decider,
    Discussion,
    Outcome,
    Progress,
    Report,
    Requester,
    Rollback,
    Target,
    Verdict,
    Via,
    in_time,
    time_to_decide,
)

NOBODY_HOME_AFTER = timedelta(seconds=15)
"""A flow acknowledges a decision within one poll of its gate; without it for this long, its process is gone."""


LATE_COMMIT = timedelta(seconds=30)
"""How long after the end of a question an answer may still turn up that Prefect had dated before it: Prefect dates an
answer when it begins to store it. Its database gives a statement ten seconds."""

NEVER_RESUMED = "The flow was paused and never resumed."
"""What Prefect 3.8 says when it ends a paused run itself, because the flow did not (its service for expired pauses)."""


class Stage(StrEnum):
    """What a card says about its run."""

    BUILDING = "building"
    WAITING = "waiting"
    UNREADABLE = "unreadable"
    APPROVED = "approved"
    STUCK = "stuck"
    PUBLISHED = "published"
    REJECTED = "rejected"
    EXPIRED = "expired"
    SUPERSEDED = "superseded"
    REFUSED = "refused"
    FAILED = "failed"
    CANCELLED = "cancelled"
    ROLLED_BACK = "rolled back"


@dataclass(frozen=True, slots=True)
class Verdicted:
    """A decision as a card shows it. `decider` is None when nobody is proven; `at` None until the flow acted.

    `rule` is the rule of wap.toml that decided, when nobody was asked. `voters` are all who approved, the decider
    last, where several had to.
    """

    verdict: Verdict
    reason: str
    via: Via
    decider: Decider | None
    at: datetime | None
    rule: str = ""
    voters: tuple[Decider, ...] = ()


@dataclass(frozen=True, slots=True)
class Card:
    """All that the renderer needs.

    `is_settled`: nothing changes until the run changes its Prefect state. `is_uncertain`: it ended without a
    receipt at a point where production may have changed. `rollback_votes` are who has asked so far for a roll back that
    needs several people; the first of them stops counting at `rollback_votes_until`.
    """

    stage: Stage
    run_id: str
    run_name: str
    target: Target | None
    requested_by: Requester | None
    report: Report | None
    decision: Verdicted | None
    reason: str
    ended_at: datetime | None
    is_uncertain: bool
    is_settled: bool
    progress: Progress | None = None
    has_started: bool = True
    discussion: Discussion | None = None
    votes: tuple[Decider, ...] = ()
    withdrawn: tuple[Withdrawn, ...] = ()
    was_asked: bool = True
    rollback: Rollback | None = None
    can_roll_back: bool = False
    rollback_votes: tuple[Decider, ...] = ()
    rollback_votes_until: datetime | None = None


def card_of(facts: Facts, *, now: datetime) -> Card:
    """The card of a run. `now` matters only for noticing that nobody acts on a decision."""
    run, build, report = facts.run, facts.build, facts.report
    stage = stage_of(facts, now=now)
    # Read a moment before the state changes, a stored decision may lie beside a run that still waits.
    decision = None if stage is Stage.WAITING else _verdicted(facts)
    uncertain = _is_uncertain(facts, decision)
    can_roll_back = stage is Stage.PUBLISHED and _has_one_before(facts)
    asking = rollback_votes(facts, now=now) if can_roll_back else ()
    return Card(
        stage=stage,
        run_id=run.id,
        run_name=run.name,
        target=report.target if report else (build.target if build else None),
        requested_by=report.requested_by if report else (build.requested_by if build else run.requested_by),
        report=report,
        decision=decision,
        reason=_reason(facts),
        ended_at=run.since if run.is_over else None,
        is_uncertain=uncertain,
        is_settled=_is_settled(facts, stage) and not uncertain,
        progress=facts.progress if stage is Stage.BUILDING else None,
        has_started=run.has_started,
        discussion=facts.discussion,
        votes=tuple(vote.claims.decider for vote in facts.votes) if stage is Stage.WAITING else (),
        withdrawn=facts.withdrawn if stage is Stage.WAITING else (),
        was_asked=facts.was_asked,
        rollback=facts.rollback,
        can_roll_back=can_roll_back,
        rollback_votes=tuple(vote.claims.decider for vote in asking),
        rollback_votes_until=asking[0].claims.at + time_to_decide(facts.report) if asking and facts.report else None,
    )


def stage_of(facts: Facts, *, now: datetime) -> Stage:
    """The stage of a run. Unknown never reads as good news: without a receipt nothing is called published."""
    run = facts.run
    match run.state_type:
        case StateType.SCHEDULED | StateType.PENDING:
            return Stage.BUILDING
        case StateType.RUNNING:
            return _running(facts, now)
        case StateType.PAUSED:
            return _paused(facts)
        case StateType.CANCELLING:
            return Stage.CANCELLED
        case StateType.COMPLETED | StateType.FAILED | StateType.CANCELLED | StateType.CRASHED:
            return _ended(facts)
        case _:
            assert_never(run.state_type)


def is_late(facts: Facts) -> bool:
    """Whether the time to decide is over by Prefect's clock. The flow refuses an answer that Prefect dates later."""
    return facts.report is not None and facts.read_at is not None and facts.read_at > facts.report.expires_at


def rollback_votes(facts: Facts, *, now: datetime) -> tuple[Approval, ...]:
    """The votes for a roll back that are not too old, the oldest first."""
    if facts.report is None:
        return ()
    return in_time(facts.rollback_votes, at=facts.read_at or now, valid_for=time_to_decide(facts.report))


def changes_at(facts: Facts, card: Card) -> datetime | None:
    """When the card will say something else although nothing happens in Prefect, by the clock of its server."""
    if card.stage is Stage.WAITING and facts.report:
        return facts.report.expires_at + LATE_COMMIT
    return card.rollback_votes_until


def _has_one_before(facts: Facts) -> bool:
    """Whether staging still holds a release before this one, as far as Prefect knows; the flow looks at the data."""
    report = facts.report
    if report is None or facts.staging_used is not None:
        return False
    return any(table.production is not None for table in report.tables)


def _running(facts: Facts, now: datetime) -> Stage:
    decision = facts.acknowledgement or facts.decision
    if decision is None or not facts.report:
        return Stage.BUILDING
    if decision.verdict == "Reject":
        return Stage.REJECTED
    if facts.acknowledgement is None and now - facts.run.since > NOBODY_HOME_AFTER:
        return Stage.STUCK
    return Stage.APPROVED


def _paused(facts: Facts) -> Stage:
    if facts.report is not None and facts.report.gate == facts.run.pause_key:
        return Stage.EXPIRED if _is_over_time(facts, facts.report) else Stage.WAITING
    return Stage.UNREADABLE if facts.unreadable else Stage.BUILDING


def _is_over_time(facts: Facts, report: Report) -> bool:
    """Whether nobody decided in time, and nobody can any more, although the run still waits: its process is gone, or
    about to say so. Whatever answer Prefect took later is dated after the end, and the flow refuses those
    (flows/judgement.py). One that is stored already is for the flow to judge."""
    if facts.read_at is None or facts.decision or facts.acknowledgement:
        return False
    return facts.read_at > report.expires_at + LATE_COMMIT


def _ended(facts: Facts) -> Stage:
    if facts.rollback is not None:
        return Stage.ROLLED_BACK
    if _counts(facts) and facts.receipt:
        return _STAGE_OF_OUTCOME[facts.receipt.outcome]
    approved = _verdicted(facts)
    if facts.run.state_type is StateType.CRASHED and approved and approved.verdict == "Approve":
        return Stage.STUCK
    if facts.run.message == NEVER_RESUMED and approved is None:
        return Stage.EXPIRED
    if facts.run.state_name in set(Outcome) - {Outcome.PUBLISHED, Outcome.ROLLED_BACK}:
        return _STAGE_OF_OUTCOME[Outcome(facts.run.state_name)]
    return Stage.CANCELLED if facts.run.state_type is StateType.CANCELLED else Stage.FAILED


def _counts(facts: Facts) -> bool:
    """A receipt of an earlier attempt says nothing about the end of this one."""
    if facts.receipt is None or not facts.run.is_over:
        return False
    return facts.report is None or facts.receipt.attempt >= facts.report.attempt


def _reason(facts: Facts) -> str:
    """The flow's own sentence. What Prefect says of a crash is a raw exception: its log is the place for that."""
    if _counts(facts) and facts.receipt:
        return facts.receipt.reason
    is_the_flows = facts.run.state_name in set(Outcome) and facts.run.message != NEVER_RESUMED
    return facts.run.message if facts.run.is_over and is_the_flows else ""


def _is_uncertain(facts: Facts, decision: Verdicted | None) -> bool:
    if not facts.run.is_over or _counts(facts):
        return False
    approved = decision is not None and decision.verdict == "Approve"
    return approved or facts.run.state_type is StateType.COMPLETED


def _verdicted(facts: Facts) -> Verdicted | None:
    if facts.acknowledgement:
        said = facts.acknowledgement
        decider = said.decider if said.decider.is_verified else None
        rule = said.decider.name if said.via is Via.RULE else ""
        return Verdicted(said.verdict, said.reason, said.via, decider, said.at, rule, said.votes)
    if facts.decision:
        stored = facts.decision
        via = Via.SLACK if stored.decider else Via.PREFECT
        return Verdicted(stored.verdict, stored.reason, via, stored.decider, None, voters=_voters(facts, stored))
    return None


def _voters(facts: Facts, stored: StoredDecision) -> tuple[Decider, ...]:
    """Until the flow has said who approved: whose votes lie beside the decision that names them."""
    named = [vote.claims.decider for vote in facts.votes if vote.claims.nonce in stored.votes]
    return tuple(sorted(named, key=lambda voter: voter == stored.decider))


def _is_settled(facts: Facts, stage: Stage) -> bool:
    if stage is Stage.BUILDING:
        return False  # its progress is no change of its state
    if stage in (Stage.APPROVED, Stage.STUCK, Stage.REJECTED) and not facts.run.is_over:
        return facts.acknowledgement is not None
    return stage is not Stage.UNREADABLE


_STAGE_OF_OUTCOME = {
    Outcome.PUBLISHED: Stage.PUBLISHED,
    Outcome.ROLLED_BACK: Stage.ROLLED_BACK,
    Outcome.REJECTED: Stage.REJECTED,
    Outcome.EXPIRED: Stage.EXPIRED,
    Outcome.REFUSED: Stage.REFUSED,
    Outcome.FAILED: Stage.FAILED,
    Outcome.CANCELLED: Stage.CANCELLED,
    Outcome.SUPERSEDED: Stage.SUPERSEDED,
}
