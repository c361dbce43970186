"""A person who was told to press again presses again: on a busy machine Prefect may not have stored the first press."""

import time
from collections.abc import Callable

from sandbox.demo.people import PressFailed


def insist(press: Callable[[], None], counted: Callable[[], bool], *, wait_seconds: float, presses: int) -> None:
    """Press until it has counted, at most so often, and wait so long after each press.

    Raises PressFailed if no press has counted. `counted` may raise to give up earlier.
    """
    failed = PressFailed(f"The demo stopped. The decision was pressed {presses} times, and Prefect has stored none.")
    for _ in range(presses):
        try:
            press()
        except PressFailed as error:
            failed = error
        if _within(wait_seconds, counted):
            return
    raise failed


def _within(seconds: float, counted: Callable[[], bool]) -> bool:
    deadline = time.monotonic() + seconds
    while not (has_counted := counted()) and time.monotonic() < deadline:
        time.sleep(0.1)
    return has_counted
