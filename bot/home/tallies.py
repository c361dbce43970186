"""Who has approved which waiting run so far, as the bot last read it: Prefect has no list of that over many runs."""

from dataclasses import dataclass

from bot.card.stages import Stage
from bot.card.state import Card
from flows.contract import Decider, Report


@dataclass(frozen=True, slots=True)
class Tally:
    """Who approves the report of this attempt."""

    attempt: int
    voters: tuple[Decider, ...]


class Tallies:
    """In memory, only to be shown, and read anew after a restart: every waiting run is looked at then, and again within
    seconds while votes can come in. What decides is read from Prefect each time."""

    def __init__(self) -> None:
        self._known: dict[str, Tally] = {}

    def note(self, card: Card) -> bool:
        """Remember what this card shows; whether that is news."""
        before = self._known.get(card.run_id)
        report = card.report
        if card.stage is not Stage.WAITING or report is None or report.approvals_needed == 1:
            self.forget(card.run_id)
            return before is not None
        after = self._known[card.run_id] = Tally(report.attempt, card.votes)
        return after != before

    def voters(self, report: Report) -> tuple[Decider, ...] | None:
        """Who approves this report so far; None if that has not been read yet."""
        found = self._known.get(report.run)
        return found.voters if found and found.attempt == report.attempt else None

    def counting(self) -> frozenset[str]:
        """The runs that wait for more approvals."""
        return frozenset(self._known)

    def forget(self, run_id: str) -> None:
        """This run is gone, or waits no more."""
        self._known.pop(run_id, None)
