"""Ctrl-C and its kin: they end the demo in order, and nothing that must be whole is broken by them."""

import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType

_ENDINGS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
"""SIGTERM and SIGHUP count as Ctrl-C, so that closing the terminal leaves no process behind."""


@contextmanager
def interruptible() -> Iterator[None]:
    """Ctrl-C, SIGTERM and SIGHUP raise KeyboardInterrupt here, once: who presses again does not break the stopping.

    SIGINT is set as well: a shell starts background commands with it ignored.
    """

    def interrupt(number: int, frame: FrameType | None) -> None:
        for ending in _ENDINGS:
            signal.signal(ending, signal.SIG_IGN)
        raise KeyboardInterrupt

    with _handled(interrupt):
        yield


@contextmanager
def put_off() -> Iterator[None]:
    """What arrives while the block runs is handled after it, by whoever handled it before."""
    arrived: list[int] = []

    def remember(number: int, frame: FrameType | None) -> None:
        arrived.append(number)

    with _handled(remember):
        yield
    for number in arrived[:1]:
        signal.raise_signal(number)


@contextmanager
def _handled(handler: Callable[[int, FrameType | None], None]) -> Iterator[None]:
    previous = [signal.signal(ending, handler) for ending in _ENDINGS]
    try:
        yield
    finally:
        for ending, before in zip(_ENDINGS, previous, strict=True):
            signal.signal(ending, before)
