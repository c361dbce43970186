"""Which parts the demo consists of, and the environment that makes them find each other."""

import json
import secrets
import socket
import time
from dataclasses import dataclass
from pathlib import Path

from sandbox import workspace
from sandbox.demo.prefect_api import PrefectApi
from sandbox.demo.processes import PartFailed, Parts
from sandbox.demo.world import PROJECT, World

_PATIENCE = 180.0
_MANIFEST = Path(__file__).parents[2] / "manifest.yml"


@dataclass(frozen=True, slots=True)
class Addresses:
    """Where the parts of a running demo answer. `page` is what a person opens."""

    page: str
    prefect_ui: str
    prefect: PrefectApi


def start_parts(parts: Parts, world: World, *, page_port: int, bug: bool, serve: bool = False) -> Addresses:
    """Start Prefect, the local Slack, the bot and the flow, all at once: each waits for what it needs.

    With `serve` the flow stays after its days, for what people then ask for in Slack. Returns when Prefect and the page
    answer. Raises PartFailed.
    """
    prefect_port = _free_port()
    ui = f"http://127.0.0.1:{prefect_port}"
    tokens = _tokens()
    prefect_env = _prefect_environment(world, ui)
    parts.start("prefect", ["prefect", "server", "start", "--port", str(prefect_port)], prefect_env)
    parts.start("slack", [*_slack_command(page_port), "--prefect-ui", ui], tokens)
    signing = {"WAP_SIGNING_KEYS": secrets.token_hex(32)}
    parts.start(
        "flow", _flow_command(world, bug=bug, serve=serve), {**prefect_env, **_dbt_environment(world), **signing}
    )
    page = _page_address(parts)
    parts.start("bot", ["wap", "bot"], {**prefect_env, **tokens, **signing, **_bot_environment(page, ui)})
    api = PrefectApi(f"{ui}/api")
    _wait_until_up(parts, api)
    return Addresses(page=page, prefect_ui=ui, prefect=api)


def _tokens() -> dict[str, str]:
    """Tokens of this demo alone, thrown away with it."""
    return {
        "SLACK_BOT_TOKEN": f"xoxb-{secrets.token_hex(12)}",
        "SLACK_APP_TOKEN": f"xapp-{secrets.token_hex(12)}",
        "SLACK_SIGNING_SECRET": secrets.token_hex(16),
    }


def _prefect_environment(world: World, ui: str) -> dict[str, str]:
    return {
        "PREFECT_HOME": str(world.folder.resolve() / "prefect"),
        "PREFECT_API_URL": f"{ui}/api",
        "PREFECT_UI_API_URL": f"{ui}/api",
        "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
        "PREFECT_SERVER_LOGGING_LEVEL": "ERROR",
        "PREFECT_SERVER_REGISTER_BLOCKS_ON_START": "false",  # a second of its start, and the demo uses none
        "PREFECT_LOGGING_LEVEL": "INFO",
        # The second version of Prefect's page asks an outside host for its settings, and hides Resume in a menu.
        "PREFECT_SERVER_UI_V2_ENABLED": "false",
        "DO_NOT_TRACK": "1",
    }


def _dbt_environment(world: World) -> dict[str, str]:
    return {"WAP_DUCKDB_PATH": str(world.warehouse.resolve())}


def _bot_environment(page: str, ui: str) -> dict[str, str]:
    return {
        "SLACK_API_URL": f"{page}/api/",
        "WAP_SLACK_CHANNEL": workspace.DATA_RELEASES,
        "PREFECT_UI_URL": ui,
    }


def _slack_command(page_port: int) -> list[str]:
    """A Slack that gives the bot what our manifest asks for; an installed package has no manifest beside it."""
    manifest = ["--manifest", str(_MANIFEST)] if _MANIFEST.is_file() else []
    return ["sandbox", "--port", str(page_port), *manifest]


def _flow_command(world: World, *, bug: bool, serve: bool) -> list[str]:
    command = ["wap.demo_days", "--config", str(world.settings.resolve()), "--raw", str(world.raw.resolve())]
    return [
        *command,
        "--generator",
        str(PROJECT / "generate.py"),
        *(["--bug"] if bug else []),
        *(["--serve"] if serve else []),
    ]


def _page_address(parts: Parts) -> str:
    """The page prints one JSON line as soon as it listens; port 0 is known only then."""
    return str(json.loads(_first_line(parts, parts.log("slack")))["url"]).rstrip("/")


def _first_line(parts: Parts, log: Path) -> str:
    deadline = time.monotonic() + _PATIENCE
    while time.monotonic() < deadline:
        parts.check()
        if (text := log.read_text(encoding="utf-8")).startswith("{") and "\n" in text:
            return text.splitlines()[0]
        time.sleep(0.05)
    message = f"The demo stopped. The page did not start within {_PATIENCE:.0f} s (see {log})."
    raise PartFailed(message)


def _wait_until_up(parts: Parts, api: PrefectApi) -> None:
    deadline = time.monotonic() + _PATIENCE
    while not api.is_up():
        parts.check()
        if time.monotonic() > deadline:
            message = f"The demo stopped. Prefect did not start within {_PATIENCE:.0f} s (see {parts.log('prefect')})."
            raise PartFailed(message)
        time.sleep(0.1)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
