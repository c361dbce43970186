"""Every Web API call, without its token."""

from collections import deque
from dataclasses import asdict, dataclass
from typing import Any

LOG_LENGTH = 10_000


@dataclass(frozen=True, slots=True)
class Call:
    """One line of GET /control/log; `ts` is the ts the answer named, or that of the arguments."""

    at: float
    method: str
    args: dict[str, Any]
    ok: bool
    error: str | None
    ts: str | None
    status: int


class CallLog:
    """The last calls, oldest first."""

    def __init__(self) -> None:
        self._calls: deque[Call] = deque(maxlen=LOG_LENGTH)

    def add(self, call: Call) -> None:
        """Note one call."""
        self._calls.append(call)

    def lines(self) -> list[dict[str, Any]]:
        """The calls as JSON objects."""
        return [asdict(call) for call in self._calls]
