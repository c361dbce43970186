"""Use case: approvals of a run that needs several. Each is a claim in Prefect; the last one makes the decision."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from bot import log
from bot.card.stages import Stage
from bot.card.state import card_of
from bot.decisions.permission import Permissions
from bot.decisions.policy import Person
from bot.decisions.recording import Signed
from bot.decisions.votes import claims_on, joint_proof, rights_of, vote_of
from bot.keys import withdrawn_key
from bot.messages import on_vote, to_person
from bot.ports import Runs
from bot.runs import Facts
from flows.contract import Approval, Decision, Report, Vote, sign_proof, vote_key

_REASON_CHARS = 3_000


@dataclass(frozen=True, slots=True)
class Short:
    """The vote is stored, and more are needed."""

    have: int
    needed: int


@dataclass(frozen=True, slots=True)
class Repeated:
    """This person had voted already, and more are needed."""

    have: int
    needed: int


@dataclass(frozen=True, slots=True)
class Joined:
    """A decision that this vote is a part of is stored already."""


Count = Signed | Short | Joined | str
"""Signed: enough people approve, and all of them still may. A text says why there is nothing to count."""


class Voting:
    """Keeps votes and counts them. Whatever two people do at the same moment, both count the same votes."""

    def __init__(
        self,
        runs: Runs,
        permissions: Permissions,
        *,
        signing_keys: tuple[str, ...],
        clock: Callable[[], datetime],
        new_nonce: Callable[[], str],
    ) -> None:
        self._runs = runs
        self._permissions = permissions
        self._keys = signing_keys
        self._clock = clock
        self._new_nonce = new_nonce

    async def cast(self, person: Person, report: Report, *, words: str) -> Count | Repeated:
        """Store the vote of a person who may approve this report, and count. Raises RunsUnavailable."""
        user_id, nonce = person.id, self._new_nonce()
        vote = self._vote(person, report, words, nonce)
        key = vote_key(report.attempt, user_id)
        await self._runs.claim(report.run, key, vote.model_dump())
        facts = await self._runs.facts(report.run)
        if facts and vote_of(facts.votes, user_id) is None:
            # What lies there counts for nothing (other data, a key that is gone): it must not keep this person out.
            await self._runs.replace(report.run, key, vote.model_dump())
            facts = await self._runs.facts(report.run)
        mine = vote_of(facts.votes, user_id) if facts else None
        is_new = mine is not None and mine.claims.nonce == nonce
        log.info("vote.cast", run_id=report.run, by=user_id, new=is_new)
        count = await self.count(facts, report, user_id=user_id)
        return Repeated(count.have, count.needed) if isinstance(count, Short) and not is_new else count

    async def withdraw(self, user_id: str, run_id: str) -> str:
        """Take the vote of this person back while the run waits; what the person is told."""
        facts = await self._runs.facts(run_id)
        if facts is None:
            return to_person.gone(run_id)
        card = card_of(facts, now=self._clock())
        if card.stage is not Stage.WAITING or facts.report is None:
            return to_person.not_waiting(card)
        vote = vote_of(facts.votes, user_id)
        if vote is None:
            return on_vote.none_to_withdraw(facts.report)
        await self._remove(facts.report, vote, why="")
        after = await self._runs.facts(run_id)
        if after is None or card_of(after, now=self._clock()).stage is not Stage.WAITING:
            return on_vote.withdrawn_late(facts.report)
        return on_vote.withdrawn(facts.report, have=len(after.votes))

    async def count(self, facts: Facts | None, report: Report, *, user_id: str) -> Count:
        """Count the stored votes on this report, as somebody who has voted sees them.

        When they are enough, everybody's rights are looked up afresh, and votes of people who lost them are removed.
        """
        if facts is None:
            return to_person.gone(report.run)
        mine = vote_of(facts.votes, user_id)
        card = card_of(facts, now=self._clock())
        if card.stage is not Stage.WAITING or facts.report is None or _question(facts.report) != _question(report):
            is_part = mine and facts.decision and mine.claims.nonce in facts.decision.votes
            return Joined() if is_part else to_person.not_waiting(card)
        needed = report.approvals_needed
        if len(facts.votes) < needed:
            return Short(len(facts.votes), needed)
        rights = await rights_of(facts.votes, report, self._permissions)
        for vote, denial in rights.lapsed:
            log.info("vote.lapsed", run_id=report.run, by=vote.claims.decider.user_id, rule=denial.rule)
            await self._remove(report, vote, why=denial.rule.value)
        if len(rights.good) >= needed:
            return self._complete(rights.good, mine=mine.claims.nonce if mine else "")
        names = [vote.claims.decider.name for vote in rights.unknown]
        return on_vote.not_checked(names) if names else Short(len(rights.good), needed)

    async def _remove(self, report: Report, vote: Approval, *, why: str) -> None:
        """The note comes first: beside a vote it says nothing, and a vote must not vanish without one."""
        decider = vote.claims.decider
        note = {"user": decider.user_id, "name": decider.name, "why": why}
        await self._runs.replace(report.run, withdrawn_key(report.attempt, decider.user_id), note)
        await self._runs.release(report.run, vote_key(report.attempt, decider.user_id))

    def _vote(self, person: Person, report: Report, words: str, nonce: str) -> Vote:
        claims = claims_on(report, "Approve", person, nonce=nonce, at=self._clock())
        return Vote(proof=sign_proof(claims, self._keys), words=words, gate=report.gate)

    def _complete(self, votes: Sequence[Approval], *, mine: str) -> Signed:
        """Of two who complete the votes at the same moment, both send the same, and neither is told that the other
        was first."""
        said = "\n".join(f"{vote.claims.decider.name}: {vote.words}" for vote in votes if vote.words)
        decision = Decision(verdict="Approve", reason=said[:_REASON_CHARS], proof=joint_proof(votes, self._keys))
        return Signed(decision, votes[-1].claims.nonce, vote=mine)


def is_approved(facts: Facts) -> bool:
    """Whether somebody's vote completed the number at the present question, so that the run should go on. After a
    question was put again, a person has to press again: what did not count once is not sent for ever."""
    report = facts.report
    if report is None or report.approvals_needed == 1 or len(facts.votes) < report.approvals_needed:
        return False
    return any(vote.gate == report.gate for vote in facts.votes)


def _question(report: Report) -> tuple[int, str]:
    return report.attempt, report.digest
