"""Socket Mode: two connections that share the app, and a watchdog."""

import asyncio
from typing import Any

from slack_bolt.adapter.socket_mode.async_handler import AsyncSocketModeHandler
from slack_bolt.async_app import AsyncApp
from slack_sdk.socket_mode.async_client import AsyncBaseSocketModeClient
from slack_sdk.web.async_client import AsyncWebClient

from bot import log
from bot.tasks import Tasks

CONNECTIONS = 2
"""The client closes its old socket before it opens a new one: with one connection clicks fall into that gap. What
arrives twice is decided once, by Prefect."""

_LOOK_EVERY = 5.0
_STALE_LOOKS = 2


class OverSocket:
    """Receives from Slack without an address of our own."""

    def __init__(self, app: AsyncApp, web: AsyncWebClient, *, app_token: str, first_url: str) -> None:
        self._handlers = [AsyncSocketModeHandler(app, app_token, web_client=web) for _ in range(CONNECTIONS)]
        for handler in self._handlers:
            handler.client.proxy = web.proxy
            handler.client.message_listeners.append(self._hear)
        self._handlers[0].client.wss_uri = first_url

    async def start(self, tasks: Tasks) -> None:
        """Connect; returns with the first connection."""
        first, *others = self._handlers
        await first.client.connect()  # type: ignore[no-untyped-call]  # slack_sdk leaves it unannotated
        for handler in others:
            tasks.spawn(handler.client.connect(), name="connect socket")  # type: ignore[no-untyped-call]  # slack_sdk leaves it unannotated
        self._watchdog = asyncio.create_task(self._watch(), name="watch sockets")
        log.info("slack.listening", mode="socket", connections=CONNECTIONS)

    async def stop(self) -> None:
        """Close; Slack sends nothing more here."""
        self._watchdog.cancel()
        for handler in self._handlers:
            await handler.client.close()  # type: ignore[no-untyped-call]  # slack_sdk leaves it unannotated

    async def _watch(self) -> None:
        """The client tries one address for ever, also when it has expired: make it ask for a new one."""
        stale = [0] * CONNECTIONS
        while True:
            await asyncio.sleep(_LOOK_EVERY)
            for number, handler in enumerate(self._handlers):
                stale[number] = 0 if await handler.client.is_connected() else stale[number] + 1
                if stale[number] >= _STALE_LOOKS:
                    log.warning("slack.socket.stale", connection=number)
                    # Not in the SDK's annotations, but it is what its connect() checks for.
                    setattr(handler.client, "wss_uri", None)  # noqa: B010

    async def _hear(self, client: AsyncBaseSocketModeClient, message: dict[str, Any], raw: str | None) -> None:
        """Connections that Slack believes alive and nobody holds swallow clicks (python-slack-sdk issue 1940)."""
        if message.get("type") != "hello":
            return
        known = message.get("num_connections", 0)
        if isinstance(known, int) and known > CONNECTIONS:
            log.warning("slack.socket.ghosts", connections=known, ours=CONNECTIONS)
