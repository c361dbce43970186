"""`python -m bot`: start, run, drain, stop."""

import asyncio
import gc
import os
import signal
import sys
from collections.abc import Coroutine

from bot import log
from bot.app import create_app
from bot.life import StartFailed
from bot.messages import at_start
from bot.settings import Settings, SettingsInvalid, read_settings


def main() -> int:
    """Run until SIGTERM or SIGINT. Exit code 0, or 1 with one plain text when the bot cannot work."""
    try:
        settings = read_settings(os.environ)
        log.set_up(settings.log_level)
        asyncio.run(serve(settings))
    except SettingsInvalid as error:
        sys.stderr.write(at_start.settings_invalid(error.problems) + "\n")
        return 1
    except StartFailed as error:
        sys.stderr.write(f"{error}\n")
        return 1
    return 0


async def serve(settings: Settings) -> None:
    """Run a bot until a signal asks it to stop. Raises StartFailed."""
    asked = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, asked.set)
    bot = await create_app(settings)
    gc.freeze()  # else every full collection walks all libraries again, for longer than a click may wait
    try:
        await bot.start()
        await _first(asked.wait(), bot.wait())
    finally:
        await bot.stop()


async def _first(*waits: Coroutine[object, object, object]) -> None:
    """Wait for the first of these, and raise what it raised."""
    tasks = [asyncio.create_task(wait) for wait in waits]
    done, pending = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    for task in pending:
        task.cancel()
    for task in done:
        task.result()


if __name__ == "__main__":
    sys.exit(main())
