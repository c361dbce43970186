"""What the page in the browser needs: the workspace as one person sees it, live, with files."""

import asyncio
from dataclasses import asdict
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, TemplateNotFound, select_autoescape
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, PlainTextResponse, Response
from starlette.routing import BaseRoute, Mount, Route, WebSocketRoute
from starlette.staticfiles import StaticFiles
from starlette.websockets import WebSocket, WebSocketDisconnect

from sandbox.messages import Message
from sandbox.modals import View
from sandbox.workspace import BOT_USER, MINA, TEAM_DOMAIN, TEAM_ID, TEAM_NAME, Channel, User
from sandbox.world import World

Json = dict[str, Any]
PAGE = Path(__file__).parent / "page"
DEBOUNCE_SECONDS = 0.05
_FLAGS = ("is_admin", "is_restricted", "is_ultra_restricted", "is_stranger", "deleted")


def state_for(world: World, me: User) -> Json:
    """Everything that one person sees; channels they are not in and others' ephemeral messages are left out."""
    channels = [channel for channel in world.directory.channels.values() if me.id in channel.members]
    stack = world.modals.stack(me.id)
    return {
        "team": {"id": TEAM_ID, "name": TEAM_NAME, "domain": TEAM_DOMAIN},
        "me": me.id,
        "app": BOT_USER,
        "users": [_user(user) for user in world.directory.users.values()],
        "groups": [asdict(group) for group in world.directory.groups.values()],
        "channels": [_channel(world, channel, me) for channel in channels],
        "messages": {channel.id: _messages(world, channel, me) for channel in channels},
        "home": _view(world.modals.home(me.id)),
        "modal": _view(stack[-1] if stack else None),
        "modal_depth": len(stack),
        "notices": [{"at": notice.at, "text": notice.text} for notice in world.notices.of(me.id)],
        "connections": len(world.sockets.open),
        "mode": "http" if world.deliveries.request_url else "socket",
    }


def _user(user: User) -> Json:
    fields = asdict(user)
    shown: Json = {name: fields[name] for name in ("id", "name", "real_name", "title", "is_bot", "color")}
    return shown | {"team_id": user.team_id, "flags": [flag for flag in _FLAGS if fields[flag]]}


def _channel(world: World, channel: Channel, me: User) -> Json:
    name = channel.name
    if channel.is_im:
        others = [member for member in channel.members if member != me.id]
        name = world.directory.user(others[0]).real_name
    return {
        "id": channel.id,
        "name": name,
        "topic": channel.topic,
        "members": list(channel.members),
        "is_im": channel.is_im,
        "is_archived": channel.is_archived,
    }


def _messages(world: World, channel: Channel, me: User) -> list[Json]:
    seen = [message for message in world.messages.of(channel.id) if message.only_for in {None, me.id}]
    return [_message(world, message) for message in seen]


def _message(world: World, message: Message) -> Json:
    files = [
        {name: file[name] for name in ("id", "title", "mimetype", "alt_txt")} | {"url": f"/page/files/{file['id']}"}
        for file in message.files
    ]
    return {
        "ts": message.ts,
        "user": message.user,
        "text": message.text,
        "blocks": list(message.blocks),
        "attachments": list(message.attachments),
        "thread_ts": message.thread_ts,
        "reply_count": 0 if message.is_reply else len(world.messages.replies(message.channel, message.ts)),
        "broadcast": message.broadcast,
        "edited": message.edited is not None,
        "reactions": message.reaction_list(),
        "files": files,
        "ephemeral": message.only_for is not None,
        "bot": message.user == BOT_USER,
    }


def _view(view: View | None) -> Json | None:
    return view.payload() | {"errors": view.errors} if view else None


async def page_state(request: Request) -> Response:
    """GET /page/state?as=U...: the state as JSON, of Mina when nobody is named; 404 for an unknown person."""
    world: World = request.app.state.world
    me = world.directory.users.get(request.query_params.get("as", MINA))
    if me is None:
        return JSONResponse({"ok": False, "error": "user_not_found"}, 404)
    return JSONResponse(state_for(world, me))


async def page_file(request: Request) -> Response:
    """GET /page/files/{id}: the bytes; other than pictures and plain text they are only downloaded."""
    world: World = request.app.state.world
    found = world.files.content(request.path_params["file_id"])
    if found is None:
        return PlainTextResponse("There is no such file.", 404)
    content, mimetype = found
    shown = mimetype in {"image/png", "image/jpeg", "image/gif", "text/plain"}
    headers = {
        "X-Content-Type-Options": "nosniff",
        "Content-Disposition": "inline" if shown else "attachment",
    }
    return Response(content, media_type=mimetype, headers=headers)


async def page_live(socket: WebSocket) -> None:
    """WS /page/live?as=U...: says `changed` after each change, at most once per 50 ms."""
    world: World = socket.app.state.world
    await socket.accept()
    with world.changes.watch() as changed:
        leaving = asyncio.create_task(_until_closed(socket))
        try:
            while not leaving.done():
                waiting = asyncio.create_task(changed.wait())
                await asyncio.wait({waiting, leaving}, return_when=asyncio.FIRST_COMPLETED)
                waiting.cancel()
                if leaving.done():
                    return
                await asyncio.sleep(DEBOUNCE_SECONDS)
                changed.clear()
                await socket.send_json({"type": "changed"})
        except (WebSocketDisconnect, RuntimeError):
            return
        finally:
            leaving.cancel()


async def _until_closed(socket: WebSocket) -> None:
    try:
        while True:
            await socket.receive_text()
    except WebSocketDisconnect:
        return


async def index(request: Request) -> Response:
    """GET /: the page, once it is there."""
    environment = Environment(loader=FileSystemLoader(PAGE), autoescape=select_autoescape())
    try:
        template = environment.get_template("index.html")
    except TemplateNotFound:
        return PlainTextResponse("The page is not installed. The API is at /api/, the state at /page/state.", 404)
    world: World = request.app.state.world
    return HTMLResponse(template.render(prefect_ui=world.settings.prefect_ui))


def page_routes() -> list[BaseRoute]:
    """All addresses of the page."""
    return [
        Route("/", index),
        Route("/page/state", page_state),
        Route("/page/files/{file_id}", page_file),
        WebSocketRoute("/page/live", page_live),
        Mount("/page/static", StaticFiles(directory=PAGE / "static", check_dir=False)),
    ]
