"""How an act ends: acknowledged, not acknowledged with a visible warning, or stopped by Slack's client."""

from typing import Any

from sandbox.envelopes import Outcome
from sandbox.notices import did_not_answer
from sandbox.world import World

Json = dict[str, Any]

# Slack's own names for what a person sees after a command that nobody answered.
_SHOWN_ERRORS = {"timeout": "operation_timeout", "http_timeout": "operation_timeout"}


class NotPossible(Exception):
    """Slack's client would not let this person do that; nothing was sent to the app."""

    def __init__(self, error: str, shown: str, **fields: Any) -> None:
        super().__init__(error)
        self.error = error
        self.shown = shown
        self.fields = fields

    def body(self) -> Json:
        """The answer of POST /control/act."""
        return {"ok": False, "error": self.error, "shown": self.shown, **self.fields}


def acknowledged(outcome: Outcome, **fields: Any) -> Json:
    """The answer for an interaction that the app acknowledged."""
    return {"ok": True, "acked": True, "ack_ms": outcome.ms, **fields}


def unanswered(world: World, user: str, outcome: Outcome, *, action: str) -> Json:
    """Warn the person who acted, as Slack does, and say so in the answer."""
    error = _SHOWN_ERRORS.get(outcome.error or "", "dispatch_failed")
    shown = world.notices.show(user, did_not_answer(action, world.settings.ack_seconds))
    return {"ok": False, "acked": False, "ack_ms": None, "error": error, "shown": shown}
