"""The one door to Slack's Web API: post once, edit, thread, whisper; per-channel pace."""

import json
from collections.abc import AsyncIterator, Awaitable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import aiohttp
from slack_sdk.errors import SlackApiError, SlackClientError
from slack_sdk.http_retry.builtin_async_handlers import AsyncRateLimitErrorRetryHandler
from slack_sdk.web.async_client import AsyncWebClient
from slack_sdk.web.async_slack_response import AsyncSlackResponse

from bot.pace import Pace
from bot.policy import Home, Person
from bot.ports import Message, Said, SlackRefused, SlackUnsure, Upload, View
from bot.runs import Address, SharedLink

CARD_EVENT = "wap_card"
THREAD_EVENT = "wap_thread"
_RATE_LIMIT_RETRIES = 2
_PAGE = 200
_HISTORY_PAGES = 10
_SECONDS = 15
_UPLOAD_SECONDS = 60

POSTS_PER_SECOND = 1.0  # Slack: about one message a second and channel
EDITS_PER_SECOND = 0.8  # chat.update is of tier 3: 50 a minute
EDITS_AT_ONCE = 15

_UNSURE = {"internal_error", "fatal_error", "request_timeout", "service_unavailable"}


@dataclass(frozen=True, slots=True)
class Identity:
    """Who the bot is in Slack, and where it is at home."""

    home: Home
    bot_id: str
    bot_user_id: str


