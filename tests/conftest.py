"""What tests of every room share: a real Prefect server per test process."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from hypothesis import HealthCheck, settings

# A deadline for an example, or for making one, is a timed assert: on a busy machine it says nothing about the code.
settings.register_profile("untimed", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("untimed")

_PATIENCE = 600.0


_LONGEST = ("tests/story/", "tests/browser/", "tests/flows/test_")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Files that take minutes come first: at the end one process would wait for the other."""
    items.sort(key=lambda item: not item.nodeid.startswith(_LONGEST))


def free_port() -> int:
    """A port that the system gives."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


PREFECT_PORT = free_port()
# Before anything imports Prefect: threads that it starts read the settings of the process, not those of a fixture, and
# without an address they would start a server of their own.
os.environ["PREFECT_API_URL"] = f"http://127.0.0.1:{PREFECT_PORT}/api"
os.environ["PREFECT_SERVER_EPHEMERAL_ENABLED"] = "false"
os.environ["PREFECT_LOGGING_TO_API_ENABLED"] = "false"
os.environ["DO_NOT_TRACK"] = "1"
# Nothing here speaks TLS, yet each client reads its certificates: all of the system's take 25 ms of CPU, thirty times a
# run. This one ended in 2020, and nobody has its key.
os.environ["PREFECT_API_SSL_CERT_FILE"] = os.environ["SSL_CERT_FILE"] = str(Path(__file__).with_name("nobody.pem"))


@pytest.fixture(scope="session")
def prefect_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The API of a real Prefect server on SQLite, alone for this test process."""
    home = tmp_path_factory.mktemp("prefect")
    port = PREFECT_PORT
    url = os.environ["PREFECT_API_URL"]
    settings = {
        "PREFECT_HOME": str(home),
        "PREFECT_UI_API_URL": url,
        "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
        "PREFECT_SERVER_LOGGING_LEVEL": "ERROR",
        "DO_NOT_TRACK": "1",
    }
    # Whoever ends this process, by `timeout` for one, would otherwise leave the server behind.
    before = signal.signal(signal.SIGTERM, signal.default_int_handler)
    with (home / "server.log").open("wb") as log:
        server = subprocess.Popen(
            [sys.executable, "-m", "prefect", "server", "start", "--port", str(port)],
            env={**os.environ, **settings},
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    try:
        _wait_until_up(url, server)
        yield url
    finally:
        os.killpg(server.pid, signal.SIGTERM)
        server.wait(timeout=60)
        signal.signal(signal.SIGTERM, before)


def _wait_until_up(url: str, server: "subprocess.Popen[bytes]") -> None:
    deadline = time.monotonic() + _PATIENCE
    # One client: each of its own would read all certificates of the system, for an address without TLS.
    with httpx.Client(trust_env=False) as client:
        while time.monotonic() < deadline:
            assert server.poll() is None, "the Prefect server ended while it started"
            try:
                # Health alone is not enough: with an unfit fastapi the server boots and answers 422 to every read.
                if client.post(f"{url}/flow_runs/filter", json={}).status_code == httpx.codes.OK:
                    return
            except httpx.TransportError:
                pass
            time.sleep(0.2)
    raise TimeoutError("the Prefect server did not start")
