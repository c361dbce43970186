"""HTTP mode: signed requests from Slack."""

from aiohttp import web
from slack_bolt.adapter.aiohttp import to_aiohttp_response, to_bolt_request
from slack_bolt.async_app import AsyncApp

from bot import log
from bot.life import StartFailed
from bot.messages import at_start
from bot.work.tasks import Tasks

PATH = "/slack/events"
MOST_BYTES = 1024 * 1024


class OverHttp:
    """Receives Slack's requests; Bolt checks their signatures."""

    def __init__(self, app: AsyncApp, *, host: str, port: int) -> None:
        self._app = app
        self._host = host
        self._port = port
        site = web.Application(client_max_size=MOST_BYTES)
        site.add_routes([web.post(PATH, self._receive), web.get("/healthz", _healthy)])
        self._runner = web.AppRunner(site, access_log=None)

    @property
    def port(self) -> int:
        """The port that is listened on; with 0 the system has chosen one."""
        return int(self._runner.addresses[0][1])

    async def start(self, tasks: Tasks) -> None:
        """Listen. Raises StartFailed if the port is taken."""
        await self._runner.setup()
        try:
            await web.TCPSite(self._runner, self._host, self._port).start()
        except OSError as error:
            raise StartFailed(at_start.port_taken(self._host, self._port)) from error
        log.info("slack.listening", mode="http", host=self._host, port=self.port)

    async def stop(self) -> None:
        """Listen no more; requests under way are answered first."""
        await self._runner.cleanup()

    async def _receive(self, request: web.Request) -> web.Response:
        if not _may_be_signed(request):
            return web.Response(status=401)
        try:
            bolt_request = await to_bolt_request(request)
        except (ValueError, RecursionError):
            # Bolt parses a body before it checks the signature; Slack sends none that cannot be parsed.
            return web.Response(status=401)
        return await to_aiohttp_response(await self._app.async_dispatch(bolt_request))


async def _healthy(request: web.Request) -> web.Response:
    return web.Response(text="ok")


def _may_be_signed(request: web.Request) -> bool:
    """Whether Bolt can check the signature: it answers 500 to a time that is no number or a signature beyond ASCII."""
    times = request.headers.getall("X-Slack-Request-Timestamp", [])
    signatures = request.headers.getall("X-Slack-Signature", [])
    if len(times) != 1 or len(signatures) != 1:
        return False
    return times[0].isascii() and times[0].isdigit() and len(times[0]) <= 12 and signatures[0].isascii()
