"""Slack's cursors: an opaque text that says where the next page begins."""

import base64
import binascii
from collections.abc import Sequence
from typing import TypeVar

from sandbox.errors import Refusal
from sandbox.web_api.arguments import Arguments

T = TypeVar("T")


def page(items: Sequence[T], arguments: Arguments, *, default: int, maximum: int) -> tuple[list[T], str]:
    """One page of `items` and the next cursor, empty at the end. Raises Refusal `invalid_cursor`."""
    limit = arguments.number("limit", default, maximum=maximum) or default
    start = _decode(arguments.text("cursor"))
    end = start + limit
    return list(items[start:end]), _encode(end) if end < len(items) else ""


def _encode(position: int) -> str:
    return base64.urlsafe_b64encode(f"next:{position}".encode()).decode()


def _decode(cursor: str | None) -> int:
    if cursor is None:
        return 0
    try:
        word, _, position = base64.urlsafe_b64decode(cursor).decode().partition(":")
        if word == "next":
            return int(position)
    except (binascii.Error, ValueError):
        pass
    raise Refusal("invalid_cursor")
