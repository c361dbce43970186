"""Prefect's event stream as hints: they wake the reconciler early, and nothing depends on them."""

import asyncio
from collections.abc import Callable
from typing import NoReturn

from prefect.events.clients import PrefectEventSubscriber
from prefect.events.filters import EventFilter, EventNameFilter, EventRelatedFilter

from bot import log
from bot.prefect_runs.connection import Connection
from flows.contract import TAG

_BACK_OFF = (0.5, 1.0, 1.0, 2.0, 2.0, 5.0, 10.0)
_RESOURCE = "prefect.flow-run."


async def watch(connection: Connection, hint: Callable[[str | None], None]) -> NoReturn:
    """Report changed runs for ever. None after every connect: an event sent just before is lost for good."""
    failures = 0
    while True:
        try:
            with connection.settings():
                # No attempts of its own: by default it gives up for good after about eight seconds.
                subscriber = PrefectEventSubscriber(connection.url, filter=_filter(), reconnection_attempts=0)
                async with subscriber as events:
                    log.info("prefect.events.connected")
                    failures = 0
                    hint(None)
                    async for event in events:
                        hint(event.resource.id.removeprefix(_RESOURCE))
        except Exception as error:  # noqa: BLE001  Prefect raises a bare Exception when the stream refuses the token
            log.warning("prefect.events.lost", error=type(error).__name__)
        await asyncio.sleep(_BACK_OFF[min(failures, len(_BACK_OFF) - 1)])
        failures += 1


def _filter() -> EventFilter:
    # Tags of the run and of its deployment arrive as related resources.
    return EventFilter(
        event=EventNameFilter(prefix=[_RESOURCE]),
        related=EventRelatedFilter(id=[f"prefect.tag.{TAG}"]),
    )
