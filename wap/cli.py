"""The commands of `wap`, a few lines each; what they do lies in bot/, flows/ and sandbox/."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

app = typer.Typer(
    help="Write-Audit-Publish for data teams, approved in Slack.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
)

Config = Annotated[Path, typer.Option(help="The settings file.")]
SETTINGS = Path("wap.toml")


class Decide(StrEnum):
    """What the demo decides by itself."""

    APPROVE = "approve"
    REJECT = "reject"
    NONE = "none"


class Door(StrEnum):
    """Through which door the demo decides."""

    SLACK = "slack"
    PREFECT = "prefect"


@app.command()
def demo(
    decide: Annotated[Decide, typer.Option(help="Decide by itself; `none` waits for a person.")] = Decide.NONE,
    via: Annotated[Door, typer.Option(help="Decide in Slack or in Prefect.")] = Door.SLACK,
    bug: Annotated[bool, typer.Option("--bug", help="Let the last day's amounts arrive in the wrong unit.")] = False,
    port: Annotated[int, typer.Option(help="Port of the page; 0 lets the system choose.")] = 0,
    folder: Annotated[Path, typer.Option("--dir", help="Where the demo keeps its world.")] = Path(".wap/demo"),
    as_json: Annotated[bool, typer.Option("--json", help="Print the result as one JSON object.")] = False,
) -> None:
    """Try everything on this machine: no account, no network."""
    from sandbox.demo import Wishes, run_demo

    wishes = Wishes(decide=decide.value, via=via.value, bug=bug, port=port, folder=folder, as_json=as_json)
    raise typer.Exit(run_demo(wishes))


@app.command()
def bot() -> None:
    """Run the Slack bot. Its settings come from the environment; see the README."""
    from bot.__main__ import main

    raise typer.Exit(main())


@app.command()
def run(
    config: Config = SETTINGS,
    requested_by: Annotated[str, typer.Option(help="Who asks for this release; default: you.")] = "",
) -> None:
    """Build, compare, ask and publish once, in this process."""
    from wap.runs import run_once

    raise typer.Exit(run_once(config, requested_by))


@app.command()
def serve(config: Config = SETTINGS) -> None:
    """Offer the flow as a Prefect deployment, for as long as this command runs."""
    from wap.runs import serve_flow

    raise typer.Exit(serve_flow(config))
