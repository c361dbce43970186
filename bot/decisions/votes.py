"""What votes of every kind share: how one is signed, how several become one proof, and whose still count."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from bot.decisions.permission import Permissions
from bot.decisions.policy import Denied, Person
from flows.contract import Approval, Claimed, Claims, Decider, Report, sign_proof


@dataclass(frozen=True, slots=True)
class Rights:
    """Votes by what their people may do now. Of `unknown` Slack does not say."""

    good: tuple[Approval, ...]
    lapsed: tuple[tuple[Approval, Denied], ...]
    unknown: tuple[Approval, ...]


async def rights_of(votes: Sequence[Approval], report: Report, permissions: Permissions) -> Rights:
    """Everybody's rights, looked up afresh: whoever left since does not count."""
    people = [vote.claims.decider.user_id for vote in votes]
    now = await asyncio.gather(*(permissions.still_approving(report, one) for one in people))
    judged = list(zip(votes, now, strict=True))
    return Rights(
        good=tuple(vote for vote, judgement in judged if judgement and not isinstance(judgement, Denied)),
        lapsed=tuple((vote, judgement) for vote, judgement in judged if isinstance(judgement, Denied)),
        unknown=tuple(vote for vote, judgement in judged if judgement is None),
    )


def claims_on(report: Report, verdict: Claimed, person: Person, *, nonce: str, at: datetime) -> Claims:
    """What a proof states when this person gives this verdict."""
    return Claims(
        run=report.run,
        attempt=report.attempt,
        digest=report.digest,
        verdict=verdict,
        decider=decider_of(person),
        nonce=nonce,
        at=at,
    )


def joint_proof(votes: Sequence[Approval], keys: Sequence[str]) -> str:
    """The last vote with the others named in it, so whoever counts the same votes makes the same proof."""
    nonces = tuple(vote.claims.nonce for vote in votes)
    return sign_proof(votes[-1].claims.model_copy(update={"votes": nonces}), keys)


def decider_of(person: Person) -> Decider:
    """The person as a proof names them."""
    return Decider(name=person.name, user_id=person.id, team_id=person.team_id, enterprise_id=person.enterprise_id)


def vote_of(votes: Sequence[Approval], user_id: str) -> Approval | None:
    """The vote of this person, if there is one."""
    return next((vote for vote in votes if vote.claims.decider.user_id == user_id), None)
