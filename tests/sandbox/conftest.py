"""A sandbox per test, and an unmodified Bolt app that runs beside it in its own thread."""

import asyncio
import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager

import pytest
from slack_bolt.adapter.socket_mode.async_handler import AsyncSocketModeHandler
from slack_bolt.async_app import AsyncApp
from slack_sdk import WebClient
from slack_sdk.web.async_client import AsyncWebClient

from sandbox.testing import RunningSandbox, sandbox_settings, start_sandbox

PATIENCE = 60.0
"""Seconds to wait for what a busy machine makes late; a test that passes does not wait them out."""

Register = Callable[[AsyncApp], None]
RunBolt = Callable[..., AbstractContextManager[None]]


@pytest.fixture(autouse=True)
def _no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    """The SDK would send calls to 127.0.0.1 through a proxy of the environment, whatever NO_PROXY says."""
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "http_proxy", "https_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("SKIP_SLACK_SDK_WARNING", "1")


@pytest.fixture
def sandbox(request: pytest.FixtureRequest) -> Iterator[RunningSandbox]:
    """A fresh workspace at a pace that does not slow tests down; parametrise indirectly for other settings."""
    fields = {"message_burst": 1000, **getattr(request, "param", {})}
    with start_sandbox(sandbox_settings(**fields)) as running:
        yield running


@pytest.fixture
def slack(sandbox: RunningSandbox) -> WebClient:
    """The real SDK client with the bot's token."""
    return WebClient(token=sandbox.settings.bot_token, base_url=sandbox.client.api_url)


@pytest.fixture
def run_bolt(sandbox: RunningSandbox) -> RunBolt:
    """`with run_bolt(register, connections=2):` runs a Bolt app in Socket Mode while the block lasts."""

    @contextmanager
    def run(register: Register, *, connections: int = 1) -> Iterator[None]:
        started, loop = threading.Event(), asyncio.new_event_loop()
        stop = asyncio.Event()

        async def main() -> None:
            client = AsyncWebClient(token=sandbox.settings.bot_token, base_url=sandbox.client.api_url)
            app = AsyncApp(client=client, signing_secret=sandbox.settings.signing_secret)
            register(app)
            handlers = [
                AsyncSocketModeHandler(app, sandbox.settings.app_token, web_client=client) for _ in range(connections)
            ]
            for handler in handlers:
                await handler.connect_async()  # type: ignore[no-untyped-call]
            started.set()
            await stop.wait()
            for handler in handlers:
                await handler.close_async()  # type: ignore[no-untyped-call]

        thread = threading.Thread(target=lambda: loop.run_until_complete(main()), daemon=True)
        thread.start()
        assert started.wait(PATIENCE), "Bolt did not connect"
        try:
            yield
        finally:
            loop.call_soon_threadsafe(stop.set)
            thread.join(PATIENCE)
            loop.close()

    return run
