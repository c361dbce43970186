"""Signed HTTP instead of sockets: Bolt's own signature check accepts what the sandbox sends."""

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
import uvicorn
from slack_bolt.adapter.starlette.async_handler import AsyncSlackRequestHandler
from slack_bolt.async_app import AsyncApp
from slack_sdk import WebClient
from slack_sdk.signature import SignatureVerifier
from slack_sdk.web.async_client import AsyncWebClient
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from sandbox.http_delivery import sign
from sandbox.testing import RunningSandbox
from sandbox.workspace import DATA_RELEASES, MINA
from tests.sandbox.conftest import PATIENCE

BUTTON = {"type": "button", "action_id": "go", "text": {"type": "plain_text", "text": "Go"}}
CARD = [{"type": "actions", "elements": [BUTTON]}]


@contextmanager
def serving(app: Starlette) -> Iterator[str]:
    """An app on a free port, as `http://127.0.0.1:PORT`."""
    listener = socket.socket()
    listener.bind(("127.0.0.1", 0))
    listener.listen()
    server = uvicorn.Server(uvicorn.Config(app, log_level="error"))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join(PATIENCE)


def bolt(sandbox: RunningSandbox, *, secret: str) -> Starlette:
    """A Bolt app behind Starlette that acknowledges a click, a command and messages."""
    client = AsyncWebClient(token=sandbox.settings.bot_token, base_url=sandbox.client.api_url)
    app = AsyncApp(client=client, signing_secret=secret)

    @app.action("go")
    async def go(ack: Any) -> None:
        await ack()

    @app.command("/wap")
    async def wap(ack: Any) -> None:
        await ack("seen")

    @app.event("message")
    async def message() -> None:
        return

    handler = AsyncSlackRequestHandler(app)

    async def events(request: Request) -> Response:
        return await handler.handle(request)

    return Starlette(routes=[Route("/slack/events", events, methods=["POST"])])


def test_bolt_accepts_the_signature_and_answers(sandbox: RunningSandbox, slack: WebClient) -> None:
    """Clicks, commands and events arrive by HTTP, after the challenge was answered."""
    with serving(bolt(sandbox, secret=sandbox.settings.signing_secret)) as address:
        assert sandbox.client.control("mode", mode="http", request_url=f"{address}/slack/events")["ok"]
        ts = slack.chat_postMessage(channel=DATA_RELEASES, text="card", blocks=CARD)["ts"]
        click = sandbox.client.click(MINA, DATA_RELEASES, ts, action_id="go")
        command = sandbox.client.command(MINA, "help", channel=DATA_RELEASES)
        say = sandbox.client.say(MINA, "hello", channel=DATA_RELEASES)
        texts = [message["text"] for message in sandbox.client.messages(DATA_RELEASES)]
    assert click["acked"]
    assert command["acked"]
    assert say["acked"]
    assert "seen" in texts
    assert {line["connection"] for line in sandbox.client.deliveries()} == {"http"}


@pytest.mark.parametrize("sandbox", [{"retry_seconds": ()}], indirect=True)
def test_bolt_with_another_secret_refuses(sandbox: RunningSandbox) -> None:
    """The signature depends on the secret: a wrong one is no ack, and the URL is not accepted at all."""
    with serving(bolt(sandbox, secret="another")) as address:
        answer = sandbox.client.control("mode", mode="http", request_url=f"{address}/slack/events")
    assert not answer["ok"]
    assert "challenge" in answer["shown"]


@pytest.mark.parametrize("sandbox", [{"ack_seconds": PATIENCE, "retry_seconds": (0.0,)}], indirect=True)
def test_slow_or_failing_url_is_no_ack_and_events_say_which_repeat_they_are(sandbox: RunningSandbox) -> None:
    """A command fails visibly; an event comes again with its number and the reason in headers."""
    seen: list[tuple[str | None, str | None]] = []

    async def endpoint(request: Request) -> Response:
        body = await request.body()
        if b"url_verification" in body:
            return PlainTextResponse((await request.json())["challenge"])
        headers = request.headers
        seen.append((headers.get("x-slack-retry-num"), headers.get("x-slack-retry-reason")))
        return PlainTextResponse("down", 500)

    with serving(Starlette(routes=[Route("/", endpoint, methods=["POST"])])) as address:
        sandbox.client.control("mode", mode="http", request_url=address)
        command = sandbox.client.command(MINA, "help", channel=DATA_RELEASES)
        sandbox.client.say(MINA, "hello", channel=DATA_RELEASES)
        deadline = time.monotonic() + PATIENCE
        while len(seen) < 3 and time.monotonic() < deadline:
            time.sleep(0.02)
    assert command["error"] == "dispatch_failed"
    assert seen == [(None, None), (None, None), ("1", "http_error")]


def test_signature_is_what_slacks_sdk_computes() -> None:
    """Two implementations of the documented recipe agree."""
    expected = SignatureVerifier("secret").generate_signature(timestamp="1531420618", body="command=%2Fwap&text=a")
    assert sign("secret", timestamp=1531420618, body=b"command=%2Fwap&text=a") == expected
