"""Draws charts in a process of their own, which gets numbers and labels and nothing else.

A process and not a thread: matplotlib would stay in the bot's memory for good, and it holds the interpreter for up to a
second while it loads, in which a click would wait for its acknowledgement.
"""

import asyncio
import contextlib
import json
import logging
import os
import sys
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import asdict

from bot.charts.panels import Panel

Draw = Callable[[Sequence[Panel]], Awaitable[bytes]]

SECONDS = 60.0
_KEPT = ("PATH", "HOME", "LANG", "LC_ALL", "PYTHONPATH", "MPLCONFIGDIR", "XDG_CACHE_HOME", "TMPDIR", "SYSTEMROOT")
"""What of the environment the process gets: no token, no key, no address."""


class DrawingFailed(Exception):
    """There is no picture. The text is for the log."""


def one_at_a_time(draw: Draw) -> Draw:
    """The same, but a second picture waits for the first: each process takes some 90 MB."""
    free = asyncio.Semaphore(1)

    async def draw_in_turn(panels: Sequence[Panel]) -> bytes:
        async with free:
            return await draw(panels)

    return draw_in_turn


async def draw_apart(panels: Sequence[Panel]) -> bytes:
    """The PNG of these panels. Raises DrawingFailed, at the latest after SECONDS."""
    environment = {name: os.environ[name] for name in _KEPT if name in os.environ}
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "bot.charts.drawing",
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        env=environment,
    )
    try:
        async with asyncio.timeout(SECONDS):
            picture, errors = await process.communicate(json.dumps([asdict(panel) for panel in panels]).encode())
    except TimeoutError as error:
        raise DrawingFailed(f"no picture after {SECONDS:g} s") from error
    finally:
        if process.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                process.kill()
            await process.wait()
    if process.returncode or not picture:
        raise DrawingFailed(f"exit code {process.returncode}: {_last_line(errors)}")
    return picture


def main() -> int:
    """Panels as JSON on stdin, a PNG on stdout."""
    from pydantic import TypeAdapter

    from bot.charts.png import draw

    # A font without a bold weight is used as it is; what is said about that would hide the cause of a failure.
    logging.getLogger("matplotlib.font_manager").setLevel(logging.ERROR)
    sys.stdout.buffer.write(draw(TypeAdapter(tuple[Panel, ...]).validate_json(sys.stdin.buffer.read())))
    return 0


def _last_line(errors: bytes) -> str:
    lines = errors.decode(errors="replace").strip().splitlines()
    return lines[-1][:200] if lines else "no output"


if __name__ == "__main__":
    sys.exit(main())
