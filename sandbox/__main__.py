"""`python -m sandbox`: starts a local Slack and prints where it listens as one JSON line."""

import argparse
import json
import os
import sys
from pathlib import Path

from sandbox.manifest import ManifestUnusable, asked_for
from sandbox.serving import PortInUse, SandboxServer, bind
from sandbox.settings import UNFURL_DOMAINS, SandboxSettings


def parse(arguments: list[str]) -> argparse.Namespace:
    """The command line; tokens and secret default to the environment variables of a Slack app."""
    parser = argparse.ArgumentParser(prog="python -m sandbox", description="A local Slack for one app.")
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=0, help="0 lets the system choose")
    parser.add_argument("--bot-token", default=os.environ.get("SLACK_BOT_TOKEN"))
    parser.add_argument("--app-token", default=os.environ.get("SLACK_APP_TOKEN"))
    parser.add_argument("--signing-secret", default=os.environ.get("SLACK_SIGNING_SECRET"))
    parser.add_argument("--request-url", help="deliver by signed HTTP instead of Socket Mode")
    parser.add_argument("--prefect-ui", help="an address to link to from the page")
    parser.add_argument("--unfurl-domain", action="append", default=[], help="send link_shared for it")
    parser.add_argument("--manifest", type=Path, help="grant the scopes and send the events of this app manifest only")
    options = parser.parse_args(arguments)
    missing = [name for name in ("bot_token", "app_token", "signing_secret") if not getattr(options, name)]
    if missing:
        flags = ", ".join("--" + name.replace("_", "-") for name in missing)
        parser.error(f"The sandbox did not start: it was not told {flags}. Give them, or set SLACK_* variables.")
    return options


def main(arguments: list[str]) -> int:
    """Serve until SIGTERM. Answers 0, or 1 when the port is taken or the manifest is none."""
    options = parse(arguments)
    try:
        asked = asked_for(options.manifest) if options.manifest else {}
    except (ManifestUnusable, OSError) as problem:
        sys.stderr.write(f"The sandbox did not start. {problem}\n")
        return 1
    settings = SandboxSettings(
        bot_token=options.bot_token,
        app_token=options.app_token,
        signing_secret=options.signing_secret,
        request_url=options.request_url,
        prefect_ui=options.prefect_ui,
        unfurl_domains=frozenset(options.unfurl_domain) or UNFURL_DOMAINS,
        **asked,
    )
    try:
        listener = bind(options.host, options.port)
    except PortInUse as problem:
        sys.stderr.write(f"{problem}\n")
        return 1
    SandboxServer(settings, listener, announce=_print_address).run_here()
    return 0


def _print_address(url: str, port: int) -> None:
    sys.stdout.write(json.dumps({"url": url, "port": port}) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
