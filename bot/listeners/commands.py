"""The slash command."""

from typing import Any

from slack_bolt.async_app import AsyncAck, AsyncApp

from bot.commands.commands import Commands
from bot.listeners.errors import Answering
from bot.payloads import parse_command

COMMAND = "/wap"


def register(app: AsyncApp) -> None:
    """Connect the command."""
    app.command(COMMAND)(wap)


async def wap(ack: AsyncAck, body: dict[str, Any], commands: Commands, answering: Answering) -> None:
    """Everything after /wap is understood by command_line."""
    await ack()
    answering.command(body, lambda: commands.answer(parse_command(body)))
