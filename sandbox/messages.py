"""Messages as frozen values, and the store that keeps them in order."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

from sandbox.errors import Refusal
from sandbox.workspace import APP_ID, BOT_ID, BOT_USER, TEAM_ID

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Message:
    """One message; an ephemeral one has the only person who sees it in `only_for`."""

    channel: str
    ts: str
    user: str
    text: str
    blocks: tuple[Json, ...] = ()
    attachments: tuple[Json, ...] = ()
    files: tuple[Json, ...] = ()
    thread_ts: str | None = None
    broadcast: bool = False
    metadata: Json | None = None
    edited: Json | None = None
    reactions: tuple[tuple[str, str], ...] = ()
    only_for: str | None = None
    team: str = TEAM_ID

    @property
    def is_reply(self) -> bool:
        """Whether it stands in a thread and is not the message that opened it."""
        return self.thread_ts is not None and self.thread_ts != self.ts

    def reaction_list(self) -> list[Json]:
        """Reactions grouped by name, as Slack lists them."""
        names = dict.fromkeys(name for name, _ in self.reactions)
        groups = {name: [user for other, user in self.reactions if other == name] for name in names}
        return [{"name": name, "users": users, "count": len(users)} for name, users in groups.items()]

    def body(self, *, with_metadata: bool = False) -> Json:
        """The message object of the Web API, events and interactive payloads."""
        body: Json = {"type": "message", "user": self.user, "ts": self.ts, "text": self.text, "team": self.team}
        if self.user == BOT_USER:
            body |= {"bot_id": BOT_ID, "app_id": APP_ID, "bot_profile": _BOT_PROFILE}
        optional: Json = {
            "blocks": list(self.blocks),
            "attachments": list(self.attachments),
            "files": list(self.files),
            "thread_ts": self.thread_ts,
            "edited": self.edited,
            "reactions": self.reaction_list(),
            "metadata": self.metadata if with_metadata else None,
        }
        return body | {name: value for name, value in optional.items() if value}


_BOT_PROFILE: Json = {
    "id": BOT_ID,
    "app_id": APP_ID,
    "user_id": BOT_USER,
    "name": "wap",
    "deleted": False,
    "updated": 0,
    "team_id": TEAM_ID,
}


class MessageStore:
    """All messages of all channels, oldest first."""

    def __init__(self) -> None:
        self._channels: dict[str, dict[str, Message]] = {}

    def put(self, message: Message) -> None:
        """Add a message, or replace the one with the same channel and ts."""
        self._channels.setdefault(message.channel, {})[message.ts] = message

    def remove(self, message: Message) -> None:
        """Take a message away."""
        del self._channels[message.channel][message.ts]

    def find(self, channel: str, ts: str | None) -> Message | None:
        """The message, ephemeral ones too, or None."""
        return self._channels.get(channel, {}).get(ts or "")

    def get(self, channel: str, ts: str | None) -> Message:
        """A message that the Web API can see. Raises Refusal `message_not_found`."""
        message = self.find(channel, ts)
        if message is None or message.only_for is not None:
            raise Refusal("message_not_found")
        return message

    def of(self, channel: str) -> Iterator[Message]:
        """The messages of one channel, oldest first, ephemeral ones included."""
        yield from self._channels.get(channel, {}).values()

    def replies(self, channel: str, ts: str) -> tuple[Message, ...]:
        """The replies in one thread, without the message that opened it."""
        return tuple(m for m in self.of(channel) if m.is_reply and m.thread_ts == ts and m.only_for is None)

    def react(self, message: Message, name: str, user: str) -> None:
        """Add a reaction. Raises Refusal `already_reacted`."""
        if (name, user) in message.reactions:
            raise Refusal("already_reacted")
        self.put(replace(message, reactions=(*message.reactions, (name, user))))

    def listed(self, message: Message, *, with_metadata: bool) -> Json:
        """The body as history and replies show it: a thread's opener carries its counts."""
        body = message.body(with_metadata=with_metadata)
        replies = self.replies(message.channel, message.ts)
        if replies and not message.is_reply:
            users = list(dict.fromkeys(reply.user for reply in replies))
            body |= {
                "thread_ts": message.ts,
                "reply_count": len(replies),
                "reply_users": users,
                "reply_users_count": len(users),
                "latest_reply": replies[-1].ts,
            }
        elif message.is_reply:
            opener = self.find(message.channel, message.thread_ts)
            body["parent_user_id"] = opener.user if opener else None
        return body
