"""The card: one Slack message per run, for every stage of its life."""

from collections.abc import Iterator
from typing import Any

from bot.blocks import limits
from bot.blocks.buttons import decision_buttons, other_buttons
from bot.blocks.change import NOTICE_CHARS, change_blocks
from bot.blocks.elements import Block, context, header, paragraph, quote, section
from bot.blocks.escape import mrkdwn, visible
from bot.blocks.rollback import rollback_button
from bot.card.stages import Stage
from bot.card.state import Card
from bot.messages import in_thread, on_card, on_expiry, on_rollback, on_rollback_vote
from bot.ports import Message

_WORDS = 1_000  # characters of what a person or the flow said
_FEWER_WORDS = 250
_CHANGE_CHARS = 2_000
"""What the change itself gets at least; before it gets less, reasons are cut shorter, which an ellipsis shows."""


def card_message(card: Card, *, ui_url: str) -> Message:
    """The whole message. It stays inside Slack's limits whatever the report holds."""
    url = run_url(ui_url, card.run_id)
    top, bottom = _frame(card, url, words=_WORDS)
    if (room := _room(top, bottom)) < _CHANGE_CHARS:
        top, bottom = _frame(card, url, words=_FEWER_WORDS)
        room = _room(top, bottom)
    changes = change_blocks(card.report, chars=room, is_asking=_is_asking(card)) if card.report else []
    text = limits.cut_bytes(mrkdwn(visible(on_card.fallback(card)[: limits.FALLBACK_BYTES])))
    return Message(text=text, blocks=(*top, *changes, *bottom))


def _frame(card: Card, url: str, *, words: int) -> tuple[list[Block], list[Block]]:
    """What stands above and below the change, on every card of this stage. `words` is the most of any reason."""
    top = [header(on_card.headline(card)), *_about(card, url), *_outcome(card, words)]
    actions = {"type": "actions", "block_id": "wap_actions", "elements": _buttons(card, url)}
    return top, [*_approvers(card), actions]


def _room(top: list[Block], bottom: list[Block]) -> int:
    return limits.MESSAGE_CHARS - limits.text_chars([*top, *bottom])


def run_url(ui_url: str, run_id: str) -> str:
    """Where Prefect's UI shows the run."""
    return f"{ui_url}/runs/flow-run/{run_id}"


def _about(card: Card, url: str) -> Iterator[Block]:
    dbt = on_card.dbt_line(card.report.dbt) if card.report else ""
    yield context(on_card.run_line(card, url), dbt, on_card.times_line(card))


def _outcome(card: Card, words: int) -> Iterator[Block]:
    if card.decision:
        yield section(on_card.decision_line(card.decision, card.stage))
        if card.decision.reason:
            yield quote(card.decision.reason, length=words)
    if card.discussion and card.discussion.messages:
        yield context(in_thread.discussion_line(card.discussion))
    # The flow's sentence about a rejection, and about a publish by rule, repeats who and why.
    is_said = card.decision and (card.stage is Stage.REJECTED or (card.decision.rule and card.stage is Stage.PUBLISHED))
    if card.reason and not is_said:
        yield paragraph(card.reason, length=words)
    elif card.stage is Stage.EXPIRED and card.report:
        yield paragraph(on_expiry.nobody_decided(card.report), length=words)
    if card.rollback:
        yield section(on_rollback.rolled_back_line(card.rollback))
    if card.rollback_votes_until and card.report:
        of = card.report.approvals_needed
        yield section(on_rollback_vote.votes_line(card.rollback_votes, of, card.rollback_votes_until))
    if status := on_card.status(card):
        yield paragraph(status)
    if card.progress:
        yield context(on_card.progress_line(card.progress))


def _approvers(card: Card) -> list[Block]:
    if not (_is_asking(card) and card.report):
        return []
    why = card.report.asked_because
    return [
        *([paragraph(why, length=NOTICE_CHARS)] if why else []),
        *map(context, on_card.votes_lines(card)),
        context(on_card.approvers_line(card.report)),
    ]


def _buttons(card: Card, url: str) -> list[dict[str, Any]]:
    if _is_asking(card) and card.report:
        return decision_buttons(card.report, url)
    takes_back = (
        [rollback_button(card.report, asked=len(card.rollback_votes))] if card.can_roll_back and card.report else []
    )
    return [*takes_back, *other_buttons(card.report, url)]


def _is_asking(card: Card) -> bool:
    return card.stage is Stage.WAITING
