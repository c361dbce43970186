"""Pure: may this release be taken back, by whoever asks? The same people as may approve, and proven in the same way."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from flows.contract import Claims, Decider, Policy, ProofInvalid, Report, Via, approvals, in_time, read_proof
from flows.decisions.judgement import UNVERIFIED
from flows.words import counted


@dataclass(frozen=True, slots=True)
class Granted:
    """Whoever asks may; `decider` is who that is, as surely as is known. Of several people, `votes` are all of them,
    the decider last."""

    via: Via
    decider: Decider
    votes: tuple[Decider, ...] = ()


@dataclass(frozen=True, slots=True)
class Denied:
    """Whoever asks may not; `reason` is a clause without full stop."""

    reason: str


@dataclass(frozen=True, slots=True)
class Ballot:
    """What is known of who asked: the request's `proof`, and the documents `stored` as votes for this roll back,
    whoever stored them. What is older than `valid_for` at `at` does not count: it may have waited for days."""

    proof: str
    at: datetime
    valid_for: timedelta
    stored: tuple[str, ...] = ()


def judge_rollback(
    ballot: Ballot, report: Report, policy: Policy, keys: Sequence[str], *, asker: str
) -> Granted | Denied:
    """Judge a request to take back what was published from this report.

    Both policies must allow it: that of the report, and `policy`, which is wap.toml's now; the higher number of
    approvals counts. `asker` is a name that nobody vouches for.
    """
    needed = max(report.approvals_needed, policy.quorum)
    if not ballot.proof:
        return _without_proof((report.policy, policy), needed, asker)
    try:
        claims = read_proof(ballot.proof, keys)
    except ProofInvalid as error:
        return Denied(str(error))
    voters = _voters(claims, ballot, report, keys)
    problem = _mismatch(claims, report) or _too_old(claims, ballot)
    for one in (report.policy, policy):
        for voter in (claims.decider, *voters):
            problem = problem or _violation(voter, report, one)
    problem = problem or _too_few(claims, voters, needed)
    return Denied(problem) if problem else Granted(Via.SLACK, claims.decider, voters if len(voters) > 1 else ())


def _without_proof(policies: Sequence[Policy], needed: int, asker: str) -> Granted | Denied:
    if any(one.prefect_ui == "deny" for one in policies):
        return Denied("this target takes decisions only from Slack, with proof of who")
    if needed > 1:
        return Denied(f"taking this release back needs {needed} approvals with proof")
    name = f"{asker}, identity unverified" if asker else UNVERIFIED.name
    return Granted(Via.PREFECT, Decider(name=name))


def _voters(claims: Claims, ballot: Ballot, report: Report, keys: Sequence[str]) -> tuple[Decider, ...]:
    """Who approved, the decider last. Of several only those whose vote is stored, in time and named in the proof."""
    if not claims.votes:
        return (claims.decider,)
    found = approvals(ballot.stored, report, keys, verdict="Rollback")
    standing = in_time(found, at=ballot.at, valid_for=ballot.valid_for)
    voters = [vote.claims.decider for vote in standing if vote.claims.nonce in claims.votes]
    return tuple(sorted(voters, key=lambda voter: voter.user_id == claims.decider.user_id))


def _too_few(claims: Claims, voters: Sequence[Decider], needed: int) -> str:
    if claims.decider.user_id not in {voter.user_id for voter in voters}:
        return f"the approval of {claims.decider.name} is withdrawn or could not be verified"
    if len(voters) >= needed:
        return ""
    return f"it needs {needed} approvals, and only {counted(len(voters), 'approval')} could be verified"


def _mismatch(claims: Claims, report: Report) -> str:
    if claims.verdict != "Rollback":
        return f"its proof is of another kind ({claims.verdict})"
    if claims.run != report.run or claims.attempt != report.attempt:
        return "its proof is for another run"
    if claims.digest != report.digest:
        return "its proof is for other data than that run published"
    return ""


def _too_old(claims: Claims, ballot: Ballot) -> str:
    if ballot.at - claims.at <= ballot.valid_for:
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
