"""The whole flow on real Prefect, real dbt and real DuckDB: every end, and what production holds then."""

from contextvars import copy_context

import pytest
from prefect_dbt import DbtCliProfile, TargetConfigs

from tests.flows.project import Project
from tests.flows.reviewed import Reviewed, approve, reject
from tests.flows.reviewer import Api

pytestmark = pytest.mark.usefixtures("prefect")

BOTH = {"orders": [(1, 10), (2, 200)], "big_orders": [(2, 200)]}


def test_flow_when_approved_publishes_what_was_reviewed(prefect: str, project: Project) -> None:
    """Production holds what staging held; the receipt says who, what and how long; the report was kept."""
    project.rows((1, 10), (2, 200))
    reviewed = Reviewed(prefect, project, approve)
    assert reviewed.ended_as("Published")
    assert project.contents("dwh") == BOTH
    receipt, report = reviewed.receipt, reviewed.report
    assert report is not None
    assert receipt.digest == report.digest
    assert receipt.decision is not None
    assert not receipt.decision.decider.is_verified
    assert {rows.table: (rows.before, rows.after) for rows in receipt.tables} == {
        "orders": (None, 2),
        "big_orders": (None, 1),
    }
    assert set(receipt.seconds) == {"write", "audit", "gate", "publish"}
    assert receipt.statements


def test_flow_on_the_second_release_shows_the_difference_by_key(prefect: str, project: Project) -> None:
    """One row added, one removed, one changed, found by the key that dbt's tests name."""
    project.rows((1, 10), (2, 200), (3, 300))
    Reviewed(prefect, project, approve)
    project.rows((1, 11), (2, 200), (4, 400))
    reviewed = Reviewed(prefect, project, reject)
    assert reviewed.report is not None
    orders = next(table for table in reviewed.report.tables if table.name == "orders")
    assert orders.key == ("order_id",)
    assert (orders.added, orders.removed, orders.changed, orders.unchanged) == (1, 1, 1, 1)
    assert [(count.column, count.rows) for count in orders.changed_columns] == [("amount", 1)]


def test_flow_when_rejected_leaves_production(prefect: str, project: Project) -> None:
    """No is no, with its reason, and the run itself has not failed."""
    reviewed = Reviewed(prefect, project, reject)
    assert reviewed.ended_as("Rejected")
    assert reviewed.state.is_completed()
    assert "too early" in (reviewed.state.message or "")
    assert project.contents("dwh") == {}


def test_flow_when_nobody_decides_expires(prefect: str, project: Project) -> None:
    """The end of the time is not an approval."""
    project.settings(timeout="1s")
    reviewed = Reviewed(prefect, project, None)
    assert reviewed.ended_as("Expired")
    assert project.contents("dwh") == {}


def test_flow_when_cancelled_while_waiting_says_so(prefect: str, project: Project) -> None:
    """A cancelled run ends cancelled, with a receipt."""
    reviewed = Reviewed(prefect, project, lambda api, run: api.set_state(run, "CANCELLING"))
    assert reviewed.receipt.outcome == "Cancelled"
    assert reviewed.api.run(reviewed.run)["state"]["type"] == "CANCELLED"
    assert project.contents("dwh") == {}


def test_flow_when_a_dbt_test_fails_asks_nobody(prefect: str, project: Project) -> None:
    """A failed test is an answer, not a question: there is no report to approve and no pause."""
    project.rows((1, 10), (1, 20))
    reviewed = Reviewed(prefect, project, None)
    assert reviewed.ended_as("Failed")
    assert "unique_orders_order_id" in (reviewed.state.message or "")
    assert reviewed.report is None
    assert project.contents("dwh") == {}


def test_flow_when_the_project_does_not_compile_says_what_dbt_said(prefect: str, project: Project) -> None:
    """A broken project is one sentence."""
    (project.folder / "models" / "big_orders.sql").write_text("select * from {{ ref('nowhere') }}")
    reviewed = Reviewed(prefect, project, None)
    assert reviewed.ended_as("Failed")
    assert "nowhere" in (reviewed.state.message or "")


