"""Guards for /control and the page: only this machine's own browser and programs may use them."""

from urllib.parse import urlsplit

from starlette.datastructures import Headers
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Receive, Scope, Send

_LOCAL_HOSTS = {"127.0.0.1", "localhost", "[::1]", "::1"}
# What an app uses; it holds a token, a ticket or a secret address, and may run in another container.
_OPEN_PREFIXES = ("/api/", "/link", "/response/", "/upload/")


class LocalOnly:
    """Refuses requests whose Host (DNS rebinding) or Origin (other web pages) is not this machine's.

    A POST to /control must be JSON: a foreign page cannot send that without asking first, and is told no.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let a request through, or answer 403 (415 for a control call that is not JSON)."""
        if scope["type"] not in {"http", "websocket"} or scope["path"].startswith(_OPEN_PREFIXES):
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        if not _is_local(f"//{headers.get('host', '')}") or not _is_local(headers.get("origin")):
            await _refuse(scope, receive, send, status=403, error="local_only")
        elif _is_control_post(scope) and not headers.get("content-type", "").startswith("application/json"):
            await _refuse(scope, receive, send, status=415, error="json_only")
        else:
            await self._app(scope, receive, send)


def _is_local(address: str | None) -> bool:
    return address is None or urlsplit(address).hostname in _LOCAL_HOSTS


def _is_control_post(scope: Scope) -> bool:
    return scope.get("method") == "POST" and str(scope["path"]).startswith("/control")


async def _refuse(scope: Scope, receive: Receive, send: Send, *, status: int, error: str) -> None:
    if scope["type"] == "websocket":
        await send({"type": "websocket.close", "code": 1008})
        return
    await JSONResponse({"ok": False, "error": error}, status)(scope, receive, send)
