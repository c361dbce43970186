"""Calls of Slack's Web API: three ways to send, pages, and two ways to fail."""

from collections.abc import AsyncIterator, Awaitable, Mapping
from typing import Any
from urllib.parse import urlsplit

import aiohttp
from slack_sdk.errors import SlackApiError, SlackClientError
from slack_sdk.http_retry.builtin_async_handlers import AsyncRateLimitErrorRetryHandler
from slack_sdk.web.async_client import AsyncWebClient
from slack_sdk.web.async_slack_response import AsyncSlackResponse

from bot.ports import TOO_LONG, SlackRefused, SlackUnsure

_RATE_LIMIT_RETRIES = 2
_PAGE = 999
"""The most that one call gives (docs.slack.dev, conversations.history); 200 at a time, which it advises, would make
five times the calls of a method that may be called fifty times a minute."""

_PAGES = 10
_SECONDS = 15
_UPLOAD_SECONDS = 60

_UNSURE = {"internal_error", "fatal_error", "request_timeout", "service_unavailable"}


class SlackCalls:
    """The Web API by the names of its methods. Nothing but a rate limit is retried: a lost call may have arrived.

    Everything raises SlackRefused when Slack said no, and SlackUnsure when what it did is not known.
    """

    def __init__(self, client: AsyncWebClient, session: aiohttp.ClientSession) -> None:
        self._client = client
        self._session = session

    async def read(self, method: str, **fields: Any) -> dict[str, Any]:
        """A call of a reading method; these do not take JSON."""
        params = {name: value for name, value in fields.items() if value != ""}
        return await self._answer(method, self._client.api_call(method, http_verb="GET", params=params))

    async def send_form(self, method: str, **fields: Any) -> dict[str, Any]:
        """A call of a method that takes forms only."""
        return await self._answer(method, self._client.api_call(method, data=fields))

    async def post_url(self, url: str, *, name: str, **body: Any) -> None:
        """Send to an address that Slack gave: `json`, or `data` with the bytes of a file. `name` is for errors."""
        timeout = aiohttp.ClientTimeout(total=_UPLOAD_SECONDS if "data" in body else _SECONDS)
        try:
            async with self._session.post(url, timeout=timeout, proxy=self._client.proxy, **body) as reply:
                if reply.status >= 400:
                    raise SlackRefused(name, f"http_{reply.status}")
        except (aiohttp.ClientError, TimeoutError, ValueError) as error:
            raise SlackUnsure(name, type(error).__name__) from error

    async def write(self, method: str, *, app_token: str = "", **fields: Any) -> dict[str, Any]:
        """A call of a writing method."""
        headers = {"Authorization": f"Bearer {app_token}"} if app_token else None
        return await self._answer(method, self._client.api_call(method, json=fields, headers=headers))

    async def pages(self, method: str, **fields: Any) -> AsyncIterator[Mapping[str, Any]]:
        """Messages of all pages. Raises SlackUnsure, with TOO_LONG, if there are more than can be read."""
        cursor = ""
        for _ in range(_PAGES):
            page = await self.read(method, limit=_PAGE, include_all_metadata=True, cursor=cursor, **fields)
            for message in page.get("messages", ()):
                yield message
            cursor = cursor_of(page)
            if not cursor:
                return
        raise SlackUnsure(method, TOO_LONG)

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


def cursor_of(page: Mapping[str, Any]) -> str:
    return str((page.get("response_metadata") or {}).get("next_cursor") or "")
