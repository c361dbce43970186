"""Use cases that only read: /wap and the Home tab."""

import asyncio
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import assert_never

from bot import command_line
from bot.blocks.card import card_message
from bot.blocks.elements import section
from bot.blocks.home import home_view
from bot.card_state import Card, card_of
from bot.messages import to_person
from bot.payloads import SlashCommand
from bot.ports import Message, Runs, Slack
from bot.reconciler import LOOK_BACK
from bot.runs import Run

CARDS_LISTED = 20


class Lookups:
    """Answers questions about runs. Every answer is private, and none changes anything."""

    def __init__(self, runs: Runs, slack: Slack, *, ui_url: str, clock: Callable[[], datetime]) -> None:
        self._runs = runs
        self._slack = slack
        self._ui_url = ui_url
        self._clock = clock

    async def command(self, command: SlashCommand) -> None:
        """Answer /wap."""
        await self._slack.answer(command.response_url, await self._answer(command.text))

    async def home(self, user_id: str) -> None:
        """Show the open runs on the Home tab."""
        await self._slack.publish_home(user_id, home_view(await self._open_cards(), ui_url=self._ui_url))

    async def _answer(self, text: str) -> Message:
        match command_line.parse(text):
            case command_line.Help(unknown, suggestion):
                return _words(to_person.usage(unknown, suggestion))
            case command_line.List():
                return _words(to_person.open_runs(await self._open_cards()))
            case command_line.Show(wanted):
                return await self._show(wanted)
            case unreachable:
                assert_never(unreachable)

    async def _show(self, wanted: str) -> Message:
        match command_line.find(wanted, await self._runs.listed(ended_within=LOOK_BACK)):
            case command_line.Found(run):
                card = await self._card(run)
                return card_message(card, ui_url=self._ui_url) if card else _words(to_person.gone(run.id))
            case command_line.Ambiguous(runs):
                return _words(to_person.ambiguous(wanted, runs))
            case command_line.Missing(suggestion):
                return _words(to_person.missing(wanted, suggestion))
            case unreachable:
                assert_never(unreachable)

    async def _open_cards(self) -> Sequence[Card]:
        listed = await self._runs.listed(ended_within=LOOK_BACK)
        runs = [run for run in listed if not run.is_over][:CARDS_LISTED]
        return [card for card in await asyncio.gather(*map(self._card, runs)) if card]

    async def _card(self, run: Run) -> Card | None:
        facts = await self._runs.facts(run.id)
        return card_of(facts, now=self._clock()) if facts else None


def _words(text: str) -> Message:
    return Message(text, (section(text),))
