"""The commands of `wap`, a few lines each; what they do lies in bot/, flows/ and sandbox/."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from wap.preview_choices import Form, State, Surface

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
    port: Annotated[int, typer.Option(min=0, max=65535, help="Port of the page; 0: any that is free.")] = 0,
    folder: Annotated[Path, typer.Option("--dir", help="Where the demo keeps its world.")] = Path(".wap/demo"),
    as_json: Annotated[bool, typer.Option("--json", help="Print the result as one JSON object.")] = False,
) -> None:
    """Try everything on this machine: no account, no network."""
    from sandbox.demo import Wishes, run_demo

    wishes = Wishes(decide=decide.value, via=via.value, bug=bug, port=port, folder=folder, as_json=as_json)
    raise typer.Exit(run_demo(wishes))


@app.command()
def bot() -> None:
    """Run the Slack bot. Its settings come from the environment: docs/setup.md lists them."""
    from bot.__main__ import main

    raise typer.Exit(main())


@app.command()
def run(
    config: Config = SETTINGS,
    requested_by: Annotated[str, typer.Option(help="Who asks for this release; default: you.")] = "",
) -> None:
    """Build into staging, compare, ask and publish, once and in this process.

    The exit code is 0 if it has published, 1 for every other end.
    """
    from wap.runs import run_once

    raise typer.Exit(run_once(config, requested_by))


@app.command()
def rollback(
    taken_back: Annotated[
        str, typer.Argument(help="The run whose release is taken back: its name or its id.", metavar="RUN")
    ],
    config: Config = SETTINGS,
) -> None:
    """Take back what a run has published, if staging still holds the release before it.

    The exit code is 0 if that release is production again, else 1.
    """
    from wap.runs import roll_back

    raise typer.Exit(roll_back(config, taken_back))


@app.command()
def diff(
    table: Annotated[str | None, typer.Argument(help="A table of the dbt target: staging against production.")] = None,
    production: Annotated[str | None, typer.Option(help="The table or view that is.", metavar="TABLE")] = None,
    staging: Annotated[str | None, typer.Option(help="The table or view that would be.", metavar="TABLE")] = None,
    database: Annotated[Path | None, typer.Option(help="The DuckDB file that holds both.", metavar="FILE")] = None,
    config: Config = SETTINGS,
    key: Annotated[str | None, typer.Option(help="Columns that identify a row.", metavar="A[,B]")] = None,
    where: Annotated[str | None, typer.Option(help="Compare only rows that meet it.", metavar="CONDITION")] = None,
    ignore: Annotated[str | None, typer.Option(help="Columns not to compare.", metavar="A[,B]")] = None,
    mask: Annotated[str | None, typer.Option(help="Columns whose values are not shown.", metavar="A[,B]")] = None,
    tolerance: Annotated[float | None, typer.Option(min=0, help="How far floats may differ.")] = None,
    relative_tolerance: Annotated[float | None, typer.Option(min=0, help="The same, as a share of the value.")] = None,
    samples: Annotated[int | None, typer.Option(min=0, max=100, help="Rows to show per kind.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON document.")] = False,
) -> None:
    """Compare two tables of a DuckDB file, or one table of the dbt target. Nothing is changed.

    wap diff --production dwh.orders --staging develop_dwh.orders --database FILE

    wap diff orders

    The exit code is 0 if they are equal, 1 if they differ, 2 if they could not be compared.
    Without --key a primary key constraint of the table is used, else whole rows are compared.
    """
    from wap.diff.asked import Asked
    from wap.diff.command import run_diff

    asked = Asked(
        table=table,
        config=config,
        production=production,
        staging=staging,
        database=database,
        key=key,
        where=where,
        ignore=ignore,
        mask=mask,
        tolerance=tolerance,
        relative_tolerance=relative_tolerance,
        samples=samples,
    )
    raise typer.Exit(run_diff(asked, as_json=as_json))


@app.command()
def doctor(
    config: Config = SETTINGS,
    warehouse: Annotated[
        bool, typer.Option("--warehouse", help="The warehouse alone, with all that would make a publish unsafe.")
    ] = False,
    conformance: Annotated[
        bool, typer.Option("--conformance", help="Try a publish on two scratch schemas, which are then dropped.")
    ] = False,
) -> None:
    """Check what a run needs: settings, dbt profile, warehouse, signing keys, Prefect.

    One line each, with what to do. The exit code is 0 if all of it is fit for a run, else 1.
    """
    from wap.doctor import run_doctor

    raise typer.Exit(run_doctor(config, warehouse=warehouse, conformance=conformance))


@app.command()
def serve(config: Config = SETTINGS) -> None:
    """Offer releases and roll backs as Prefect deployments `wap` and `wap-rollback`, while this command runs."""
    from wap.runs import serve_flows

    raise typer.Exit(serve_flows(config))


@app.command()
def preview(
    report: Annotated[
        Path,
        typer.Argument(help="A report: one of docs/samples, or a run's artifact wap-report.", metavar="REPORT.json"),
    ],
    state: Annotated[
        State, typer.Option(help="State of the run: what the message and the Home tab show.")
    ] = State.WAITING,
    surface: Annotated[Surface, typer.Option(help="Card, thread, Home tab or form.")] = Surface.MESSAGE,
    form: Annotated[Form | None, typer.Option(help="Which form, with --surface modal; default: details.")] = None,
    builder: Annotated[bool, typer.Option("--builder", help="Print what Block Kit Builder takes.")] = False,
) -> None:
    """Print as JSON what Slack would be sent for a report. Needs neither Slack nor Prefect."""
    from wap.preview import run as run_preview

    raise typer.Exit(run_preview(report, state, surface, form=form, builder=builder))
