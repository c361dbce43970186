"""Implements the Desk port: what can be started, starting it, and stopping what runs."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http import HTTPStatus
from typing import Any
from uuid import UUID

from prefect.client.schemas.filters import DeploymentFilter, DeploymentFilterTags
from prefect.client.schemas.objects import State
from prefect.client.schemas.objects import StateType as PrefectStateType
from prefect.client.schemas.responses import DeploymentResponse, OrchestrationResult, SetStateStatus
from prefect.client.schemas.sorting import DeploymentSort
from prefect.exceptions import ObjectNotFound, PrefectHTTPStatusError

from bot.commands.deployments import Deployment, read_parameters
from bot.ports import Refused, RunsUnavailable, RunsUnreached, RunsUnsure
from bot.prefect_runs.connection import Connection
from bot.prefect_runs.patience import asked_again
from bot.prefect_runs.reading import read_run
from bot.runs import Run
from flows.contract import ROLLBACK_TAG, TAG

_MOST = 100
_CLIENT_ERRORS = (HTTPStatus.CONFLICT, HTTPStatus.UNPROCESSABLE_ENTITY, HTTPStatus.BAD_REQUEST)
_DETAIL_CHARS = 300


class PrefectDesk:
    """Starts and stops runs through Prefect's API."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    async def deployments(self) -> tuple[Deployment, ...]:
        """The deployments with our tag, by name, without those that take releases back."""
        return tuple(_deployment(one) for one in await self._tagged(TAG) if ROLLBACK_TAG not in one.tags)

    async def rollbacks(self) -> tuple[Deployment, ...]:
        """The deployments that take releases back, by name."""
        return tuple(map(_deployment, await self._tagged(TAG, ROLLBACK_TAG)))

    async def _tagged(self, *tags: str) -> list[DeploymentResponse]:
        wanted = DeploymentFilter(tags=DeploymentFilterTags(all_=list(tags)))

        async def read() -> list[DeploymentResponse]:
            async with self._connection.client() as client:
                return await client.read_deployments(
                    deployment_filter=wanted, sort=DeploymentSort.NAME_ASC, limit=_MOST, offset=0
                )

        return await asked_again(read)

    async def start(self, deployment_id: str, parameters: Mapping[str, Any], *, once: str) -> Run | Refused:
        """Create a run of this deployment, at most one for the same `once`.

        Repeated under that idempotency key: Prefect answers with the run that an earlier try has made.
        """
        with _unsure():
            return await asked_again(lambda: self._start(deployment_id, parameters, once=once))

    async def _start(self, deployment_id: str, parameters: Mapping[str, Any], *, once: str) -> Run | Refused:
        async with self._connection.client() as client:
            try:
                made = await client.create_flow_run_from_deployment(
                    UUID(deployment_id), parameters=dict(parameters), tags=[TAG], idempotency_key=once
                )
            except ObjectNotFound:
                return Refused("the deployment is not there any more")
            except PrefectHTTPStatusError as error:
                if error.response.status_code in _CLIENT_ERRORS:
                    return Refused(_detail(error))
                raise
        return read_run(made)

    async def cancel(self, run_id: str, message: str) -> Refused | None:
        """Ask Prefect to cancel this run. Whoever runs it notices, and ends it.

        Repeated because Prefect refuses to cancel a second time, and says in what state the run is: its message tells
        whether it is this cancellation that is stored.
        """
        with _unsure():
            return await asked_again(lambda: self._cancel(UUID(run_id), message))

    async def _cancel(self, run: UUID, message: str) -> Refused | None:
        cancelling: State[Any] = State(type=PrefectStateType.CANCELLING, message=message)
        async with self._connection.client() as client:
            try:
                result = await client.set_flow_run_state(run, cancelling)
            except ObjectNotFound:
                return Refused("the run is not there any more")
        if _is_stored(result, message):
            return None
        return Refused(str(getattr(result.details, "reason", "") or result.status.value))


def _is_stored(result: OrchestrationResult[Any], message: str) -> bool:
    """Whether the run is cancelled by this. One that nobody has begun to run is so at once, although Prefect calls its
    answer REJECT then (3.8); of one that had ended before it says ABORT."""
    if result.status is not SetStateStatus.REJECT or result.state is None:
        return result.status is SetStateStatus.ACCEPT
    return result.state.is_cancelled() or (result.state.is_cancelling() and result.state.message == message)


@contextmanager
def _unsure() -> Iterator[None]:
    """For what changes something: no answer to it is not a no, unless Prefect was never reached."""
    try:
        yield
    except RunsUnreached:
        raise
    except RunsUnavailable as error:
        raise RunsUnsure(str(error)) from error


def _deployment(found: DeploymentResponse) -> Deployment:
    parameters = read_parameters(found.parameter_openapi_schema or {}, found.parameters or {})
    config = (found.parameters or {}).get("config")
    return Deployment(str(found.id), found.name, parameters, is_paused=bool(found.paused), config=str(config or ""))


def _detail(error: PrefectHTTPStatusError) -> str:
    try:
        detail = error.response.json().get("detail", "")
    except ValueError:
        detail = ""
    return str(detail)[:_DETAIL_CHARS] or f"HTTP {error.response.status_code}"
