"""The vote: one of several that an approval or a roll back needs, kept in Prefect as a claim that only one person can
hold."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from pydantic import Field, ValidationError

from flows.contract.base import Frozen
from flows.contract.proof import Claimed, Claims, ProofInvalid, read_proof
from flows.contract.report import Report

VOTE_PREFIX = "wap-vote-"
"""Run inputs: JSON of `Vote`, at most one per attempt and person; deleted when the person withdraws."""


ROLLBACK_VOTE_PREFIX = "wap-rollback-vote-"
"""Run inputs of a run that has published: JSON of `Vote` for taking its release back, at most one per person."""


def vote_prefix(attempt: int) -> str:
    """What the keys of all votes of an attempt begin with. Votes outlive a question that is put again: the data is
    the same."""
    return f"{VOTE_PREFIX}{attempt}-"


def vote_key(attempt: int, user_id: str) -> str:
    """The key of one person's vote. Creating it is atomic, so nobody has two; the team is not in it on purpose."""
    return vote_prefix(attempt) + user_id.lower()


def rollback_vote_prefix(attempt: int) -> str:
    """What the keys of all votes for taking back what this attempt published begin with."""
    return f"{ROLLBACK_VOTE_PREFIX}{attempt}-"


def rollback_vote_key(attempt: int, user_id: str) -> str:
    """The key of one person's vote for a roll back."""
    return rollback_vote_prefix(attempt) + user_id.lower()


class Vote(Frozen):
    """One stored approval. Only `proof` is signed; `words` is the comment, `gate` the question that was answered."""

    proof: str = Field(max_length=4000)
    words: str = Field(default="", max_length=3000)
    gate: str = ""


class Approval(Frozen):
    """A vote whose signature and contents were checked against a report."""

    claims: Claims
    words: str = ""
    gate: str = ""


def approvals(
    stored: Iterable[str], report: Report, keys: Sequence[str], *, verdict: Claimed = "Approve"
) -> tuple[Approval, ...]:
    """The votes among these documents that count for this report, the earliest first, one per person.

    Whatever is not signed by us, is about another run, attempt or data, says anything else than `verdict`, or names
    somebody who may not approve is left out: it never counts and never stops the others.
    """
    read = [approval for text in stored if (approval := _read(text, report, keys, verdict))]
    people: dict[str, Approval] = {}
    for approval in sorted(read, key=lambda one: (one.claims.at, one.claims.nonce)):
        people.setdefault(approval.claims.decider.user_id, approval)
    return tuple(people.values())


def in_time(votes: Iterable[Approval], *, at: datetime, valid_for: timedelta) -> tuple[Approval, ...]:
    """Those that are not older than `valid_for`. A vote for a roll back has no question whose end would end it."""
    return tuple(vote for vote in votes if at - vote.claims.at <= valid_for)


def time_to_decide(report: Report) -> timedelta:
    """How long the question of this report stood, and how long a vote for taking the release back counts."""
    return report.expires_at - report.created_at


def may_not_approve(claims: Claims, report: Report) -> str:
    """Why this person's approval cannot count, as far as that is known without Slack; empty if nothing speaks against.

    Members of groups and channels, and who somebody is, are the bot's to check.
    """
    policy, decider = report.policy, claims.decider
    if not decider.user_id:
        return "its proof names no Slack user"
    if policy.separation_of_duties and decider.user_id == report.requested_by.user_id:
        return f"{decider.name} requested this run and cannot approve it"
    # User ids begin with U or W; user groups with S.
    only_people = all(approver.startswith(("U", "W")) for approver in policy.approvers)
    if only_people and decider.user_id not in policy.approvers:
        return f"{decider.name} is not among the approvers of this target"
    return ""


def _read(text: str, report: Report, keys: Sequence[str], verdict: Claimed) -> Approval | None:
    try:
        vote = Vote.model_validate_json(text)
        claims = read_proof(vote.proof, keys)
    except (ValidationError, ProofInvalid):
        return None
    about = (claims.run, claims.attempt, claims.digest, claims.verdict)
    if about != (report.run, report.attempt, report.digest, verdict) or may_not_approve(claims, report):
        return None
    return Approval(claims=claims, words=vote.words.strip(), gate=vote.gate)
