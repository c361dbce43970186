"""What the flow keeps in Prefect: run inputs as claims, artifacts as documents."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from http import HTTPStatus
from typing import Any
from uuid import UUID

import httpx
from prefect.client.orchestration import SyncPrefectClient, get_client
from prefect.client.schemas.actions import ArtifactCreate
from prefect.client.schemas.filters import ArtifactFilter, ArtifactFilterFlowRunId, ArtifactFilterKey
from prefect.client.schemas.objects import State
from prefect.client.schemas.sorting import ArtifactSort
from prefect.exceptions import PrefectHTTPStatusError

from flows.contract import (
    MARKDOWN_ARTIFACT,
    RECEIPT_ARTIFACT,
    REPORT_ARTIFACT,
    Acknowledgement,
    Receipt,
    Report,
    acknowledgement_key,
)
from flows.prefect_runs.patience import says_gone

_RECALLED = 500  # the default of the route is 1


@contextmanager
def prefect_client() -> Iterator[SyncPrefectClient]:
    """A client of the Prefect API for as long as it is needed."""
    with get_client(httpx_settings={"event_hooks": {"response": [_retry_soon]}}, sync_client=True) as client:
        yield client


def _retry_soon(response: httpx.Response) -> None:
    """On SQLite the server answers 503 whenever two writers meet. Prefect's client (3.8) would then sleep two seconds,
    four, eight ...; a person is waiting for the card to say Published."""
    if response.status_code == HTTPStatus.SERVICE_UNAVAILABLE:
        response.headers.setdefault("Retry-After", "0.1")


def claim(run: UUID, key: str, value: Any) -> bool:
    """Write a run input once. False if the key was already there: Prefect keeps (run, key) unique."""
    with prefect_client() as client:
        try:
            client.create_flow_run_input(run, key, json.dumps(value))
        except PrefectHTTPStatusError as error:
            if error.response.status_code == HTTPStatus.CONFLICT:
                return False
            raise
    return True


def recall(client: SyncPrefectClient, run: UUID, key: str) -> Any | None:
    """The value of a run input, or None if there is no such input."""
    try:
        return json.loads(client.read_flow_run_input(run, key))
    except PrefectHTTPStatusError as error:
        if error.response.status_code == HTTPStatus.NOT_FOUND and says_gone(error.response):
            return None
        raise


def recall_all(client: SyncPrefectClient, run: UUID, prefix: str) -> tuple[str, ...]:
    """The run inputs whose keys begin like this, as they are stored; at most 500."""
    found = client.filter_flow_run_input(run, key_prefix=prefix, limit=_RECALLED, exclude_keys=set())
    return tuple(entry.value for entry in found)


def save_report(report: Report, markdown: str) -> None:
    """Keep the report twice: as data for the bot, as Markdown for people in the Prefect UI."""
    run = UUID(report.run)
    with prefect_client() as client:
        _create(client, run, REPORT_ARTIFACT, "wap-report", report.model_dump(mode="json"))
        _create(client, run, MARKDOWN_ARTIFACT, "markdown", markdown)


def save_receipt(receipt: Receipt) -> None:
    """Keep the receipt; the newest one of a run counts."""
    with prefect_client() as client:
        _create(client, UUID(receipt.run), RECEIPT_ARTIFACT, "wap-receipt", receipt.model_dump(mode="json"))


def load_report(run: UUID) -> Report | None:
    """The newest report of the run, or None if it never got that far."""
    data = _newest(run, REPORT_ARTIFACT)
    return None if data is None else Report.model_validate(data)


def load_receipt(run: UUID) -> Receipt | None:
    """The newest receipt of the run, or None if it has none yet."""
    data = _newest(run, RECEIPT_ARTIFACT)
    return None if data is None else Receipt.model_validate(data)


def load_acknowledgement(run: UUID, report: Report | None) -> Acknowledgement | None:
    """The decision that the flow acknowledged on this report, or None."""
    if report is None:
        return None
    with prefect_client() as client:
        data = recall(client, run, acknowledgement_key(report.attempt))
    return None if data is None else Acknowledgement.model_validate(data)


def read_state(run: UUID) -> State[Any] | None:
    """The run's state, as the server has it now."""
    with prefect_client() as client:
        return client.read_flow_run(run).state


def _newest(run: UUID, key: str) -> Any | None:
    with prefect_client() as client:
        found = client.read_artifacts(
            artifact_filter=ArtifactFilter(
                key=ArtifactFilterKey(any_=[key]), flow_run_id=ArtifactFilterFlowRunId(any_=[run])
            ),
            sort=ArtifactSort.CREATED_DESC,
            limit=1,
        )
    return found[0].data if found else None


def _create(client: SyncPrefectClient, run: UUID, key: str, kind: str, data: Any) -> None:
    client.create_artifact(ArtifactCreate(key=key, type=kind, data=data, flow_run_id=run))
