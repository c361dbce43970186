"""auth.test, api.test and apps.connections.open."""

from sandbox.errors import Refusal
from sandbox.web_api.arguments import Arguments
from sandbox.web_api.method import Json, Method, Token
from sandbox.workspace import APP_ID, BOT_ID, BOT_USER, TEAM_ID, TEAM_NAME
from sandbox.world import World


async def auth_test(world: World, _: Arguments) -> Json:
    """Who the token belongs to."""
    return {
        "url": world.base_url + "/",
        "team": TEAM_NAME,
        "user": world.directory.user(BOT_USER).name,
        "team_id": TEAM_ID,
        "user_id": BOT_USER,
        "bot_id": BOT_ID,
        "is_enterprise_install": False,
    }


async def api_test(_: World, arguments: Arguments) -> Json:
    """Answer the arguments back; `error` makes it fail with that code."""
    error = arguments.text("error")
    if error:
        raise Refusal(error, args=arguments.values)
    return {"args": arguments.values}


async def connections_open(world: World, _: Arguments) -> Json:
    """A WebSocket URL that opens one socket once."""
    address = world.base_url.replace("http", "ws", 1)
    return {"url": f"{address}/link/?ticket={world.sockets.issue_ticket()}&app_id={APP_ID}"}


METHODS = {
    "auth.test": Method(auth_test, per_minute=300),
    "api.test": Method(api_test, per_minute=100, token=Token.NONE),
    # Tier 1 says one a minute; Slack lets clients reconnect far more often than that.
    "apps.connections.open": Method(connections_open, per_minute=60, token=Token.APP),
}
