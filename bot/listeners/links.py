"""Links that people share."""

from typing import Any

from slack_bolt.async_app import AsyncApp

from bot.listeners.errors import Answering
from bot.payloads import parse_link
from bot.unfurls import Unfurls


def register(app: AsyncApp) -> None:
    """Connect the event. Delivered again it attaches the same once more."""
    app.event("link_shared")(link_shared)


async def link_shared(event: dict[str, Any], unfurls: Unfurls, answering: Answering) -> None:
    """Slack sends it for the domains that the app's manifest names."""
    answering.event(lambda: unfurls.shared(parse_link(event)))
