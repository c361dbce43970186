"""Slack's rules for what we send, as the local Slack enforces them."""

from typing import Any

from bot.ports import Message
from sandbox.block_kit.blocks import Surface
from sandbox.block_kit.payloads import message_blocks
from sandbox.block_kit.payloads import view as check_view
from sandbox.identifiers import Identifiers
from sandbox.settings import SandboxSettings

_MOST_CHARACTERS = SandboxSettings(bot_token="", app_token="", signing_secret="").message_characters


def accept(message: Message) -> None:
    """Raise what Slack would answer to this message."""
    message_blocks(list(message.blocks), Identifiers(), maximum_characters=_MOST_CHARACTERS)
    assert 0 < len(message.text.encode()) <= 4_000


def accept_view(view: dict[str, Any]) -> None:
    """Raise what Slack would answer to this modal or Home tab."""
    check_view(view, Surface(view["type"]), Identifiers())
