"""The small card that a link to a run becomes: state and size, no tables and no values."""

from bot.blocks import limits
from bot.blocks.elements import button, context, section
from bot.blocks.escape import link, mrkdwn, visible
from bot.card.state import Card
from bot.messages import on_card
from bot.ports import Message

CARD = "wap_open_card"


def link_message(card: Card, *, url: str, card_url: str) -> Message:
    """The preview. `card_url` leads to the card in Slack; empty if there is none."""
    title = visible(on_card.headline(card)[: limits.FALLBACK_BYTES])
    lines = [f"*{link(url, title)}*", on_card.totals(card.report) if card.report else on_card.status(card)]
    about = [on_card.run_line(card, url), on_card.times_line(card)]
    actions = {"type": "actions", "elements": [button(CARD, "Open the card", url=card_url)]}
    blocks = [section("\n".join(mrkdwn_line for mrkdwn_line in lines if mrkdwn_line)), context(*about)]
    return Message(limits.cut_bytes(mrkdwn(title)), (*blocks, *([actions] if card_url else [])))
