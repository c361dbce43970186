"""Fakes of the ports over many runs: lists in memory, starts and stops that are written down."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any

from bot.commands.deployments import Deployment
from bot.ports import Refused
from bot.runs import Run, StateType
from flows.contract import Receipt, Report
from tests.bot.fakes import FakeRuns


@dataclass
class FakeCatalog:
    """Lists made of the facts that a FakeRuns knows."""

    runs: FakeRuns
    receipts: list[Receipt] = field(default_factory=list)
    calls: list[str] = field(default_factory=list)

    async def in_state(self, kind: StateType, *, at_most: int) -> tuple[Run, ...]:
        self._count(f"in_state {kind.value}")
        found = [facts.run for facts in self.runs.known.values() if facts.run.state_type is kind]
        return tuple(sorted(found, key=lambda run: run.since)[:at_most])

    async def runs_of(self, run_ids: Collection[str]) -> dict[str, Run]:
        self._count("runs_of")
        return {run_id: self.runs.known[run_id].run for run_id in run_ids if run_id in self.runs.known}

    async def reports_of(self, run_ids: Collection[str]) -> dict[str, Report]:
        self._count("reports_of")
        known = {run_id: self.runs.known[run_id].report for run_id in run_ids}
        return {run_id: report for run_id, report in known.items() if report}

    async def newest_reports(self, *, at_most: int) -> tuple[Report, ...]:
        self._count("newest_reports")
        return tuple(facts.report for facts in self.runs.known.values() if facts.report)[:at_most]

    async def newest_receipts(self, *, at_most: int) -> tuple[Receipt, ...]:
        self._count("newest_receipts")
        return tuple(self.receipts[:at_most])

    def _count(self, what: str) -> None:
        self.calls.append(what)
        self.runs._answer(what)


@dataclass
class FakeDesk:
    """Deployments in memory; `refuses` is what Prefect says to the next start or cancel."""

    offered: tuple[Deployment, ...] = ()
    can_roll_back: tuple[Deployment, ...] = ()
    refuses: str = ""
    started: list[tuple[str, Mapping[str, Any], str]] = field(default_factory=list)
    cancelled: list[tuple[str, str]] = field(default_factory=list)
    makes: Run | None = None

    async def deployments(self) -> tuple[Deployment, ...]:
        return self.offered

    async def rollbacks(self) -> tuple[Deployment, ...]:
        return self.can_roll_back

    async def start(self, deployment_id: str, parameters: Mapping[str, Any], *, once: str) -> Run | Refused:
        if self.refuses:
            return Refused(self.refuses)
        self.started.append((deployment_id, parameters, once))
        assert self.makes is not None
        return self.makes

    async def cancel(self, run_id: str, message: str) -> Refused | None:
        if self.refuses:
            return Refused(self.refuses)
        self.cancelled.append((run_id, message))
        return None
