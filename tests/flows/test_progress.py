"""How far the build is, as people who wait for the card read it in Prefect."""

from typing import Any
from uuid import UUID

import httpx
import pytest
from prefect import flow

from flows.contract import PROGRESS_ARTIFACT, Progress
from flows.prefect_runs.progress import ToldProgress, models_to_build, told_progress
from flows.prefect_runs.store import _newest, prefect_client
from tests.flows.project import Project
from tests.flows.reviewed import Reviewed, reject

MANIFEST: dict[str, Any] = {
    "nodes": {
        "model.a": {"resource_type": "model", "config": {"materialized": "table"}},
        "model.b": {"resource_type": "model", "config": {"materialized": "ephemeral"}},
        "model.c": {"resource_type": "model", "config": {"materialized": "view"}},
        "test.a": {"resource_type": "test", "config": {"materialized": "test"}},
        "seed.a": {"resource_type": "seed", "config": {"materialized": "seed"}},
    }
}


def test_models_to_build_are_those_that_prefect_dbt_tells_of() -> None:
    """Models that are built; what is inlined never finishes by itself, and of tests and seeds nobody hears."""
    assert models_to_build(MANIFEST, ("build",)) == 2


@pytest.mark.parametrize("argument", ["--select=orders", "-s", "--exclude"])
def test_models_to_build_with_a_selection_are_not_known(argument: str) -> None:
    """Unknown is 0, never a guess that the bar would run past."""
    assert models_to_build(MANIFEST, ("build", argument, "orders")) == 0


@pytest.mark.usefixtures("prefect")
def test_progress_of_a_flow_ends_at_all_models(prefect: str, project: Project) -> None:
    """The artifact of the run says in the end that every model is done."""
    project.rows((1, 10), (2, 200))
    reviewed = Reviewed(prefect, project, reject)
    assert reviewed.report is not None
    told = Progress.model_validate(_newest(UUID(reviewed.report.run), PROGRESS_ARTIFACT))
    assert told.of > 0
    assert told.done == told.of


@pytest.mark.usefixtures("prefect")
def test_progress_that_cannot_be_told_fails_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """A Prefect that does not answer costs a line in the log."""

    @flow
    def building() -> None:
        with prefect_client() as client:
            progress = ToldProgress(client, UUID(int=1))
            monkeypatch.setattr(client, "create_artifact", _unreachable)
            progress.expect(2)
            progress.model_finished()

    building()


def _unreachable(artifact: object) -> None:
    raise httpx.ConnectError("no route")


@pytest.mark.usefixtures("prefect")
def test_progress_is_one_artifact_that_is_overwritten() -> None:
    """However often it is told, a run has one."""
    from prefect.runtime import flow_run

    seen: list[Progress] = []

    @flow
    def building() -> None:
        run = UUID(flow_run.get_id())
        with told_progress(run) as progress:
            progress.expect(3)
            for _ in range(3):
                progress.model_finished()
        seen.append(Progress.model_validate(_newest(run, PROGRESS_ARTIFACT)))

    building()
    assert seen == [Progress(done=3, of=3)]
