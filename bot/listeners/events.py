"""Events that Slack sends; delivered again they do the same again."""

from typing import Any

from slack_bolt.async_app import AsyncApp

from bot.home.homes import Homes
from bot.listeners.errors import Answering
from bot.payloads import parse_home


def register(app: AsyncApp) -> None:
    """Connect the events."""
    app.event("app_home_opened")(home_opened)


async def home_opened(event: dict[str, Any], homes: Homes, answering: Answering) -> None:
    """Bolt acknowledges events by itself."""
    answering.event(lambda: homes.open(parse_home(event)))
