"""When a run has to be looked at again although nothing happened to it: because time has passed, by Prefect's clock."""

from collections.abc import Callable
from datetime import datetime

from bot.card.state import Card, changes_at
from bot.runs import Facts


class Looks:
    """Only says when to look. It is found out anew after a restart, because every open run is looked at then."""

    def __init__(self, clock: Callable[[], datetime | None]) -> None:
        self._clock = clock
        self._next: dict[str, datetime] = {}

    def note(self, facts: Facts, card: Card) -> None:
        """Remember when this run will read differently, or that it will not."""
        moment = changes_at(facts, card)
        if moment is None:
            self.forget(facts.run.id)
        else:
            self._next[facts.run.id] = moment

    def is_due(self, run_id: str) -> bool:
        """Whether this run reads differently by now."""
        moment, now = self._next.get(run_id), self._clock()
        return moment is not None and now is not None and now > moment

    def forget(self, run_id: str) -> None:
        """This run is gone, or tells by itself when it changes."""
        self._next.pop(run_id, None)
