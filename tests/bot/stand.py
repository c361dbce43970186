"""The whole bot between a local Slack and a real Prefect, and eyes to look at what people see."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

from bot.app import create_app
from bot.life import Bot
from bot.settings import Settings, read_settings
from sandbox.testing import RunningSandbox
from sandbox.workspace import DATA_RELEASES, MINA
from tests.bot.prefect_world import PrefectWorld

Json = dict[str, Any]
_PATIENCE = 60.0
SIGNING_KEY = "a-key-for-tests-only"


def settings_for(slack: RunningSandbox, prefect_url: str, **changes: str) -> Settings:
    """Settings of a bot that talks to this local Slack and this Prefect."""
    return read_settings(
        {
            "SLACK_BOT_TOKEN": slack.settings.bot_token,
            "SLACK_APP_TOKEN": slack.settings.app_token,
            "SLACK_SIGNING_SECRET": slack.settings.signing_secret,
            "SLACK_API_URL": slack.client.api_url,
            "WAP_SLACK_CHANNEL": DATA_RELEASES,
            "WAP_SIGNING_KEYS": SIGNING_KEY,
            "WAP_TICK_SECONDS": "0.5",
            "PREFECT_API_URL": prefect_url,
            **changes,
        }
    )


@asynccontextmanager
async def running_bot(settings: Settings) -> AsyncIterator[Bot]:
    """A bot that has started, and is stopped in the end."""
    bot = await create_app(settings)
    await bot.start()
    try:
        yield bot
    finally:
        await bot.stop()


class Stand:
    """One local Slack and one Prefect; bots come and go."""

    def __init__(self, slack: RunningSandbox, world: PrefectWorld) -> None:
        self.slack = slack
        self.client = slack.client
        self.world = world
        self.settings = settings_for(slack, world.url)

    async def card(self, run_name: str, words: str) -> Json:
        """The card of a run as soon as its text says these words."""
        found: Json = await eventually(
            lambda: next((card for card in self.cards(run_name) if words in card["text"]), None)
        )
        return found

    def cards(self, run_name: str) -> list[Json]:
        """All cards of a run in the channel; there should never be two."""
        return [
            message
            for message in self.client.messages(DATA_RELEASES)
            if run_name in message["text"] and not message["ephemeral"] and not _is_reply(message)
        ]

    async def whisper(self, user: str, words: str) -> Json:
        """What a person alone is told, as soon as it says these words."""
        found: Json = await eventually(lambda: next((m for m in self.whispers(user) if words in m["text"]), None))
        return found

    def whispers(self, user: str) -> list[Json]:
        """Everything that only this person sees in the channel."""
        return [message for message in self.client.messages(DATA_RELEASES, user) if message["ephemeral"]]

    def replies(self, card: Json) -> list[Json]:
        """The thread of a card."""
        messages = self.client.messages(DATA_RELEASES)
        return [message for message in messages if _is_reply(message) and message["thread_ts"] == card["ts"]]

    async def click(self, user: str, card: Json, action_id: str, **fields: Any) -> Json:
        """Press a button of a message."""
        return await asyncio.to_thread(
            lambda: self.client.click(user, DATA_RELEASES, card["ts"], action_id=action_id, **fields)
        )

    async def modal(self, user: str = MINA) -> Json:
        """The modal that a person sees, as soon as there is one."""
        found: Json = await eventually(lambda: self.client.state(user)["modal"])
        return found

    async def command(self, user: str, text: str) -> Json:
        """Type /wap."""
        return await asyncio.to_thread(lambda: self.client.command(user, text, channel=DATA_RELEASES))


async def eventually(look: Callable[[], Any]) -> Any:
    """Look again until there is something to see."""
    deadline = time.monotonic() + _PATIENCE
    while not (seen := await asyncio.to_thread(look)):
        assert time.monotonic() < deadline, "did not happen in time"
        await asyncio.sleep(0.05)
    return seen


def button_ids(message: Json) -> list[str]:
    """The action ids of the buttons of a message."""
    actions = [block for block in message["blocks"] if block["type"] == "actions"]
    return [element["action_id"] for block in actions for element in block["elements"]]


def _is_reply(message: Json) -> bool:
    return message.get("thread_ts") not in (None, message["ts"])
