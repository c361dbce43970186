"""Socket Mode: two connections that share the app, and a watchdog."""

import asyncio
from typing import Any

from slack_bolt.adapter.socket_mode.async_handler import AsyncSocketModeHandler
from slack_bolt.async_app import AsyncApp
from slack_sdk.socket_mode.aiohttp import SocketModeClient
from slack_sdk.socket_mode.async_client import AsyncBaseSocketModeClient
from slack_sdk.socket_mode.request import SocketModeRequest
from slack_sdk.web.async_client import AsyncWebClient

from bot import log
from bot.work.tasks import Tasks

CONNECTIONS = 2
"""The client closes its old socket before it opens a new one: with one connection clicks fall into that gap. What
arrives twice is decided once, by Prefect."""

_LOOK_EVERY = 5.0
_STALE_LOOKS = 2
_ANSWERING_SECONDS = 3.0
"""Slack waits no longer for an answer."""


class _Handler(AsyncSocketModeHandler):
    """Bolt's handler, which can also finish: take nothing more, and answer what it took over the open socket."""

    def __init__(self, app: AsyncApp, app_token: str, *, web: AsyncWebClient) -> None:
        super().__init__(app, app_token, web_client=web)
        self._answering: set[asyncio.Task[Any]] = set()
        self._finishing = False

    async def handle(self, client: SocketModeClient, req: SocketModeRequest) -> None:  # type: ignore[override]  # as Bolt
        if self._finishing:
            return  # unanswered: Slack tells whoever clicked, and sends events again to whom it reaches
        task = asyncio.current_task()
        assert task is not None
        self._answering.add(task)
        try:
            await super().handle(client, req)
        finally:
            self._answering.discard(task)

    async def finish(self) -> None:
        """Answer what was begun, take nothing more."""
        self._finishing = True
        if self._answering:
            await asyncio.wait(set(self._answering), timeout=_ANSWERING_SECONDS)


class OverSocket:
    """Receives from Slack without an address of our own."""

    def __init__(self, app: AsyncApp, web: AsyncWebClient, *, app_token: str, first_url: str) -> None:
        self._handlers = [_Handler(app, app_token, web=web) for _ in range(CONNECTIONS)]
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
        """Answer what was begun, then close; Slack sends nothing more here."""
        self._watchdog.cancel()
        await asyncio.gather(*(handler.finish() for handler in self._handlers))
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
