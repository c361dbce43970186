"""A proxy in front of Prefect that loses what a test wants lost."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import httpx
from aiohttp import web

_HOP = {"date", "content-length", "content-encoding", "transfer-encoding", "connection", "host"}


@dataclass
class Unreliable:
    """Passes requests on.

    `lose_reply` counts down replies that are cut off after they had their effect, `busy` counts down answers of 503
    that have none: both of paths that end with `at`. `delay_resume` in seconds; `hang` answers nothing at all; `forbid`
    answers 401 to everything; `absent` answers 404 as if no server were behind it, from the first lost reply on;
    `ahead` is what its clock is ahead of Prefect's. No event passes, whatever happens.
    """

    target: str
    url: str = ""
    lose_reply: int = 0
    delay_resume: float = 0.0
    hang: bool = False
    forbid: bool = False
    absent: bool = False
    busy: int = 0
    at: str = "/resume"
    ahead: timedelta = timedelta()
    seen: list[str] = field(default_factory=list)
    client: httpx.AsyncClient = field(default_factory=lambda: httpx.AsyncClient(verify=False, trust_env=False))

    async def handle(self, request: web.Request) -> web.StreamResponse:
        """One request."""
        is_resume, is_meant = request.path.endswith("/resume"), request.path.endswith(self.at)
        self.seen.append(f"{request.method} {request.path.rsplit('/', 1)[-1]}")
        if self.hang:
            await asyncio.sleep(60)
        if self.forbid:
            return web.json_response({"detail": "Unauthorized"}, status=401)
        if self.absent and not self.lose_reply:
            return web.Response(status=404, text="404 page not found")
        if is_meant and self.busy:
            self.busy -= 1
            return web.json_response({"detail": "database is locked"}, status=503)
        if is_resume and self.delay_resume:
            await asyncio.sleep(self.delay_resume)
        answer = await self._pass_on(request)
        if is_meant and self.lose_reply:
            self.lose_reply -= 1
            if request.transport:
                request.transport.abort()
        headers = {name: text for name, text in answer.headers.items() if name.lower() not in _HOP}
        headers["Date"] = format_datetime(datetime.now(UTC) + self.ahead, usegmt=True)
        return web.Response(status=answer.status_code, body=answer.content, headers=headers)

    async def _pass_on(self, request: web.Request) -> httpx.Response:
        headers = {name: text for name, text in request.headers.items() if name.lower() not in _HOP}
        address = self.target + request.path_qs
        return await self.client.request(request.method, address, content=await request.read(), headers=headers)


@asynccontextmanager
async def unreliable(api_url: str) -> AsyncIterator[Unreliable]:
    """An unreliable Prefect at `url` (with its `/api`), until the block ends."""
    proxy = Unreliable(target=api_url.removesuffix("/api"))
    site = web.Application()
    site.router.add_route("*", "/{rest:.*}", proxy.handle)
    runner = web.AppRunner(site, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    proxy.url = f"http://127.0.0.1:{runner.addresses[0][1]}/api"
    try:
        yield proxy
    finally:
        await runner.cleanup()
        await proxy.client.aclose()
