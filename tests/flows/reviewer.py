"""Somebody who answers the question of a run from another thread, through the Prefect API."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import httpx

from flows.contract import acknowledgement_key
from tests.prefect_http import prefect_http

_PATIENCE = 600.0


class Api:
    """The Prefect REST API, spoken by hand so that the tests do not trust the client that the product uses."""

    def __init__(self, url: str) -> None:
        self.http = prefect_http(url)

    def runs(self) -> list[dict[str, Any]]:
        """Our runs, newest first."""
        return list(
            self._post("/flow_runs/filter", {"flow_runs": {"tags": {"all_": ["wap"]}}, "sort": "START_TIME_DESC"})
        )

    def run(self, run: str) -> dict[str, Any]:
        """One run."""
        return dict(self.http.get(f"/flow_runs/{run}").raise_for_status().json())

    def wait_paused(self, *, not_gate: str = "", known: frozenset[str] = frozenset()) -> dict[str, Any]:
        """The next run that is paused, other than the `known` ones and other than at the gate `not_gate`."""
        deadline = time.monotonic() + _PATIENCE
        while time.monotonic() < deadline:
            for run in self.runs():
                state = run["state"]
                fresh = run["id"] not in known and state["type"] == "PAUSED"
                if fresh and state["state_details"]["pause_key"] != not_gate:
                    return run
            time.sleep(0.05)
        raise TimeoutError("no run paused")

    def wait_acknowledged(self, run: str) -> None:
        """Until the flow has read the decision and acts on it."""
        deadline = time.monotonic() + _PATIENCE
        while self.input(run, acknowledgement_key(1)) is None:
            if time.monotonic() > deadline:
                raise TimeoutError("the decision was not acknowledged")
            time.sleep(0.05)

    def resume(self, run: str, run_input: dict[str, Any] | None) -> dict[str, Any]:
        """Answer; returns Prefect's verdict."""
        return dict(self._post(f"/flow_runs/{run}/resume", {"run_input": run_input} if run_input is not None else {}))

    def set_state(self, run: str, kind: str, *, force: bool = False) -> None:
        """Set a state by hand."""
        self._post(f"/flow_runs/{run}/set_state", {"state": {"type": kind}, "force": force})

    def artifacts(self, run: str, key: str) -> list[dict[str, Any]]:
        """The run's artifacts under this key, newest first."""
        body = {"artifacts": {"key": {"any_": [key]}, "flow_run_id": {"any_": [run]}}, "sort": "CREATED_DESC"}
        return list(self._post("/artifacts/filter", body))

    def input(self, run: str, key: str) -> Any | None:
        """A run input, or None."""
        answer = self.http.get(f"/flow_runs/{run}/input/{key}")
        return None if answer.status_code == httpx.codes.NOT_FOUND else answer.raise_for_status().json()

    def _post(self, path: str, body: dict[str, Any]) -> Any:
        return self.http.post(path, json=body).raise_for_status().json()


@contextmanager
def meanwhile(act: Callable[[], None]) -> Iterator[None]:
    """Run `act` in another thread while the body runs; an exception of it is raised here."""
    problems: list[BaseException] = []

    def run() -> None:
        try:
            act()
        except BaseException as error:  # noqa: BLE001 - handed to the test's own thread below
            problems.append(error)

    thread = threading.Thread(target=run)
    thread.start()
    yield
    thread.join(timeout=_PATIENCE)
    if problems:
        raise problems[0]
