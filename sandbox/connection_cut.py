"""Cuts a TCP connection instead of answering, so that a client cannot know whether its call was carried out."""

import asyncio

from starlette.requests import Request
from starlette.responses import Response
from uvicorn.protocols.http.h11_impl import H11Protocol


class CuttableProtocol(H11Protocol):
    """Uvicorn's HTTP protocol, which also puts the transport into the request's state.

    ASGI has no way to drop a connection without a reply; the per-connection state is uvicorn's documented place
    for things a request needs.
    """

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as uvicorn
        """Remember the transport for `cut_connection`."""
        self.app_state = {**self.app_state, "transport": transport}
        super().connection_made(transport)


async def cut_connection(request: Request) -> Response:
    """Abort the connection. The returned response goes nowhere, but ASGI wants one."""
    request.scope["state"]["transport"].abort()
    # The protocol notices the loss in the next turn of the loop; answering before that would log an error.
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    return Response(status_code=499)
