"""The composition root: settings -> a bot with its Slack app and its loops."""

from collections.abc import Awaitable, Callable
from dataclasses import fields

import aiohttp
from slack_bolt.async_app import AsyncApp
from slack_bolt.authorization import AuthorizeResult
from slack_bolt.context.async_context import AsyncBoltContext
from slack_sdk.web.async_client import AsyncWebClient

from bot import listeners, log
from bot.life import Bot, StartFailed
from bot.listeners.over_http import OverHttp
from bot.listeners.over_socket import OverSocket
from bot.messages import at_start
from bot.ports import SlackFailed, SlackRefused, SlackUnsure
from bot.settings import Settings
from bot.slack.calls import web_client
from bot.slack.channel import Identity, SlackChannel
from bot.wiring import Prefect, Services, wire


async def create_app(settings: Settings) -> Bot:
    """Check Slack, then build everything. Nothing is received or posted before `Bot.start`.

    Raises StartFailed with a sentence for the person at the terminal when the bot could never work like this.
    """
    # Prefect's client takes most of the time and memory of a start; nothing else needs it.
    from bot.prefect_runs import PrefectCatalog, PrefectDesk, PrefectRuns
    from bot.prefect_runs.connection import Connection

    session = aiohttp.ClientSession()
    try:
        slack = SlackChannel(web_client(settings.bot_token, settings.slack_url, session), session, settings.channel)
        identity, socket_url = await _check_slack(slack, settings)
    except BaseException:  # also a Ctrl-C: an open session would complain when it is collected
        await session.close()
        raise
    prefect = Connection(settings.prefect_url, auth_string=settings.prefect_auth, api_key=settings.prefect_key)
    doors = Prefect(
        PrefectRuns(prefect, settings.signing_keys), PrefectCatalog(prefect), PrefectDesk(prefect), prefect.now
    )
    services = wire(settings, doors, slack, identity.home)
    # Bolt's own client must carry no token: it would be dropped, with a warning, in favour of `authorize`.
    tokenless = web_client(None, settings.slack_url, session)
    app = bolt_app(settings, services, identity, tokenless)
    if settings.mode == "http":
        transport: OverHttp | OverSocket = OverHttp(app, host=settings.http_host, port=settings.http_port)
    else:
        transport = OverSocket(app, tokenless, app_token=settings.app_token, first_url=socket_url)
    return Bot(
        app=app,
        reconciler=services.reconciler,
        tasks=services.tasks,
        transport=transport,
        prefect=prefect,
        session=session,
    )


def bolt_app(settings: Settings, services: Services, identity: Identity, client: AsyncWebClient) -> AsyncApp:
    """The Bolt app with every listener. `identity` is known already: Bolt would ask within the first click's 3 s."""

    async def authorize(enterprise_id: str | None, team_id: str | None, user_id: str | None) -> AuthorizeResult:
        return AuthorizeResult(
            enterprise_id=identity.home.enterprise_id or None,
            team_id=identity.home.team_id,
            bot_token=settings.bot_token,
            bot_id=identity.bot_id,
            bot_user_id=identity.bot_user_id,
        )

    async def inject(context: AsyncBoltContext, next: Callable[[], Awaitable[None]]) -> None:
        context.update({service.name: getattr(services, service.name) for service in fields(services)})
        await next()

    app = AsyncApp(authorize=authorize, signing_secret=settings.signing_secret, client=client, logger=log.bolt_logger())
    app.middleware(inject)
    listeners.register(app)
    return app


async def _check_slack(slack: SlackChannel, settings: Settings) -> tuple[Identity, str]:
    """Who we are, and in socket mode the address of the first connection."""
    try:
        identity = await slack.whoami()
    except SlackRefused as refusal:
        raise StartFailed(at_start.token_refused(refusal.code)) from refusal
    except SlackUnsure as error:
        raise StartFailed(at_start.slack_unreachable(settings.slack_url, error.code)) from error
    try:
        await slack.check_channel()
    except SlackFailed as error:
        raise StartFailed(at_start.channel_unusable(settings.channel, error.code)) from error
    if settings.mode == "http":
        return identity, ""
    try:
        return identity, await slack.socket_url(settings.app_token)
    except SlackFailed as error:
        raise StartFailed(at_start.socket_refused(error.code)) from error
