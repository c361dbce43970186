"""Buttons of the card."""

from typing import Any

from slack_bolt.async_app import AsyncAck, AsyncApp

from bot.blocks.card import APPROVE, OPEN, REJECT
from bot.listeners.errors import Answering
from bot.payloads import parse_click
from bot.reviews import Reviews


def register(app: AsyncApp) -> None:
    """Connect the buttons."""
    app.action(APPROVE)(approve)
    app.action(REJECT)(reject)
    app.action(OPEN)(open_in_prefect)


async def approve(ack: AsyncAck, body: dict[str, Any], reviews: Reviews, answering: Answering) -> None:
    """The person has confirmed in Slack's own dialog."""
    await ack()
    answering.click(body, lambda: reviews.approve(parse_click(body)))


async def reject(ack: AsyncAck, body: dict[str, Any], reviews: Reviews, answering: Answering) -> None:
    """A rejection needs a reason first."""
    await ack()
    answering.click(body, lambda: reviews.ask_reason(parse_click(body)))


async def open_in_prefect(ack: AsyncAck) -> None:
    """A button with a link sends a click all the same, and Slack wants it acknowledged."""
    await ack()
