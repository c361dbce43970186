"""The real bot over a real socket, with a local Slack and a real Prefect."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

from bot.app import create_app
from bot.blocks.card import APPROVE
from bot.life import Bot
from bot.settings import read_settings
from flows.contract import Outcome
from sandbox.testing import RunningSandbox, SandboxClient
from sandbox.workspace import DATA_RELEASES, MINA
from tests.bot.prefect_world import PrefectWorld
from tests.builders import acknowledgement, receipt

Json = dict[str, Any]
_PATIENCE = 20.0


@asynccontextmanager
async def running_bot(slack: RunningSandbox, world: PrefectWorld) -> AsyncIterator[Bot]:
    """A bot that has started."""
    bot = await create_app(
        read_settings(
            {
                "SLACK_BOT_TOKEN": slack.settings.bot_token,
                "SLACK_APP_TOKEN": slack.settings.app_token,
                "SLACK_API_URL": slack.client.api_url,
                "WAP_SLACK_CHANNEL": DATA_RELEASES,
                "WAP_SIGNING_KEYS": "a-key-for-tests-only",
                "WAP_TICK_SECONDS": "1",
                "PREFECT_API_URL": world.url,
            }
        )
    )
    await bot.start()
    try:
        yield bot
    finally:
        await bot.stop()


async def eventually(look: Callable[[], Any]) -> Any:
    """Look again until there is something to see."""
    deadline = time.monotonic() + _PATIENCE
    while not (seen := await asyncio.to_thread(look)):
        assert time.monotonic() < deadline, "did not happen in time"
        await asyncio.sleep(0.05)
    return seen


def cards(client: SandboxClient, run_name: str) -> list[Json]:
    """The cards of a run in the channel."""
    return [
        message
        for message in client.messages(DATA_RELEASES)
        if run_name in str(message.get("blocks")) and not message.get("thread_ts")
    ]


def card_saying(client: SandboxClient, run_name: str, words: str) -> Callable[[], Json | None]:
    """Looks for the card of a run whose headline contains these words."""
    return lambda: next((card for card in cards(client, run_name) if words in card["text"]), None)


async def test_approve_click_resumes_the_run_and_the_card_follows(
    local_slack: RunningSandbox, world: PrefectWorld
) -> None:
    """A waiting run gets one card; Approve resumes it with a proof, and the card is edited up to Published."""
    asked = await world.waiting("approved-otter")
    client = local_slack.client
    async with running_bot(local_slack, world):
        card = await eventually(card_saying(client, "approved-otter", "Waiting for a decision"))
        clicked = await asyncio.to_thread(
            client.click, MINA, DATA_RELEASES, card["ts"], action_id=APPROVE, confirmed=True
        )
        assert clicked["ok"], clicked
        await eventually(card_saying(client, "approved-otter", "Approved, publishing"))
        assert await world.state_of(asked.run) == "Running"
        assert (await world.response(asked))["verdict"] == "Approve"
        await world.acknowledge(asked.run, acknowledgement())
        await world.publish(asked.run, receipt(Outcome.PUBLISHED, run=asked.run))
        await eventually(card_saying(client, "approved-otter", "Published"))
    assert len(cards(client, "approved-otter")) == 1
