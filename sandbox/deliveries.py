"""Brings payloads to the app by socket or by HTTP, waits for the ack, repeats un-acked events, keeps the log."""

import asyncio
import time
from collections import deque
from collections.abc import Callable, Coroutine
from dataclasses import asdict, dataclass

from sandbox.changes import Changes
from sandbox.envelopes import Json, Kind, Outcome, Retry, accepts_answer, envelope
from sandbox.http_delivery import DeliveryFailed, HttpDelivery
from sandbox.identifiers import Identifiers
from sandbox.settings import SandboxSettings
from sandbox.sockets import Sockets

LOG_LENGTH = 5_000


@dataclass(frozen=True, slots=True)
class Delivery:
    """One line of GET /control/deliveries."""

    at: float
    type: str
    name: str
    connection: str
    attempt: int
    acked: bool
    ms: int
    error: str | None
    answer: object


class Deliveries:
    """The one way from the workspace to the app."""

    def __init__(
        self,
        settings: SandboxSettings,
        sockets: Sockets,
        *,
        identifiers: Identifiers,
        changes: Changes,
        clock: Callable[[], float],
    ) -> None:
        self._settings = settings
        self._sockets = sockets
        self._identifiers = identifiers
        self._changes = changes
        self._clock = clock
        self._http = HttpDelivery(signing_secret=settings.signing_secret, ack_seconds=settings.ack_seconds)
        self._tasks: set[asyncio.Task[None]] = set()
        self.request_url = settings.request_url
        self.log: deque[Delivery] = deque(maxlen=LOG_LENGTH)

    async def deliver(self, kind: Kind, payload: Json, retry: Retry | None = None) -> Outcome:
        """Send one payload once and wait for its ack, `ack_seconds` at the longest."""
        retry = retry or Retry()
        started = time.monotonic()
        connection, outcome = await self._attempt(kind, payload, retry)
        ms = round((time.monotonic() - started) * 1000)
        outcome = Outcome(outcome.acked, ms, outcome.payload, outcome.error)
        self._record(kind, payload, connection, retry=retry, outcome=outcome)
        return outcome

    async def _attempt(self, kind: Kind, payload: Json, retry: Retry) -> tuple[str, Outcome]:
        if self.request_url:
            return "http", await self._by_http(self.request_url, kind, payload, retry=retry)
        return await self._by_socket(kind, payload, retry)

    async def _by_http(self, url: str, kind: Kind, payload: Json, *, retry: Retry) -> Outcome:
        try:
            answer = await self._http.send(url, kind, payload, now=self._clock(), retry=retry)
        except DeliveryFailed as failure:
            return Outcome(False, 0, error=str(failure))
        return Outcome(True, 0, answer if accepts_answer(kind, payload) else None)

    async def _by_socket(self, kind: Kind, payload: Json, retry: Retry) -> tuple[str, Outcome]:
        frame = envelope(kind, payload, envelope_id=self._identifiers.secret(), retry=retry)
        try:
            connection = self._sockets.next_connection()
        except LookupError:
            return "none", Outcome(False, 0, error="no_connection")
        name = connection.id if connection else "ghost"
        try:
            answer = await self._sockets.send(connection, frame)
        except TimeoutError:
            return name, Outcome(False, 0, error="timeout")
        return name, Outcome(True, 0, answer if accepts_answer(kind, payload) else None)

    def _record(self, kind: Kind, payload: Json, connection: str, *, retry: Retry, outcome: Outcome) -> None:
        event = payload.get("event", {})
        name = event.get("type") or payload.get("type") or payload.get("command", "")
        self.log.append(
            Delivery(
                at=self._clock(),
                type=str(kind),
                name=name,
                connection=connection,
                attempt=retry.attempt,
                acked=outcome.acked,
                ms=outcome.ms,
                error=outcome.error,
                answer=outcome.payload,
            )
        )
        self._changes.touch()

    async def first_attempt(self, payload: Json) -> Outcome:
        """Deliver an event; when it is not acknowledged, repeat it in the background as Slack does."""
        outcome = await self.deliver(Kind.EVENT, payload)
        if not outcome.acked:
            self.in_background(self._repeat(payload, outcome.error or "timeout"))
        return outcome

    async def _repeat(self, payload: Json, reason: str) -> None:
        for attempt, pause in enumerate(self._settings.retry_seconds, start=1):
            await asyncio.sleep(pause)
            outcome = await self.deliver(Kind.EVENT, payload, Retry(attempt, reason))
            if outcome.acked:
                return
            reason = outcome.error or "timeout"

    def emit(self, payload: Json) -> None:
        """Deliver an event without making anybody wait for its ack."""
        self.in_background(self._emit(payload))

    async def _emit(self, payload: Json) -> None:
        await self.first_attempt(payload)

    def in_background(self, work: Coroutine[object, object, None]) -> None:
        """Run `work`, and keep it alive until it is done or the sandbox stops."""
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def verify_url(self, url: str) -> bool:
        """Whether `url` answers Slack's url_verification challenge, as it must before it is accepted."""
        challenge = self._identifiers.secret()
        payload = {"token": "", "challenge": challenge, "type": "url_verification"}
        try:
            answer = await self._http.send(url, Kind.EVENT, payload, now=self._clock(), retry=Retry())
        except DeliveryFailed:
            return False
        return answer == challenge or (isinstance(answer, dict) and answer.get("challenge") == challenge)

    def lines(self) -> list[Json]:
        """The log, oldest first."""
        return [asdict(delivery) for delivery in self.log]

    async def close(self) -> None:
        """Drop what is still on its way."""
        for task in tuple(self._tasks):
            task.cancel()
        await self._http.close()
