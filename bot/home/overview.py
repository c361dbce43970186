"""Use case: what is going on, over all runs, in a bounded number of calls."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from bot.card.stages import LATE_COMMIT
from bot.home.tallies import Tallies
from bot.ports import Catalog
from bot.runs import Run, StateType
from flows.contract import Decider, Outcome, Receipt, Report

WAITING_READ = 20
"""Reports are large; who has more than twenty runs waiting at once will hardly read the others in a list."""

RUNNING_READ = 20
RECEIPTS_READ = 100


@dataclass(frozen=True, slots=True)
class Waiting:
    """A run that waits for a decision; `report` is None when it cannot be read.

    `is_late`: its time is over, and nobody can decide any more. `voters` are those who approve so far where several
    have to, None if that is not known. `may_approve` and `has_approved` are about whoever looks.
    """

    run: Run
    report: Report | None
    is_late: bool = False
    voters: tuple[Decider, ...] | None = None
    may_approve: bool = True
    has_approved: bool = False


@dataclass(frozen=True, slots=True)
class Ended:
    """A run that has left a receipt. `name` is its id where Prefect has forgotten the run."""

    name: str
    receipt: Receipt


@dataclass(frozen=True, slots=True)
class Open:
    """What has not ended, those that began first before all others. `has_more`: not everything was read."""

    waiting: tuple[Waiting, ...]
    running: tuple[Run, ...]
    has_more: bool


class Overview:
    """Reads lists for `/wap` and the Home tab."""

    def __init__(self, catalog: Catalog, tallies: Tallies, *, clock: Callable[[], datetime | None]) -> None:
        self._catalog = catalog
        self._tallies = tallies
        self._clock = clock

    async def open_runs(self) -> Open:
        """Three calls, however many runs there are."""
        paused, running, cancelling = await asyncio.gather(
            self._catalog.in_state(StateType.PAUSED, at_most=WAITING_READ + 1),
            self._catalog.in_state(StateType.RUNNING, at_most=RUNNING_READ + 1),
            self._catalog.in_state(StateType.CANCELLING, at_most=RUNNING_READ + 1),
        )
        active = (*running, *cancelling)
        reports = await self._catalog.reports_of([run.id for run in paused[:WAITING_READ]])
        return Open(
            waiting=tuple(self._waiting(run, _current(run, reports)) for run in paused[:WAITING_READ]),
            running=active[:RUNNING_READ],
            has_more=len(paused) > WAITING_READ or len(active) > RUNNING_READ,
        )

    async def published(self, *, at_most: int) -> tuple[Ended, ...]:
        """What was published last, newest first."""
        receipts = await self._catalog.newest_receipts(at_most=RECEIPTS_READ)
        return await self.named([one for one in receipts if one.outcome is Outcome.PUBLISHED][:at_most])

    async def ended(self, target: str) -> tuple[Receipt, ...]:
        """What ended lately, newest first; of one target, or of all if it is empty."""
        receipts = await self._catalog.newest_receipts(at_most=RECEIPTS_READ)
        return tuple(one for one in receipts if not target or one.target.production.lower() == target.lower())

    async def named(self, receipts: Sequence[Receipt]) -> tuple[Ended, ...]:
        """The same with the names of their runs."""
        runs = await self._catalog.runs_of([receipt.run for receipt in receipts])
        return tuple(Ended(runs[one.run].name if one.run in runs else one.run[:8], one) for one in receipts)

    async def newest_reports(self) -> tuple[Report, ...]:
        """The reports that were made last, newest first."""
        return await self._catalog.newest_reports(at_most=WAITING_READ)

    def _waiting(self, run: Run, report: Report | None) -> Waiting:
        now = self._clock()
        if report is None:
            return Waiting(run, None)
        is_late = now is not None and now > report.expires_at + LATE_COMMIT  # as on the card
        return Waiting(run, report, is_late=is_late, voters=self._tallies.voters(report))


def _current(run: Run, reports: dict[str, Report]) -> Report | None:
    """The report that this run asks about: one of an earlier attempt is none."""
    report = reports.get(run.id)
    return report if report and report.gate == run.pause_key else None
