"""Pure: does this answer open the gate? The flow trusts neither the bot nor the form; it checks for itself."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from pydantic import ValidationError

from flows.contract import (
    Acknowledgement,
    Approval,
    Claims,
    Decider,
    Decision,
    ProofInvalid,
    Report,
    Via,
    approvals,
    may_not_approve,
    read_proof,
)
from flows.words import counted

_NAMED = 5
"""How many tables the reason of a decision by rule names."""

UNVERIFIED = Decider(name="somebody in Prefect, identity unverified")


@dataclass(frozen=True, slots=True)
class Decided:
    """The answer counts."""

    acknowledgement: Acknowledgement


@dataclass(frozen=True, slots=True)
class AskAgain:
    """The answer does not count, and the question stands; `reason` is shown above the form."""

    reason: str


@dataclass(frozen=True, slots=True)
class NoAnswer:
    """The run was waved on without a decision: never an approval."""

    reason: str


def judge(
    response: Any, report: Report, keys: Sequence[str], *, at: datetime, votes: Iterable[str] = ()
) -> Decided | AskAgain | NoAnswer:
    """Judge the stored response of the gate. `at` is when the Prefect server let the run go on, by its clock; `votes`
    are the documents stored as votes on this attempt, whoever stored them.
    """
    if response is None:
        return NoAnswer("Not published. The run was resumed without a decision. Start it again with `wap run`.")
    try:
        decision = Decision.model_validate(response)
    except ValidationError:
        return NoAnswer("Not published. The stored decision could not be read. Start it again with `wap run`.")
    if at > report.expires_at:
        return NoAnswer(f"Not published. The decision came after {report.expires_at:%Y-%m-%d %H:%M} UTC, too late.")
    if not decision.proof:
        return _without_proof(decision, report, at)
    return _with_proof(decision, report, keys, votes=approvals(votes, report, keys), at=at)


def by_rule(report: Report, *, at: datetime) -> Acknowledgement | None:
    """The approval that the rules of wap.toml give this report; None if a person has to be asked."""
    if not report.is_automatic:
        return None
    numbers = [f"`{hit.table}` {hit.consequence}" if hit.table else hit.consequence for hit in report.rule_hits]
    more = f"; and {counted(len(numbers) - _NAMED, 'more table')}" if len(numbers) > _NAMED else ""
    return Acknowledgement(
        attempt=report.attempt,
        verdict="Approve",
        reason="; ".join(numbers[:_NAMED]) + more,
        via=Via.RULE,
        decider=Decider(name=_rules(report)),
        at=at,
    )


def _rules(report: Report) -> str:
    """`rule 3 of wap.toml`, or `rules 3 and 4 of wap.toml`."""
    labels = {hit.rule: hit.label for hit in report.rule_hits}
    if len(labels) == 1:
        return next(iter(labels.values()))
    return f"rules {' and '.join(str(number) for number in sorted(labels))} of wap.toml"


def _without_proof(decision: Decision, report: Report, at: datetime) -> Decided | AskAgain:
    if report.policy.prefect_ui == "deny":
        return AskAgain("That decision did not count: this target takes decisions only from Slack, with proof of who.")
    if decision.verdict == "Approve" and report.approvals_needed > 1:
        return AskAgain(f"That decision did not count: this run needs {report.approvals_needed} approvals with proof.")
    return Decided(_acknowledgement(decision, report, Via.PREFECT, (UNVERIFIED,), at=at))


def _with_proof(
    decision: Decision, report: Report, keys: Sequence[str], *, votes: Sequence[Approval], at: datetime
) -> Decided | AskAgain:
    try:
        claims = read_proof(decision.proof, keys)
    except ProofInvalid as error:
        return AskAgain(f"That decision did not count: {error}.")
    voters = _voters(claims, votes)
    problem = _mismatch(claims, decision, report) or _violation(claims, report, voters)
    if problem:
        return AskAgain(f"That decision did not count: {problem}.")
    return Decided(_acknowledgement(decision, report, Via.SLACK, voters, at=at))


def _voters(claims: Claims, votes: Sequence[Approval]) -> tuple[Decider, ...]:
    """Who decided, the decider last. Of several only those whose vote is stored and named in the proof, by the bot,
    which knows Slack: the decider's own vote as well, for it may have been withdrawn."""
    if not claims.votes:
        return (claims.decider,)
    voters = [vote.claims.decider for vote in votes if vote.claims.nonce in claims.votes]
    return tuple(sorted(voters, key=lambda voter: voter.user_id == claims.decider.user_id))


def _mismatch(claims: Claims, decision: Decision, report: Report) -> str:
    if claims.run != report.run:
        return "its proof is for another run"
    if claims.attempt != report.attempt:
        return f"its proof is for attempt {claims.attempt}, and this is attempt {report.attempt}"
    if claims.digest != report.digest:
        return "its proof is for other data than this report shows"
    if claims.verdict != decision.verdict:
        return f"its proof says {claims.verdict}, the decision says {decision.verdict}"
    return ""


def _violation(claims: Claims, report: Report, voters: Sequence[Decider]) -> str:
    """What of the policy can be checked without Slack."""
    if not claims.decider.user_id:
        return "its proof names no Slack user"
    if claims.verdict == "Reject":
        return ""
    if problem := may_not_approve(claims, report):
        return problem
    if claims.decider.user_id not in {voter.user_id for voter in voters}:
        return f"the approval of {claims.decider.name} is withdrawn or could not be verified"
    if len(voters) < report.approvals_needed:
        found = counted(len(voters), "approval")
        return f"this run needs {report.approvals_needed} approvals, and only {found} could be verified"
    return ""


def _acknowledgement(
    decision: Decision, report: Report, via: Via, deciders: Sequence[Decider], *, at: datetime
) -> Acknowledgement:
    return Acknowledgement(
        attempt=report.attempt,
        verdict=decision.verdict,
        reason=decision.reason.strip(),
        via=via,
        decider=deciders[-1],
        at=at,
        votes=tuple(deciders) if len(deciders) > 1 else (),
    )
