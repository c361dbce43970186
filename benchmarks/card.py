"""How long it takes to build what people see: pure rendering, CPU time of this process."""

import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from statistics import median

from tabulate import tabulate

from bot.blocks.card import card_message
from bot.blocks.details import details_modal
from bot.blocks.home import Home, home_view
from bot.blocks.listing import listing
from bot.card.stages import Stage
from bot.card.state import Card
from bot.home.overview import Ended, Waiting
from bot.payloads import Place
from bot.runs import Run, StateType
from flows.contract import (
    CellChange,
    Column,
    ColumnCount,
    ColumnProfile,
    Concentration,
    DbtSummary,
    Outcome,
    Policy,
    Profile,
    Receipt,
    Report,
    Requester,
    SampleRow,
    Side,
    TableDiff,
    Target,
    data_digest,
)

TABLES = 200
COLUMNS = 20
EXAMPLES = 3
UI = "https://prefect.example.com"
_NOW = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)
_RUN = "11111111-2222-3333-4444-555555555555"


def report(tables: int = TABLES, *, examples: int = 0) -> Report:
    """A report in which every table differs; with so many `examples` of each its columns are profiled, too."""
    diffs = tuple(_table(number, examples) for number in range(tables))
    return Report(
        target=Target(production="dwh", staging="develop_dwh", warehouse="duckdb"),
        run=_RUN,
        run_name="quick-otter",
        attempt=1,
        gate="0" * 32,
        requested_by=Requester(name="Robin Requester"),
        created_at=_NOW,
        expires_at=_NOW + timedelta(hours=8),
        dbt=DbtSummary(models=tables),
        tables=diffs,
        policy=Policy(approvers=("channel",)),
        digest=data_digest(diffs),
    )


def main(repeats: int = 50) -> None:
    """Print the median and the longest of each, of reports that only count and of reports that also show values.

    The longest has a collection of garbage in it, if one fell due: that looks at every object of the process.
    """
    rows = []
    for values, made in (("counts", report()), ("values", report(examples=EXAMPLES))):
        for name, build in _cases(made).items():
            times = [_milliseconds(build) for _ in range(repeats)]
            rows.append((name, values, "50", f"{median(times):.1f}", f"{max(times):.1f}"))
    headers = ["built, CPU ms", "reports of", "goal", "median", "longest"]
    print(tabulate(rows, headers=headers, disable_numparse=True))


def _cases(made: Report) -> dict[str, Callable[[], object]]:
    return {
        f"card, {TABLES} tables": lambda: card_message(_card(made), ui_url=UI),
        f"details, {TABLES} tables": lambda: details_modal(made, Place("U0"), picked=None, shows_rows=True),
        f"/wap diff, {TABLES} tables": lambda: listing(made),
        "Home, 1,000 runs of each": lambda: home_view(_home(made), ui_url=UI),
    }


def _milliseconds(build: Callable[[], object]) -> float:
    started = time.process_time()
    build()
    return (time.process_time() - started) * 1_000


def _table(number: int, examples: int) -> TableDiff:
    columns = (Column(name="id", type="BIGINT"), Column(name="amount", type="DECIMAL(18,2)"))
    return TableDiff(
        name=f"table_{number:03}",
        kind="table",
        status="changed",
        production=Side(columns=columns, rows=1_000_000, fingerprint=f"p{number}"),
        staging=Side(columns=columns, rows=1_000_100, fingerprint=f"s{number}"),
        key=("id",),
        method="keyed",
        added=200,
        removed=100,
        changed=number,
        changed_columns=tuple(ColumnCount(column=f"column_{n}", rows=n) for n in range(COLUMNS)),
        samples=tuple(map(_example, range(examples))),
        profile=tuple(map(_profiled, range(COLUMNS if examples else 0))),
        concentration=Concentration(kind="changed", column="region", value="north", rows=number, of=1_000, usual=0.2),
    )


def _example(row: int) -> SampleRow:
    """Four cells changed, none by the factor of another row."""
    cells = (
        CellChange(column=f"column_{n}", production=f"{row + n}.50", staging=f"{row * 2 + n}.75") for n in range(4)
    )
    return SampleRow(kind="changed", key=(str(row),), cells=tuple(cells))


def _profiled(column: int) -> ColumnProfile:
    """The mean has moved a little, as that of a table does into which new rows came."""
    sides = [Profile(nulls=0, distinct=100, low="1.00", high="99.00", mean=mean) for mean in ("49.90", "49.95")]
    return ColumnProfile(column=f"column_{column}", production=sides[0], staging=sides[1])


def _card(made: Report) -> Card:
    return Card(
        stage=Stage.WAITING,
        run_id=made.run,
        run_name=made.run_name,
        target=made.target,
        requested_by=made.requested_by,
        report=made,
        decision=None,
        reason="",
        ended_at=None,
        is_uncertain=False,
        is_settled=True,
    )


def _home(made: Report) -> Home:
    runs = tuple(Run(f"{number:036}", "otter", "", StateType.RUNNING, "Running", _NOW) for number in range(1_000))
    ended = Receipt(run=_RUN, attempt=1, target=made.target, outcome=Outcome.PUBLISHED, reason="Published.", at=_NOW)
    waiting = tuple(Waiting(run, made) for run in runs)
    return Home(waiting, waiting, runs, tuple(Ended("otter", ended) for _ in runs), has_more=True)


if __name__ == "__main__":
    main()
