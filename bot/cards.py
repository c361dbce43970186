"""Making Slack show a run: one message, posted once, edited when what it says has changed."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot import log
from bot.blocks.card import card_message
from bot.blocks.limits import fingerprint
from bot.card_state import Card, Stage, card_of
from bot.keys import FINAL_KEY, claim_key
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
class Shown:
    """What came of showing a run. `is_current`: Slack says what it should, or need not say anything."""

    card: Card
    address: Address | None
    is_current: bool


class Cards:
    """Shows runs in Slack. Whatever crashes in between, the next call puts right."""

    def __init__(self, runs: Runs, slack: Slack, *, ui_url: str, name: str, clock: Callable[[], datetime]) -> None:
        self._runs = runs
        self._slack = slack
        self._ui_url = ui_url
        self._name = name
        self._clock = clock
        self._shown: dict[str, str] = {}
        self._gone: set[str] = set()

    async def show(self, facts: Facts) -> Shown:
        """Bring the card of this run up to date, unless another bot is just posting it."""
        card = card_of(facts, now=self._clock())
        if not self._is_news(facts, card):
            return Shown(card, facts.card, is_current=facts.run.is_over)
        message = card_message(card, ui_url=self._ui_url)
        address = facts.card
        if address is None:
            address = await self._post_once(facts, message)
        elif self._shown.get(facts.run.id) != fingerprint(message):
            await self._edit(facts, address, message)
        if address and facts.run.is_over and facts.final_state != facts.run.state_id:
            await self._runs.replace(facts.run.id, FINAL_KEY, {"state": facts.run.state_id})
        return Shown(card, address, is_current=address is not None)

    def forget(self, run_id: str) -> None:
        """The run needs no more edits."""
        self._shown.pop(run_id, None)
        self._gone.discard(run_id)

    def _is_news(self, facts: Facts, card: Card) -> bool:
        run, now = facts.run, self._clock()
        if run.is_over and facts.final_state == run.state_id:
            return False
        if facts.card or facts.claims:
            return True
        if run.is_over:
            return run.has_started and now - run.since < ANNOUNCE_ENDED_WITHIN
        is_bare = card.stage is Stage.BUILDING and card.target is None
        return not (is_bare and now - run.since < AWAIT_BUILD_FOR)

    async def _post_once(self, facts: Facts, message: Message) -> Address | None:
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
            await self._edit(facts, address, message)
        return address

    async def _post(self, run_id: str, key: str, message: Message) -> Address:
        try:
            address = await self._slack.post_card(run_id, message)
        except SlackRefused:
            await self._runs.release(run_id, key)
            raise
        self._shown[run_id] = fingerprint(message)
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

    async def _edit(self, facts: Facts, address: Address, message: Message) -> None:
        run_id = facts.run.id
        if run_id in self._gone:
            return
        try:
            await self._slack.edit(address, message)
        except SlackRefused as refusal:
            if refusal.code not in _GONE:
                raise
            # Deleted by hand, which somebody meant. `/wap show` still shows it.
            self._gone.add(run_id)
            log.warning("card.gone", run_id=run_id, code=refusal.code)
            return
        self._shown[run_id] = fingerprint(message)
        log.info("card.edited", run_id=run_id, state=facts.run.state_name)
