"""response_url: five answers within thirty minutes to the person who clicked or typed a command."""

from collections.abc import Callable
from dataclasses import dataclass

from sandbox.errors import Refusal
from sandbox.identifiers import Identifiers
from sandbox.settings import SandboxSettings


@dataclass(slots=True)
class ResponseUrl:
    """Whose interaction it answers, where, and about which message (None for a command)."""

    user: str
    channel: str
    message_ts: str | None
    thread_ts: str | None
    valid_until: float
    uses_left: int


class ResponseUrls:
    """Issues response URLs and counts their uses."""

    def __init__(self, settings: SandboxSettings, identifiers: Identifiers, clock: Callable[[], float]) -> None:
        self._settings = settings
        self._identifiers = identifiers
        self._clock = clock
        self._known: dict[str, ResponseUrl] = {}

    def issue(self, user: str, channel: str, *, message_ts: str | None, thread_ts: str | None = None) -> str:
        """The secret last part of a new response URL."""
        secret = self._identifiers.secret()
        self._known[secret] = ResponseUrl(
            user,
            channel,
            message_ts,
            thread_ts,
            valid_until=self._clock() + self._settings.response_url_seconds,
            uses_left=self._settings.response_url_uses,
        )
        return secret

    def use(self, secret: str) -> ResponseUrl:
        """Count one use. Raises Refusal `used_url` (also unknown ones) or `expired_url`, both HTTP 404."""
        known = self._known.get(secret)
        if known is None or known.uses_left == 0:
            raise Refusal("used_url", status=404)
        if known.valid_until < self._clock():
            raise Refusal("expired_url", status=404)
        known.uses_left -= 1
        return known
