"""Runs in a real Prefect, driven by hand: what the flow would do, step by step."""

import json
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from types import TracebackType
from typing import Any, Self
from uuid import UUID, uuid4

from prefect import flow
from prefect.client.orchestration import PrefectClient
from prefect.client.schemas.actions import ArtifactCreate
from prefect.client.schemas.filters import FlowRunFilter, FlowRunFilterName
from prefect.client.schemas.objects import State
from prefect.exceptions import ObjectNotFound
from prefect.input.run_input import RunInput, keyset_from_paused_state
from prefect.settings import PREFECT_API_URL, temporary_settings
from prefect.states import Completed, Crashed, Paused, Running

from flows.contract import (
    BUILD_KEY,
    RECEIPT_ARTIFACT,
    REPORT_ARTIFACT,
    ROLLBACK_TAG,
    TAG,
    Acknowledgement,
    Decision,
    Receipt,
    Report,
    acknowledgement_key,
)
from tests.builders import report
from tests.prefect_http import AskedAgainAsync


class _Question(Decision, RunInput):
    pass


@flow
def _nothing() -> None:
    """Only its name is used: the runs of these tests have no process."""


class PrefectWorld:
    """A Prefect server with runs that this test moves."""

    def __init__(self, url: str) -> None:
        self.url = url
        transport = AskedAgainAsync(retries=3, verify=False, trust_env=False)
        self.client = PrefectClient(url, httpx_settings={"transport": transport})
        self._made: list[str] = []
        self._deployed: list[UUID] = []
        self._settings = temporary_settings({PREFECT_API_URL: url})

    async def __aenter__(self) -> Self:
        self._settings.__enter__()
        await self.client.__aenter__()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.client.__aexit__(kind, error, trace)
        self._settings.__exit__(kind, error, trace)

    async def building(self, name: str | None = None) -> str:
        """A run that builds."""
        run = await self.client.create_flow_run(_nothing, name=name, tags=[TAG], state=Running())
        self._made.append(str(run.id))
        made = report()
        build = {"target": made.target.model_dump(), "requested_by": made.requested_by.model_dump()}
        await self.client.create_flow_run_input(run.id, BUILD_KEY, json.dumps(build))
        return str(run.id)

    async def waiting(self, name: str | None = None, **changes: Any) -> Report:
        """A run that waits at its gate; the report that it asks about."""
        run_id = await self.building(name)
        return await self.ask(run_id, **changes)

    async def ask(self, run_id: str, **changes: Any) -> Report:
        """Save a report and pause, in the order of the gate. The question is of now, and stands for eight hours."""
        run = await self.client.read_flow_run(UUID(run_id))
        now = datetime.now(UTC)
        about = {"created_at": now, "expires_at": now + timedelta(hours=8), **changes}
        asked = report(run=run_id, run_name=run.name, gate=uuid4().hex, **about)
        await self.artifact(run_id, REPORT_ARTIFACT, asked.model_dump(mode="json"))
        state: State[Any] = Paused(timeout_seconds=600, pause_key=asked.gate)
        keyset = keyset_from_paused_state(state)
        state.state_details.run_input_keyset = {str(name): key for name, key in keyset.items()}
        await _Question.with_initial_data(description="What changes").asave(keyset, flow_run_id=UUID(run_id))
        await self.set_state(run_id, state)
        return asked

    async def deployment(self, name: str, properties: dict[str, Any]) -> str:
        """Something that a worker could run, if there were one; its id. `properties` are those of its parameters."""
        flow_id = await self.client.create_flow(_nothing)
        fixed = {"config": {"type": "string"}, "requested_by": {"type": "string"}}
        schema = {"type": "object", "properties": {**fixed, "requester_user_id": {"type": "string"}, **properties}}
        made = await self.client.create_deployment(
            flow_id,
            name,
            tags=[TAG],
            parameters={"config": "wap.toml"},
            parameter_openapi_schema=schema,
            enforce_parameter_schema=True,
        )
        self._deployed.append(made)
        return str(made)

    async def rollback_deployment(self) -> str:
        """Something that could take releases back, if there were a worker; its id."""
        flow_id = await self.client.create_flow(_nothing)
        texts = {name: {"type": "string"} for name in ("run", "proof", "config", "requested_by", "requester_user_id")}
        made = await self.client.create_deployment(
            flow_id,
            "wap-rollback",
            tags=[TAG, ROLLBACK_TAG],
            parameters={"config": "wap.toml"},
            parameter_openapi_schema={"type": "object", "properties": texts},
            enforce_parameter_schema=True,
        )
        self._deployed.append(made)
        return str(made)

    async def note(self, run_id: str, key: str, value: Any) -> None:
        """Write a run input, as a flow does."""
        await self.client.create_flow_run_input(UUID(run_id), key, json.dumps(value))

    async def run_called(self, name: str) -> str:
        """The id of the run of this name."""
        wanted = FlowRunFilter(name=FlowRunFilterName(any_=[name]))
        [found] = await self.client.read_flow_runs(flow_run_filter=wanted)
        self._made.append(str(found.id))
        return str(found.id)

    async def parameters_of(self, run_id: str) -> dict[str, Any]:
        """What the run was started with."""
        return (await self.client.read_flow_run(UUID(run_id))).parameters

    async def acknowledge(self, run_id: str, said: Acknowledgement) -> None:
        """What the flow writes as soon as it has read a decision."""
        await self.client.create_flow_run_input(UUID(run_id), acknowledgement_key(said.attempt), said.model_dump_json())

    async def publish(self, run_id: str, left: Receipt) -> None:
        """Leave a receipt and end."""
        await self.artifact(run_id, RECEIPT_ARTIFACT, left.model_dump(mode="json"))
        await self.set_state(run_id, Completed(name=left.outcome.value, message=left.reason))

    async def artifact(self, run_id: str, key: str, data: Any) -> None:
        """Save a document."""
        await self.client.create_artifact(ArtifactCreate(key=key, type=key, data=data, flow_run_id=UUID(run_id)))

    async def answer_in_prefect(self, asked: Report, decision: Decision) -> None:
        """What Prefect's own form sends."""
        await self.client.resume_flow_run(UUID(asked.run), run_input=decision.model_dump())

    async def crash(self, run_id: str) -> None:
        """The process of the run is gone, and Prefect has noticed."""
        await self.set_state(run_id, Crashed(message="Flow run infrastructure exited with code -9."))

    async def forget_all(self) -> None:
        """Leave no run behind that another test's bot would show."""
        for run_id in self._made:
            with suppress(ObjectNotFound):
                await self.client.delete_flow_run(UUID(run_id))
        for deployment in self._deployed:
            await self.client.delete_deployment(deployment)
        self._made.clear()
        self._deployed.clear()

    async def set_state(self, run_id: str, state: State[Any]) -> None:
        """Move the run."""
        await self.client.set_flow_run_state(UUID(run_id), state, force=True)

    async def state_of(self, run_id: str) -> str:
        """The name of the state that the run is in."""
        state = (await self.client.read_flow_run(UUID(run_id))).state
        return state.name or "" if state else ""

    async def response(self, asked: Report) -> dict[str, Any]:
        """The stored answer of a gate."""
        text = await self.client.read_flow_run_input(UUID(asked.run), f"paused-{asked.gate}-response")
        found: dict[str, Any] = json.loads(text)
        return found
