"""A proxy in front of Prefect that says what proxies say while a server behind them restarts."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import httpx

_HOP = {"date", "server", "content-length", "content-encoding", "transfer-encoding", "connection", "host"}


@dataclass
class Restarting:
    """`absent` counts down requests that are answered 404 by the proxy itself, because nothing is behind it."""

    url: str
    absent: int = 0


@contextmanager
def restarting(api_url: str) -> Iterator[Restarting]:
    """A Prefect behind such a proxy at `url` (with its `/api`), until the block ends."""
    behind = Restarting("")
    client = httpx.Client(base_url=api_url.removesuffix("/api"), trust_env=False, timeout=30)

    class Handler(BaseHTTPRequestHandler):
        def handle_any(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            if behind.absent:
                behind.absent -= 1
                self._say(404, b"404 page not found", {"Content-Type": "text/plain"})
                return
            headers = {name: text for name, text in self.headers.items() if name.lower() not in _HOP}
            answer = client.request(self.command, self.path, content=body, headers=headers)
            kept = {name: text for name, text in answer.headers.items() if name.lower() not in _HOP}
            self._say(answer.status_code, answer.content, kept)

        do_GET = do_POST = do_PATCH = do_PUT = do_DELETE = handle_any

        def _say(self, status: int, content: bytes, headers: dict[str, str]) -> None:
            self.send_response(status)
            for name, text in {**headers, "Content-Length": str(len(content))}.items():
                self.send_header(name, text)
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, format: str, *args: object) -> None:
            """Nobody reads it."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    behind.url = f"http://127.0.0.1:{server.server_address[1]}/api"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield behind
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
        client.close()
