"""POST /api/{method}: token, scope, pace, faults, the method itself, the log."""

import asyncio
from collections.abc import Mapping
from typing import assert_never

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from sandbox.call_log import Call
from sandbox.connection_cut import cut_connection
from sandbox.errors import Refusal
from sandbox.faults import Fault, FaultKind
from sandbox.web_api import auth, chat, conversations, uploads, users, views
from sandbox.web_api.arguments import Arguments, read_arguments
from sandbox.web_api.method import Json, Method, Token
from sandbox.world import World

METHODS: Mapping[str, Method] = {
    **auth.METHODS,
    **chat.METHODS,
    **conversations.METHODS,
    **uploads.METHODS,
    **users.METHODS,
    **views.METHODS,
}


async def call_method(request: Request) -> Response:
    """Answer one Web API call, as the fault queued for the method says when there is one."""
    world: World = request.app.state.world
    name = request.path_params["method"]
    arguments = Arguments({})
    fault = world.faults.take(name)
    try:
        token, arguments = await read_arguments(request)
        answer = await _answer(world, name, token, arguments=arguments, fault=fault)
    except Refusal as refusal:
        _log(world, name, arguments, answer=refusal.body(), status=refusal.status)
        return JSONResponse(refusal.body(), refusal.status, refusal.headers)
    _log(world, name, arguments, answer=answer, status=200)
    if fault is not None and fault.kind is FaultKind.DROP_REPLY:
        return await cut_connection(request)
    return JSONResponse(answer, headers={"X-OAuth-Scopes": ",".join(sorted(world.settings.scopes))})


async def _answer(world: World, name: str, token: str | None, *, arguments: Arguments, fault: Fault | None) -> Json:
    method = METHODS.get(name)
    if method is None:
        raise Refusal("unknown_method", req_method=name)
    _check_token(world, method, token)
    _check_scope(world, method)
    world.rates.take(f"method {name}", burst=method.per_minute, per_second=method.per_minute / 60)
    if fault is not None:
        await _meet(fault)
    return {"ok": True, **await method.handler(world, arguments)}


def _check_token(world: World, method: Method, token: str | None) -> None:
    if method.token is Token.NONE:
        return
    if not token:
        raise Refusal("not_authed")
    expected = {Token.BOT: world.settings.bot_token, Token.APP: world.settings.app_token}
    if token == expected[method.token]:
        return
    raise Refusal("not_allowed_token_type" if token in expected.values() else "invalid_auth")


def _check_scope(world: World, method: Method) -> None:
    if method.scopes and not world.settings.scopes.intersection(method.scopes):
        provided = ",".join(sorted(world.settings.scopes))
        raise Refusal("missing_scope", needed=method.scopes[0], provided=provided)


async def _meet(fault: Fault) -> None:
    match fault.kind:
        case FaultKind.ERROR:
            raise Refusal(fault.error)
        case FaultKind.STATUS:
            wait = {} if fault.retry_after is None else {"Retry-After": str(fault.retry_after)}
            code = "ratelimited" if fault.status == 429 else fault.error
            raise Refusal(code, status=fault.status, headers=wait)
        case FaultKind.DELAY:
            await asyncio.sleep(fault.seconds)
        case FaultKind.DROP_REPLY:
            return
        case _:
            assert_never(fault.kind)


def _log(world: World, name: str, arguments: Arguments, *, answer: Json, status: int) -> None:
    ts = answer.get("ts") or answer.get("message_ts") or arguments.text("ts")
    world.calls.add(
        Call(
            at=world.clock(),
            method=name,
            args=arguments.values,
            ok=answer["ok"],
            error=answer.get("error"),
            ts=ts,
            status=status,
        )
    )
