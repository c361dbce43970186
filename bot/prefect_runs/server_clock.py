"""The clock of Prefect's server, from the Date header of its answers: the host of a bot may be an hour off."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

import httpx


class ServerClock:
    """Goes on from the newest answer by the monotonic clock, which nobody sets. Whole seconds, so never early."""

    def __init__(self, monotonic: Callable[[], float]) -> None:
        self._monotonic = monotonic
        self._heard: tuple[datetime, float] | None = None

    async def hear(self, response: httpx.Response) -> None:
        """Take the time from this answer; one without a readable Date changes nothing."""
        try:
            said = parsedate_to_datetime(response.headers["Date"])
        except (KeyError, ValueError):
            return
        self._heard = (said.replace(tzinfo=said.tzinfo or UTC), self._monotonic())

    def now(self) -> datetime | None:
        """What time it is there; None before the first answer."""
        if self._heard is None:
            return None
        said, at = self._heard
        return said + timedelta(seconds=self._monotonic() - at)
