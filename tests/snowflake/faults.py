"""Misbehaviour on request: lost replies, dead connections, errors, delays, each for chosen statements.

A login counts as the statement `LOGIN <user>`, for kill_connection and answer.
"""

import re
import threading
from dataclasses import dataclass, field
from typing import Literal

from tests.snowflake.errors import SnowflakeError

Kind = Literal["drop_reply", "kill_connection", "answer", "delay", "expire_session"]


@dataclass(slots=True)
class Fault:
    """What goes wrong with the n-th arrival of a statement that matches (requests that the connector repeats count),
    and how often it did."""

    kind: Kind
    pattern: re.Pattern[str]
    nth: int = 1
    times: int = 1
    seconds: float = 0.0
    error: SnowflakeError | None = None
    seen: int = field(default=0, init=False)
    happened: int = field(default=0, init=False)

    def strikes(self, text: str) -> bool:
        """Whether it is this statement's turn."""
        if not self.pattern.search(text):
            return False
        self.seen += 1
        hit = self.nth <= self.seen < self.nth + self.times
        self.happened += hit
        return hit


class Faults:
    """The faults that are planned. Every method gives the fault, whose `happened` a test can assert."""

    def __init__(self) -> None:
        self._planned: list[Fault] = []
        self._lock = threading.Lock()

    def drop_reply(self, pattern: str, *, nth: int = 1, times: int = 1) -> Fault:
        """Execute the statement and close the connection without an answer: the connector sends it again, with the
        same requestId, and gets the first result."""
        return self._plan(Fault("drop_reply", _compiled(pattern), nth, times))

    def kill_connection(self, pattern: str, *, nth: int = 1, times: int = 1) -> Fault:
        """Close the connection before the statement is executed."""
        return self._plan(Fault("kill_connection", _compiled(pattern), nth, times))

    def answer(
        self, pattern: str, errno: int, message: str, *, sqlstate: str = "42000", nth: int = 1, times: int = 1
    ) -> Fault:
        """Answer with this error instead of executing, e.g. 606 for a warehouse that is not there, 3001 for missing
        privileges."""
        error = SnowflakeError(errno, sqlstate, message)
        return self._plan(Fault("answer", _compiled(pattern), nth, times, error=error))

    def delay(self, pattern: str, seconds: float, *, nth: int = 1, times: int = 1) -> Fault:
        """Execute the statement only after some time; it can be cancelled while it waits."""
        return self._plan(Fault("delay", _compiled(pattern), nth, times, seconds=seconds))

    def expire_session(self, pattern: str, *, nth: int = 1, times: int = 1) -> Fault:
        """The session token has expired (390112): the connector renews it and sends the statement again."""
        return self._plan(Fault("expire_session", _compiled(pattern), nth, times))

    def clear(self) -> None:
        """Behave again."""
        with self._lock:
            self._planned.clear()

    def strike(self, text: str) -> list[Fault]:
        """The faults whose turn it is at this statement."""
        with self._lock:
            return [fault for fault in self._planned if fault.strikes(text)]

    def _plan(self, fault: Fault) -> Fault:
        with self._lock:
            self._planned.append(fault)
        return fault


def _compiled(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern, re.IGNORECASE | re.DOTALL)
