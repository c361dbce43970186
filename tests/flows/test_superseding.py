"""The newest run of a target is the only one that asks, also when an older one was slow to ask."""

import time
from typing import Any

import pytest

from flows.contract import BUILD_KEY, PROGRESS_ARTIFACT
from flows.prefect_runs import superseding
from tests.flows.project import Project
from tests.flows.reviewed import Reviewed, reject
from tests.flows.reviewer import Api, meanwhile

_PATIENCE = 600.0


def test_older_run_that_asks_while_a_newer_one_builds_is_superseded(prefect: str, project: Project) -> None:
    """When the newer one began, the older had let go of the lock and had not paused yet."""
    api = Api(prefect)
    older = slow_run(api)
    known = frozenset(run["id"] for run in api.runs())
    seen: list[str] = []

    def pause_older() -> None:
        newer = building(api, known)
        body = {"key": BUILD_KEY, "value": api.http.get(f"/flow_runs/{newer}/input/{BUILD_KEY}").text}
        api.http.post(f"/flow_runs/{older}/input", json=body).raise_for_status()
        api.set_state(older, "PAUSED", force=True)

    def look_and_reject(api: Api, run: str) -> None:
        seen.append(api.run(older)["state"]["name"])
        reject(api, run)

    with meanwhile(pause_older):
        reviewed = Reviewed(prefect, project, look_and_reject)
    assert reviewed.ended_as("Rejected")
    assert seen == ["Superseded"]
    assert reviewed.api.run(reviewed.run)["name"] in api.run(older)["state"]["message"]


def test_older_run_behind_many_others_that_wait_is_superseded(
    prefect: str, project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Prefect lists so many at a time; whose process has died waits on, and runs of other targets wait, too."""
    monkeypatch.setattr(superseding, "PAGE", 2)
    api = Api(prefect)
    others = [slow_run(api) for _ in range(4)]
    older = slow_run(api)
    first = Reviewed(prefect, project, reject)
    build = api.http.get(f"/flow_runs/{first.run}/input/{BUILD_KEY}").text
    api.http.post(f"/flow_runs/{older}/input", json={"key": BUILD_KEY, "value": build}).raise_for_status()
    for run in (older, *others):
        api.set_state(run, "PAUSED", force=True)
    seen: list[str] = []

    def look_and_reject(api: Api, run: str) -> None:
        seen.extend(api.run(one)["state"]["name"] for one in (older, *others))
        reject(api, run)

    try:
        assert Reviewed(prefect, project, look_and_reject).ended_as("Rejected")
    finally:
        for run in others:
            api.http.delete(f"/flow_runs/{run}").raise_for_status()
    assert seen == ["Superseded", *["Paused"] * 4]


def slow_run(api: Api) -> str:
    """A run of ours that is past its audit, and does not ask yet."""
    flow = api.http.post("/flows/", json={"name": "write-audit-publish"}).raise_for_status().json()["id"]
    body: dict[str, Any] = {"flow_id": flow, "tags": ["wap"], "state": {"type": "RUNNING"}}
    return str(api.http.post("/flow_runs/", json=body).raise_for_status().json()["id"])


def building(api: Api, known: frozenset[str]) -> str:
    """The next run, once it tells of its build: it has then looked for older ones a first time."""
    deadline = time.monotonic() + _PATIENCE
    while time.monotonic() < deadline:
        for run in (run["id"] for run in api.runs() if run["id"] not in known):
            if api.artifacts(run, PROGRESS_ARTIFACT):
                return str(run)
        time.sleep(0.05)
    pytest.fail("no run told of its build")
