"""Socket Mode connections: single-use tickets, one envelope to one socket, acks, refreshes.

Rules: docs.slack.dev/apis/events-api/using-socket-mode. Up to 10 sockets; every payload goes to any one of them;
a URL opens one socket; Slack announces that it will close a socket and the app opens another.
"""

import asyncio
import json
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from starlette.websockets import WebSocket, WebSocketDisconnect

from sandbox.changes import Changes
from sandbox.identifiers import Identifiers
from sandbox.settings import SandboxSettings
from sandbox.workspace import APP_ID

MAX_CONNECTIONS = 10
APPROXIMATE_LIFETIME_SECONDS = 18_060


@dataclass(slots=True, eq=False)
class Connection:
    """One open socket; `draining` once Slack said it will close, after which it gets no new envelopes."""

    id: str
    socket: WebSocket
    draining: bool = False


class Sockets:
    """The sockets an app holds open, and the envelopes that wait for an ack on them."""

    def __init__(
        self, settings: SandboxSettings, identifiers: Identifiers, *, changes: Changes, clock: Callable[[], float]
    ) -> None:
        self._settings = settings
        self._identifiers = identifiers
        self._changes = changes
        self._clock = clock
        self._tickets: dict[str, float] = {}
        self._connections: list[Connection] = []
        self._waiting: dict[str, tuple[Connection, asyncio.Future[Any]]] = {}
        self._turn = 0
        self._closing: set[asyncio.Task[None]] = set()
        self.ghosts = 0

    @property
    def open(self) -> tuple[Connection, ...]:
        """The connections that still take envelopes."""
        return tuple(connection for connection in self._connections if not connection.draining)

    def issue_ticket(self) -> str:
        """A ticket that opens one socket within `ticket_seconds`."""
        ticket = self._identifiers.secret()
        self._tickets[ticket] = self._clock() + self._settings.ticket_seconds
        return ticket

    async def serve(self, socket: WebSocket) -> None:
        """Run one socket until either side closes it; a used or late ticket is refused at the handshake."""
        valid_until = self._tickets.pop(socket.query_params.get("ticket", ""), 0.0)
        if valid_until < self._clock():
            await socket.close(code=1008)
            return
        await socket.accept()
        if len(self.open) >= MAX_CONNECTIONS:
            await socket.send_json({"type": "disconnect", "reason": "too_many_websockets"})
            await socket.close()
            return
        connection = Connection(self._identifiers.new("CONN"), socket)
        self._connections.append(connection)
        self._changes.touch()
        try:
            await socket.send_json(self._hello())
            while True:
                self._acknowledge(connection, json.loads(await socket.receive_text()))
        except (WebSocketDisconnect, ValueError):
            # Gone, or it sent something that is no JSON: either way this connection is over.
            return
        finally:
            self._connections.remove(connection)
            self._changes.touch()

    def _hello(self) -> dict[str, Any]:
        return {
            "type": "hello",
            "num_connections": len(self.open) + self.ghosts,
            "debug_info": {
                "host": "applink-sandbox",
                "build_number": 1,
                "approximate_connection_time": APPROXIMATE_LIFETIME_SECONDS,
            },
            "connection_info": {"app_id": APP_ID},
        }

    def _acknowledge(self, connection: Connection, frame: Any) -> None:
        envelope_id = frame.get("envelope_id") if isinstance(frame, dict) else None
        owner, answer = self._waiting.get(envelope_id or "", (None, None))
        own = owner is connection or self._settings.foreign_acks
        if answer is not None and own and not answer.done():
            answer.set_result(frame.get("payload"))

    def next_connection(self) -> Connection | None:
        """Whose turn it is, round robin; None for a ghost, which swallows what it gets.

        Raises LookupError when nothing is connected.
        """
        connections = self.open
        if not connections and not self.ghosts:
            raise LookupError("no socket is open")
        self._turn += 1
        seat = self._turn % (len(connections) + self.ghosts)
        return connections[seat] if seat < len(connections) else None

    async def send(self, connection: Connection | None, envelope: dict[str, Any]) -> Any:
        """Send one envelope and return the payload of its ack. Raises TimeoutError after `ack_seconds`."""
        async with asyncio.timeout(self._settings.ack_seconds):
            if connection is None:
                await asyncio.Event().wait()
                raise AssertionError("a ghost never answers")
            answer = asyncio.get_running_loop().create_future()
            self._waiting[envelope["envelope_id"]] = (connection, answer)
            try:
                # A socket that goes away between choosing and sending loses the envelope, as in Slack.
                with suppress(WebSocketDisconnect, RuntimeError):
                    await connection.socket.send_json(envelope)
                return await answer
            finally:
                del self._waiting[envelope["envelope_id"]]

    async def refresh(self, *, how_many: int | None, warning_only: bool) -> int:
        """Announce to the oldest `how_many` sockets (None: all) that they will be closed, and close them.

        With `warning_only` nothing is closed. Answers how many were told.
        """
        chosen = self.open[:how_many]
        for connection in chosen:
            reason = "warning" if warning_only else "refresh_requested"
            connection.draining = not warning_only
            self._changes.touch()
            await connection.socket.send_json(
                {"type": "disconnect", "reason": reason, "debug_info": {"host": "applink-sandbox"}}
            )
            if not warning_only:
                task = asyncio.create_task(self._close_later(connection))
                self._closing.add(task)
                task.add_done_callback(self._closing.discard)
        return len(chosen)

    async def _close_later(self, connection: Connection) -> None:
        await asyncio.sleep(self._settings.refresh_grace_seconds)
        if connection in self._connections:
            await connection.socket.close()

    async def close(self) -> None:
        """Close every socket at once, for shutdown."""
        for task in tuple(self._closing):
            task.cancel()
        for connection in tuple(self._connections):
            await connection.socket.close(code=1001)
