"""The one door to Slack's Web API: post once, edit, thread, whisper; per-channel pace."""

import json
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from typing import Any

import aiohttp
from slack_sdk.web.async_client import AsyncWebClient

from bot.decisions.policy import Home, Person
from bot.ports import Message, OpenView, Said, SlackRefused, SlackUnsure, Upload, View
from bot.runs import Address, SharedLink
from bot.slack.calls import SlackCalls, cursor_of
from bot.work.pace import Pace

CARD_EVENT = "wap_card"
THREAD_EVENT = "wap_thread"
_PAGE = 200

POSTS_PER_SECOND = 1.0  # Slack: about one message a second and channel
EDITS_PER_SECOND = 0.8  # chat.update is of tier 3: 50 a minute
EDITS_AT_ONCE = 15


@dataclass(frozen=True, slots=True)
class Identity:
    """Who the bot is in Slack, and where it is at home."""

    home: Home
    bot_id: str
    bot_user_id: str


class SlackChannel:
    """Slack's Web API for one channel. Nothing but a rate limit is retried here: a lost post may have arrived."""

    def __init__(self, client: AsyncWebClient, session: aiohttp.ClientSession, channel: str) -> None:
        self._calls = SlackCalls(client, session)
        self._channel = channel
        self._posts = Pace(POSTS_PER_SECOND, burst=2)
        self._edits = Pace(EDITS_PER_SECOND, burst=EDITS_AT_ONCE)

    async def whoami(self) -> Identity:
        """Who this token belongs to (auth.test)."""
        answer = await self._calls.write("auth.test")
        home = Home(str(answer.get("team_id", "")), str(answer.get("enterprise_id") or ""))
        return Identity(home, str(answer.get("bot_id") or ""), str(answer.get("user_id") or ""))

    async def check_channel(self) -> None:
        """Raise SlackRefused with the reason why this channel cannot be posted to."""
        found = (await self._calls.read("conversations.info", channel=self._channel)).get("channel", {})
        if found.get("is_archived"):
            raise SlackRefused("conversations.info", "is_archived")
        if found.get("is_member") is False:
            raise SlackRefused("conversations.info", "not_in_channel")

    async def socket_url(self, app_token: str) -> str:
        """An address for one Socket Mode connection, good for a short while."""
        return str((await self._calls.write("apps.connections.open", app_token=app_token))["url"])

    async def post_card(self, run_id: str, message: Message) -> Address:
        """Post to the channel, with metadata by which the card of this run is found again."""
        await self._posts.turn()
        metadata = {"event_type": CARD_EVENT, "event_payload": {"run": run_id}}
        answer = await self._calls.write(
            "chat.postMessage", channel=self._channel, metadata=metadata, **_content(message)
        )
        return Address(str(answer["channel"]), str(answer["ts"]))

    async def find_card(self, run_id: str, *, since: float) -> Address | None:
        """The oldest card of this run in the channel's history."""
        found: Address | None = None
        async for message in self._history(since):
            metadata = message.get("metadata") or {}
            if metadata.get("event_type") == CARD_EVENT and metadata.get("event_payload", {}).get("run") == run_id:
                found = Address(self._channel, str(message["ts"]))
        return found

    async def post_reply(self, thread: Address, message: Message, *, mark: str = "") -> None:
        """Post into the thread of a message, with metadata by which it is found again."""
        await self._posts.turn()
        fields = _content(message)
        if mark:
            fields["metadata"] = {"event_type": THREAD_EVENT, "event_payload": {"mark": mark}}
        await self._calls.write("chat.postMessage", channel=thread.channel, thread_ts=thread.ts, **fields)

    async def run_of(self, thread: Address) -> str:
        """The run that the message at the top of this thread says it is the card of."""
        fields = {"channel": thread.channel, "ts": thread.ts, "limit": 1, "include_all_metadata": True}
        messages = (await self._calls.read("conversations.replies", **fields)).get("messages") or [{}]
        metadata = messages[0].get("metadata") or {}
        is_card = messages[0].get("ts") == thread.ts and metadata.get("event_type") == CARD_EVENT
        return str((metadata.get("event_payload") or {}).get("run", "")) if is_card else ""

    async def said(self, thread: Address) -> tuple[Said, ...]:
        """What people have said in a thread, oldest first."""
        replies = self._calls.pages("conversations.replies", channel=thread.channel, ts=thread.ts)
        said = [
            Said(str(message["user"]), str(message["ts"]), str(message.get("text") or ""))
            async for message in replies
            if message.get("user") and not message.get("bot_id") and message.get("ts") != thread.ts
        ]
        return tuple(sorted(said, key=lambda one: float(one.ts)))

    async def upload(self, thread: Address, upload: Upload) -> None:
        """Share a file in a thread: an address for the bytes, the bytes, the message (docs.slack.dev, uploading)."""
        announced = {"filename": upload.name, "length": len(upload.content)}
        if upload.alt_text:
            announced["alt_txt"] = upload.alt_text
        place = await self._calls.send_form("files.getUploadURLExternal", **announced)
        await self._calls.post_url(str(place.get("upload_url", "")), name="upload", data=upload.content)
        await self._posts.turn()
        await self._calls.send_form(
            "files.completeUploadExternal",
            files=json.dumps([{"id": str(place.get("file_id", "")), "title": upload.title}]),
            channel_id=thread.channel,
            thread_ts=thread.ts,
            initial_comment=upload.comment,
        )

    async def posted(self, thread: Address) -> frozenset[str]:
        """The marks of our messages in a thread, and the names of our files.

        A file that Slack hides (taken away, beyond the plan's limit, of another workspace) has no name there: for it
        stand the words above it.
        """
        marks: set[str] = set()
        async for message in self._calls.pages("conversations.replies", channel=thread.channel, ts=thread.ts):
            if not message.get("bot_id"):
                continue
            metadata = message.get("metadata") or {}
            if metadata.get("event_type") == THREAD_EVENT:
                marks.add(str(metadata.get("event_payload", {}).get("mark", "")))
            words = " ".join(str(message.get("text", "")).split())
            marks.update(str(file.get("name") or words) for file in message.get("files") or ())
        return frozenset(marks)

    async def edit(self, address: Address, message: Message, *, urgent: bool) -> None:
        """Show this instead."""
        if not urgent:
            await self._edits.turn()
        await self._calls.write("chat.update", channel=address.channel, ts=address.ts, **_shown(message))

    async def delete(self, address: Address) -> None:
        """Take a message of ours away."""
        await self._calls.write("chat.delete", channel=address.channel, ts=address.ts)

    async def whisper(self, user_id: str, channel: str, text: str) -> None:
        """Say something that only this person sees."""
        await self._calls.write("chat.postEphemeral", channel=channel, user=user_id, text=text)

    async def answer(self, response_url: str, message: Message, *, is_public: bool = False) -> None:
        """Answer a slash command or a click; works in every channel, for half an hour and five times."""
        kind = "in_channel" if is_public else "ephemeral"
        body = {"response_type": kind, "replace_original": False, **_shown(message)}
        await self._calls.post_url(response_url, name="response_url", json=body)

    async def open_modal(self, trigger_id: str, view: View) -> OpenView:
        """Open a modal. A trigger lives 3 s and works once."""
        opened = (await self._calls.write("views.open", trigger_id=trigger_id, view=view)).get("view")
        if not isinstance(opened, dict) or not opened.get("id"):
            raise SlackUnsure("views.open", "unusable_answer")
        return OpenView(str(opened["id"]), str(opened.get("hash") or ""))

    async def update_modal(self, opened: OpenView, view: View) -> None:
        """Show this in a modal that is open, unless it has changed since."""
        version = {"hash": opened.version} if opened.version else {}
        await self._calls.write("views.update", view_id=opened.id, view=view, **version)

    async def unfurl(self, link: SharedLink, previews: Mapping[str, Message]) -> None:
        """Attach previews; links without one stay as they are."""
        shown = {url: {"blocks": list(message.blocks), "fallback": message.text} for url, message in previews.items()}
        await self._calls.write("chat.unfurl", unfurl_id=link.unfurl_id, source=link.source, unfurls=shown)

    async def permalink(self, address: Address) -> str:
        """Where people find this message."""
        found = await self._calls.read("chat.getPermalink", channel=address.channel, message_ts=address.ts)
        return str(found.get("permalink", ""))

    async def publish_home(self, user_id: str, view: View) -> None:
        """Show the Home tab of a person."""
        await self._calls.write("views.publish", user_id=user_id, view=view)

    async def person(self, user_id: str) -> Person:
        """The person as Slack knows them now. An answer about anybody else counts as none."""
        user = (await self._calls.read("users.info", user=user_id)).get("user")
        if not isinstance(user, dict) or user.get("id") != user_id or not user.get("team_id"):
            raise SlackUnsure("users.info", "unusable_answer")
        return _person(user)

    async def group_members(self, group_id: str) -> frozenset[str]:
        """User ids of a user group now."""
        users = (await self._calls.read("usergroups.users.list", usergroup=group_id)).get("users")
        if not isinstance(users, list):
            raise SlackUnsure("usergroups.users.list", "unusable_answer")
        return frozenset(map(str, users))

    async def channel_members(self) -> frozenset[str]:
        """User ids of the card channel now."""
        members: set[str] = set()
        cursor = ""
        while True:
            page = await self._calls.read("conversations.members", channel=self._channel, limit=_PAGE, cursor=cursor)
            members.update(map(str, page.get("members", ())))
            cursor = cursor_of(page)
            if not cursor:
                return frozenset(members)

    async def _history(self, since: float) -> AsyncIterator[Mapping[str, Any]]:
        """Messages after `since`, newest first. Raises SlackUnsure if there are more than can be read."""
        pages = self._calls.pages("conversations.history", channel=self._channel, oldest=f"{since:.6f}")
        async for message in pages:
            yield message


def _content(message: Message) -> dict[str, Any]:
    return {**_shown(message), "unfurl_links": False, "unfurl_media": False}


def _shown(message: Message) -> dict[str, Any]:
    return {"text": message.text, **({"blocks": list(message.blocks)} if message.blocks else {})}


def _person(user: Mapping[str, Any]) -> Person:
    return Person(
        id=str(user["id"]),
        name=str(user.get("real_name") or user.get("name") or user["id"]),
        team_id=str(user["team_id"]),
        enterprise_id=str((user.get("enterprise_user") or {}).get("enterprise_id") or ""),
        is_bot=bool(user.get("is_bot")) or user["id"] == "USLACKBOT",
        is_deleted=bool(user.get("deleted")),
        is_guest=bool(user.get("is_restricted") or user.get("is_ultra_restricted")),
        is_stranger=bool(user.get("is_stranger")),
    )
