"""Names for new things: message timestamps, ids with Slack's prefixes, secrets for URLs."""

import secrets
import string

_ALPHABET = string.digits + string.ascii_uppercase


class Identifiers:
    """Hands out identifiers that never repeat within one sandbox."""

    def __init__(self) -> None:
        self._last_microsecond = 0

    def timestamp(self, now: float) -> str:
        """A message ts: seconds with six digits, strictly growing even when the clock stands still."""
        self._last_microsecond = max(int(now * 1_000_000), self._last_microsecond + 1)
        seconds, fraction = divmod(self._last_microsecond, 1_000_000)
        return f"{seconds}.{fraction:06d}"

    def new(self, prefix: str) -> str:
        """An id such as `V0K3...`: the prefix says what it names, as in Slack."""
        return prefix + "0" + "".join(secrets.choice(_ALPHABET) for _ in range(9))

    def secret(self) -> str:
        """An unguessable part of a URL or a trigger."""
        return secrets.token_hex(16)

    def block(self) -> str:
        """A block_id or action_id for somebody who gave none: five random characters, as Slack makes them."""
        return secrets.token_urlsafe(4)[:5]
