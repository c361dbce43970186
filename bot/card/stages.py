"""Pure: Prefect run + report + decision + receipt -> how far a run is, in one word."""

from datetime import datetime, timedelta
from enum import StrEnum
from typing import assert_never

from bot.runs import Facts, StateType
from flows.contract import Outcome, Report

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


def has_own_receipt(facts: Facts) -> bool:
    """Whether the run has ended with a receipt: one of an earlier attempt says nothing about the end of this one."""
    if facts.receipt is None or not facts.run.is_over:
        return False
    return facts.report is None or facts.receipt.attempt >= facts.report.attempt


def _running(facts: Facts, now: datetime) -> Stage:
    decision = facts.acknowledgement or facts.decision
    if decision is None or not facts.report:
        return Stage.BUILDING
    if decision.verdict == "Reject":
        return Stage.REJECTED
    if facts.acknowledgement is None and (facts.read_at or now) - facts.run.since > NOBODY_HOME_AFTER:
        return Stage.STUCK
    return Stage.APPROVED


def _paused(facts: Facts) -> Stage:
    if facts.report is not None and facts.report.gate == facts.run.pause_key:
        return Stage.EXPIRED if _is_over_time(facts, facts.report) else Stage.WAITING
    return Stage.UNREADABLE if facts.unreadable else Stage.BUILDING


def _is_over_time(facts: Facts, report: Report) -> bool:
    """Whether nobody decided in time, and nobody can any more, although the run still waits: its process is gone, or
    about to say so. Whatever answer Prefect took later is dated after the end, and the flow refuses those
    (flows/decisions/judgement.py). One that is stored already is for the flow to judge."""
    if facts.read_at is None or facts.decision or facts.acknowledgement:
        return False
    return facts.read_at > report.expires_at + LATE_COMMIT


def _ended(facts: Facts) -> Stage:
    if facts.rollback is not None:
        return Stage.ROLLED_BACK
    if has_own_receipt(facts) and facts.receipt:
        return _STAGE_OF_OUTCOME[facts.receipt.outcome]
    said = facts.acknowledgement or facts.decision
    if facts.run.state_type is StateType.CRASHED and said and said.verdict == "Approve":
        return Stage.STUCK
    if facts.run.message == NEVER_RESUMED and said is None:
        return Stage.EXPIRED
    if facts.run.state_name in set(Outcome) - {Outcome.PUBLISHED, Outcome.ROLLED_BACK}:
        return _STAGE_OF_OUTCOME[Outcome(facts.run.state_name)]
    return Stage.CANCELLED if facts.run.state_type is StateType.CANCELLED else Stage.FAILED


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
