"""A queue of run ids: each is in it once, is worked on by one worker, and comes again if it was added meanwhile."""

import asyncio


class WorkQueue:
    """The work queue of a controller. Adding is cheap and never lost; order is first come, first served."""

    def __init__(self) -> None:
        self._waiting: dict[str, None] = {}
        self._busy: set[str] = set()
        self._again: set[str] = set()
        self._filled = asyncio.Event()

    def add(self, key: str) -> None:
        """Ask for work on this key; many times before the work begins count as one."""
        if key in self._busy:
            self._again.add(key)
        else:
            self._waiting[key] = None
            self._filled.set()

    async def get(self) -> str:
        """The next key; call `done` afterwards."""
        while not self._waiting:
            self._filled.clear()
            await self._filled.wait()
        key = next(iter(self._waiting))
        del self._waiting[key]
        self._busy.add(key)
        return key

    def done(self, key: str) -> None:
        """The work on this key has ended, well or not."""
        self._busy.discard(key)
        if key in self._again:
            self._again.discard(key)
            self.add(key)
