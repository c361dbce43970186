"""One Prefect client whose calls end in time and fail in two ways only."""

import asyncio
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from datetime import datetime
from http import HTTPStatus

import httpx
from prefect.client.orchestration import PrefectClient
from prefect.context import SettingsContext, get_settings_context
from prefect.exceptions import PrefectHTTPStatusError
from prefect.settings import PREFECT_API_AUTH_STRING, PREFECT_API_URL, PREFECT_CLIENT_MAX_RETRIES

from bot.ports import RunsForbidden, RunsUnavailable, RunsUnreached
from bot.prefect_runs.server_clock import ServerClock

READ_SECONDS = 3.0
_CREDENTIALS = (HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN)
_PASSING = (HTTPStatus.REQUEST_TIMEOUT, HTTPStatus.TOO_MANY_REQUESTS)
_WORDS_OF_PREFECT = {"detail", "exception_message"}


class Connection:
    """Prefect's client without its own retries: it would wait 2, 4, 8 ... s, and a person is waiting."""

    def __init__(self, url: str, *, auth_string: str = "", api_key: str = "") -> None:
        self.url = url
        self._clock = ServerClock(time.monotonic)
        found = get_settings_context()
        self._profile = found.profile
        self._settings = found.settings.copy_with_update(
            updates={
                PREFECT_API_URL: url,
                PREFECT_API_AUTH_STRING: auth_string or None,
                PREFECT_CLIENT_MAX_RETRIES: 0,
            }
        )
        with self.settings():
            self._client = PrefectClient(
                url,
                auth_string=auth_string or None,
                api_key=api_key or None,
                httpx_settings={"event_hooks": {"response": [_tell_proxies, _no_waiting, self._clock.hear]}},
            )

    async def open(self) -> None:
        """Prepare the connection pool; nothing is sent yet."""
        with self.settings():
            await self._client.__aenter__()

    async def close(self) -> None:
        """Give the connections back."""
        await self._client.__aexit__(None, None, None)

    def now(self) -> datetime | None:
        """What time it is by the server's clock; None until it has answered."""
        return self._clock.now()

    @contextmanager
    def settings(self) -> Iterator[None]:
        """Our Prefect settings for the calls inside, whatever the environment or a profile says."""
        with SettingsContext(profile=self._profile, settings=self._settings):
            yield

    @asynccontextmanager
    async def client(self, seconds: float = READ_SECONDS) -> AsyncIterator[PrefectClient]:
        """The client for calls that together end within `seconds`. Raises RunsUnavailable or RunsForbidden.

        A status that carries meaning for the caller (404, 409) is let through as PrefectHTTPStatusError.
        """
        try:
            with self.settings():
                async with asyncio.timeout(seconds):
                    yield self._client
        except httpx.ConnectError as error:
            raise RunsUnreached(type(error).__name__) from error
        except (TimeoutError, httpx.TransportError, httpx.InvalidURL) as error:
            raise RunsUnavailable(type(error).__name__) from error
        except PrefectHTTPStatusError as error:
            status = error.response.status_code
            if status in _CREDENTIALS:
                raise RunsForbidden(str(status)) from error
            if status in _PASSING or status >= HTTPStatus.INTERNAL_SERVER_ERROR:
                raise RunsUnavailable(f"HTTP {status}") from error
            raise


async def _tell_proxies(response: httpx.Response) -> None:
    """A 404 that Prefect has not written is that of a proxy whose server restarts (some answer so instead of 502). It
    says nothing of a run, which may have waited for days."""
    if response.status_code == HTTPStatus.NOT_FOUND:
        await response.aread()
        if not _is_of_prefect(response):
            response.status_code = HTTPStatus.BAD_GATEWAY


def _is_of_prefect(response: httpx.Response) -> bool:
    try:
        said = response.json()
    except ValueError:
        return False
    return isinstance(said, dict) and not _WORDS_OF_PREFECT.isdisjoint(said)


async def _no_waiting(response: httpx.Response) -> None:
    """Prefect's client sleeps two seconds after a 503 even when it will not try again (3.8); this makes it zero."""
    if response.status_code in _PASSING or response.status_code >= HTTPStatus.INTERNAL_SERVER_ERROR:
        response.headers["Retry-After"] = "0"
