"""Somebody writes @wap."""

from typing import Any

from slack_bolt.async_app import AsyncApp

from bot.listeners.errors import Answering
from bot.thread.mentions import Mentions
from bot.thread.payloads import parse_mention


def register(app: AsyncApp) -> None:
    """Connect the event."""
    app.event("app_mention")(mentioned)


async def mentioned(body: dict[str, Any], mentions: Mentions, answering: Answering) -> None:
    """Bolt acknowledges events by itself; the answer is a message of its own."""

    async def hear() -> None:
        await mentions.hear(parse_mention(body))

    answering.event(hear)
