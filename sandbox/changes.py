"""Tells the open pages that something is different now."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager


class Changes:
    """One flag per watcher: many changes before a look are one change."""

    def __init__(self) -> None:
        self._watchers: set[asyncio.Event] = set()

    def touch(self) -> None:
        """Wake everybody who watches."""
        for watcher in self._watchers:
            watcher.set()

    @contextmanager
    def watch(self) -> Iterator[asyncio.Event]:
        """An event that is set at the next change; the watcher clears it."""
        watcher = asyncio.Event()
        self._watchers.add(watcher)
        try:
            yield watcher
        finally:
            self._watchers.discard(watcher)
