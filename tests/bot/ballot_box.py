"""A Prefect in memory that keeps votes as the real one does: one per key, read back with their signatures checked."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from bot.keys import withdrawn_prefix
from bot.runs import Facts, Withdrawn
from flows.contract import ROLLBACK_VOTE_PREFIX, VOTE_PREFIX, Vote, approvals
from tests.bot.fakes import FakeRuns

KEYS = ("an-older-key-of-ours", "the-key-that-signs")
_NOTES = withdrawn_prefix(1)
_KEPT = (VOTE_PREFIX, ROLLBACK_VOTE_PREFIX, _NOTES)


@dataclass
class BallotBox(FakeRuns):
    """`inputs` are the run inputs of votes and of notes about them, of all runs."""

    inputs: dict[str, Mapping[str, Any]] = field(default_factory=dict)
    keys: Sequence[str] = KEYS

    async def claim(self, run_id: str, key: str, value: Mapping[str, Any]) -> bool:
        if not key.startswith(_KEPT):
            return await super().claim(run_id, key, value)
        self._answer(f"claim {key}")
        return self.inputs.setdefault(key, value) is value

    async def release(self, run_id: str, key: str) -> None:
        if not key.startswith(_KEPT):
            return await super().release(run_id, key)
        self._answer(f"release {key}")
        self.inputs.pop(key, None)
        return None

    async def replace(self, run_id: str, key: str, value: Mapping[str, str]) -> None:
        if not key.startswith(_KEPT):
            return await super().replace(run_id, key, value)
        self._answer(f"replace {key}")
        self.inputs[key] = value
        return None

    async def facts(self, run_id: str) -> Facts | None:
        facts = await super().facts(run_id)
        if facts is None or facts.report is None:
            return facts
        votes = approvals(self._stored(VOTE_PREFIX), facts.report, self.keys)
        asking = approvals(self._stored(ROLLBACK_VOTE_PREFIX), facts.report, self.keys, verdict="Rollback")
        there = {vote.claims.decider.user_id for vote in votes}
        gone = [
            Withdrawn(value["user"], value["name"], value["why"]) for key, value in self.inputs.items() if _NOTES in key
        ]
        withdrawn = tuple(one for one in gone if one.user_id not in there)
        return replace(facts, votes=votes, rollback_votes=asking, withdrawn=withdrawn)

    def _stored(self, prefix: str) -> list[str]:
        found = [value for key, value in self.inputs.items() if key.startswith(prefix)]
        return [Vote.model_validate(value).model_dump_json() for value in found]
