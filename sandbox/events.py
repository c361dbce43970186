"""Turns what happens in the workspace into Events API payloads, for the events the app subscribed to."""

import asyncio
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

from sandbox.deliveries import Deliveries
from sandbox.envelopes import Outcome
from sandbox.identifiers import Identifiers
from sandbox.messages import Message
from sandbox.modals import View
from sandbox.payloads import event_callback
from sandbox.settings import SandboxSettings
from sandbox.workspace import BOT_USER, Channel

Json = dict[str, Any]


class Events:
    """Builds events and hands them to the deliveries."""

    def __init__(
        self,
        settings: SandboxSettings,
        deliveries: Deliveries,
        identifiers: Identifiers,
        clock: Callable[[], float],
    ) -> None:
        self._settings = settings
        self._deliveries = deliveries
        self._identifiers = identifiers
        self._clock = clock

    def emit(self, events: list[Json]) -> None:
        """Deliver events in the background."""
        for event in events:
            self._deliveries.emit(self._callback(event))

    async def deliver(self, events: list[Json]) -> list[Outcome]:
        """Deliver events side by side and wait for the first attempt of each."""
        attempts = [self._deliveries.first_attempt(self._callback(event)) for event in events]
        return list(await asyncio.gather(*attempts))

    def _callback(self, event: Json) -> Json:
        return event_callback(event, event_id=self._identifiers.new("Ev"), now=self._clock())

    def posted(self, message: Message, channel: Channel) -> list[Json]:
        """The events of a new message: the message itself, a mention of the bot, links to be unfurled."""
        events = []
        if self._hears(channel):
            events.append(self._message_event(message, channel))
        mentioned = f"<@{BOT_USER}>" in message.text and BOT_USER in channel.members
        if mentioned and message.user != BOT_USER and "app_mention" in self._settings.events:
            mention = self._message_event(message, channel) | {"type": "app_mention"}
            events.append({name: value for name, value in mention.items() if name != "channel_type"})
        return events + self._links(message, channel)

    def changed(self, before: Message, after: Message, channel: Channel) -> list[Json]:
        """The event of an edited message."""
        return self._hidden(channel, "message_changed", message=after.body(), previous_message=before.body())

    def deleted(self, message: Message, channel: Channel) -> list[Json]:
        """The event of a deleted message."""
        return self._hidden(channel, "message_deleted", deleted_ts=message.ts, previous_message=message.body())

    def home_opened(self, user_id: str, channel: Channel, view: View | None) -> list[Json]:
        """The event of somebody who opens the app's Home tab."""
        if "app_home_opened" not in self._settings.events:
            return []
        event = {
            "type": "app_home_opened",
            "user": user_id,
            "channel": channel.id,
            "tab": "home",
            "event_ts": self._now(),
        }
        return [event | ({"view": view.payload()} if view else {})]

    def _hears(self, channel: Channel) -> bool:
        kind = "message.im" if channel.is_im else "message.channels"
        return kind in self._settings.events and BOT_USER in channel.members

    def _message_event(self, message: Message, channel: Channel) -> Json:
        event = message.body() | {
            "channel": channel.id,
            "channel_type": "im" if channel.is_im else "channel",
            "event_ts": message.ts,
        }
        return event | ({"subtype": "file_share"} if message.files else {})

    def _hidden(self, channel: Channel, subtype: str, **fields: Any) -> list[Json]:
        if not self._hears(channel):
            return []
        now = self._now()
        event = {"type": "message", "subtype": subtype, "hidden": True, "channel": channel.id, "ts": now}
        return [event | {"event_ts": now, "channel_type": "im" if channel.is_im else "channel"} | fields]

    def _links(self, message: Message, channel: Channel) -> list[Json]:
        if "link_shared" not in self._settings.events or message.user == BOT_USER:
            return []
        links = [link for link in links_in(message.text) if link["domain"] in self._settings.unfurl_domains]
        if not links:
            return []
        event: Json = {
            "type": "link_shared",
            "user": message.user,
            "channel": channel.id,
            "message_ts": message.ts,
            "links": links,
            "source": "conversations_history",
            "unfurl_id": f"{channel.id}-{message.ts}",
            "is_bot_user_member": BOT_USER in channel.members,
            "event_ts": self._now(),
        }
        return [event | ({"thread_ts": message.thread_ts} if message.thread_ts else {})]

    def _now(self) -> str:
        return self._identifiers.timestamp(self._clock())


def links_in(text: str) -> list[Json]:
    """The links of a message with their domains; Slack keeps links as `<https://...|label>`."""
    found = []
    for part in text.split("<")[1:]:
        address = part.partition(">")[0].partition("|")[0]
        if address.startswith(("http://", "https://")):
            found.append({"domain": urlsplit(address).hostname or "", "url": address.replace("&amp;", "&")})
    return found
