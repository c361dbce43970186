"""Implements the Catalog port: lists over many runs, each in a bounded number of calls and never one per run."""

import json
from collections.abc import Collection, Sequence
from typing import TypeVar
from uuid import UUID

from prefect.client.schemas.filters import (
    ArtifactFilter,
    ArtifactFilterFlowRunId,
    ArtifactFilterKey,
    FlowRunFilter,
    FlowRunFilterId,
    FlowRunFilterState,
    FlowRunFilterStateType,
    FlowRunFilterTags,
)
from prefect.client.schemas.objects import Artifact, FlowRun
from prefect.client.schemas.objects import StateType as PrefectStateType
from prefect.client.schemas.sorting import ArtifactSort, FlowRunSort
from pydantic import BaseModel, ValidationError

from bot.prefect_runs.connection import Connection
from bot.prefect_runs.patience import asked_again
from bot.prefect_runs.reading import read_run
from bot.runs import Run, StateType
from flows.contract import RECEIPT_ARTIFACT, REPORT_ARTIFACT, TAG, Receipt, Report

Document = TypeVar("Document", bound=BaseModel)


class PrefectCatalog:
    """Lists from Prefect's API. What cannot be read is left out: a list is no place to judge it."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    async def in_state(self, kind: StateType, *, at_most: int) -> tuple[Run, ...]:
        """Our runs in this state, those that started first before all others."""
        types = FlowRunFilterStateType(any_=[PrefectStateType(kind.value)])
        wanted = FlowRunFilter(tags=FlowRunFilterTags(all_=[TAG]), state=FlowRunFilterState(type=types))
        found = await self._runs(wanted, at_most=at_most, sort=FlowRunSort.START_TIME_ASC)
        return tuple(map(read_run, found))

    async def runs_of(self, run_ids: Collection[str]) -> dict[str, Run]:
        """These runs by their id; what Prefect does not know is not there."""
        if not run_ids:
            return {}
        wanted = FlowRunFilter(id=FlowRunFilterId(any_=[UUID(run_id) for run_id in run_ids]))
        found = await self._runs(wanted, at_most=len(run_ids))
        return {str(flow_run.id): read_run(flow_run) for flow_run in found}

    async def reports_of(self, run_ids: Collection[str]) -> dict[str, Report]:
        """The newest report of each of these runs that has one, by the run's id."""
        if not run_ids:
            return {}
        # A run that was audited again has two; three for each is more than any of them should have.
        found = await self._artifacts(REPORT_ARTIFACT, at_most=min(200, 3 * len(run_ids)), run_ids=run_ids)
        reports: dict[str, Report] = {}
        for report in _read(found, Report):
            reports.setdefault(report.run, report)
        return reports

    async def newest_reports(self, *, at_most: int) -> tuple[Report, ...]:
        """The reports that were saved last, newest first."""
        return tuple(_read(await self._artifacts(REPORT_ARTIFACT, at_most=at_most), Report))

    async def newest_receipts(self, *, at_most: int) -> tuple[Receipt, ...]:
        """The receipts that were left last, newest first; of each run only the newest."""
        receipts = _read(await self._artifacts(RECEIPT_ARTIFACT, at_most=at_most), Receipt)
        newest: dict[str, Receipt] = {}
        for receipt in receipts:
            newest.setdefault(receipt.run, receipt)
        return tuple(newest.values())

    async def _runs(self, wanted: FlowRunFilter, *, at_most: int, sort: FlowRunSort | None = None) -> Sequence[FlowRun]:
        async def read() -> Sequence[FlowRun]:
            async with self._connection.client() as client:
                return await client.read_flow_runs(flow_run_filter=wanted, sort=sort, limit=at_most, offset=0)

        return await asked_again(read)

    async def _artifacts(self, key: str, *, at_most: int, run_ids: Collection[str] = ()) -> Sequence[Artifact]:
        runs = ArtifactFilterFlowRunId(any_=[UUID(run_id) for run_id in run_ids]) if run_ids else None
        wanted = ArtifactFilter(key=ArtifactFilterKey(any_=[key]), flow_run_id=runs)

        async def read() -> Sequence[Artifact]:
            async with self._connection.client() as client:
                return await client.read_artifacts(
                    artifact_filter=wanted, sort=ArtifactSort.CREATED_DESC, limit=min(200, at_most)
                )

        return await asked_again(read)


def _read(artifacts: Sequence[Artifact], model: type[Document]) -> list[Document]:
    found: list[Document] = []
    for artifact in artifacts:
        text = artifact.data if isinstance(artifact.data, str) else json.dumps(artifact.data)
        try:
            found.append(model.model_validate_json(text))
        except ValidationError:
            continue
    return found
