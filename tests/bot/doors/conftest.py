"""What people do in Slack, told once and done twice: over the socket, and over signed HTTP.

One local Slack and one bot for each module and door. A test leaves neither open forms nor runs behind, and none may
leave an error in the log. Where to look:

the card in every state, live progress, decisions made in Prefect   test_card.py
buttons, forms, who may, rights looked at again                     test_decisions.py, test_leavers.py
several approvals, withdrawing                                      test_votes.py
tables, picture and file of the thread, questions, the discussion   test_thread.py
every command of /wap, misspelt ones, private answers               test_commands.py
the form that starts a run                                          test_starting.py
the Home tab, Details and its table picker                          test_home.py
reminders, escalation, quiet hours, expiry                          test_time.py
taking a release back, by button and by command                     test_rollback.py
links to runs                                                       test_links.py
unknown runs, long and odd texts, old buttons, gone channels        test_bad_input.py
"""

import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
import pytest_asyncio

from sandbox.manifest import asked_for
from sandbox.testing import sandbox_settings, start_sandbox
from tests.bot.conftest import MANIFEST
from tests.bot.prefect_world import PrefectWorld
from tests.bot.stand import DOORS, PEOPLE, Stand


@pytest.fixture(scope="module", params=DOORS)
def door(request: pytest.FixtureRequest) -> str:
    """How Slack reaches the bot."""
    return str(request.param)


@asynccontextmanager
async def opened(prefect_url: str, door: str, *, seen_at: str = "") -> AsyncIterator[Stand]:
    """A local Slack, a real Prefect, and a bot behind this door, which may see Prefect at another address."""
    settings = sandbox_settings(message_burst=1000, unfurl_domains=frozenset({"127.0.0.1"}), **asked_for(MANIFEST))
    with start_sandbox(settings) as slack:
        async with PrefectWorld(prefect_url) as world:
            stand = Stand(slack, world, door)
            stand.settings = stand.settings.model_copy(update={"prefect_url": seen_at or prefect_url})
            async with stand.bot():
                yield stand


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def office(prefect_url: str, door: str) -> AsyncIterator[Stand]:
    """The stand of a whole module."""
    async with opened(prefect_url, door) as stand:
        yield stand


@pytest_asyncio.fixture(loop_scope="module")
async def stand(office: Stand, caplog: pytest.LogCaptureFixture) -> AsyncIterator[Stand]:
    """The same for one test, which must go through this door alone and leave no error."""
    office.begin()
    before = len(office.client.deliveries())
    yield office
    await office.world.forget_all()
    office.client.fault("*", "none")
    for user in PEOPLE:
        if modal := office.client.state(user)["modal"]:
            office.client.act(user, "close", view_id=modal["id"], all=True)
    ways = {delivery["connection"] == "http" for delivery in office.client.deliveries()[before:]}
    assert ways <= {office.door == "http"}
    records = [*caplog.get_records("call"), *caplog.get_records("teardown")]
    assert [record.getMessage() for record in records if record.levelno >= logging.ERROR] == []
