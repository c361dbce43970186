"""Write: dbt builds into staging, and into nothing else."""

import json
import time
from collections.abc import Callable
from contextvars import Context, copy_context
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from dbt_common.events.base_types import EventLevel
from prefect import task
from prefect.cache_policies import NO_CACHE
from prefect.logging import get_run_logger
from prefect_dbt import DbtHookContext, PrefectDbtRunner, PrefectDbtSettings

from flows.contract import DbtNode, DbtSummary, Outcome
from flows.dbt_profile import for_staging, profile_name, target_name, written
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
    target = target_name(run.profile, run.settings)
    profile = for_staging(
        run.profile, name=profile_name(run.settings), target=target, prefix=run.settings.dbt.staging_prefix
    )
    with written(profile) as profiles_dir:
        runner = _runner(run, profiles_dir)
        manifest = _parsed(runner, run, target)
        _refuse_strays(manifest, run)
        started = time.monotonic()
        result = _invoke(runner, run, run.settings.dbt.arguments, target)
        summary = _summary(result, time.monotonic() - started)
    _release_file(run)
    get_run_logger().info("write.done models=%s tests_passed=%s", summary.models, summary.tests_passed)
    if failed := [node for node in summary.nodes if node.status in _FAILED]:
        raise Stopped(Outcome.FAILED, _failure(failed))
    return Build(summary=summary, manifest=manifest)


def _runner(run: Run, profiles_dir: Path) -> PrefectDbtRunner:
    settings = PrefectDbtSettings(
        project_dir=run.settings.dbt.project,
        profiles_dir=profiles_dir,
        target_path=_output(run) / "target",
        log_level=EventLevel.INFO if run.settings.dbt.node_tasks else EventLevel.ERROR,
    )
    runner = PrefectDbtRunner(settings=settings, raise_on_failure=False, disable_assets=True)
    if not run.settings.dbt.node_tasks:
        runner.post_model(_teller())
    return runner


def _teller() -> Callable[[DbtHookContext], None]:
    """Tells of each finished node in the log of the task that is running now, from whatever thread."""
    logger = get_run_logger()

    def tell(context: DbtHookContext) -> None:
        logger.info("dbt.node name=%s status=%s", getattr(context.node, "name", ""), context.status)

    return tell


def _output(run: Run) -> Path:
    return run.settings.dbt.output or run.settings.dbt.project


def _invoke(runner: PrefectDbtRunner, run: Run, arguments: tuple[str, ...], target: str) -> Any:
    """Run dbt. Its compile and connection errors come as ValueError even with raise_on_failure=False."""
    options = ["--target", target, "--log-path", str(_output(run) / "logs"), "--no-use-colors"]
    # Inside a task, prefect-dbt makes every node a task run, at about 0.15 s of CPU each. In a context without Prefect
    # it leaves that out, and its hook tells us of each node all the same.
    context = copy_context() if run.settings.dbt.node_tasks else Context()
    try:
        result = context.run(runner.invoke, [*arguments, *options])
    except ValueError as error:
        message = f"Not asked. dbt could not run: {_first_line(str(error))}. Correct the project and start again."
        raise Stopped(Outcome.FAILED, message) from error
    if result.exception is not None:
        message = f"Not asked. dbt could not run: {_first_line(str(result.exception))}. Correct it and start again."
        raise Stopped(Outcome.FAILED, message) from result.exception
    return result.result


def _parsed(runner: PrefectDbtRunner, run: Run, target: str) -> dict[str, Any]:
    _invoke(runner, run, ("parse",), target)
    path = _output(run) / "target" / "manifest.json"
    manifest: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return manifest


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


def _summary(result: Any, seconds: float) -> DbtSummary:
    results = list(result.results) if result is not None else []
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
                message=_first_line(one.message or ""),
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


def _first_line(text: str) -> str:
    return " ".join(text.split())[:300]


def _release_file(run: Run) -> None:
    """Let go of an embedded database: dbt-duckdb keeps its file open in this process after the last node."""
    if run.target.warehouse == "duckdb":
        from dbt.adapters.duckdb.connections import DuckDBConnectionManager

        DuckDBConnectionManager.close_all_connections()
