"""Trigger ids: the short permission to open a modal that every interaction carries."""

from collections.abc import Callable
from dataclasses import dataclass

from sandbox.errors import Refusal
from sandbox.identifiers import Identifiers
from sandbox.workspace import TEAM_ID


@dataclass(slots=True)
class Trigger:
    """One trigger: whose it is, until when, and the modal it came from, if any."""

    user: str
    valid_until: float
    view_id: str | None
    used: bool = False


class Triggers:
    """Issues trigger ids and takes each back once, within `seconds`."""

    def __init__(self, identifiers: Identifiers, clock: Callable[[], float], seconds: float) -> None:
        self._identifiers = identifiers
        self._clock = clock
        self._seconds = seconds
        self._triggers: dict[str, Trigger] = {}

    def issue(self, user: str, view_id: str | None = None) -> str:
        """A new trigger id for an interaction of `user`, in the modal `view_id` when it was in one."""
        trigger_id = f"{int(self._clock() * 1000)}.{TEAM_ID}.{self._identifiers.secret()}"
        self._triggers[trigger_id] = Trigger(user, self._clock() + self._seconds, view_id)
        return trigger_id

    def exchange(self, trigger_id: str | None) -> Trigger:
        """Use a trigger up.

        Raises Refusal `invalid_trigger_id`, `exchanged_trigger_id` (used before) or `expired_trigger_id`.
        """
        trigger = self._triggers.get(trigger_id or "")
        if trigger is None:
            raise Refusal("invalid_trigger_id")
        if trigger.used:
            raise Refusal("exchanged_trigger_id")
        if trigger.valid_until < self._clock():
            raise Refusal("expired_trigger_id")
        trigger.used = True
        return trigger
