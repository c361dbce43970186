"""/control: the strings that tests and the demo pull. No app ever sees these addresses."""

from collections.abc import Awaitable, Callable
from typing import Any, get_type_hints

from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from sandbox.acting.answers import NotPossible
from sandbox.acting.clicking import click, modal_action
from sandbox.acting.submitting import close, submit
from sandbox.acting.talking import command, delete, edit, home, say
from sandbox.errors import Refusal
from sandbox.faults import Fault, FaultKind
from sandbox.workspace import BOT_USER, User
from sandbox.world import World

Json = dict[str, Any]
Act = Callable[[World, Json], Awaitable[Json]]

ACTS: dict[str, Act] = {
    "click": click,
    "submit": submit,
    "close": close,
    "command": command,
    "say": say,
    "edit": edit,
    "delete": delete,
    "home": home,
    "modal_action": modal_action,
}


class BadControl(Exception):
    """A control call that makes no sense; the text says which value and what is accepted."""


def _control(handler: Act) -> Callable[[Request], Awaitable[JSONResponse]]:
    async def endpoint(request: Request) -> JSONResponse:
        try:
            return JSONResponse(await handler(request.app.state.world, await _body(request)))
        except NotPossible as no:
            return JSONResponse(no.body())
        except (BadControl, Refusal) as problem:
            return JSONResponse({"ok": False, "error": "bad_control", "shown": str(problem)}, 400)

    return endpoint


async def _body(request: Request) -> Json:
    if request.method == "GET":
        return dict(request.query_params)
    try:
        body = await request.json()
    except ValueError:
        body = None
    if not isinstance(body, dict):
        raise BadControl("Nothing was done: the body is not a JSON object. Send one.")
    return body


def _count(body: Json, name: str, default: int) -> int:
    value = body.get(name, default)
    if not isinstance(value, int) or value < 0:
        raise BadControl(f"Nothing was done: {name} is {value!r}. Give a whole number, 0 or more.")
    return value


async def act(world: World, body: Json) -> Json:
    """POST /control/act: one person does one thing."""
    do = ACTS.get(str(body.get("do")))
    if do is None:
        raise BadControl(f"Nobody can do {body.get('do')!r}. Use one of: {', '.join(ACTS)}.")
    return await do(world, body)


async def fault(world: World, body: Json) -> Json:
    """POST /control/fault: let the next `times` calls of `method` fail; `kind: "none"` forgets all faults."""
    if body.get("kind") == "none":
        world.faults.clear()
        return {"ok": True}
    known = {"error", "seconds", "status", "retry_after"}
    try:
        kind = FaultKind(str(body.get("kind")))
    except ValueError:
        accepted = ", ".join(FaultKind)
        raise BadControl(f"No fault of kind {body.get('kind')!r}. Use one of: {accepted}, none.") from None
    planned = Fault(kind, **{name: body[name] for name in known & set(body)})
    world.faults.add(str(body.get("method", "*")), planned, times=_count(body, "times", 1))
    return {"ok": True}


async def refresh(world: World, body: Json) -> Json:
    """POST /control/refresh: announce the end of sockets and close them. `which`: all or one; `warning_only`."""
    how_many = 1 if body.get("which") == "one" else None
    told = await world.sockets.refresh(how_many=how_many, warning_only=body.get("warning_only") is True)
    return {"ok": True, "told": told}


async def ghosts(world: World, body: Json) -> Json:
    """POST /control/ghosts: `count` registered sockets that nobody reads, which swallow their share."""
    world.sockets.ghosts = _count(body, "count", 0)
    return {"ok": True}


async def mode(world: World, body: Json) -> Json:
    """POST /control/mode: `socket`, or `http` with a request_url that answers Slack's challenge."""
    match body.get("mode"):
        case "socket":
            world.deliveries.request_url = None
        case "http" if isinstance(body.get("request_url"), str):
            if not await world.deliveries.verify_url(body["request_url"]):
                raise BadControl(f"{body['request_url']} did not answer the url_verification challenge.")
            world.deliveries.request_url = body["request_url"]
        case other:
            raise BadControl(f"No mode {other!r}. Use socket, or http with a request_url.")
    return {"ok": True}


async def user(world: World, body: Json) -> Json:
    """POST /control/user: change flags of one user, e.g. {"user": "U...", "deleted": true}."""
    flags = {name: value for name, value in body.items() if name != "user"}
    unknown = set(flags) - set(get_type_hints(User))
    if unknown:
        raise BadControl(f"A user has no {', '.join(sorted(unknown))}.")
    world.directory.change_user(str(body.get("user")), flags)
    world.changes.touch()
    return {"ok": True}


async def channel(world: World, body: Json) -> Json:
    """POST /control/channel: archive a channel, take the bot in or out, or delete one message for good."""
    found = world.directory.channel(body.get("channel"))
    match body.get("do"):
        case "archive" | "unarchive" as do:
            world.directory.change_channel(found.id, is_archived=do == "archive")
        case "remove_bot":
            members = tuple(member for member in found.members if member != BOT_USER)
            world.directory.change_channel(found.id, members=members)
        case "add_bot":
            members = tuple(dict.fromkeys((*found.members, BOT_USER)))
            world.directory.change_channel(found.id, members=members)
        case "delete_message":
            world.events.emit(world.delete(world.messages.get(found.id, body.get("ts"))))
        case other:
            accepted = "archive, unarchive, remove_bot, add_bot, delete_message"
            raise BadControl(f"A channel cannot {other!r}. Use one of: {accepted}.")
    world.changes.touch()
    return {"ok": True}


async def log(world: World, _: Json) -> Json:
    """GET /control/log: every Web API call, oldest first, without tokens."""
    return {"ok": True, "calls": world.calls.lines()}


async def deliveries(world: World, _: Json) -> Json:
    """GET /control/deliveries: every envelope, and how many sockets are open."""
    return {"ok": True, "deliveries": world.deliveries.lines(), "connections": len(world.sockets.open)}


def control_routes() -> list[Route]:
    """All addresses below /control."""
    posts = (act, fault, refresh, ghosts, mode, user, channel)
    reads = (log, deliveries)
    return [
        *(Route(f"/control/{post.__name__}", _control(post), methods=["POST"]) for post in posts),
        *(Route(f"/control/{read.__name__}", _control(read), methods=["GET"]) for read in reads),
    ]
