"""Ways around the gate, each tried on the real flow: production keeps what it had, and the words are true."""

from contextvars import copy_context
from types import SimpleNamespace
from typing import Any
from uuid import UUID

import httpx
import pytest
from prefect.client.orchestration import get_client
from prefect.client.schemas.objects import State, StateType
from prefect.exceptions import PrefectHTTPStatusError
from prefect.flow_engine import run_flow

from flows.contract import RECEIPT_ARTIFACT, Target
from flows.dbt_project.staging import CLEAN, one_line
from flows.prefect_runs.locks import target_lock
from flows.prefect_runs.patience import patiently
from flows.steps import write
from flows.write_audit_publish import write_audit_publish
from tests.flows.project import Project
from tests.flows.reviewed import Reviewed, approve
from tests.flows.reviewer import Api

pytestmark = pytest.mark.usefixtures("prefect")

ELSEWHERE = "{{ config(materialized='table', schema='elsewhere') }} select 666 as order_id, 666 as amount"
# dbt's own macro adds a custom schema to the target's; this one writes such a model straight into production, if asked.
AS_ASKED = """
{% macro generate_schema_name(name, node) %}
  {%- if name and var('exact', false) -%} dwh {%- else -%} {{ target.schema }} {%- endif -%}
{% endmacro %}
"""


def released(prefect: str, project: Project) -> dict[str, list[tuple[object, ...]]]:
    """Publish the project as it is, and return what production then holds."""
    assert Reviewed(prefect, project, approve).ended_as("Published")
    return project.contents("dwh")


def macro(project: Project, text: str) -> None:
    """Give the project a macro."""
    (project.folder / "macros").mkdir(exist_ok=True)
    (project.folder / "macros" / "of_the_test.sql").write_text(text)


def append(project: Project, text: str) -> None:
    """Add to dbt_project.yml."""
    path = project.folder / "dbt_project.yml"
    path.write_text(path.read_text() + text)


def test_stale_manifest_hides_no_stray(prefect: str, project: Project) -> None:
    """An old manifest in the target folder says nothing about this build, and dbt is made to write a new one."""
    before = released(prefect, project)
    (project.folder / "dbt_project.yml").write_text(
        "name: shop\nversion: '1.0'\nprofile: shop\nflags: {send_anonymous_usage_stats: false, write_json: false}\n"
    )
    macro(project, AS_ASKED.replace("false", "true"))
    (project.folder / "models" / "orders.sql").write_text(ELSEWHERE)
    reviewed = Reviewed(prefect, project, None)
    assert reviewed.ended_as("Refused")
    assert project.contents("dwh") == before


def test_arguments_that_decide_where_dbt_writes_are_refused(prefect: str, project: Project) -> None:
    """What is parsed and what is built must be the same project; variables have a setting of their own."""
    before = released(prefect, project)
    macro(project, AS_ASKED)
    (project.folder / "models" / "orders.sql").write_text(ELSEWHERE)
    settings = project.config.read_text()
    project.config.write_text(
        settings.replace('project = "."', 'project = "."\narguments = ["build", "--vars", "{exact: true}"]')
    )
    reviewed = Reviewed(prefect, project, None)
    assert reviewed.ended_as("Failed")
    assert "dbt.vars" in (reviewed.state.message or "")
    project.config.write_text(settings.replace('project = "."', 'project = "."\nvars = { exact = true }'))
    assert Reviewed(prefect, project, None).ended_as("Refused")
    assert project.contents("dwh") == before


def test_hook_that_writes_into_production_is_found_before_anyone_is_asked(prefect: str, project: Project) -> None:
    """dbt can write past every check through a hook; production is compared with what it was before."""
    released(prefect, project)
    append(project, 'on-run-end: "update dwh.orders set amount = 666"\n')
    reviewed = Reviewed(prefect, project, None)
    assert reviewed.ended_as("Refused")
    assert "`dwh` itself changed" in (reviewed.state.message or "")


def test_model_in_another_database_is_a_stray(prefect: str, project: Project) -> None:
    """The right schema name in the wrong database is the wrong place."""
    profiles = project.folder / "profiles.yml"
    other = project.folder / "other.duckdb"
    profiles.write_text(
        profiles.read_text().replace('"threads": 1', f'"threads": 1, "attach": [{{"path": "{other}"}}]')
    )
    (project.folder / "models" / "big_orders.sql").write_text(
        "{{ config(materialized='table', database='other') }} select 1 as order_id"
    )
    reviewed = Reviewed(prefect, project, None)
    assert reviewed.ended_as("Refused")
    assert "other.develop_dwh" in (reviewed.state.message or "")


def test_function_that_dbt_would_make_in_production_is_a_stray(prefect: str, project: Project) -> None:
    """dbt builds functions, too (since 1.11), and its manifest keeps them apart from all else that it builds."""
    before = released(prefect, project)
    macro(project, AS_ASKED.replace("false", "true"))
    (project.folder / "functions").mkdir()
    (project.folder / "functions" / "taxed.sql").write_text("amount * 2")
    (project.folder / "functions" / "taxed.yml").write_text(
        "functions: [{name: taxed, config: {schema: elsewhere}, returns: {data_type: integer}, "
        "arguments: [{name: amount, data_type: integer}]}]\n"
    )
    reviewed = Reviewed(prefect, project, None)
    assert reviewed.ended_as("Refused")
    assert "dbt would write function `taxed` into `shop.dwh`" in (reviewed.state.message or "")
    assert project.contents("dwh") == before


