"""Asking a busy Prefect once more: a click should not be lost to a 503 that is over in a second."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

from bot import log
from bot.ports import RunsUnavailable

T = TypeVar("T")

ASKED_WITHIN = 2.0
"""Seconds after the first try in which the last one begins. Whoever has waited for a timeout has waited longer."""

PAUSE = 0.3


async def asked_again(call: Callable[[], Awaitable[T]]) -> T:
    """What `call` gives, tried again as long as it fails fast: a server that is busy or starts, a cut connection.

    Only for what is safe to repeat after a lost reply: reads, and writes that find what an earlier try has written.
    Raises the last RunsUnavailable when ASKED_WITHIN is over; nothing is said of the tries before.
    """
    clock = asyncio.get_running_loop().time
    last_try = clock() + ASKED_WITHIN
    tries = 1
    while True:
        try:
            answer = await call()
        except RunsUnavailable:
            if clock() + PAUSE > last_try:
                raise
        else:
            if tries > 1:  # an outage is logged by whoever hears of it, not ten times a second
                log.info("prefect.asked_again", tries=tries)
            return answer
        await asyncio.sleep(PAUSE)
        tries += 1
