"""Take back: the exchange once more, in the other direction, after the same last check of both sides."""

from datetime import UTC, datetime

from prefect import task
from prefect.cache_policies import NO_CACHE
from prefect.logging import get_run_logger

from flows.contract import Outcome, Report
from flows.prefect_runs.published_run import staging_use_after
from flows.prefect_runs.run_state import watch
from flows.run import Run, Stopped
from flows.steps.contents import differing, held, part_of, shown
from flows.steps.publish import Published, in_part, is_worth_another_try
from flows.warehouse.base import Environment, PartlyReleased, Release, Warehouse, WarehouseError
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
            _refuse_if_moved(warehouse, report, by)
        now = datetime.now(UTC).isoformat(timespec="seconds")
        release = Release(run=by, digest=report.digest, at=now)
        statements = warehouse.exchange(release, lambda: _refuse_if_moved(warehouse, report, by))
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


def run_on_its_way(run: Run) -> str:
    """The same; of a run that was interrupted between schemas already. Raises WarehouseError."""
    if not run.target.further:
        return run_in_production(run)
    with open_warehouse(run.connection, run.target, run=str(run.id)) as warehouse:
        part = warehouse.partly_released()
    return part.release.run if part else run_in_production(run)


def _names(warehouse: Warehouse, run: str) -> bool:
    found = warehouse.released(Environment.PRODUCTION)
    return found is not None and found.run == run


def _refuse_if_moved(warehouse: Warehouse, report: Report, by: str) -> None:
    """Staging must hold what was in production before that publish, and production what was published; but for what
    the roll back `by` has exchanged already."""
    target, part = report.target, part_of(warehouse, by)
    if not _names(warehouse, report.run):
        message = (
            f"`{target.production}` does not hold the release of run `{report.run_name}` any more, but another one. "
            "Only the newest release can be taken back."
        )
        raise _refused(message)
    if tables := differing(shown(report, Environment.PRODUCTION, part), held(warehouse, Environment.STAGING, part)):
        used = staging_use_after(report.run)
        who = f"run `{used.run_name}` has built into it since" if used else "it was changed after that publish"
        kept = f"It may lie in a dropped `{target.staging}`: {UNDROP_PAGE}. Or " if _may_lie_dropped(warehouse) else ""
        instead = f"{kept}correct the data or the models and publish that instead."
        raise _refused(
            f"`{target.staging}` does not hold the release before any more ({tables}): {who}. "
            f"{instead[0].upper()}{instead[1:]}",
            part,
        )
    if tables := differing(shown(report, Environment.STAGING, part), held(warehouse, Environment.PRODUCTION, part)):
        message = (
            f"`{target.production}` was changed after run `{report.run_name}` was published ({tables}), and that "
            "change would be lost. Publish a correction instead."
        )
        raise _refused(message, part)


def _may_lie_dropped(warehouse: Warehouse) -> bool:
    try:
        return warehouse.keeps_dropped_staging()
    except WarehouseError:  # the refusal counts more than the hint
        return False


def _refused(sentence: str, part: PartlyReleased | None = None) -> Stopped:
    done = f"{in_part(part)} That is the release before." if part else "Not rolled back."
    return Stopped(Outcome.REFUSED, f"{done} {sentence}")
