"""Making Slack show a run: one message, posted once, edited when what it says has changed."""

import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot import log
from bot.blocks.card import card_message
from bot.card.stages import Stage
from bot.card.state import Card, card_of
from bot.keys import SHOWN_KEY, claim_key
from bot.ports import Message, Runs, Slack, SlackRefused
from bot.runs import Address, Facts
from flows.contract import CARD_KEY

TAKE_OVER_AFTER = timedelta(seconds=60)
"""How long a claimed card may stay unposted before another bot looks for it and takes over: longer than a post that
has to wait for Slack's rate limit."""

ANNOUNCE_ENDED_WITHIN = timedelta(hours=6)
"""A run that ended longer ago and never had a card gets none: a first start does not flood the channel."""

AWAIT_BUILD_FOR = timedelta(seconds=10)
"""How long a fresh run may take to say what it builds before it gets a card without that."""

_GONE = {"message_not_found", "cant_update_message", "edit_window_closed"}


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of showing a run. `is_current`: Slack says what it should, or need not say anything."""

    card: Card
    address: Address | None
    is_current: bool


class Cards:
    """Shows runs in Slack. Keeps nothing in memory: whatever crashes in between, the next call puts right."""

    def __init__(self, runs: Runs, slack: Slack, *, ui_url: str, name: str, clock: Callable[[], datetime]) -> None:
        self._runs = runs
        self._slack = slack
        self._ui_url = ui_url
        self._name = name
        self._clock = clock

    async def show(self, facts: Facts, *, urgent: bool = False) -> Outcome:
        """Bring the card of this run up to date, unless another bot is just posting it.

        `urgent` when a person waits for it: it then overtakes edits that nobody waits for.
        """
        card = card_of(facts, now=self._clock())
        if not self._is_news(facts, card):
            return Outcome(card, facts.card, is_current=facts.run.is_over)
        message = card_message(card, ui_url=self._ui_url)
        if facts.card is None:
            address = await self._post_once(facts, card, message)
            return Outcome(card, address, is_current=address is not None)
        if facts.shown is None or facts.shown.digest != _digest(message):
            await self._edit(facts, facts.card, card, message, urgent=urgent)
        return Outcome(card, facts.card, is_current=True)

    def _is_news(self, facts: Facts, card: Card) -> bool:
        run, now = facts.run, self._clock()
        if run.is_over and facts.shown and facts.shown.made_from == _source(facts, card):
            return False
        if facts.card or facts.claims:
            return True
        if run.is_over:
            return run.has_started and now - run.since < ANNOUNCE_ENDED_WITHIN
        is_bare = card.stage is Stage.BUILDING and card.target is None and not facts.is_from_slack
        return not (is_bare and now - run.since < AWAIT_BUILD_FOR)

    async def _post_once(self, facts: Facts, card: Card, message: Message) -> Address | None:
        key = await self._claim(facts)
        if key is None:
            return None
        run_id = facts.run.id
        found = await self._posted_before(facts) if facts.claims else None
        address = found or await self._post(run_id, key, message)
        if not await self._runs.claim(run_id, CARD_KEY, {"channel": address.channel, "ts": address.ts}):
            # A bot that was believed dead was only slow, and Prefect knows its card.
            if found is None:
                log.warning("card.posted_twice", run_id=run_id)
                await self._slack.delete(address)
            return None
        if found:
            await self._edit(facts, address, card, message, urgent=False)
        else:
            await self._write_down(facts, card, message)
        return address

    async def _post(self, run_id: str, key: str, message: Message) -> Address:
        try:
            address = await self._slack.post_card(run_id, message)
        except SlackRefused:
            await self._runs.release(run_id, key)
            raise
        log.info("card.posted", run_id=run_id, channel=address.channel, ts=address.ts)
        return address

    async def _claim(self, facts: Facts) -> str | None:
        """The key of the claim that we now hold, or None if another bot is (or was until a moment ago) at it."""
        now = self._clock()
        newest = facts.claims[-1] if facts.claims else None
        if newest and newest.by != self._name and now - newest.at < TAKE_OVER_AFTER:
            return None
        key = claim_key(newest.number + 1 if newest else 1)
        value = {"by": self._name, "at": now.isoformat()}
        return key if await self._runs.claim(facts.run.id, key, value) else None

    async def _posted_before(self, facts: Facts) -> Address | None:
        """The card that an earlier claim led to, if it reached Slack before its bot could write that down."""
        since = min(claim.at for claim in facts.claims) - timedelta(minutes=1)
        found = await self._slack.find_card(facts.run.id, since=max(0.0, since.timestamp()))
        log.info("card.looked_for", run_id=facts.run.id, found=found is not None)
        return found

    async def _edit(self, facts: Facts, address: Address, card: Card, message: Message, *, urgent: bool) -> None:
        run = facts.run
        try:
            await self._slack.edit(address, message, urgent=urgent)
        except SlackRefused as refusal:
            if refusal.code not in _GONE:
                raise
            # Deleted by hand, which somebody meant. `/wap show` still shows it.
            log.warning("card.gone", run_id=run.id, code=refusal.code)
        else:
            log.info("card.edited", run_id=run.id, state=run.state_name)
        await self._write_down(facts, card, message)

    async def _write_down(self, facts: Facts, card: Card, message: Message) -> None:
        """After the effect: a crash in between costs one needless edit, never a missing one."""
        value = {"digest": _digest(message), "made_from": _source(facts, card)}
        await self._runs.replace(facts.run.id, SHOWN_KEY, value)


def _source(facts: Facts, card: Card) -> str:
    """What an end was made from. A receipt can be written after the end state; so can a discussion, and votes."""
    later = " rolled back" if facts.rollback else (" staging used" if facts.staging_used else "")
    asked = "".join(f" asked by {voter.user_id}" for voter in card.rollback_votes)
    is_discussed = facts.discussion is not None and facts.discussion.messages > 0
    received = " with receipt" if facts.receipt else ""
    return facts.run.state_id + received + (" discussed" if is_discussed else "") + later + asked


def _digest(message: Message) -> str:
    text = json.dumps([message.text, message.blocks], sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()
