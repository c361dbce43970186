"""Pure: Prefect run + report + decision + receipt -> the state that a card shows."""

from dataclasses import dataclass
from datetime import datetime

from bot.card.stages import LATE_COMMIT, NEVER_RESUMED, Stage, has_own_receipt, stage_of
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


def _reason(facts: Facts) -> str:
    """The flow's own sentence. What Prefect says of a crash is a raw exception: its log is the place for that."""
    if has_own_receipt(facts) and facts.receipt:
        return facts.receipt.reason
    is_the_flows = facts.run.state_name in set(Outcome) and facts.run.message != NEVER_RESUMED
    return facts.run.message if facts.run.is_over and is_the_flows else ""


def _is_uncertain(facts: Facts, decision: Verdicted | None) -> bool:
    if not facts.run.is_over or has_own_receipt(facts):
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
