"""The whole bot between a local Slack and a real Prefect, and eyes to look at what people see."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from functools import partial
from typing import Any

from bot.app import create_app
from bot.life import Bot
from bot.listeners.over_http import PATH, OverHttp
from bot.messages import to_person
from bot.settings import Settings, read_settings
from sandbox.testing import RunningSandbox
from sandbox.workspace import DATA_RELEASES, GUEST, MINA, PRIYA, STRANGER, TOMAS
from tests.bot.prefect_world import PrefectWorld

Json = dict[str, Any]
_PATIENCE = 180.0
DOORS = ("socket", "http")
"""How Slack can reach a bot: by the connections that the bot holds open, or by signed requests."""

PEOPLE = (MINA, TOMAS, PRIYA, GUEST, STRANGER)
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
    """One local Slack and one Prefect; bots come and go. `door` is the way in which Slack reaches them."""

    def __init__(self, slack: RunningSandbox, world: PrefectWorld, door: str = "socket") -> None:
        self.slack = slack
        self.client = slack.client
        self.world = world
        self.door = door
        by_http = {"WAP_SLACK_MODE": "http", "WAP_HTTP_PORT": "0"} if door == "http" else {}
        self.settings = settings_for(slack, world.url, **by_http)
        self._began = self._hushed = ""

    @asynccontextmanager
    async def bot(self) -> AsyncIterator[Bot]:
        """A bot that Slack reaches through this stand's door."""
        async with running_bot(self.settings) as bot:
            if isinstance(bot.transport, OverHttp):
                address = f"http://127.0.0.1:{bot.transport.port}{PATH}"
                switch = partial(self.client.control, "mode", mode="http", request_url=address)
                assert (await asyncio.to_thread(switch))["ok"]
            yield bot

    def begin(self) -> None:
        """From now on only cards and private answers that come now are seen: another test had this channel before."""
        self.hush()
        self._began = self._hushed

    def hush(self) -> None:
        """Forget what people were told in private."""
        self._hushed = max((message["ts"] for message in self._everything()), default="")

    def _everything(self) -> list[Json]:
        return [message for user in PEOPLE for message in self.client.messages(DATA_RELEASES, user)]

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
            if run_name in message["text"]
            and not message["ephemeral"]
            and not _is_reply(message)
            and message["ts"] > self._began
        ]

    async def card_saying(self, run_name: str, words: str) -> Json:
        """The card of a run as soon as its blocks say these words."""
        found: Json = await eventually(
            lambda: next((card for card in self.cards(run_name) if words in str(card["blocks"])), None)
        )
        return found

    async def whisper(self, user: str, words: str) -> Json:
        """What a person alone is told, as soon as it says these words."""
        found: Json = await eventually(lambda: next((m for m in self.whispers(user) if words in m["text"]), None))
        return found

    def whispers(self, user: str) -> list[Json]:
        """Everything that only this person sees in the channel."""
        seen = self.client.messages(DATA_RELEASES, user)
        return [message for message in seen if message["ephemeral"] and message["ts"] > self._hushed]

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
        """The modal that a person sees, as soon as there is one and it is filled."""
        found: Json = await eventually(lambda: _filled(self.client.state(user)["modal"]))
        return found

    async def modal_saying(self, user: str, words: str) -> Json:
        """The modal that a person sees, as soon as it says these words."""
        found: Json = await eventually(lambda: _saying(self.client.state(user)["modal"], words))
        return found

    async def submit(self, user: str, modal: Json, values: Json | None = None) -> Json:
        """Send a form."""
        return await asyncio.to_thread(self.client.submit, user, modal["id"], values)

    async def command(self, user: str, text: str, *, channel: str = DATA_RELEASES) -> Json:
        """Type /wap."""
        return await asyncio.to_thread(lambda: self.client.command(user, text, channel=channel))

    async def said(self, words: str, *, channel: str = DATA_RELEASES) -> Json:
        """What everybody in a channel reads, as soon as it says these words."""
        found: Json = await eventually(
            lambda: next((m for m in self.client.messages(channel) if words in m["text"] and not m["ephemeral"]), None)
        )
        return found

    async def say(self, text: str, card: Json | None = None, *, user: str = MINA, channel: str = DATA_RELEASES) -> str:
        """Write a message, in the thread of a card or into the channel; its ts."""
        thread_ts = card["ts"] if card else None
        said = await asyncio.to_thread(lambda: self.client.say(user, text, channel=channel, thread_ts=thread_ts))
        return str(said["ts"])

    async def reply(self, card: Json, words: str) -> Json:
        """The reply of the bot that says these words."""
        found: Json = await eventually(
            lambda: next((one for one in self.replies(card) if words in one["text"] and one["bot"]), None)
        )
        return found

    def files(self, card: Json) -> list[Json]:
        """The files in the thread of a card."""
        return [file for message in self.replies(card) for file in message["files"]]

    async def home(self, user: str, words: str) -> Json:
        """The Home tab of a person, as soon as it says these words."""
        found: Json = await eventually(lambda: _saying(self.client.state(user)["home"], words))
        return found


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


def _saying(view: Json | None, words: str) -> Json | None:
    return view if view and words in str(view["blocks"]) else None


def _filled(modal: Json | None) -> Json | None:
    return None if modal and to_person.loading() in str(modal["blocks"]) else modal


def _is_reply(message: Json) -> bool:
    return message.get("thread_ts") not in (None, message["ts"])
