"""Write: dbt builds into staging. Whatever of it would land elsewhere is refused before anything is built."""

import json
import time
from dataclasses import dataclass
from typing import Any

from prefect import task
from prefect.cache_policies import NO_CACHE
from prefect.logging import get_run_logger

from flows.contract import DbtNode, DbtSummary, Outcome, Side
from flows.dbt_project.staging import CLEAN, DbtFailed, Tell, one_line, staging_project
from flows.diff import fingerprints
from flows.prefect_runs.predecessor import tell_predecessor
from flows.prefect_runs.progress import ToldProgress, models_to_build, told_progress
from flows.prefect_runs.run_state import watch
from flows.run import Run, Stopped
from flows.settings.schemas import with_homes
from flows.warehouse.base import Environment
from flows.warehouse.opening import open_warehouse

_BUILT = ("model", "seed", "snapshot")
_MADE = (*_BUILT, "function")
_SILENT = ("success", "pass", "no-op")


@dataclass(frozen=True, slots=True)
class Build:
    """What dbt built: its summary for the report, its manifest for the keys. Staging holds the data.

    `statuses` is dbt's word for how each node that ran went, by its unique id.
    `production` is what production held before dbt ran; a hook or a macro can write past every check of ours.
    """

    summary: DbtSummary
    manifest: dict[str, Any]
    statuses: dict[str, str]
    production: dict[str, Side]


@task(name="write", cache_policy=NO_CACHE)
def write(run: Run) -> Build:
    """Refresh staging from production, then let dbt build into it.

    Raises Stopped(REFUSED) when dbt would write anywhere else, before it has written anything, and Stopped(FAILED)
    when a model or a test of severity error failed: that is never turned into a question.
    """
    with open_warehouse(run.connection, run.target, run=str(run.id), watch=watch(run.id)) as warehouse:
        released = warehouse.released(Environment.PRODUCTION)
        warehouse.refresh_staging()
        production = fingerprints(warehouse, Environment.PRODUCTION)
    tell_predecessor(run, released)
    try:
        with (
            told_progress(run.id) as progress,
            staging_project(run.settings, run.profile, _teller(progress)) as project,
        ):
            manifest = project.parse()
            _refuse_strays(manifest, run)
            progress.expect(models_to_build(manifest, run.settings.dbt.arguments))
            started = time.monotonic()
            results = project.build()
            summary = _summary(results, time.monotonic() - started)
    except DbtFailed as error:
        message = f"Not asked. dbt could not run: {error}. Correct the project and start again."
        raise Stopped(Outcome.FAILED, message) from error
    get_run_logger().info("write.done models=%s tests_passed=%s", summary.models, summary.tests_passed)
    if failed := [node for node in summary.nodes if node.status not in CLEAN]:
        raise Stopped(Outcome.FAILED, _failure(failed))
    if not summary.models:
        arguments = " ".join(run.settings.dbt.arguments)
        message = f"Not asked. dbt built nothing: `{arguments}` selects no model. Correct `dbt.arguments`."
        raise Stopped(Outcome.FAILED, message)
    statuses = {one.node.unique_id: str(one.status) for one in results}
    return Build(summary=summary, manifest=with_homes(manifest, run.target), statuses=statuses, production=production)


def _teller(progress: ToldProgress) -> Tell:
    """Tells of each finished node in Prefect and in the log of the task that is running now, from whatever thread."""
    logger = get_run_logger()

    def tell(name: str, status: str) -> None:
        logger.info("dbt.node name=%s status=%s", name, status)
        progress.model_finished()

    return tell


def _refuse_strays(manifest: dict[str, Any], run: Run) -> None:
    """A project can name a schema or a database of its own for a model; nobody would be asked about such a one."""
    nodes = (*manifest["nodes"].values(), *manifest.get("functions", {}).values())
    strays = [node for node in nodes if _is_stray(node, run)]
    if strays:
        node = strays[0]
        message = (
            f"Not built. dbt would write {node['resource_type']} `{node['name']}` into "
            f"`{node['database']}.{node['schema']}` and not into staging "
            f"{' or '.join(f'`{pair.staging}`' for pair in run.target.pairs)} ({len(strays)} such). "
            f"{_remedy(strays, run)}"
        )
        raise Stopped(Outcome.REFUSED, message)


def _remedy(strays: list[dict[str, Any]], run: Run) -> str:
    """Where only wap.toml does not know of a schema yet, the line that it lacks."""
    prefix = "" if run.target.staging_database else run.settings.dbt.staging_prefix
    named = dict.fromkeys(str(node["schema"]) for node in strays)
    known = [pair.production for pair in run.target.pairs]
    if all(name.lower().startswith(prefix.lower()) for name in named) and all(
        _is_in_database(node, run) for node in strays
    ):
        schemas = json.dumps([*known, *(name[len(prefix) :] for name in named)])
        return f"If that is meant, say `schemas = {schemas}` in `[dbt]` of wap.toml: they are then published together."
    return (
        "Let it follow the target's database and schema: a macro `generate_schema_name` of the project must begin each "
        "schema with `target.schema`."
    )


def _is_stray(node: dict[str, Any], run: Run) -> bool:
    config = node["config"]
    if not config.get("enabled", True) or config.get("materialized") == "ephemeral":
        return False
    schema = node["schema"].lower()
    if node["resource_type"] == "test":  # failures that are kept go into a schema of their own
        productions = [pair.production.lower() for pair in run.target.pairs]
        is_elsewhere = not _is_in_database(node, run) if run.target.staging_database else schema in productions
        return bool(config.get("store_failures")) and is_elsewhere
    is_staging = schema in [run.target.staging_schema(pair).lower() for pair in run.target.pairs]
    return node["resource_type"] in _MADE and not (is_staging and _is_in_database(node, run))


def _is_in_database(node: dict[str, Any], run: Run) -> bool:
    database = run.target.staging_database or run.connection.credentials.database
    return bool((node["database"] or "").lower() == (database or "").lower())


def _summary(results: tuple[Any, ...], seconds: float) -> DbtSummary:
    tests = [one for one in results if one.node.resource_type in ("test", "unit_test")]
    unclean = [one for one in results if str(one.status) not in _SILENT]
    return DbtSummary(
        models=sum(one.node.resource_type in _BUILT and str(one.status) == "success" for one in results),
        tests_passed=sum(str(one.status) == "pass" for one in tests),
        tests_warned=sum(str(one.status) == "warn" for one in tests),
        tests_failed=sum(str(one.status) not in CLEAN for one in tests),
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
        "Nothing was published. Correct the data or the model and start again."
    )
