"""Pure: may this release be taken back, by whoever asks? The same people as may approve, and proven in the same way."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from flows.contract import Claims, Decider, Policy, ProofInvalid, Report, Via, read_proof
from flows.judgement import UNVERIFIED


@dataclass(frozen=True, slots=True)
class Granted:
    """Whoever asks may; `decider` is who that is, as surely as is known."""

    via: Via
    decider: Decider


@dataclass(frozen=True, slots=True)
class Denied:
    """Whoever asks may not; `reason` is a clause without full stop."""

    reason: str


def judge_rollback(
    proof: str, report: Report, policy: Policy, keys: Sequence[str], *, at: datetime, valid_for: timedelta, asker: str
) -> Granted | Denied:
    """Judge a request to take back what was published from this report.

    Both policies must allow it: that of the report, and `policy`, which is wap.toml's now. A proof counts for
    `valid_for`, so that one that waited for a worker for days does nothing. `asker` is a name that nobody vouches for.
    """
    for one in (report.policy, policy):
        if max(one.quorum, report.approvals_needed) > 1:
            return Denied("its policy asks for more than one approval, and a roll back carries one")
        if not proof and one.prefect_ui == "deny":
            return Denied("this target takes decisions only from Slack, with proof of who")
    if not proof:
        name = f"{asker}, identity unverified" if asker else UNVERIFIED.name
        return Granted(Via.PREFECT, Decider(name=name))
    try:
        claims = read_proof(proof, keys)
    except ProofInvalid as error:
        return Denied(str(error))
    problem = _mismatch(claims, report) or _too_old(claims, at, valid_for)
    for one in (report.policy, policy):
        problem = problem or _violation(claims.decider, report, one)
    return Denied(problem) if problem else Granted(Via.SLACK, claims.decider)


def _mismatch(claims: Claims, report: Report) -> str:
    if claims.verdict != "Rollback":
        return f"its proof is of another kind ({claims.verdict})"
    if claims.run != report.run or claims.attempt != report.attempt:
        return "its proof is for another run"
    if claims.digest != report.digest:
        return "its proof is for other data than that run published"
    return ""


def _too_old(claims: Claims, at: datetime, valid_for: timedelta) -> str:
    if at - claims.at <= valid_for:
        return ""
    return f"it was asked for at {claims.at:%Y-%m-%d %H:%M} UTC, too long ago"


def _violation(decider: Decider, report: Report, policy: Policy) -> str:
    """What of the policy can be checked without Slack. Groups and channel members are the bot's to check."""
    if not decider.user_id:
        return "its proof names no Slack user"
    if policy.separation_of_duties and decider.user_id == report.requested_by.user_id:
        return f"{decider.name} requested that run, and somebody else has to take it back"
    only_people = all(approver.startswith(("U", "W")) for approver in policy.approvers)
    if only_people and decider.user_id not in policy.approvers:
        return f"{decider.name} is not among the approvers of this target"
    return ""
