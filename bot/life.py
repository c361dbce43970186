"""The life of the bot: start, work, drain, stop."""

import asyncio
from typing import Any, Protocol

import aiohttp

from bot import log
from bot.card.reconciler import Reconciler
from bot.messages import at_start
from bot.ports import RunsForbidden
from bot.work.tasks import Tasks

DRAIN_SECONDS = 10.0


class StartFailed(Exception):
    """The bot cannot work like this. Its text is for the person at the terminal."""


class SlackApp(Protocol):
    """The Bolt app, as far as whoever embeds the bot needs it."""

    async def async_dispatch(self, req: Any) -> Any:
        """Handle one request of Slack's."""


class Transport(Protocol):
    """How Slack reaches us."""

    async def start(self, tasks: Tasks) -> None:
        """Receive from now on."""

    async def stop(self) -> None:
        """Receive no more."""


class PrefectConnection(Protocol):
    """What has to be opened before and closed after."""

    url: str

    async def open(self) -> None:
        """Prepare."""

    async def close(self) -> None:
        """Give everything back."""


class Bot:
    """A bot that is ready to start. `app` is its Bolt app, for whoever embeds it."""

    def __init__(
        self,
        *,
        app: SlackApp,
        reconciler: Reconciler,
        tasks: Tasks,
        transport: Transport,
        prefect: PrefectConnection,
        session: aiohttp.ClientSession,
    ) -> None:
        self.app = app
        self.transport = transport
        self._reconciler = reconciler
        self._tasks = tasks
        self._prefect = prefect
        self._session = session
        self._loop: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Receive from Slack and keep the cards true, until `stop`. An unreachable Prefect is waited for."""
        await self._prefect.open()
        await self.transport.start(self._tasks)
        self._loop = asyncio.create_task(self._reconciler.run(), name="reconciler")
        log.info("bot.started")

    async def wait(self) -> None:
        """Return when the loop has ended. Raises StartFailed if Prefect refuses our credentials."""
        if self._loop is None:
            return
        try:
            await self._loop
        except* RunsForbidden as refusals:
            raise StartFailed(at_start.prefect_forbidden(self._prefect.url)) from refusals

    async def stop(self) -> None:
        """Receive no more, finish what was begun (at most DRAIN_SECONDS), give everything back."""
        if self._loop:
            self._loop.cancel()
            await asyncio.gather(self._loop, return_exceptions=True)
        self._tasks.end()
        # First the tasks, then the sockets: an acknowledgement needs its socket.
        await self._tasks.drain(DRAIN_SECONDS)
        await self.transport.stop()
        await self._tasks.drain(1.0)
        await self._prefect.close()
        await self._session.close()
        log.info("bot.stopped")