def test_unknown_status_of_dbt_is_a_failure() -> None:
    """A word that we do not know, such as `partial success`, is not a success."""
    node = SimpleNamespace(resource_type="model", name="orders")
    result = SimpleNamespace(node=node, status="partial success", message="PARTIAL SUCCESS (1/2)")
    summary = write._summary((result,), 1.0)
    assert [one.status for one in summary.nodes if one.status not in CLEAN] == ["partial success"]


def test_selection_of_nothing_asks_nobody(prefect: str, project: Project) -> None:
    """An empty release is no release."""
    text = project.config.read_text()
    project.config.write_text(
        text.replace('project = "."', 'project = "."\narguments = ["build", "--select", "nowhere"]')
    )
    reviewed = Reviewed(prefect, project, None)
    assert reviewed.ended_as("Failed")
    assert "built nothing" in (reviewed.state.message or "")


def test_cancel_between_approval_and_publish_counts(prefect: str, project: Project) -> None:
    """The lock may be waited for after the approval; who cancels meanwhile has cancelled."""
    before = released(prefect, project)
    project.rows((1, 10), (2, 200))
    api = Api(prefect)
    flow = api.http.post("/flows/", json={"name": "lock-holder"}).raise_for_status().json()["id"]
    body = {"flow_id": flow, "state": {"type": "RUNNING"}}
    holder = UUID(api.http.post("/flow_runs/", json=body).raise_for_status().json()["id"])
    target = Target.model_validate(api.input(api.runs()[0]["id"], "wap-build")["target"])  # type: ignore[index]
    context = copy_context()

    def approve_then_cancel(api: Api, run: str) -> None:
        with context.run(_entered, target, holder):
            approve(api, run)
            api.wait_acknowledged(run)  # past the gate, which would have noticed the cancel itself
            api.set_state(run, "CANCELLING")

    reviewed = Reviewed(prefect, project, approve_then_cancel)
    assert reviewed.receipt.outcome == "Cancelled"
    assert project.contents("dwh") == before


def _entered(target: Target, holder: UUID) -> Any:
    """The lock of the target, held by somebody else."""
    return target_lock(target, holder)


def test_mask_that_hides_nothing_shows_no_values_and_asks_nobody(prefect: str, project: Project) -> None:
    """A slip of the pen in a mask must not show what should be hidden, not even in the report that says so."""
    released(prefect, project)
    project.rows((1, 11))
    project.config.write_text(project.config.read_text() + '[diff.tables.ordres]\nmask = ["amount"]\n')
    reviewed = Reviewed(prefect, project, None)
    assert reviewed.ended_as("Refused")
    assert reviewed.report is not None
    assert "ordres" in (reviewed.state.message or "")
    assert [table.samples for table in reviewed.report.tables] == [(), ()]


def test_view_that_became_an_equal_table_is_not_what_was_approved(prefect: str, project: Project) -> None:
    """The report says view; a table of the same rows is something else."""
    before = released(prefect, project)
    project.rows((1, 10), (2, 200))

    def swap_and_approve(api: Api, run: str) -> None:
        project.execute("CREATE TABLE develop_dwh.held AS SELECT * FROM develop_dwh.big_orders")
        project.execute("DROP VIEW develop_dwh.big_orders")
        project.execute("ALTER TABLE develop_dwh.held RENAME TO big_orders")
        approve(api, run)

    assert Reviewed(prefect, project, swap_and_approve).ended_as("Refused")
    assert project.contents("dwh") == before


def test_rerun_of_a_published_run_repeats_nothing_and_keeps_the_receipt(prefect: str, project: Project) -> None:
    """Who approved stays on record, nobody is asked again, and production is as it was published."""
    reviewed = Reviewed(prefect, project, approve)
    project.rows((9, 9))
    api = reviewed.api
    api.set_state(reviewed.run, "SCHEDULED", force=True)
    with get_client(sync_client=True) as client:
        flow_run = client.read_flow_run(UUID(reviewed.run))
    state: State[Any] = run_flow(  # type: ignore[assignment]
        write_audit_publish, flow_run=flow_run, parameters={"config": str(project.config)}, return_type="state"
    )
    assert state.name == "Published"
    assert state.type is StateType.COMPLETED
    assert project.contents("dwh")["orders"] == [(1, 10)]
    receipts = api.artifacts(reviewed.run, RECEIPT_ARTIFACT)
    assert len(receipts) == 1
    assert reviewed.receipt.decision is not None


def test_patiently_waits_for_a_server_that_is_away_and_for_nothing_else() -> None:
    """No connection and 5xx pass; a refusal of the server is an answer."""
    request = httpx.Request("GET", "http://127.0.0.1/")

    def status(code: int) -> PrefectHTTPStatusError:
        return PrefectHTTPStatusError("x", request=request, response=httpx.Response(code, request=request))

    errors: list[Exception] = [httpx.ConnectError("x"), status(503), status(429), httpx.ReadTimeout("x")]

    def succeed_at_last() -> str:
        if errors:
            raise errors.pop()
        return "done"

    def refuse() -> None:
        raise status(409)

    assert patiently(succeed_at_last, pause_seconds=0) == "done"
    with pytest.raises(PrefectHTTPStatusError):
        patiently(refuse, pause_seconds=0)


@pytest.mark.parametrize(
    ("said", "shown"),
    [
        ("Could not convert string 'alice@example.com' to INT32", "Could not convert string '...' to INT32"),
        ('Constraint Error: duplicate key "bob@example.com"', "Constraint Error: duplicate key '...'"),
        (
            "depends on a node named 'nowhere'\n which was not found",
            "depends on a node named 'nowhere' which was not found",
        ),
    ],
)
def test_one_line_of_dbt_carries_no_row_value(said: str, shown: str) -> None:
    """What the warehouse quotes of a row stays out of states, receipts and Slack; names stay."""
    assert one_line(said) == shown
