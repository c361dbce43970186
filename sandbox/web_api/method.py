"""What the table of methods says about each one."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from sandbox.web_api.arguments import Arguments
from sandbox.world import World

Json = dict[str, Any]
Handler = Callable[[World, Arguments], Awaitable[Json]]


class Token(StrEnum):
    """Which token a method takes."""

    NONE = "none"
    BOT = "bot"
    APP = "app"


@dataclass(frozen=True, slots=True)
class Method:
    """One Web API method: its handler, any one of the scopes it needs, and its calls per minute.

    Tiers (docs.slack.dev/apis/web-api/rate-limits): 1 is 1, 2 is 20, 3 is 50, 4 is 100 calls per minute; special
    ones, such as chat.postMessage, are paced by the handler and stand as several hundred.
    """

    handler: Handler
    scopes: tuple[str, ...] = ()
    per_minute: int = 50
    token: Token = Token.BOT
