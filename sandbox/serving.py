"""Runs a sandbox under uvicorn on a port that the system may choose."""

import socket
from collections.abc import Callable

import uvicorn

from sandbox.app import create_app
from sandbox.connection_cut import CuttableProtocol
from sandbox.settings import SandboxSettings
from sandbox.world import World


class PortInUse(Exception):
    """Another program listens on the port that was asked for."""


def bind(host: str, port: int) -> socket.socket:
    """A listening socket; port 0 lets the system choose. Raises PortInUse."""
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
    except OSError as error:
        listener.close()
        raise PortInUse(
            f"The sandbox did not start: port {port} on {host} is taken. Choose another one with --port, "
            "or --port 0 to let the system choose."
        ) from error
    listener.listen(128)
    return listener


class SandboxServer(uvicorn.Server):
    """A uvicorn server around one sandbox that is listening already when it is built."""

    def __init__(
        self,
        settings: SandboxSettings,
        listener: socket.socket,
        *,
        announce: Callable[[str, int], None] = lambda url, port: None,
    ) -> None:
        host, port = listener.getsockname()[:2]
        # Listening on every address is no address that anybody could use.
        self.url = f"http://{'127.0.0.1' if host == '0.0.0.0' else host}:{port}"
        self.port = port
        self._listener = listener
        self._announce = announce
        app = create_app(settings)
        self.world: World = app.state.world
        self.world.base_url = self.url
        super().__init__(
            uvicorn.Config(
                app,
                http=CuttableProtocol,
                log_level="warning",
                access_log=False,
                # Open pages and sockets would otherwise hold the end up.
                timeout_graceful_shutdown=1,
            )
        )

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Start, then say where it listens."""
        await super().startup(sockets=sockets)
        self._announce(self.url, self.port)

    def run_here(self) -> None:
        """Serve until a signal or `should_exit`."""
        self.run(sockets=[self._listener])
