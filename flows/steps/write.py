"""Write: dbt builds into staging, and into nothing else."""

import time
from dataclasses import dataclass
from typing import Any

from prefect import task
from prefect.cache_policies import NO_CACHE
from prefect.logging import get_run_logger

from flows.contract import DbtNode, DbtSummary, Outcome
from flows.dbt_staging import DbtFailed, Tell, one_line, staging_project
from flows.run import Run, Stopped
from flows.warehouse.opening import open_warehouse

_BUILT = ("model", "seed", "snapshot")
_CLEAN = ("success", "pass", "no-op")  # an exposure is a no-op: there is nothing to build
_FAILED = ("error", "fail", "runtime error")


@dataclass(frozen=True, slots=True)
class Build:
    """What dbt built: its summary for the report, its manifest for the keys. Staging holds the data."""

    summary: DbtSummary
    manifest: dict[str, Any]


@task(name="write", cache_policy=NO_CACHE)
def write(run: Run) -> Build:
    """Refresh staging from production, then let dbt build into it.

    Raises Stopped(REFUSED) when dbt would write anywhere else, before it has written anything, and Stopped(FAILED)
    when a model or a test of severity error failed: that is never turned into a question.
    """
    with open_warehouse(run.connection, run.target) as warehouse:
        warehouse.refresh_staging()
    try:
        with staging_project(run.settings, run.profile, _teller()) as project:
            manifest = project.parse()
            _refuse_strays(manifest, run)
            started = time.monotonic()
            summary = _summary(project.build(), time.monotonic() - started)
    except DbtFailed as error:
        message = f"Not asked. dbt could not run: {error}. Correct the project and start again."
        raise Stopped(Outcome.FAILED, message) from error
    get_run_logger().info("write.done models=%s tests_passed=%s", summary.models, summary.tests_passed)
    if failed := [node for node in summary.nodes if node.status in _FAILED]:
        raise Stopped(Outcome.FAILED, _failure(failed))
    return Build(summary=summary, manifest=manifest)


def _teller() -> Tell:
    """Tells of each finished node in the log of the task that is running now, from whatever thread."""
    logger = get_run_logger()
    return lambda name, status: logger.info("dbt.node name=%s status=%s", name, status)


def _refuse_strays(manifest: dict[str, Any], run: Run) -> None:
    """A project can name a schema of its own for a model; such a model would be published without being asked for."""
    staging = run.target.staging
    strays = [
        node
        for node in manifest["nodes"].values()
        if node["resource_type"] in _BUILT
        and node["config"].get("enabled", True)
        and node["config"].get("materialized") != "ephemeral"
        and node["schema"].lower() != staging.lower()
    ]
    if strays:
        node = strays[0]
        message = (
            f"Not built. dbt would write {node['resource_type']} `{node['name']}` into schema `{node['schema']}` "
            f"and not into staging `{staging}` ({len(strays)} such). Let it follow the target's schema."
        )
        raise Stopped(Outcome.REFUSED, message)


def _summary(results: tuple[Any, ...], seconds: float) -> DbtSummary:
    tests = [one for one in results if one.node.resource_type in ("test", "unit_test")]
    unclean = [one for one in results if str(one.status) not in _CLEAN]
    return DbtSummary(
        models=sum(one.node.resource_type in _BUILT and str(one.status) == "success" for one in results),
        tests_passed=sum(str(one.status) == "pass" for one in tests),
        tests_warned=sum(str(one.status) == "warn" for one in tests),
        tests_failed=sum(str(one.status) in _FAILED for one in tests),
        seconds=round(seconds, 3),
        nodes=tuple(
            DbtNode(
                name=one.node.name,
                kind=str(one.node.resource_type),
                status=str(one.status),
                message=one_line(one.message or ""),
            )
            for one in unclean
        ),
    )


def _failure(failed: list[DbtNode]) -> str:
    first = failed[0]
    more = f" and {len(failed) - 1} more" if len(failed) > 1 else ""
    detail = f": {first.message}" if first.message else ""
    return (
        f"Not asked. dbt {first.kind} `{first.name}`{more} failed{detail.rstrip('.')}. "
        "Production is as it was. Correct the data or the model and start again."
    )
