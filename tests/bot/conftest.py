"""What tests of the bot share."""

from collections.abc import AsyncIterator, Iterator

import pytest

from sandbox.testing import RunningSandbox, start_sandbox
from tests.bot.prefect_world import PrefectWorld


@pytest.fixture
async def world(prefect_url: str) -> AsyncIterator[PrefectWorld]:
    """A real Prefect, with runs moved by hand."""
    async with PrefectWorld(prefect_url) as made:
        yield made


@pytest.fixture
def local_slack() -> Iterator[RunningSandbox]:
    """A local Slack of this test alone."""
    with start_sandbox() as running:
        yield running
