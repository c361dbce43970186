"""Which runs have to be read now: new ones, changed ones, and those that may have changed without a word."""

from collections.abc import Callable, Collection

from bot.card.looks import Looks
from bot.card.state import Card
from bot.runs import Facts, Run

_LOOK_AGAIN_AFTER = 300.0  # seconds; a settled run is read again now and then, in case a write of ours was undone

VOTES_AGAIN_AFTER = 3.0
"""Seconds; another bot may have stored a vote and stopped before it showed it, and Prefect sends no event for that."""

VOTES_AT_ONCE = 10
"""How many of such runs one tick reads again: a thousand of them would keep Prefect busy."""

_BACK_OFF = (5.0, 10.0, 30.0, 60.0, 300.0)


class Attention:
    """Remembers what was read and how that went. Forgetting all of it costs one look at each run, and nothing else."""

    def __init__(self, looks: Looks, *, monotonic: Callable[[], float]) -> None:
        self._looks = looks
        self._monotonic = monotonic
        self._settled: dict[str, tuple[str, float]] = {}
        self._failures: dict[str, tuple[int, float]] = {}

    def is_due(self, run: Run, *, has_chores: bool) -> bool:
        """Whether this run has to be read at this tick. `run` is as Prefect lists it now; `has_chores`: something
        besides its card is due."""
        now = self._monotonic()
        if self._failures.get(run.id, (0, 0.0))[1] > now:
            return False
        state, since = self._settled.get(run.id, ("", 0.0))
        if state != run.state_id or self._looks.is_due(run.id):
            return True
        return not run.is_over and (has_chores or now - since > _LOOK_AGAIN_AFTER)

    def due_for_votes(self, counting: Collection[str]) -> list[str]:
        """Of these runs, which collect votes, a few: those that were read the longest ago."""
        latest = self._monotonic() - VOTES_AGAIN_AFTER
        read = {run_id: self._settled[run_id][1] for run_id in counting if run_id in self._settled}
        return sorted((run_id for run_id, at in read.items() if at <= latest), key=read.__getitem__)[:VOTES_AT_ONCE]

    def settle(self, run: Run) -> None:
        """Everything is done for this run as it is now."""
        self._settled[run.id] = (run.state_id, self._monotonic())

    def unsettle(self, run_id: str) -> None:
        """Something may have happened to it, or something is left to do."""
        self._settled.pop(run_id, None)

    def note(self, facts: Facts, card: Card) -> None:
        """Remember when this run will read differently because time passes."""
        self._looks.note(facts, card)

    def succeed(self, run_id: str) -> None:
        """It could be read and shown."""
        self._failures.pop(run_id, None)

    def fail(self, run_id: str) -> float:
        """It could not; leaves it alone for so many seconds, longer each time."""
        count, _ = self._failures.get(run_id, (0, 0.0))
        delay = _BACK_OFF[min(count, len(_BACK_OFF) - 1)]
        self._failures[run_id] = (count + 1, self._monotonic() + delay)
        self.unsettle(run_id)
        return delay

    def known(self) -> frozenset[str]:
        """The runs of which something is remembered."""
        return frozenset(self._settled) | frozenset(self._failures)

    def forget(self, run_id: str) -> None:
        """This run is gone."""
        self._looks.forget(run_id)
        self._settled.pop(run_id, None)
        self._failures.pop(run_id, None)
