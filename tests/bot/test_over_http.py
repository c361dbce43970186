"""HTTP mode: what Slack did not sign is turned away before it reaches a listener; what it did is told in doors/."""

import hashlib
import hmac
import time
from collections.abc import AsyncIterator, Callable

import aiohttp
import pytest

from bot.life import Bot
from bot.listeners.over_http import PATH, OverHttp
from tests.bot.stand import Stand, running_bot, settings_for

SECRET = "sandbox-signing-secret"
BODY = b"payload=%7B%22type%22%3A%22block_actions%22%7D"


def signed(body: bytes = BODY, *, at: float | None = None, secret: str = SECRET) -> dict[str, str]:
    """Slack's headers for this body."""
    moment = str(int(time.time() if at is None else at))
    digest = hmac.new(secret.encode(), b"v0:" + moment.encode() + b":" + body, hashlib.sha256).hexdigest()
    return {
        "X-Slack-Request-Timestamp": moment,
        "X-Slack-Signature": f"v0={digest}",
        "Content-Type": "application/x-www-form-urlencoded",
    }


@pytest.fixture
async def http_bot(stand: Stand) -> AsyncIterator[Bot]:
    """A bot in HTTP mode on a port that the system gave."""
    settings = settings_for(stand.slack, stand.world.url, WAP_SLACK_MODE="http", WAP_HTTP_PORT="0")
    async with running_bot(settings) as bot:
        yield bot


def address(bot: Bot) -> str:
    """Where this bot listens."""
    assert isinstance(bot.transport, OverHttp)
    return f"http://127.0.0.1:{bot.transport.port}"


# Made when a test runs, not when it is collected: a suite takes minutes, and a signature is good for five.
UNSIGNED: dict[str, tuple[Callable[[], dict[str, str]], bytes]] = {
    "no headers": (dict, BODY),
    "short signature": (lambda: {**signed(), "X-Slack-Signature": "v0=0"}, BODY),
    "signature beyond ASCII": (lambda: {**signed(), "X-Slack-Signature": "v0=ü"}, BODY),
    "another secret": (lambda: signed(secret="another-secret"), BODY),
    "too old": (lambda: signed(at=time.time() - 400), BODY),
    "from the future": (lambda: signed(at=time.time() + 400), BODY),
    "timestamp in words": (lambda: {**signed(), "X-Slack-Request-Timestamp": "soon"}, BODY),
    "endless timestamp": (lambda: {**signed(), "X-Slack-Request-Timestamp": "9" * 5_000}, BODY),
    "full-width timestamp": (lambda: {**signed(), "X-Slack-Request-Timestamp": "\uff11\uff17"}, BODY),
    "edited body": (lambda: signed(), BODY + b"x"),
    "body beyond UTF-8": (lambda: signed(b"\xff\xfe"), b"\xff\xfe"),
}


@pytest.mark.parametrize("kind", UNSIGNED)
async def test_unsigned_request_is_turned_away(http_bot: Bot, kind: str) -> None:
    """401 for everything that Slack did not sign, also where Bolt alone would answer 500."""
    headers, body = UNSIGNED[kind]
    async with aiohttp.ClientSession() as session:
        answer = await session.post(address(http_bot) + PATH, data=body, headers=headers())
        assert answer.status == 401


async def test_oversized_request_is_turned_away(http_bot: Bot) -> None:
    """Nothing of Slack's is larger than a megabyte."""
    body = b"x" * (1024 * 1024 + 1)
    async with aiohttp.ClientSession() as session:
        answer = await session.post(address(http_bot) + PATH, data=body, headers=signed(body))
        assert answer.status == 413


async def test_health_is_answered(http_bot: Bot) -> None:
    """A container can be asked whether it lives."""
    async with aiohttp.ClientSession() as session:
        answer = await session.get(address(http_bot) + "/healthz")
        assert (answer.status, await answer.text()) == (200, "ok")
