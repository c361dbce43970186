"""Telling how a roll back ended, once, in the thread of the card whose release was to be taken back."""

from bot import log
from bot.blocks import limits
from bot.blocks.elements import paragraph, section
from bot.blocks.escape import mrkdwn, visible
from bot.keys import rollback_told_key
from bot.messages import on_rollback
from bot.ports import Message, Runs, Slack, SlackRefused
from bot.runs import Facts
from flows.contract import Receipt, Rollback


class RollbackNews:
    """A roll back has no card of its own: it is told where the release was discussed."""

    def __init__(self, runs: Runs, slack: Slack) -> None:
        self._runs = runs
        self._slack = slack

    async def tell(self, rollback: Facts, original: Facts) -> None:
        """Say it if that roll back is over and nobody has said it yet. Raises SlackFailed."""
        if not rollback.run.is_over or original.card is None:
            return
        key = rollback_told_key(rollback.run.id)
        if not await self._runs.claim(original.run.id, key, {}):
            return
        try:
            await self._slack.post_reply(original.card, _message(rollback.receipt, rollback.run.name))
        except SlackRefused:
            await self._runs.release(original.run.id, key)
            raise
        log.info("rollback.told", run_id=original.run.id, rollback=rollback.run.id)


def taken_back(facts: Facts) -> str:
    """The id of the run that this one takes back; empty if it is no roll back."""
    done: Rollback | None = facts.receipt.rollback if facts.receipt else None
    return done.run if done else facts.run.takes_back


def _message(receipt: Receipt | None, run_name: str) -> Message:
    said = on_rollback.ended(receipt, run_name)
    by = [section(on_rollback.rolled_back_line(receipt.rollback))] if receipt and receipt.rollback else []
    return Message(limits.cut_bytes(mrkdwn(visible(said))), (*by, paragraph(said)))
