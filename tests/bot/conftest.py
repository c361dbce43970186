"""What tests of the bot share."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from sandbox.manifest import asked_for
from sandbox.testing import RunningSandbox, sandbox_settings, start_sandbox
from tests.bot.prefect_world import PrefectWorld
from tests.bot.stand import Stand

MANIFEST = Path(__file__).parents[2] / "manifest.yml"


@pytest.fixture(autouse=True)
def _no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing of the environment may come between a test and 127.0.0.1."""
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "http_proxy", "https_proxy", "all_proxy"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
async def world(prefect_url: str) -> AsyncIterator[PrefectWorld]:
    """A real Prefect, with runs moved by hand. They are deleted in the end."""
    async with PrefectWorld(prefect_url) as made:
        yield made
        await made.forget_all()


@pytest.fixture
def local_slack() -> Iterator[RunningSandbox]:
    """A local Slack of this test alone, with our manifest's rights; its rate limit is not what the test is about."""
    with start_sandbox(sandbox_settings(message_burst=1000, **asked_for(MANIFEST))) as running:
        yield running


@pytest.fixture
def door() -> str:
    """How Slack reaches the bots of this test; a test that is about both says so by a parameter."""
    return "socket"


@pytest.fixture
def stand(local_slack: RunningSandbox, world: PrefectWorld, door: str) -> Stand:
    """A local Slack and a real Prefect, waiting for bots."""
    return Stand(local_slack, world, door)
