"""The Home tab: the open runs of this bot."""

from collections.abc import Sequence
from typing import Any

from bot.blocks import limits
from bot.blocks.card import run_url
from bot.blocks.elements import context, header, section
from bot.card_state import Card
from bot.messages import on_card, to_person


def home_view(cards: Sequence[Card], *, ui_url: str) -> dict[str, Any]:
    """At most Slack's hundred blocks; what does not fit is counted."""
    shown = cards[: (limits.MODAL_BLOCKS - 3) // 2]
    blocks: list[dict[str, Any]] = [header("Runs under review")]
    for card in shown:
        url = run_url(ui_url, card.run_id)
        blocks.append(section(f"*{card.stage.value}* {on_card.run_line(card, url)}"))
    if not cards:
        blocks.append(section("No run is open."))
    if len(cards) > len(shown):
        blocks.append(context(f"and {len(cards) - len(shown)} more: `/wap list`"))
    return {"type": "home", "blocks": [*blocks, context(to_person.usage())]}
