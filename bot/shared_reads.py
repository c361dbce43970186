"""Many who ask the same at the same time share one answer, and nobody gets one that is older than the question."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Generic, TypeVar

Value = TypeVar("Value")


class SharedReads(Generic[Value]):
    """Reads by key. Two hundred clicks on one card cost two reads: the one under way, which began before some of the
    clicks and does not count for them, and one after it for all the others. At most `at_once` keys are read at a time.
    """

    def __init__(self, read: Callable[[str], Awaitable[Value]], *, at_once: int) -> None:
        self._read = read
        self._turn = asyncio.Semaphore(at_once)
        self._begun: dict[str, asyncio.Task[Value]] = {}
        self._next: dict[str, asyncio.Task[Value]] = {}

    async def get(self, key: str) -> Value:
        """What a read that begins after this call says. Raises what the read raises."""
        waiting = self._next.get(key)
        if waiting is None:
            waiting = asyncio.create_task(self._after(key, self._begun.get(key)), name=f"read {key}")
            self._next[key] = waiting
        # Shielded: one caller that is cancelled must not take the answer from the others.
        return await asyncio.shield(waiting)

    async def _after(self, key: str, earlier: asyncio.Task[Value] | None) -> Value:
        if earlier is not None:
            await asyncio.wait([earlier])
        async with self._turn:
            task = asyncio.current_task()
            assert task is not None
            # From here on it reads what may already be old for whoever asks next.
            self._next.pop(key, None)
            self._begun[key] = task
            try:
                return await self._read(key)
            finally:
                if self._begun.get(key) is task:
                    del self._begun[key]