def test_flow_when_a_table_would_vanish_asks_nobody(prefect: str, project: Project) -> None:
    """A table that production would lose is a blocker unless the policy allows it; the report shows it."""
    Reviewed(prefect, project, approve)
    project.execute("CREATE TABLE dwh.by_hand AS SELECT 1 AS x")
    project.execute("CREATE TABLE dwh.kept AS SELECT 1 AS x")
    (project.folder / "dbt_project.yml").write_text(
        (project.folder / "dbt_project.yml").read_text()
        + 'on-run-end: "drop table if exists {{ target.schema }}.by_hand"\n'
    )
    reviewed = Reviewed(prefect, project, None)
    assert reviewed.ended_as("Refused")
    assert "by_hand" in (reviewed.state.message or "")
    assert reviewed.report is not None
    assert [finding.object for finding in reviewed.report.blockers] == ["by_hand"]
    project.settings(policy='vanish = "allow"')
    assert Reviewed(prefect, project, approve).ended_as("Published")
    assert set(project.contents("dwh")) == {"orders", "big_orders", "kept"}


@pytest.mark.parametrize("schema", ["develop_dwh", "dwh"])
def test_flow_when_data_moved_after_the_report_publishes_nothing(prefect: str, project: Project, schema: str) -> None:
    """What was approved is not what is there: refused, and production keeps what it had."""
    Reviewed(prefect, project, approve)
    project.rows((1, 10), (2, 200))

    def move_and_approve(api: Api, run: str) -> None:
        project.execute(f"UPDATE {schema}.orders SET amount = 666 WHERE order_id = 1")
        approve(api, run)

    reviewed = Reviewed(prefect, project, move_and_approve)
    assert reviewed.ended_as("Refused")
    assert f"`{schema}` changed" in (reviewed.state.message or "")
    assert project.contents("dwh")["orders"] == [(1, 666 if schema == "dwh" else 10)]


def test_flow_when_a_model_names_its_own_schema_builds_nothing(prefect: str, project: Project) -> None:
    """dbt would write past staging, perhaps into production: refused before anything is written."""
    (project.folder / "models" / "orders.sql").write_text("{{ config(schema='elsewhere') }} select 1 as order_id")
    reviewed = Reviewed(prefect, project, None)
    assert reviewed.ended_as("Refused")
    assert "elsewhere" in (reviewed.state.message or "")
    assert project.contents("develop_dwh_elsewhere") == {}


def test_flow_when_a_newer_run_starts_supersedes_the_older(prefect: str, project: Project) -> None:
    """The older question is withdrawn: staging is no longer what it showed. Its flow ends without publishing."""
    older: list[Reviewed] = []
    newer: list[Reviewed] = []

    def start_newer(api: Api, run: str) -> None:
        newer.append(Reviewed(prefect, project, approve))

    context = copy_context()
    older.append(Reviewed(prefect, project, lambda api, run: context.run(start_newer, api, run)))
    assert newer[0].ended_as("Published")
    assert older[0].receipt.outcome == "Superseded"
    assert "took the place" in (older[0].receipt.reason)
    assert older[0].api.run(older[0].seen[0])["state"]["name"] == "Superseded"


def test_flow_with_a_profile_block_needs_no_profiles_yml(prefect: str, project: Project) -> None:
    """The connection may live in Prefect instead of in a file."""
    target = TargetConfigs(
        type="duckdb", schema="dwh", threads=1, extras={"path": str(project.warehouse)}, allow_field_overrides=True
    )
    DbtCliProfile(name="shop", target="prod", target_configs=target).save("wap-test-profile", overwrite=True)
    (project.folder / "profiles.yml").unlink()
    project.config.write_text(
        project.config.read_text().replace('project = "."', 'project = "."\nprofile_block = "wap-test-profile"')
    )
    assert Reviewed(prefect, project, approve).ended_as("Published")
    assert set(project.contents("dwh")) == {"orders", "big_orders"}
