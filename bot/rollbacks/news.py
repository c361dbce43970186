"""Telling how a roll back ended, once, in the thread of the card whose release was to be taken back."""

from bot import log
from bot.blocks import limits
from bot.blocks.elements import paragraph, section
from bot.blocks.escape import mrkdwn, visible
from bot.blocks.rollback import asked_message
from bot.card.state import Card
from bot.decisions.votes import vote_of
from bot.keys import rollback_asked_key, rollback_told_key
from bot.messages import on_rollback, on_rollback_vote
from bot.ports import Message, Runs, Slack, SlackRefused
from bot.runs import Address, Facts
from flows.contract import Decider, Receipt, Rollback


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

    async def tell_asked(self, original: Facts, card: Card, address: Address) -> None:
        """Say who asks for a roll back that needs several people, once for each vote. Raises SlackFailed."""
        report = original.report
        if report is None or report.approvals_needed == 1:
            return
        for number, voter in enumerate(card.rollback_votes, start=1):
            vote = vote_of(original.rollback_votes, voter.user_id)
            key = rollback_asked_key(vote.claims.nonce) if vote else ""
            if not key or not await self._runs.claim(original.run.id, key, {}):
                continue
            try:
                await self._slack.post_reply(address, asked_message(report, voter, have=number))
            except SlackRefused:
                await self._runs.release(original.run.id, key)
                raise

    async def tell_gone(self, original: Facts, voter: Decider, *, why: str) -> None:
        """Say that somebody does not ask any more; `why` is empty if that person took it back. Raises SlackFailed."""
        if original.card is not None:
            said = on_rollback_vote.withdrawn_line(voter, why=why)
            await self._slack.post_reply(original.card, Message(limits.cut_bytes(said), (section(said),)))


def taken_back(facts: Facts) -> str:
    """The id of the run that this one takes back; empty if it is no roll back."""
    done: Rollback | None = facts.receipt.rollback if facts.receipt else None
    return done.run if done else facts.run.takes_back


def _message(receipt: Receipt | None, run_name: str) -> Message:
    said = on_rollback.ended(receipt, run_name)
    by = [section(on_rollback.rolled_back_line(receipt.rollback))] if receipt and receipt.rollback else []
    return Message(limits.cut_bytes(mrkdwn(visible(said))), (*by, paragraph(said)))
