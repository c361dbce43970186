"""Implements the Runs port on Prefect's API."""

import asyncio
import json
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from http import HTTPStatus
from itertools import count
from typing import Any, NoReturn
from uuid import UUID

from prefect.client.orchestration import PrefectClient
from prefect.client.schemas.filters import (
    ArtifactFilter,
    ArtifactFilterFlowRunId,
    ArtifactFilterKey,
    FlowRunFilter,
    FlowRunFilterEndTime,
    FlowRunFilterState,
    FlowRunFilterStateType,
    FlowRunFilterTags,
)
from prefect.client.schemas.objects import Artifact
from prefect.client.schemas.objects import StateType as PrefectStateType
from prefect.client.schemas.sorting import ArtifactSort, FlowRunSort
from prefect.exceptions import ObjectNotFound, PrefectHTTPStatusError

from bot.ports import Resumption
from bot.prefect_runs import answering, hints
from bot.prefect_runs.connection import Connection
from bot.prefect_runs.patience import asked_again
from bot.prefect_runs.reading import read_facts, read_run
from bot.runs import OPEN, OVER, Facts, Run, StateType
from bot.work.sharing import SharedWork
from flows.contract import PROGRESS_ARTIFACT, RECEIPT_ARTIFACT, REPORT_ARTIFACT, TAG, Decision

PAGE = 200  # Prefect's own maximum
PAGES = 10
FACTS_AT_ONCE = 6
"""More at once only make each other miss their deadline, on a SQLite behind Prefect above all."""

_INPUTS = 500  # the route's default is 1


class PrefectRuns:
    """Prefect through its client. Open it before use, close it after."""

    def __init__(self, connection: Connection, signing_keys: Sequence[str]) -> None:
        self._connection = connection
        self._keys = tuple(signing_keys)
        self._facts = SharedWork(self._read_facts, at_once=FACTS_AT_ONCE)

    async def listed(self, *, ended_within: timedelta) -> tuple[Run, ...]:
        """All open runs, then those that ended lately; newest first."""
        # Prefect annotates its own DateTime, which is the standard one in disguise.
        ended = FlowRunFilterEndTime.model_validate({"after_": datetime.now(UTC) - ended_within})
        are_open = await asked_again(lambda: self._pages(_tagged(OPEN)))
        are_over = await asked_again(lambda: self._pages(_tagged(OVER, end_time=ended)))
        return once(are_open, are_over)

    async def facts(self, run_id: str) -> Facts | None:
        """Everything about a run; None if Prefect does not know it, or it is none of ours."""
        return await asked_again(lambda: self._facts.get(run_id))

    async def _read_facts(self, run_id: str) -> Facts | None:
        try:
            key = UUID(run_id)
        except ValueError:
            return None
        began = self._connection.now()  # before the run: what it says then, it said at that time or later
        async with self._connection.client() as client:
            try:
                flow_run = await client.read_flow_run(key)
            except ObjectNotFound:
                return None
            if TAG not in flow_run.tags:
                return None
            inputs, artifacts = await asyncio.gather(
                _inputs(client, key),
                _artifacts(client, key),
            )
        return read_facts(read_run(flow_run), inputs, artifacts, signing_keys=self._keys, read_at=began)

    async def claim(self, run_id: str, key: str, value: Mapping[str, Any]) -> bool:
        """Create a run input. False if the key was there: (run, key) is unique in Prefect's database.

        False also for a run that was deleted meanwhile: nobody can claim anything of it. Repeated because what lies
        under the key tells whether an earlier try put it there.
        """
        text, tries = json.dumps(value), count(1)
        return await asked_again(lambda: self._create(UUID(run_id), key, text, is_repeated=next(tries) > 1))

    async def _create(self, run: UUID, key: str, text: str, *, is_repeated: bool) -> bool:
        async with self._connection.client() as client:
            try:
                await client.create_flow_run_input(run, key, text)
            except PrefectHTTPStatusError as error:
                match error.response.status_code:
                    case HTTPStatus.CONFLICT:
                        return is_repeated and await client.read_flow_run_input(run, key) == text
                    case HTTPStatus.NOT_FOUND:
                        return False
                raise
        return True

    async def replace(self, run_id: str, key: str, value: Mapping[str, str]) -> None:
        """Write a run input whether or not the key was there. Not atomic."""
        if await self.claim(run_id, key, value):
            return
        await self.release(run_id, key)
        await self.claim(run_id, key, value)

    async def release(self, run_id: str, key: str) -> None:
        """Delete a run input; nothing happens if it is gone, so that this can be repeated."""
        await asked_again(lambda: self._delete(UUID(run_id), key))

    async def _delete(self, run: UUID, key: str) -> None:
        async with self._connection.client() as client:
            try:
                await client.delete_flow_run_input(run, key)
            except PrefectHTTPStatusError as error:
                if error.response.status_code != HTTPStatus.NOT_FOUND:
                    raise

    async def resume(self, run_id: str, gate: str, decision: Decision, *, nonce: str) -> Resumption:
        """Answer the gate; see answering.resume."""
        return await answering.resume(self._connection, run_id, gate, decision, nonce=nonce, keys=self._keys)

    async def read_back(self, run_id: str, gate: str, *, nonce: str) -> Resumption:
        """What is stored at the gate, seen by the owner of the nonce."""
        return await answering.read_back(self._connection, run_id, gate, nonce=nonce, keys=self._keys)

    async def watch(self, hint: Callable[[str | None], None]) -> NoReturn:
        """Call `hint` with the id of a run that changed, and with None after every (re)connect. For ever."""
        await hints.watch(self._connection, hint)

    async def _pages(self, wanted: FlowRunFilter) -> list[Run]:
        runs: list[Run] = []
        async with self._connection.client() as client:
            for page in range(PAGES):
                found = await client.read_flow_runs(
                    flow_run_filter=wanted, sort=FlowRunSort.START_TIME_DESC, limit=PAGE, offset=page * PAGE
                )
                runs += map(read_run, found)
                if len(found) < PAGE:
                    break
        return runs


