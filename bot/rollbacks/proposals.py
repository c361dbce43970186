"""Use case: several people ask for a roll back. Each is a claim in Prefect, at the run that had published."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from bot import log
from bot.card.stages import Stage
from bot.card.state import card_of, rollback_votes
from bot.decisions.permission import Permissions
from bot.decisions.policy import Denied, Person
from bot.decisions.votes import claims_on, joint_proof, rights_of, vote_of
from bot.messages import on_rollback, on_rollback_vote, to_person
from bot.ports import Runs, RunsUnavailable, SlackFailed
from bot.rollbacks.news import RollbackNews
from bot.runs import Facts
from flows.contract import Approval, Report, Vote, rollback_vote_key, sign_proof


@dataclass(frozen=True, slots=True)
class Asked:
    """The vote is stored, and more are needed. `is_new` is false if this person had asked already."""

    have: int
    is_new: bool


@dataclass(frozen=True, slots=True)
class Complete:
    """Enough people ask, and all of them still may; `proof` names their votes."""

    proof: str


class Proposals:
    """Keeps votes for roll backs and counts them. The flow reads the votes itself and believes none of this."""

    def __init__(
        self,
        runs: Runs,
        permissions: Permissions,
        news: RollbackNews,
        *,
        signing_keys: tuple[str, ...],
        clock: Callable[[], datetime],
        new_nonce: Callable[[], str],
    ) -> None:
        self._runs = runs
        self._permissions = permissions
        self._news = news
        self._keys = signing_keys
        self._clock = clock
        self._new_nonce = new_nonce

    async def ask(self, person: Person, report: Report) -> Asked | Complete | str:
        """Store the vote of a person who may take this release back, and count; a text says why nothing is counted."""
        nonce = self._new_nonce()
        claims = claims_on(report, "Rollback", person, nonce=nonce, at=self._clock())
        vote = Vote(proof=sign_proof(claims, self._keys))
        try:
            return await self._count(await self._store(person.id, report, vote), report, person.id, nonce=nonce)
        except RunsUnavailable as error:
            log.warning("rollback.vote_unsure", run_id=report.run, by=person.id, cause=error)
            return on_rollback_vote.unsure()

    async def withdraw(self, user_id: str, facts: Facts, report: Report) -> str:
        """Take the vote of this person back, whatever rights were lost since; what the person is told."""
        vote = vote_of(facts.rollback_votes, user_id)
        if vote is None:
            return on_rollback_vote.none_to_withdraw(report)
        await self._remove(facts, report, vote, why="")
        after = await self._runs.facts(report.run)
        return on_rollback_vote.withdrawn(report, have=len(self._standing(after)) if after else 0)

    async def _store(self, user_id: str, report: Report, vote: Vote) -> Facts | None:
        key = rollback_vote_key(report.attempt, user_id)
        await self._runs.claim(report.run, key, vote.model_dump())
        facts = await self._runs.facts(report.run)
        if facts and vote_of(self._standing(facts), user_id) is None:
            # What lies there counts for nothing (too old, a key that is gone): it must not keep this person out.
            await self._runs.replace(report.run, key, vote.model_dump())
            facts = await self._runs.facts(report.run)
        return facts

    async def _count(self, facts: Facts | None, report: Report, user_id: str, *, nonce: str) -> Asked | Complete | str:
        if facts is None:
            return to_person.gone(report.run)
        if facts.rollback is not None:
            return on_rollback.already(facts.rollback)
        card = card_of(facts, now=self._clock())
        if card.stage is not Stage.PUBLISHED:
            return on_rollback.not_published(card)
        votes, needed = self._standing(facts), report.approvals_needed
        mine = vote_of(votes, user_id)
        is_new = mine is not None and mine.claims.nonce == nonce
        log.info("rollback.asked", run_id=report.run, by=user_id, new=is_new)
        if len(votes) < needed:
            return Asked(len(votes), is_new)
        rights = await rights_of(votes, report, self._permissions)
        for vote, denial in rights.lapsed:
            await self._lapse(facts, report, vote, denial)
        if len(rights.good) >= needed:
            return Complete(joint_proof(rights.good, self._keys))
        names = [vote.claims.decider.name for vote in rights.unknown]
        return on_rollback_vote.not_checked(names) if names else Asked(len(rights.good), is_new)

    async def _lapse(self, facts: Facts, report: Report, vote: Approval, denial: Denied) -> None:
        log.info("rollback.vote_lapsed", run_id=report.run, by=vote.claims.decider.user_id, rule=denial.rule)
        await self._remove(facts, report, vote, why=denial.rule.value)

    async def _remove(self, facts: Facts, report: Report, vote: Approval, *, why: str) -> None:
        await self._runs.release(report.run, rollback_vote_key(report.attempt, vote.claims.decider.user_id))
        try:
            await self._news.tell_gone(facts, vote.claims.decider, why=why)
        except SlackFailed as error:  # the card shows who asks now
            log.warning("rollback.not_told", run_id=report.run, cause=error)

    def _standing(self, facts: Facts) -> Sequence[Approval]:
        return rollback_votes(facts, now=self._clock())
