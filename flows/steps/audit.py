"""Audit: compare staging with production inside the warehouse, check what would make a publish unsafe, report."""

from datetime import UTC, datetime

from prefect import task
from prefect.cache_policies import NO_CACHE
from prefect.logging import get_run_logger

from flows.contract import Finding, Outcome, Report, TableDiff, data_digest
from flows.dbt_project.context import with_context
from flows.diff import diff_schemas
from flows.prefect_runs.run_state import watch
from flows.prefect_runs.store import save_report
from flows.report_text import markdown
from flows.rules.findings import rule_findings, rule_on, unknown_in_rules
from flows.rules.kind_changes import kind_changes
from flows.rules.vanishing import vanishing
from flows.run import Run, Stopped
from flows.settings import Settings
from flows.settings.diff_names import missed_masks, unknown_names
from flows.settings.diff_setup import also_masked, diff_keys, diff_settings
from flows.settings.schemas import with_full_names
from flows.steps.write import Build
from flows.warehouse.base import Environment, Warehouse
from flows.warehouse.opening import open_warehouse


@task(name="audit", cache_policy=NO_CACHE)
def audit(run: Run, build: Build) -> Report:
    """Report what publishing would change, and keep the report in Prefect.

    Raises Stopped when nobody may be asked: a table that could not be compared (FAILED) or a blocker (REFUSED). The
    report is kept all the same, so that people see why.
    """
    with open_warehouse(run.connection, run.target, run=str(run.id), watch=watch(run.id)) as warehouse:
        settings = _settings(run, warehouse)
        tables = diff_schemas(
            warehouse,
            keys=diff_keys(settings.diff, build.manifest),
            settings=also_masked(diff_settings(settings.diff, build.manifest), warehouse.secrets()),
        )
        preflight = warehouse.preflight()
        kinds = kind_changes(warehouse.relations(Environment.PRODUCTION), warehouse.relations(Environment.STAGING))
    tables = with_context(tables, build.manifest, build.statuses)
    misnamed = (*unknown_names(settings, tables), *missed_masks(settings, build.manifest, tables))
    if any(finding.severity == "blocker" for finding in misnamed):
        tables = tuple(table.without_values() for table in tables)  # a mask missed: nobody knows what may be shown
    unknown = unknown_in_rules(run.settings.rules, tables)
    findings = (*preflight, *vanishing(tables, run.settings.policy), *kinds, *misnamed, *unknown)
    report = _report(run, build, tables, findings)
    save_report(report, markdown(report))
    get_run_logger().info("audit.done tables=%s differing=%s", len(tables), len(report.differing))
    _stop_if_unfit(report)
    _stop_if_dbt_wrote_past_staging(build, report)
    return report


def _settings(run: Run, warehouse: Warehouse) -> Settings:
    if not run.target.further:
        return run.settings
    relations = (*warehouse.relations(Environment.PRODUCTION), *warehouse.relations(Environment.STAGING))
    return run.settings.model_copy(update={"diff": with_full_names(run.settings.diff, relations)})


def _report(run: Run, build: Build, tables: tuple[TableDiff, ...], findings: tuple[Finding, ...]) -> Report:
    now = datetime.now(UTC)
    ruling = rule_on(run.settings.rules, tables, findings=findings, dbt=build.summary)
    return Report(
        target=run.target,
        run=str(run.id),
        run_name=run.name,
        attempt=run.attempt,
        gate=run.gate,
        requested_by=run.requester,
        created_at=now,
        expires_at=now + run.settings.gate.timeout,
        dbt=build.summary,
        tables=tables,
        findings=(*findings, *rule_findings(ruling.hits)),
        policy=run.settings.policy,
        rules=run.settings.rules,
        rule_hits=ruling.hits,
        asked_because=ruling.asked_because,
        digest=data_digest(tables),
    )


def _stop_if_dbt_wrote_past_staging(build: Build, report: Report) -> None:
    now = {table.name: table.production for table in report.tables if table.production is not None}
    moved = sorted(name for name in build.production.keys() | now.keys() if build.production.get(name) != now.get(name))
    if moved:
        names = ", ".join(f"`{name}`" for name in moved[:3]) + (" and more" if len(moved) > 3 else "")
        message = (
            f"Not asked. `{report.target.production}` itself changed while dbt was building ({names}). "
            "A hook or a macro may write there, or somebody else does; let it stop and start again."
        )
        raise Stopped(Outcome.REFUSED, message)


def _stop_if_unfit(report: Report) -> None:
    failed = [table for table in report.tables if table.status == "failed"]
    if failed:
        message = (
            f"Not asked. `{failed[0].name}` could not be compared: {failed[0].error.rstrip('.')}. "
            "A release that nobody can see is not put to the vote; correct it and start again."
        )
        raise Stopped(Outcome.FAILED, message)
    if report.blockers:
        blocker = report.blockers[0]
        more = f" (and {len(report.blockers) - 1} more)" if len(report.blockers) > 1 else ""
        message = f"Not asked. `{blocker.object}`: {blocker.consequence}{more}. {blocker.remedy}"
        raise Stopped(Outcome.REFUSED, message)
