"""Messages of a card's thread, each posted once: claimed before, noted after; in doubt the thread is read first."""

from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from typing import assert_never

from bot.keys import part_claim_key, part_done_key
from bot.ports import Message, Runs, Slack, Upload
from bot.runs import Address, Facts, PartClaim

TRIES = 5
"""How often one message is tried before the thread does without it."""

TAKE_OVER_AFTER = timedelta(seconds=60)
"""How long another bot's claim is respected: longer than a post that has to wait for Slack's rate limit."""

RETRY_AFTER = timedelta(seconds=10)
"""How long an own claim rests after a failure; doubled each time."""

Make = Callable[[], Awaitable[Message | Upload | None]]


class Postings:
    """Posts into threads. Keeps nothing in memory: after a crash the next call goes on where it stopped."""

    def __init__(self, runs: Runs, slack: Slack, *, name: str) -> None:
        self._runs = runs
        self._slack = slack
        self._name = name

    async def once(self, facts: Facts, card: Address, key: str, make: Make, *, now: datetime) -> bool:
        """Post what `make` makes, unless it is posted or another bot is at it. Whether this call has posted it.

        `make` is called when the claim is held, and returns None if there is nothing to post any more.
        """
        run_id, earlier = facts.run.id, claims_of(facts, key)
        if is_settled(facts, key) or not self._may_claim(earlier, now):
            return False
        claim = {"by": self._name, "at": now.isoformat()}
        if not await self._runs.claim(run_id, part_claim_key(key, len(earlier) + 1), claim):
            return False
        made = await make()
        is_there = bool(earlier) and made is not None and bool(_marks(made, key) & await self._slack.posted(card))
        if made is not None and not is_there:
            await self._post(card, made, key)
        await self._runs.claim(run_id, part_done_key(key), {})
        return made is not None and not is_there

    def _may_claim(self, earlier: tuple[PartClaim, ...], now: datetime) -> bool:
        """An own claim without its note failed; another bot's may still be under way."""
        if not earlier:
            return True
        newest = earlier[-1]
        rest = RETRY_AFTER * 2 ** (newest.number - 1) if newest.by == self._name else TAKE_OVER_AFTER
        return now - newest.at >= rest

    async def _post(self, card: Address, made: Message | Upload, key: str) -> None:
        match made:
            case Message():
                await self._slack.post_reply(card, made, mark=key)
            case Upload():
                await self._slack.upload(card, made)
            case _:
                assert_never(made)


def is_settled(facts: Facts, key: str) -> bool:
    """Whether this message is posted, or given up."""
    return key in facts.parts_done or len(claims_of(facts, key)) >= TRIES


def claims_of(facts: Facts, key: str) -> tuple[PartClaim, ...]:
    """The claims on this message, oldest first."""
    return tuple(claim for claim in facts.parts_claimed if claim.part == key)


def _marks(made: Message | Upload, key: str) -> frozenset[str]:
    """By what it is found again: a message by its metadata, a file, which has none, by its name or the words above it.

    The words alone decide only where Slack hides the name. An answer to `@wap chart` may have the same ones; then the
    thread shows that picture once, which is right, too.
    """
    return frozenset({key}) if isinstance(made, Message) else frozenset({made.name, " ".join(made.comment.split())})
