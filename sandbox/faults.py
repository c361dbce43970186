"""Faults that a test or the demo asks for: the next calls of a method fail in the way it says."""

from dataclasses import dataclass
from enum import StrEnum


class FaultKind(StrEnum):
    """What goes wrong; `drop_reply` carries the call out and then cuts the connection."""

    ERROR = "error"
    DROP_REPLY = "drop_reply"
    DELAY = "delay"
    STATUS = "status"


@dataclass(frozen=True, slots=True)
class Fault:
    """One fault. `seconds` is for delay, `status` and `retry_after` for status, `error` for error."""

    kind: FaultKind
    error: str = "internal_error"
    seconds: float = 0.0
    status: int = 500
    retry_after: int | None = None


class Faults:
    """A queue of faults per method; `*` stands for every method."""

    def __init__(self) -> None:
        self._queues: dict[str, list[Fault]] = {}

    def add(self, method: str, fault: Fault, *, times: int) -> None:
        """Let the next `times` calls of `method` meet `fault`."""
        self._queues.setdefault(method, []).extend([fault] * times)

    def take(self, method: str) -> Fault | None:
        """The fault for this call, used up."""
        for key in (method, "*"):
            queue = self._queues.get(key)
            if queue:
                return queue.pop(0)
        return None

    def clear(self) -> None:
        """Forget all faults that have not happened yet."""
        self._queues.clear()
