"""The HTTP side: what snowflake-connector-python sends and expects, on a port that the system gives.

The standard library's threading server, because a fault must be able to close a connection in the middle, and because
nothing but threads is needed: every statement runs in the thread of its connection.
"""

from __future__ import annotations

import gzip
import json
import socket
import threading
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlparse

from tests.snowflake.account import Account
from tests.snowflake.protocol import Dropped, Protocol, Unauthorized

Answer = dict[str, Any]


class Server:
    """Answers on 127.0.0.1 until it is closed."""

    def __init__(self, account: Account) -> None:
        handler = type("Handler", (_Handler,), {"protocol": Protocol(account)})
        self._http = _Http(("127.0.0.1", 0), handler)
        self.port = int(self._http.server_address[1])
        self._thread = threading.Thread(target=self._http.serve_forever, args=(0.05,), name="snowflake", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Stop listening, hang up on everybody."""
        self._http.shutdown()
        self._http.server_close()
        self._http.hang_up()
        self._thread.join()


class _Http(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False

    def __init__(self, address: tuple[str, int], handler: type[BaseHTTPRequestHandler]) -> None:
        self._open: set[socket.socket] = set()
        super().__init__(address, handler)

    def process_request(self, request: Any, client_address: Any) -> None:
        self._open.add(request)
        super().process_request(request, client_address)

    def close_request(self, request: Any) -> None:
        self._open.discard(request)
        super().close_request(request)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that hangs up is not worth a word."""

    def hang_up(self) -> None:
        """Close what clients keep alive."""
        for request in list(self._open):
            self.shutdown_request(request)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    protocol: Protocol
    disable_nagle_algorithm = True  # otherwise each answer waits 40 ms for the client to confirm the headers

    def do_POST(self) -> None:
        url = urlparse(self.path)
        query = {key: values[0] for key, values in parse_qs(url.query).items()}
        body = self._body()
        routes: dict[str, Callable[[], Answer]] = {
            "/session/v1/login-request": lambda: self.protocol.login(query, body),
            "/queries/v1/query-request": lambda: self.protocol.query(self._token(), query, body),
            "/queries/v1/abort-request": lambda: self.protocol.abort(self._token(), body),
            "/session/token-request": lambda: self.protocol.renew(self._token(), body),
            "/session/heartbeat": lambda: self.protocol.heartbeat(self._token()),
            "/session": lambda: self.protocol.end(self._token(), query),
        }
        route = routes.get(url.path)
        if route is None and url.path.endswith("/abort-request"):
            route = lambda: self.protocol.abort_query(self._token(), url.path.split("/")[2])  # noqa: E731
        self._respond(route)

    def do_GET(self) -> None:
        parts = urlparse(self.path).path.strip("/").split("/")
        match parts:
            case ["monitoring", "queries", query_id]:
                self._respond(lambda: self.protocol.status(self._token(), query_id))
            case ["queries", query_id, "result"]:
                self._respond(lambda: self.protocol.result(self._token(), query_id))
            case _:
                self._respond(None)

    def _respond(self, route: Callable[[], Answer] | None) -> None:
        with self.protocol.account.lock:
            self.protocol.account.requests += 1
        if route is None:
            self.send_error(404)
            return
        try:
            self._send(200, route())
        except Dropped:
            self.close_connection = True
            # shutdown, not close alone: the socket is shared with the streams of this handler
            self.connection.shutdown(socket.SHUT_RDWR)
        except Unauthorized as error:
            self._send(error.status, {"data": None, "code": error.code, "message": error.text, "success": False})

    def _send(self, status: int, answer: Answer) -> None:
        payload = json.dumps(answer).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(payload)))
        self.end_headers()
        self.wfile.write(payload)

    def _body(self) -> Any:
        raw = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        if self.headers.get("Content-Encoding") == "gzip":
            raw = gzip.decompress(raw)
        return json.loads(raw) if raw else {}

    def _token(self) -> str:
        """From `Authorization: Snowflake Token="..."`."""
        return (self.headers.get("Authorization") or "").removeprefix("Snowflake Token=").strip('"')

    def log_message(self, format: str, *args: Any) -> None:
        """Nothing is printed; the account has the log."""
