"""Many who want the same at the same time share one run of it, and nobody gets one that began before the wish."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Generic, TypeVar

Value = TypeVar("Value")


class SharedWork(Generic[Value]):
    """Work by key. Two hundred clicks on one card cost two reads: the one under way, which began before some of the
    clicks and does not count for them, and one after it for all the others. At most `at_once` keys are worked on.
    """

    def __init__(self, work: Callable[[str], Awaitable[Value]], *, at_once: int) -> None:
        self._work = work
        self._turn = asyncio.Semaphore(at_once)
        self._begun: dict[str, asyncio.Task[Value]] = {}
        self._next: dict[str, asyncio.Task[Value]] = {}

    async def get(self, key: str) -> Value:
        """What the work says that begins after this call. Raises what it raises."""
        waiting = self._next.get(key)
        if waiting is None:
            waiting = asyncio.create_task(self._after(key, self._begun.get(key)), name=f"shared {key}")
            waiting.add_done_callback(_taken_note_of)
            self._next[key] = waiting
        # Shielded: one caller that is cancelled must not take the answer from the others.
        return await asyncio.shield(waiting)

    async def _after(self, key: str, earlier: asyncio.Task[Value] | None) -> Value:
        if earlier is not None:
            await asyncio.wait([earlier])
        async with self._turn:
            task = asyncio.current_task()
            assert task is not None
            # From here on it may be too old for whoever asks next.
            self._next.pop(key, None)
            self._begun[key] = task
            try:
                return await self._work(key)
            finally:
                if self._begun.get(key) is task:
                    del self._begun[key]


def _taken_note_of(task: asyncio.Task[Value]) -> None:
    """When the last caller has gone, as at the end of the bot, nobody is left to hear of a failure."""
    if not task.cancelled():
        task.exception()
