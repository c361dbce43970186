"""The three kinds of thing that Slack delivers, and what became of one delivery."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Any

Json = dict[str, Any]


class Kind(StrEnum):
    """The `type` of a Socket Mode envelope."""

    EVENT = "events_api"
    INTERACTIVE = "interactive"
    COMMAND = "slash_commands"


@dataclass(frozen=True, slots=True)
class Retry:
    """Which repeat of an event this is (1..3), and why the attempt before it failed."""

    attempt: int = 0
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Outcome:
    """Whether the app acknowledged in time; `error` is Slack's name for why it did not.

    `payload` is what came with the ack: a JSON object, text (HTTP only) or nothing. `ms` is the time to the ack.
    """

    acked: bool
    ms: int
    payload: Any = None
    error: str | None = None


def envelope(kind: Kind, payload: Json, *, envelope_id: str, retry: Retry) -> Json:
    """The Socket Mode frame around one payload."""
    frame: Json = {
        "envelope_id": envelope_id,
        "type": str(kind),
        "payload": payload,
        "accepts_response_payload": accepts_answer(kind, payload),
    }
    if kind is Kind.EVENT:
        frame |= {"retry_attempt": retry.attempt, "retry_reason": retry.reason}
    return frame


def accepts_answer(kind: Kind, payload: Json) -> bool:
    """Whether Slack reads what comes with the ack: for commands and for submitted modals."""
    return kind is Kind.COMMAND or payload.get("type") in {"view_submission", "block_suggestion"}
