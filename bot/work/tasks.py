"""The bot's own background tasks: held, watched, and drained at the end. Bolt holds and awaits none."""

import asyncio
from collections.abc import Coroutine
from typing import Any

from bot import log


class Tasks:
    """A set of running tasks. A task that fails is logged; it never fails silently."""

    def __init__(self) -> None:
        self._running: set[asyncio.Task[None]] = set()
        self._ending = asyncio.Event()

    def spawn(self, work: Coroutine[Any, Any, None], *, name: str) -> None:
        """Run in the background."""
        task = asyncio.create_task(work, name=name)
        self._running.add(task)
        task.add_done_callback(self._done)

    async def pause(self, seconds: float) -> bool:
        """Wait before work that may as well not be done; False, at once, when the bot is about to stop."""
        try:
            async with asyncio.timeout(seconds):
                await self._ending.wait()
        except TimeoutError:
            return True
        return False

    def end(self) -> None:
        """Nobody waits to begin anything from now on."""
        self._ending.set()

    async def drain(self, seconds: float) -> None:
        """Wait until all are done, at most this long; then cancel the rest."""
        if not self._running:
            return
        _, late = await asyncio.wait(set(self._running), timeout=seconds)
        for task in late:
            log.warning("task.cancelled", task=task.get_name())
            task.cancel()
        await asyncio.gather(*late, return_exceptions=True)

    def _done(self, task: asyncio.Task[None]) -> None:
        self._running.discard(task)
        if not task.cancelled() and (error := task.exception()):
            log.error("task.failed", cause=error, task=task.get_name())
