"""Publish: check that what was approved is what is there, exchange the schemas as one unit, prove it."""

from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from typing import Any

from prefect import task
from prefect.cache_policies import NO_CACHE
from prefect.client.schemas.objects import State
from prefect.logging import get_run_logger

from flows.contract import Ledger, Outcome, Report, Statement
from flows.prefect_runs.run_state import watch
from flows.run import Run, Stopped
from flows.steps.contents import differing, held, part_of, shown
from flows.warehouse.base import Environment, PartlyReleased, Release, Warehouse, WarehouseError
from flows.warehouse.opening import open_warehouse
from flows.words import joined


@dataclass(frozen=True, slots=True)
class Published:
    """What a publish did: the statements that changed something, and the warehouse's own books, if it keeps any."""

    statements: tuple[Statement, ...]
    ledger: Ledger | None


def is_worth_another_try(_task: object, _run: object, state: State[Any]) -> bool:
    """A refusal stays a refusal. After a warehouse error the marker makes another try safe."""
    return isinstance(state.result(raise_on_failure=False), WarehouseError)


@task(name="publish", cache_policy=NO_CACHE, retries=2, retry_delay_seconds=2, retry_condition_fn=is_worth_another_try)
def publish(run: Run, report: Report) -> Published:
    """Put staging in production's place and return what did it.

    Safe to run again after any error: the marker in production says whether it has happened, and then nothing is
    sent. Raises Stopped(REFUSED) when staging or production is not what the report showed.
    """
    with open_warehouse(run.connection, run.target, run=str(run.id), watch=watch(run.id)) as warehouse:
        release = Release(run=report.run, digest=report.digest, at=datetime.now(UTC).isoformat(timespec="seconds"))
        statements = warehouse.exchange(release, lambda: _refuse_if_moved(warehouse, report))
        found = warehouse.released(Environment.PRODUCTION)
        ledger = warehouse.ledger()
    if found is None or found.run != report.run:
        message = f"The publish of run {report.run} cannot be proven: production's marker names {found}."
        raise WarehouseError(message)
    get_run_logger().info("publish.done statements=%s", len(statements))
    return Published(statements, ledger)


def partly_published(run: Run) -> PartlyReleased | None:
    """Which schemas of production hold this run's release, if only some do; else None. Raises WarehouseError."""
    if not run.target.further:
        return None
    with open_warehouse(run.connection, run.target, run=str(run.id)) as warehouse:
        return part_of(warehouse, str(run.id))


def in_part(part: PartlyReleased) -> str:
    """What has become of a publish that was interrupted between schemas, as a sentence."""
    holding, waiting = (joined([f"`{name}`" for name in names]) for names in (part.holding, part.waiting))
    return (
        f"Published in part: {holding} {'hold' if len(part.holding) > 1 else 'holds'} the release, {waiting} not yet."
    )


def is_published(run: Run) -> bool:
    """Whether production already holds this run's release, by its marker."""
    return published_release(run) is not None


def published_release(run: Run) -> Release | None:
    """This run's release, if production's marker names it; else None. Raises WarehouseError."""
    with open_warehouse(run.connection, run.target, run=str(run.id)) as warehouse:
        found = warehouse.released(Environment.PRODUCTION)
    return found if found is not None and found.run == str(run.id) else None


def complete(run: Run, release: Release, report: Report | None) -> Published:
    """Do what an attempt that ended after the exchange of `release` has left undone; what did it.

    Nothing is exchanged but what of several schemas is not yet, if it is still as in the `report`. Raises
    Stopped(REFUSED) when it is not, and WarehouseError, also when production's marker names another release by now.
    """
    if report is not None and report.target.staging_database != run.target.staging_database:
        raise WarehouseError(
            f"What an earlier attempt left undone was not done: it published `{report.target.staging}`, and wap.toml "
            f"is about `{run.target.staging}` by now. Set `dbt.staging` as it was, and run it again."
        )
    with open_warehouse(run.connection, run.target, run=str(run.id)) as warehouse:
        is_begun = report is not None and part_of(warehouse, str(run.id)) is not None
        guard = partial(_refuse_if_moved, warehouse, report) if report and is_begun else _refuse_to_exchange
        statements = warehouse.exchange(release, guard)
        return Published(statements, warehouse.ledger())


def _refuse_to_exchange() -> None:
    raise WarehouseError("Nothing was exchanged. Production holds another release by now. Look at its marker.")


def _refuse_if_moved(warehouse: Warehouse, report: Report) -> None:
    """Compare both sides with the report, inside the transaction that publishes."""
    part = part_of(warehouse, report.run)
    for env, name in ((Environment.STAGING, report.target.staging), (Environment.PRODUCTION, report.target.production)):
        if tables := differing(shown(report, env, part), held(warehouse, env, part)):
            message = (
                f"{in_part(part) if part else 'Not published.'} `{name}` changed after the report was made ({tables}). "
                "What was approved is not what is there; start again with `wap run`."
            )
            raise Stopped(Outcome.REFUSED, message)
