"""Tells how far dbt is, in Prefect, so that people who wait for the card see it move."""

import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any
from uuid import UUID

import httpx
from prefect.client.orchestration import SyncPrefectClient
from prefect.client.schemas.actions import ArtifactCreate, ArtifactUpdate
from prefect.exceptions import PrefectHTTPStatusError
from prefect.logging import get_run_logger

from flows.contract import PROGRESS_ARTIFACT, Progress
from flows.prefect_runs.store import prefect_client

_EVERY = 1.0  # seconds; a card is edited no oftener, and each note is a request
_SELECTS = ("--select", "-s", "--models", "-m", "--exclude", "--selector", "--resource-type", "--exclude-resource-type")


def models_to_build(manifest: Mapping[str, Any], arguments: Sequence[str]) -> int:
    """How many models dbt will build; 0 when a selection makes that unknown (dbt tells it to nobody but its log).

    Only models: prefect-dbt (0.7) calls its hook for nothing else, and what is ephemeral is never built by itself.
    """
    if any(argument.split("=")[0] in _SELECTS for argument in arguments):
        return 0
    models = (node for node in manifest["nodes"].values() if node["resource_type"] == "model")
    return sum(node["config"].get("materialized") != "ephemeral" for node in models)


@contextmanager
def told_progress(run: UUID) -> Iterator["ToldProgress"]:
    """Progress that is kept in Prefect for as long as dbt runs.

    The client is opened here: the thread that dbt calls back in knows none of this run's Prefect settings.
    """
    with prefect_client() as client:
        yield ToldProgress(client, run)


class ToldProgress:
    """Counts finished models and tells Prefect at most once a second. Telling may fail; the build never does by it."""

    def __init__(self, client: SyncPrefectClient, run: UUID) -> None:
        self._client = client
        self._run = run
        self._of = 0
        self._done = 0
        self._told_at = 0.0
        self._logger = get_run_logger()
        self._artifact: UUID | None = None

    def expect(self, models: int) -> None:
        """So many nodes are to come; 0 if that is not known."""
        self._of = models
        self._tell()

    def model_finished(self) -> None:
        """One more. Called from a thread of dbt's runner, one call at a time."""
        self._done += 1
        if self._done == self._of or time.monotonic() - self._told_at >= _EVERY:
            self._tell()

    def _tell(self) -> None:
        self._told_at = time.monotonic()
        data = Progress(done=min(self._done, self._of or self._done), of=self._of).model_dump()
        try:
            if self._artifact is None:
                made = ArtifactCreate(key=PROGRESS_ARTIFACT, type=PROGRESS_ARTIFACT, data=data, flow_run_id=self._run)
                self._artifact = self._client.create_artifact(made).id
            else:
                self._client.update_artifact(self._artifact, ArtifactUpdate(data=data))
        except (httpx.HTTPError, PrefectHTTPStatusError) as error:
            self._logger.warning("progress.not_told error=%s", type(error).__name__)
