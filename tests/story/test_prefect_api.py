"""What the demo asks Prefect is asked again while Prefect is busy."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer

import httpx
import pytest

from sandbox.demo.prefect_api import PrefectApi


@contextmanager
def _prefect(*answers: tuple[int, object]) -> Iterator[tuple[PrefectApi, list[str]]]:
    """A server that gives these answers, the last one for ever, and the paths it was asked for."""
    asked: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["Content-Length"]))
            status, body = answers[min(len(asked), len(answers) - 1)]
            asked.append(self.path)
            self.send_response(status)
            self.end_headers()
            self.wfile.write(json.dumps(body).encode())

        def log_message(self, *_: object) -> None:
            """Keep quiet."""

    with HTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield PrefectApi(f"http://127.0.0.1:{server.server_port}/api"), asked
        finally:
            server.shutdown()
            thread.join()


def test_decision_is_sent_again_while_prefect_is_busy() -> None:
    """Prefect on SQLite has done nothing when it answers 503; its next verdict is the one that counts."""
    with _prefect((503, {}), (503, {}), (201, {"status": "ACCEPT"})) as (prefect, asked):
        assert prefect.resume("a-run", "Approve", "") == "ACCEPT"
    assert asked == ["/api/flow_runs/a-run/resume"] * 3


def test_decision_that_prefect_refuses_is_sent_once() -> None:
    """Any other refusal is final, and is told with its status."""
    with _prefect((409, {})) as (prefect, asked), pytest.raises(httpx.HTTPStatusError, match="409"):
        prefect.resume("a-run", "Approve", "")
    assert len(asked) == 1
