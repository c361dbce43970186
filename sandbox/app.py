"""Composition root: one Starlette app that is Slack's Web API, its sockets, its page and the controls."""

import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route, WebSocketRoute
from starlette.websockets import WebSocket

from sandbox.answering import respond
from sandbox.control import control_routes
from sandbox.errors import Refusal
from sandbox.local_only import LocalOnly
from sandbox.pages import page_routes
from sandbox.settings import SandboxSettings
from sandbox.web_api.dispatch import call_method
from sandbox.world import World, create_world


def create_app(settings: SandboxSettings, *, clock: Callable[[], float] = time.time) -> Starlette:
    """A sandbox with a freshly seeded workspace. `app.state.world.base_url` must be set before it is used."""
    world = create_world(settings, clock)

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        yield
        await world.close()

    app = Starlette(
        routes=[
            Route("/api/{method}", call_method, methods=["GET", "POST"]),
            Route("/response/{secret}", respond, methods=["POST"]),
            Route("/upload/v1/{secret}", upload, methods=["POST", "PUT"]),
            WebSocketRoute("/link/", link),
            *control_routes(),
            *page_routes(),
        ],
        middleware=[Middleware(LocalOnly)],
        lifespan=lifespan,
    )
    app.state.world = world
    return app


async def link(socket: WebSocket) -> None:
    """WS /link/?ticket=...: one Socket Mode connection."""
    world: World = socket.app.state.world
    await world.sockets.serve(socket)


async def upload(request: Request) -> Response:
    """POST or PUT /upload/v1/{secret}: the bytes of one file, raw or as the only file of a form."""
    world: World = request.app.state.world
    try:
        file = world.files.receive(request.path_params["secret"], await _bytes_of(request))
    except Refusal as refusal:
        return JSONResponse(refusal.body(), refusal.status)
    return PlainTextResponse(f"OK - {file.length}")


async def _bytes_of(request: Request) -> bytes:
    if not request.headers.get("content-type", "").startswith("multipart/form-data"):
        return await request.body()
    async with request.form() as form:
        for value in form.values():
            if not isinstance(value, str):
                return await value.read()
    return b""
