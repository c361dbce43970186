"""Delivery by signed HTTP requests: form-encoded for interactions and commands, JSON for events.

Signature: docs.slack.dev/authentication/verifying-requests-from-slack, version v0, HMAC-SHA256 over
`v0:timestamp:body`.
"""

import hashlib
import hmac
import json
from functools import cached_property
from urllib.parse import urlencode

import httpx

from sandbox.envelopes import Json, Kind, Retry


def sign(secret: str, *, timestamp: int, body: bytes) -> str:
    """The value of `X-Slack-Signature` for one request body."""
    base = b"v0:" + str(timestamp).encode() + b":" + body
    return "v0=" + hmac.new(secret.encode(), base, hashlib.sha256).hexdigest()


def encode(kind: Kind, payload: Json) -> tuple[bytes, str]:
    """Body and content type that Slack uses for this kind."""
    match kind:
        case Kind.EVENT:
            return json.dumps(payload).encode(), "application/json"
        case Kind.INTERACTIVE:
            return urlencode({"payload": json.dumps(payload)}).encode(), "application/x-www-form-urlencoded"
        case Kind.COMMAND:
            return urlencode(payload).encode(), "application/x-www-form-urlencoded"


class DeliveryFailed(Exception):
    """The request URL did not answer with success in time; the text is Slack's retry reason."""


class HttpDelivery:
    """Posts payloads to one request URL."""

    def __init__(self, *, signing_secret: str, ack_seconds: float) -> None:
        self._secret = signing_secret
        self._ack_seconds = ack_seconds

    @cached_property
    def _client(self) -> httpx.AsyncClient:
        # Not before it is needed: a client reads all certificates of the system, and most apps come by a socket.
        return httpx.AsyncClient(timeout=self._ack_seconds, trust_env=False)

    async def send(self, url: str, kind: Kind, payload: Json, *, now: float, retry: Retry) -> Json | str | None:
        """Post one payload and return the answer's body: JSON, text or None. Raises DeliveryFailed."""
        body, content_type = encode(kind, payload)
        headers = {
            "Content-Type": content_type,
            "User-Agent": "Slackbot 1.0 (sandbox)",
            "X-Slack-Request-Timestamp": str(int(now)),
            "X-Slack-Signature": sign(self._secret, timestamp=int(now), body=body),
        }
        if retry.attempt:
            headers |= {"X-Slack-Retry-Num": str(retry.attempt), "X-Slack-Retry-Reason": retry.reason}
        try:
            response = await self._client.post(url, content=body, headers=headers)
        except httpx.TimeoutException:
            raise DeliveryFailed("http_timeout") from None
        except httpx.TransportError:
            raise DeliveryFailed("connection_failed") from None
        if not response.is_success:
            raise DeliveryFailed("http_error")
        return _body_of(response)

    async def close(self) -> None:
        """Close the connections to the app."""
        if "_client" in vars(self):
            await self._client.aclose()


def _body_of(response: httpx.Response) -> Json | str | None:
    if not response.content:
        return None
    if "json" in response.headers.get("content-type", ""):
        decoded = response.json()
        return decoded if isinstance(decoded, dict) else None
    return response.text
