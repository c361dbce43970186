"""Take back: the exchange once more, in the other direction, after the same last check of both sides."""

from datetime import UTC, datetime

from prefect import task
from prefect.cache_policies import NO_CACHE
from prefect.logging import get_run_logger

from flows.contract import Outcome, Report
from flows.published_run import staging_use_after
from flows.run import Run, Stopped
from flows.run_state import watch
from flows.steps.contents import differing, held, shown
from flows.steps.publish import Published, is_worth_another_try
from flows.warehouse.base import Environment, Release, Warehouse, WarehouseError
from flows.warehouse.opening import open_warehouse

UNDROP_PAGE = "docs/snowflake.md tells under `When a newer build has used staging` how to bring it back"


@task(
    name="take-back", cache_policy=NO_CACHE, retries=2, retry_delay_seconds=2, retry_condition_fn=is_worth_another_try
)
def take_back(run: Run, report: Report, by: str) -> Published:
    """Put the release before that of `report` into production again; returns what did it.

    `by` is the roll back that the marker then names: this run, or an earlier one that may have left something undone.
    Safe to run again after any error: what the marker says has happened is only completed. Raises Stopped(REFUSED)
    when a newer release is in production, or when either side is not what that publish left there.
    """
    look = watch(run.id, undone="Not rolled back.")
    with open_warehouse(run.connection, run.target, run=str(run.id), watch=look) as warehouse:
        if not _names(warehouse, by):
            # Also before the exchange: some warehouses prepare staging in it before they ask the guard.
            _refuse_if_moved(warehouse, report)
        now = datetime.now(UTC).isoformat(timespec="seconds")
        release = Release(run=by, digest=report.digest, at=now)
        statements = warehouse.exchange(release, lambda: _refuse_if_moved(warehouse, report))
        if not _names(warehouse, by):
            message = f"The roll back of run {report.run} cannot be proven: production's marker does not name it."
            raise WarehouseError(message)
        ledger = warehouse.ledger()
    get_run_logger().info("rollback.done statements=%s", len(statements))
    return Published(statements, ledger)


def run_in_production(run: Run) -> str:
    """The id of the run that production's marker names; empty if there is none. Raises WarehouseError."""
    with open_warehouse(run.connection, run.target, run=str(run.id)) as warehouse:
        found = warehouse.released(Environment.PRODUCTION)
    return found.run if found else ""


def _names(warehouse: Warehouse, run: str) -> bool:
    found = warehouse.released(Environment.PRODUCTION)
    return found is not None and found.run == run


def _refuse_if_moved(warehouse: Warehouse, report: Report) -> None:
    """Staging must hold what was in production before that publish, and production what was published."""
    target = report.target
    if not _names(warehouse, report.run):
        message = (
            f"`{target.production}` does not hold the release of run `{report.run_name}` any more, but another one. "
            "Only the newest release can be taken back."
        )
        raise _refused(message)
    if tables := differing(shown(report, Environment.PRODUCTION), held(warehouse, Environment.STAGING)):
        used = staging_use_after(report.run)
        who = f"run `{used.run_name}` has built into it since" if used else "it was changed after that publish"
        kept = f"It may lie in a dropped `{target.staging}`: {UNDROP_PAGE}. Or " if _may_lie_dropped(warehouse) else ""
        instead = f"{kept}correct the data or the models and publish that instead."
        raise _refused(
            f"`{target.staging}` does not hold the release before any more ({tables}): {who}. "
            f"{instead[0].upper()}{instead[1:]}"
        )
    if tables := differing(shown(report, Environment.STAGING), held(warehouse, Environment.PRODUCTION)):
        message = (
            f"`{target.production}` was changed after run `{report.run_name}` was published ({tables}), and that "
            "change would be lost. Publish a correction instead."
        )
        raise _refused(message)


def _may_lie_dropped(warehouse: Warehouse) -> bool:
    try:
        return warehouse.keeps_dropped_staging()
    except WarehouseError:  # the refusal counts more than the hint
        return False


def _refused(sentence: str) -> Stopped:
    return Stopped(Outcome.REFUSED, f"Not rolled back. {sentence}")
