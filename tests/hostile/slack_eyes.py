"""What Slack would make of a payload, told without our own escaping: every mention, link, sign and format it holds.

Written from Slack's documents on mrkdwn, not from bot/blocks/escape.py, with which it would agree too easily.
"""

import re
import unicodedata
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

OURS = re.compile(
    r"@[UW]0[A-Z0-9]+|!subteam\^S0[A-Z0-9]+|!date\^\d+\^[^^|<>]*\|[^<>]*"
    r"|https?://(127\.0\.0\.1:4200|workspace\.example\.com)(/[^<>|]*)?(\|[^<>|]*)?"
)
"""The entities that the bot makes itself: people and groups by id, moments, links to Prefect and to Slack."""

FOREIGN_IDS = ("U0MINA9999", "W0MINA9999", "S0OWNERS99", "C0GENERAL9")

_ENTITY = re.compile(r"<([^<>\n]+)>")
_CODE = re.compile(r"```.+?```|`[^`\n]+`", re.DOTALL)
_BARE = re.compile(r"(?:https?://|www\.|mailto:)\S+|[\w.+-]+@[\w-]+\.\w{2,}|\b[\w-]+\.example\.com", re.IGNORECASE)
_SHOUT = re.compile(r"(?<![\w&])@(?:here|channel|everyone)\b|(?<![\w&])#general\b")
_FORMAT = re.compile(r":(?:tada|slack):|(?<!\w)(?:\*b\*|_i_|~s~)(?!\w)")
_HIDDEN = {"Cc", "Cf", "Cs", "Co", "Zl", "Zp"}


def stray(payload: Any) -> Iterator[str]:
    """Everything in a message's blocks, a view or a single text object that the data and not the bot has put there."""
    match payload:
        case {"type": "mrkdwn", "text": str(text)}:
            yield from stray_in_mrkdwn(text)
        case {"type": "markdown", "text": str(text)}:
            yield f"a markdown block, which renders whatever it holds: {text[:80]!r}"
        case {"type": "plain_text", "text": str(text)}:
            yield from hidden(text)
            if payload.get("emoji", True) and _FORMAT.search(text):
                yield f"an emoji in plain text: {text[:80]!r}"
        case {"type": "link" | "user" | "usergroup" | "channel" | "broadcast" | "emoji" | "color", **rest}:
            yield f"a rich text element that mentions, links or decorates: {rest!r}"
        case {"type": "image", **rest}:
            yield f"an image: {rest!r}"
        case dict():
            for name, part in payload.items():
                yield from _field(name, part)
        case list() | tuple():
            for part in payload:
                yield from stray(part)


def stray_in_mrkdwn(text: str) -> Iterator[str]:
    """Of one text that Slack reads as mrkdwn: a text object, a message's text, a file's comment."""
    yield from hidden(text.replace("\n", ""))
    entities = _ENTITY.findall(text)
    yield from (f"an entity: <{found[:80]}>" for found in entities if not _is_ours(found))
    # In code nothing is linked or formatted, but entities are read before code is: hence after them.
    plain = _CODE.sub(" ", _ENTITY.sub(" ", text))
    if "<" in plain or ">" in plain:
        yield f"an angle bracket that is not escaped: {plain[:80]!r}"
    for pattern, what in ((_BARE, "a bare address"), (_SHOUT, "a shout"), (_FORMAT, "a format or emoji")):
        if found := pattern.search(plain):
            yield f"{what}: {plain[max(0, found.start() - 30) : found.end() + 30]!r}"


def stray_in_notification(text: str) -> Iterator[str]:
    """Of the text beside blocks. It is seen in notifications only, which link and format nothing; entities notify."""
    yield from hidden(text.replace("\n", ""))
    if left := _ENTITY.sub(" ", text).strip("\n"):
        yield from (
            f"an entity in a notification: <{found[:80]}>" for found in _ENTITY.findall(text) if not _is_ours(found)
        )
        if "<" in left or ">" in left:
            yield f"an angle bracket that is not escaped in a notification: {left[:80]!r}"


def stray_in_file(name: str, title: str, comment: str, alt: str) -> Iterator[str]:
    """Of a file: its name leads nowhere, its title and alternative text are plain, its comment is mrkdwn."""
    if not re.fullmatch(r"[a-z0-9][a-z0-9-]*\.(csv|png)", name) or len(name) > 200:
        yield f"a file name: {name!r}"
    yield from (problem for text in (title, alt) for problem in hidden(text))
    if len(title) > 250:
        yield f"a title of {len(title):,} characters"
    yield from stray_in_mrkdwn(comment)


def _field(name: str, part: Any) -> Iterator[str]:
    if not isinstance(part, str):
        yield from stray(part)
    elif name == "text":
        yield from hidden(part.replace("\n", ""))  # raw text of a cell, text of a rich text element: shown as it is
    elif name.endswith("url"):
        host = urlsplit(part).netloc
        if host not in ("127.0.0.1:4200", "workspace.example.com"):
            yield f"an address that a button opens: {part[:80]!r}"


def _is_ours(entity: str) -> bool:
    target = entity if entity.startswith("!") else entity.partition("|")[0]
    return bool(OURS.fullmatch(entity)) and not any(foreign in target for foreign in FOREIGN_IDS)


def hidden(text: str) -> Iterator[str]:
    """Characters that steer a screen instead of being seen; a line break is none."""
    found = {f"U+{ord(char):04X}" for char in text if unicodedata.category(char) in _HIDDEN} - {"U+000A"}
    if found:
        yield f"characters that cannot be seen: {sorted(found)}"
