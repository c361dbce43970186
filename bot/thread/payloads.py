"""The door for messages: what Slack sends when somebody mentions the bot -> a frozen value."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from bot.payloads import Malformed
from bot.runs import Address

_MARKUP = re.compile(r"<([@#!])?([^<>|]*)(?:\|([^<>]*))?>")


@dataclass(frozen=True, slots=True)
class Mention:
    """Somebody mentioned the bot. `thread` is where an answer goes; `is_in_thread` whether it was asked in a thread.

    `words` is what was typed after the bot's name, or else all of it, without mentions and Slack's escapes.
    `is_ours_to_answer` is False for what no person has just typed: other bots, edits, deletions.
    """

    event_id: str
    user_id: str
    at: Address
    thread: Address
    is_in_thread: bool
    words: str
    is_ours_to_answer: bool


def parse_mention(body: Mapping[str, Any]) -> Mention:
    """An `app_mention` event with its envelope. Raises Malformed."""
    event = body.get("event")
    if not isinstance(event, dict):
        raise Malformed("expected an event")
    channel, ts = _text(event, "channel"), _text(event, "ts")
    thread_ts = event.get("thread_ts")
    is_in_thread = isinstance(thread_ts, str) and thread_ts not in ("", ts)
    user = event.get("user")
    return Mention(
        event_id=_text(body, "event_id"),
        user_id=user if isinstance(user, str) else "",
        at=Address(channel, ts),
        thread=Address(channel, str(thread_ts) if is_in_thread else ts),
        is_in_thread=is_in_thread,
        words=_asked(event.get("text"), _own_id(body)),
        is_ours_to_answer=_is_typed_by_a_person(event),
    )


def plain_text(text: str, names: Mapping[str, str]) -> str:
    """Slack's markup as people read it: `<@U1>` by name, channels by their label, links with it, no escapes."""

    def shown(found: re.Match[str]) -> str:
        kind, target, label = found.groups()
        if kind == "@":
            return "@" + (names.get(target) or label or target)
        if kind == "!":
            return label or "@" + target.partition("^")[0]
        if kind == "#":
            return "#" + (label or target)
        # An address is kept beside other words for it: whoever reads this later should see where it led.
        return f"{label} ({target})" if label and label not in target else target

    return _unescaped(_MARKUP.sub(shown, text))


def mentioned(text: str) -> frozenset[str]:
    """The ids of the people that a text mentions."""
    return frozenset(found[2] for found in _MARKUP.finditer(text) if found[1] == "@")


def _asked(text: object, own_id: str) -> str:
    """`Look here, @wap rows orders`: what follows our name is for us; if nothing does, all of it is."""
    if not isinstance(text, str):
        return ""
    _, name, after = text.partition(f"<@{own_id}")
    return (_typed(after.partition(">")[2]) if name and own_id else "") or _typed(text)


def _own_id(body: Mapping[str, Any]) -> str:
    """The bot's user id, which the envelope names as the one it is delivered for."""
    listed = body.get("authorizations")
    first = listed[0] if isinstance(listed, list) and listed else None
    own_id = first.get("user_id") if isinstance(first, dict) else None
    return own_id if isinstance(own_id, str) else ""


def _typed(text: str) -> str:
    """What was typed without its mentions. `orders.id` comes as a link with a label when it looks like an address."""
    typed = _MARKUP.sub(lambda found: " " if found[1] == "@" else (found[3] or found[2]), text)
    return " ".join(_unescaped(typed).split())


def _unescaped(text: str) -> str:
    return text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")


def _is_typed_by_a_person(event: Mapping[str, Any]) -> bool:
    """A file may come with a message of a person; every other subtype is something that happened to a message."""
    is_message = event.get("subtype") in (None, "file_share", "thread_broadcast")
    is_person = bool(event.get("user")) and not event.get("bot_id") and not event.get("bot_profile")
    return is_message and is_person and not event.get("edited") and not event.get("hidden")


def _text(fields: Mapping[str, Any], name: str) -> str:
    found = fields.get(name)
    if not isinstance(found, str) or not found:
        raise Malformed(f"expected a text at {name}")
    return found
