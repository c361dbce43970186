"""Waiting for a Prefect server that is away: an unreachable or overloaded server is no answer."""

import time
from collections.abc import Callable
from datetime import timedelta
from http import HTTPStatus
from typing import TypeVar

import httpx
from prefect.exceptions import ObjectNotFound, PrefectHTTPStatusError

T = TypeVar("T")

PATIENCE = timedelta(hours=1)
"""How long a decision that was made, or a publish that happened, waits to be written down."""

_PASSING = (HTTPStatus.REQUEST_TIMEOUT, HTTPStatus.TOO_MANY_REQUESTS)
_WORDS_OF_PREFECT = {"detail", "exception_message"}


def is_passing(error: Exception) -> bool:
    """Whether the same call may succeed later: no connection, a lost reply, too busy, broken for the moment, no server
    behind the proxy."""
    if isinstance(error, ObjectNotFound):
        response = getattr(error.http_exc, "response", None)
        return response is not None and not says_gone(response)
    if isinstance(error, PrefectHTTPStatusError):
        status = error.response.status_code
        if status == HTTPStatus.NOT_FOUND:
            return not says_gone(error.response)
        return status in _PASSING or status >= HTTPStatus.INTERNAL_SERVER_ERROR
    return isinstance(error, httpx.TransportError)


def says_gone(response: httpx.Response) -> bool:
    """Whether this 404 is the word of Prefect itself. A proxy whose server restarts answers 404, too (some do that
    instead of 502), and what it does not know may be a run that has waited for days."""
    try:
        said = response.json()
    except ValueError:
        return False
    return isinstance(said, dict) and not _WORDS_OF_PREFECT.isdisjoint(said)


def patiently(act: Callable[[], T], *, patience: timedelta = PATIENCE, pause_seconds: float = 1.0) -> T:
    """Call `act` until the server lets it succeed; `act` must be safe to repeat after a lost reply.

    Raises the last passing error when `patience` is over, and every other error at once.
    """
    deadline = time.monotonic() + patience.total_seconds()
    while True:
        try:
            return act()
        except (httpx.TransportError, PrefectHTTPStatusError, ObjectNotFound) as error:
            if not is_passing(error) or time.monotonic() > deadline:
                raise
        time.sleep(pause_seconds)