def once(are_open: Sequence[Run], are_over: Sequence[Run]) -> tuple[Run, ...]:
    """Both lists as one. A run that ended between the two questions is in both, and has ended."""
    ended = {run.id for run in are_over}
    return (*(run for run in are_open if run.id not in ended), *are_over)


def _tagged(types: Sequence[StateType], *, end_time: FlowRunFilterEndTime | None = None) -> FlowRunFilter:
    kinds = FlowRunFilterStateType(any_=[PrefectStateType(kind.value) for kind in types])
    return FlowRunFilter(tags=FlowRunFilterTags(all_=[TAG]), state=FlowRunFilterState(type=kinds), end_time=end_time)


async def _inputs(client: PrefectClient, run: UUID) -> Mapping[str, str]:
    """All inputs of a run. The route gives the oldest first, and knows no offset."""
    found: dict[str, str] = {}
    while True:
        page = await client.filter_flow_run_input(run, key_prefix="", limit=_INPUTS, exclude_keys=set(found))
        is_last = len(page) < _INPUTS or all(entry.key in found for entry in page)
        found |= {entry.key: entry.value for entry in page}
        if is_last:
            return found


async def _artifacts(client: PrefectClient, run: UUID) -> Sequence[Artifact]:
    """The newest report, receipt and progress of a run."""
    found = await asyncio.gather(
        *(
            client.read_artifacts(
                artifact_filter=ArtifactFilter(
                    key=ArtifactFilterKey(any_=[key]), flow_run_id=ArtifactFilterFlowRunId(any_=[run])
                ),
                sort=ArtifactSort.CREATED_DESC,
                limit=1,
            )
            for key in (REPORT_ARTIFACT, RECEIPT_ARTIFACT, PROGRESS_ARTIFACT)
        )
    )
    return [artifact for newest in found for artifact in newest]
