"""Keeping to a rate: so many calls a second, with a small burst."""

import asyncio
from collections.abc import Callable


class Pace:
    """Lets `burst` callers through at once and then `per_second`, in the order in which they came."""

    def __init__(self, per_second: float, *, burst: int = 1, clock: Callable[[], float] | None = None) -> None:
        self._interval = 1 / per_second
        self._slack = self._interval * (burst - 1)
        self._next = 0.0
        self._clock = clock

    async def turn(self) -> None:
        """Wait for one's turn."""
        delay = self.reserve()
        if delay > 0:
            await asyncio.sleep(delay)

    def reserve(self) -> float:
        """Take the next free slot; seconds until it begins."""
        now = (self._clock or asyncio.get_running_loop().time)()
        slot = max(self._next, now - self._slack)
        self._next = slot + self._interval
        return max(0.0, slot - now)