class SlackChannel:
    """Slack's Web API for one channel. Nothing but a rate limit is retried here: a lost post may have arrived."""

    def __init__(self, client: AsyncWebClient, session: aiohttp.ClientSession, channel: str) -> None:
        self._client = client
        self._session = session
        self._channel = channel
        self._posts = Pace(POSTS_PER_SECOND, burst=2)
        self._edits = Pace(EDITS_PER_SECOND, burst=EDITS_AT_ONCE)

    async def whoami(self) -> Identity:
        """Who this token belongs to (auth.test)."""
        answer = await self._call("auth.test")
        home = Home(str(answer.get("team_id", "")), str(answer.get("enterprise_id") or ""))
        return Identity(home, str(answer.get("bot_id") or ""), str(answer.get("user_id") or ""))

    async def check_channel(self) -> None:
        """Raise SlackRefused with the reason why this channel cannot be posted to."""
        found = (await self._read("conversations.info", channel=self._channel)).get("channel", {})
        if found.get("is_archived"):
            raise SlackRefused("conversations.info", "is_archived")
        if found.get("is_member") is False:
            raise SlackRefused("conversations.info", "not_in_channel")

    async def socket_url(self, app_token: str) -> str:
        """An address for one Socket Mode connection, good for a short while."""
        return str((await self._call("apps.connections.open", app_token=app_token))["url"])

    async def post_card(self, run_id: str, message: Message) -> Address:
        """Post to the channel, with metadata by which the card of this run is found again."""
        await self._posts.turn()
        metadata = {"event_type": CARD_EVENT, "event_payload": {"run": run_id}}
        answer = await self._call("chat.postMessage", channel=self._channel, metadata=metadata, **_content(message))
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
        await self._call("chat.postMessage", channel=thread.channel, thread_ts=thread.ts, **fields)

    async def run_of(self, thread: Address) -> str:
        """The run that the message at the top of this thread says it is the card of."""
        fields = {"channel": thread.channel, "ts": thread.ts, "limit": 1, "include_all_metadata": True}
        messages = (await self._read("conversations.replies", **fields)).get("messages") or [{}]
        metadata = messages[0].get("metadata") or {}
        is_card = messages[0].get("ts") == thread.ts and metadata.get("event_type") == CARD_EVENT
        return str((metadata.get("event_payload") or {}).get("run", "")) if is_card else ""

    async def said(self, thread: Address) -> tuple[Said, ...]:
        """What people have said in a thread, oldest first."""
        replies = self._pages("conversations.replies", channel=thread.channel, ts=thread.ts)
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
        place = await self._send("files.getUploadURLExternal", **announced)
        await self._put(str(place.get("upload_url", "")), upload.content)
        await self._posts.turn()
        await self._send(
            "files.completeUploadExternal",
            files=json.dumps([{"id": str(place.get("file_id", "")), "title": upload.title}]),
            channel_id=thread.channel,
            thread_ts=thread.ts,
            initial_comment=upload.comment,
        )

    async def posted(self, thread: Address) -> frozenset[str]:
        """The marks of our messages in a thread, and the names of our files."""
        marks: set[str] = set()
        async for message in self._pages("conversations.replies", channel=thread.channel, ts=thread.ts):
            if not message.get("bot_id"):
                continue
            metadata = message.get("metadata") or {}
            if metadata.get("event_type") == THREAD_EVENT:
                marks.add(str(metadata.get("event_payload", {}).get("mark", "")))
            marks.update(str(file.get("name", "")) for file in message.get("files") or ())
        return frozenset(marks)

    async def edit(self, address: Address, message: Message, *, urgent: bool) -> None:
        """Show this instead."""
        if not urgent:
            await self._edits.turn()
        await self._call("chat.update", channel=address.channel, ts=address.ts, **_shown(message))

    async def delete(self, address: Address) -> None:
        """Take a message of ours away."""
        await self._call("chat.delete", channel=address.channel, ts=address.ts)

    async def whisper(self, user_id: str, channel: str, text: str) -> None:
        """Say something that only this person sees."""
        await self._call("chat.postEphemeral", channel=channel, user=user_id, text=text)

    async def answer(self, response_url: str, message: Message, *, is_public: bool = False) -> None:
        """Answer a slash command or a click; works in every channel, for half an hour and five times."""
        kind = "in_channel" if is_public else "ephemeral"
        body = {"response_type": kind, "replace_original": False, **_shown(message)}
        timeout = aiohttp.ClientTimeout(total=_SECONDS)
        try:
            async with self._session.post(response_url, json=body, timeout=timeout, proxy=self._client.proxy) as reply:
                if reply.status >= 400:
                    raise SlackRefused("response_url", f"http_{reply.status}")
        except (aiohttp.ClientError, TimeoutError) as error:
            raise SlackUnsure("response_url", type(error).__name__) from error

    async def open_modal(self, trigger_id: str, view: View) -> None:
        """Open a modal. A trigger lives 3 s and works once."""
        await self._call("views.open", trigger_id=trigger_id, view=view)

    async def update_modal(self, view_id: str, view: View) -> None:
        """Show this in a modal that is open."""
        await self._call("views.update", view_id=view_id, view=view)

    async def unfurl(self, link: SharedLink, previews: Mapping[str, Message]) -> None:
        """Attach previews; links without one stay as they are."""
        shown = {url: {"blocks": list(message.blocks), "fallback": message.text} for url, message in previews.items()}
        await self._call("chat.unfurl", unfurl_id=link.unfurl_id, source=link.source, unfurls=shown)

    async def permalink(self, address: Address) -> str:
        """Where people find this message."""
        found = await self._read("chat.getPermalink", channel=address.channel, message_ts=address.ts)
        return str(found.get("permalink", ""))

    async def publish_home(self, user_id: str, view: View) -> None:
        """Show the Home tab of a person."""
        await self._call("views.publish", user_id=user_id, view=view)

    async def person(self, user_id: str) -> Person:
        """The person as Slack knows them now. An answer about anybody else counts as none."""
        user = (await self._read("users.info", user=user_id)).get("user")
        if not isinstance(user, dict) or user.get("id") != user_id or not user.get("team_id"):
            raise SlackUnsure("users.info", "unusable_answer")
        return _person(user)

    async def group_members(self, group_id: str) -> frozenset[str]:
        """User ids of a user group now."""
        users = (await self._read("usergroups.users.list", usergroup=group_id)).get("users")
        if not isinstance(users, list):
            raise SlackUnsure("usergroups.users.list", "unusable_answer")
        return frozenset(map(str, users))

    async def channel_members(self) -> frozenset[str]:
        """User ids of the card channel now."""
        members: set[str] = set()
        cursor = ""
        while True:
            page = await self._read("conversations.members", channel=self._channel, limit=_PAGE, cursor=cursor)
            members.update(map(str, page.get("members", ())))
            cursor = _cursor(page)
            if not cursor:
                return frozenset(members)

    async def _history(self, since: float) -> AsyncIterator[Mapping[str, Any]]:
        """Messages after `since`, newest first. Raises SlackUnsure if there are more than can be read."""
        pages = self._pages("conversations.history", channel=self._channel, oldest=f"{since:.6f}")
        async for message in pages:
            yield message

    async def _pages(self, method: str, **fields: Any) -> AsyncIterator[Mapping[str, Any]]:
        """Messages of all pages. Raises SlackUnsure if there are more than can be read."""
        cursor = ""
        for _ in range(_HISTORY_PAGES):
            page = await self._read(method, limit=_PAGE, include_all_metadata=True, cursor=cursor, **fields)
            for message in page.get("messages", ()):
                yield message
            cursor = _cursor(page)
            if not cursor:
                return
        raise SlackUnsure(method, "too_long")

    async def _read(self, method: str, **fields: Any) -> dict[str, Any]:
        """A call of a reading method; these do not take JSON."""
        params = {name: value for name, value in fields.items() if value != ""}
        return await self._answer(method, self._client.api_call(method, http_verb="GET", params=params))

    async def _send(self, method: str, **fields: Any) -> dict[str, Any]:
        """A call of a method that takes forms only."""
        return await self._answer(method, self._client.api_call(method, data=fields))

    async def _put(self, url: str, content: bytes) -> None:
        """Send the bytes of a file to the address that Slack gave for them."""
        timeout = aiohttp.ClientTimeout(total=_UPLOAD_SECONDS)
        try:
            async with self._session.post(url, data=content, timeout=timeout, proxy=self._client.proxy) as reply:
                if reply.status >= 400:
                    raise SlackRefused("upload", f"http_{reply.status}")
        except (aiohttp.ClientError, TimeoutError, ValueError) as error:
            raise SlackUnsure("upload", type(error).__name__) from error

    async def _call(self, method: str, *, app_token: str = "", **fields: Any) -> dict[str, Any]:
        """A call of a writing method."""
        headers = {"Authorization": f"Bearer {app_token}"} if app_token else None
        return await self._answer(method, self._client.api_call(method, json=fields, headers=headers))

    async def _answer(self, method: str, call: Awaitable[AsyncSlackResponse]) -> dict[str, Any]:
        """SlackRefused when Slack said no, SlackUnsure when what it did is not known."""
        try:
            answer = await call
        except SlackApiError as error:
            code = error.response.get("error", "") if isinstance(error.response.data, dict) else ""
            if not code or code in _UNSURE or error.response.status_code >= 500:
                raise SlackUnsure(method, code or f"http_{error.response.status_code}") from error
            raise SlackRefused(method, code) from error
        except (SlackClientError, aiohttp.ClientError, TimeoutError, ValueError) as error:
            raise SlackUnsure(method, type(error).__name__) from error
        if not isinstance(answer.data, dict):
            raise SlackUnsure(method, "unusable_answer")
        return answer.data


def web_client(token: str | None, url: str, session: aiohttp.ClientSession | None) -> AsyncWebClient:
    """A client on a shared session, retried only when Slack says when to come back."""
    client = AsyncWebClient(
        token=token,
        base_url=url,
        session=session,
        timeout=_SECONDS,
        retry_handlers=[AsyncRateLimitErrorRetryHandler(max_retry_count=_RATE_LIMIT_RETRIES)],
    )
    if is_local(url):
        client.proxy = None  # slack_sdk takes HTTPS_PROXY even for addresses that NO_PROXY names
    return client


def is_local(url: str) -> bool:
    """Whether this address is on this machine, where no proxy belongs in between."""
    return (urlsplit(url).hostname or "") in ("127.0.0.1", "localhost", "::1")


def _content(message: Message) -> dict[str, Any]:
    return {**_shown(message), "unfurl_links": False, "unfurl_media": False}


def _shown(message: Message) -> dict[str, Any]:
    return {"text": message.text, **({"blocks": list(message.blocks)} if message.blocks else {})}


def _cursor(page: Mapping[str, Any]) -> str:
    return str((page.get("response_metadata") or {}).get("next_cursor") or "")


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
