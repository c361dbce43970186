"""A queue of run ids: each is in it once, is worked on by one worker, and comes again if it was added meanwhile."""

import asyncio
from collections import OrderedDict


class WorkQueue:
    """The work queue of a controller. Adding is cheap and never lost."""

    def __init__(self) -> None:
        self._waiting: OrderedDict[str, None] = OrderedDict()
        self._busy: set[str] = set()
        self._again: set[str] = set()
        self._filled = asyncio.Event()

    def add(self, key: str, *, first: bool = False) -> None:
        """Ask for work on this key, before all others if it is to be `first`; many times count as one."""
        if key in self._busy:
            self._again.add(key)
            return
        self._waiting.setdefault(key)
        if first:
            self._waiting.move_to_end(key, last=False)
        self._filled.set()

    async def get(self) -> str:
        """The next key; call `done` afterwards."""
        while not self._waiting:
            self._filled.clear()
            await self._filled.wait()
        key, _ = self._waiting.popitem(last=False)
        self._busy.add(key)
        return key

    def done(self, key: str) -> None:
        """The work on this key has ended, well or not."""
        self._busy.discard(key)
        if key in self._again:
            self._again.discard(key)
            self.add(key, first=True)
