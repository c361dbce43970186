"""Slack's pace: one message per second and channel with a small burst, and calls per minute by method tier.

docs.slack.dev/apis/web-api/rate-limits. Slack allows short bursts of messages without saying how long; here a
bucket of `burst` tokens refills at `per_second`. A method's tier is its documented calls per minute, all of which
may come at once.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass

from sandbox.errors import Refusal


@dataclass(slots=True)
class Bucket:
    """Tokens left, and when that was true."""

    tokens: float
    at: float


class Rates:
    """One bucket per key, made when the key is first seen."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._buckets: dict[str, Bucket] = {}

    def take(self, key: str, *, burst: float, per_second: float) -> None:
        """Take one token. Raises Refusal `ratelimited` (HTTP 429 with Retry-After in whole seconds)."""
        now = self._clock()
        bucket = self._buckets.setdefault(key, Bucket(burst, now))
        bucket.tokens = min(burst, bucket.tokens + (now - bucket.at) * per_second)
        bucket.at = now
        if bucket.tokens < 1:
            wait = max(1, math.ceil((1 - bucket.tokens) / per_second))
            raise Refusal("ratelimited", status=429, headers={"Retry-After": str(wait)})
        bucket.tokens -= 1
