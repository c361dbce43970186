"""Prefect's REST API, asked again while the server is busy.

SQLite lets one writer in at a time; Prefect answers 503 to the other, and has done nothing for it then.
"""

import asyncio
import time

import httpx

_BUSY_SECONDS = 180.0
_PAUSE = 0.02


class _AskedAgain(httpx.HTTPTransport):
    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """The first answer of a server that had time, or its last 503."""
        request.read()
        deadline = time.monotonic() + _BUSY_SECONDS
        while True:
            answer = super().handle_request(request)
            if answer.status_code != httpx.codes.SERVICE_UNAVAILABLE or time.monotonic() > deadline:
                return answer
            answer.close()
            time.sleep(_PAUSE)


class AskedAgainAsync(httpx.AsyncHTTPTransport):
    """The same for Prefect's own client, which would sleep two seconds, four, eight ... and then give up."""

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """The first answer of a server that had time, or its last 503."""
        await request.aread()
        deadline = time.monotonic() + _BUSY_SECONDS
        while True:
            answer = await super().handle_async_request(request)
            if answer.status_code != httpx.codes.SERVICE_UNAVAILABLE or time.monotonic() > deadline:
                return answer
            await answer.aclose()
            await asyncio.sleep(_PAUSE)


def prefect_http(url: str) -> httpx.Client:
    """A client of the API at `url`; close it after use. It speaks plain HTTP, so it reads no certificates."""
    return httpx.Client(base_url=url, timeout=30, transport=_AskedAgain(verify=False, trust_env=False))


def forget_runs(url: str) -> None:
    """Delete every run of ours: each bot that starts later would read all of them, and show them on cards."""
    with prefect_http(url) as http:
        body = {"flow_runs": {"tags": {"all_": ["wap"]}}, "limit": 200}
        while found := http.post("/flow_runs/filter", json=body).raise_for_status().json():
            for run in found:
                gone = http.delete(f"/flow_runs/{run['id']}")
                if gone.status_code != httpx.codes.NOT_FOUND:
                    gone.raise_for_status()
