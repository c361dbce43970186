"""The few questions that the demo asks Prefect, over its REST API and independently of the product's own client."""

import time
from collections.abc import Callable
from typing import Any

import httpx

_BUSY_SECONDS = 30.0
_PAUSE = 0.1


class PrefectApi:
    """A Prefect server at `url` (which ends in /api)."""

    def __init__(self, url: str) -> None:
        self._http = httpx.Client(base_url=url, timeout=30, trust_env=False)

    def is_up(self) -> bool:
        """Whether the server answers."""
        try:
            return self._http.get("/health").status_code == httpx.codes.OK
        except httpx.TransportError:
            return False

    def runs(self) -> list[dict[str, Any]]:
        """The runs of ours, oldest first."""
        body = {"flow_runs": {"tags": {"all_": ["wap"]}}, "sort": "START_TIME_ASC"}
        return list(self._post("/flow_runs/filter", body))

    def run(self, run: str) -> dict[str, Any]:
        """One run."""
        return dict(_answered(lambda: self._http.get(f"/flow_runs/{run}")))

    def receipt(self, run: str) -> dict[str, Any] | None:
        """The newest receipt of the run, or None."""
        body = {
            "artifacts": {"key": {"any_": ["wap-receipt"]}, "flow_run_id": {"any_": [run]}},
            "sort": "CREATED_DESC",
            "limit": 1,
        }
        found = self._post("/artifacts/filter", body)
        return dict(found[0]["data"]) if found else None

    def resume(self, run: str, verdict: str, reason: str) -> str:
        """Decide as the form of the Prefect UI does; returns Prefect's verdict, which alone counts: ACCEPT or not."""
        body = {"run_input": {"verdict": verdict, "reason": reason}}
        return str(self._post(f"/flow_runs/{run}/resume", body)["status"])

    def _post(self, path: str, body: dict[str, Any]) -> Any:
        return _answered(lambda: self._http.post(path, json=body))


def _answered(ask: Callable[[], httpx.Response]) -> Any:
    """The answer of a server that has time for it. Raises httpx.HTTPStatusError.

    On SQLite Prefect answers 503 to the second of two writers that meet, and has done nothing for it then.
    """
    last_try = time.monotonic() + _BUSY_SECONDS
    while (answer := ask()).status_code == httpx.codes.SERVICE_UNAVAILABLE and time.monotonic() < last_try:
        time.sleep(_PAUSE)
    return answer.raise_for_status().json()
