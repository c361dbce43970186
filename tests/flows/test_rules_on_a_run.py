"""Rules on the whole flow, with real Prefect, dbt and DuckDB: who is asked, who is not, and what is on record."""

from typing import Any
from uuid import UUID

import pytest
from prefect.client.orchestration import get_client
from prefect.client.schemas.objects import State
from prefect.flow_engine import run_flow

from flows.contract import RECEIPT_ARTIFACT, Via, acknowledgement_key
from flows.write_audit_publish import write_audit_publish
from tests.flows.project import Project
from tests.flows.reviewed import Reviewed, approve, reject

pytestmark = pytest.mark.usefixtures("prefect")

TEN = tuple((number, 10) for number in range(1, 11))
SMALL = '[[rules]]\naction = "auto"\nrows_added_percent = 10\nrows_changed_percent = 10\n'


@pytest.fixture
def released(prefect: str, project: Project) -> Project:
    """Ten orders are in production."""
    project.rows(*TEN)
    assert Reviewed(prefect, project, approve).ended_as("Published")
    return project


def rules(project: Project, text: str) -> None:
    """Give the project these rules."""
    project.settings()
    project.config.write_text(project.config.read_text() + text)


def was_asked(reviewed: Reviewed) -> bool:
    """Whether the run ever paused."""
    params = {"flow_run_id": reviewed.run}
    states = reviewed.api.http.get("/flow_run_states/", params=params).raise_for_status().json()
    assert len(states) > 1
    return any(state["type"] == "PAUSED" for state in states)


def test_block_rule_ends_the_run_and_asks_nobody(prefect: str, released: Project) -> None:
    """Refused, with the rule and the numbers; an auto rule beside it changes nothing."""
    before = released.contents("dwh")
    released.rows(*TEN[:8])
    rules(released, SMALL + '[[rules]]\naction = "block"\ntables = ["ord*"]\nrows_removed_percent = 10\n')
    reviewed = Reviewed(prefect, released, None)
    assert reviewed.ended_as("Refused")
    assert not was_asked(reviewed)
    assert reviewed.state.message == (
        "Not asked. `orders`: 2 of production's 10 rows would be removed (20%), more than 10%. "
        "Rule 2 of wap.toml stops that; correct the data or the rule, and start again."
    )
    assert reviewed.report is not None
    assert [(found.code, found.object) for found in reviewed.report.blockers] == [("rule", "orders")]
    assert released.contents("dwh") == before


def test_ask_rule_asks_although_an_auto_rule_would_let_it_pass(prefect: str, released: Project) -> None:
    """The question carries the rule as a warning."""
    released.rows(*TEN, (11, 10))
    rules(released, SMALL + '[[rules]]\naction = "ask"\nrows_added_percent = 5\n')
    reviewed = Reviewed(prefect, released, reject)
    assert reviewed.ended_as("Rejected")
    assert reviewed.report is not None
    (found,) = reviewed.report.warnings
    assert found.consequence == "1 row would be added to production's 10 (10%), more than 5%"
    assert not reviewed.report.is_automatic


def test_auto_rule_publishes_without_asking_and_says_so(prefect: str, released: Project) -> None:
    """The receipt and the state name the rule and the numbers, and no person."""
    released.rows(*TEN, (11, 10))
    rules(released, SMALL)
    reviewed = Reviewed(prefect, released, None)
    assert reviewed.ended_as("Published")
    assert not was_asked(reviewed)
    assert len(released.contents("dwh")["orders"]) == 11
    decision = reviewed.receipt.decision
    assert decision is not None
    assert (decision.verdict, decision.via, decision.decider.is_verified) == ("Approve", Via.RULE, False)
    assert decision.decider.name == "rule 1 of wap.toml"
    assert decision.reason == "`orders` +1 -0 ~0 against production's 10 rows (at most +10% -0% ~10%)"
    assert reviewed.state.message == (
        f"Published `develop_dwh` to `dwh` by rule 1 of wap.toml, nobody was asked: {decision.reason}."
    )
    assert reviewed.receipt.digest == reviewed.report.digest if reviewed.report else False
    assert reviewed.api.input(reviewed.run, acknowledgement_key(1)) == decision.model_dump(mode="json")


def test_auto_rule_that_one_table_exceeds_asks(prefect: str, released: Project) -> None:
    """`orders` is within it; `big_orders` had no row, and one is more than any share of none."""
    released.rows(*TEN, (11, 200))
    rules(released, SMALL)
    reviewed = Reviewed(prefect, released, reject)
    assert reviewed.ended_as("Rejected")
    assert reviewed.report is not None
    assert reviewed.report.rule_hits == ()
    assert reviewed.report.asked_because == (
        "No rule applies to `big_orders`: 1 row would be added, and production has none, and at most 10% may be "
        "(rule 1 of wap.toml)."
    )


def test_auto_rule_with_a_dbt_warning_asks(prefect: str, released: Project) -> None:
    """A test that only warns is something to weigh."""
    released.rows(*TEN, (11, 10))
    (released.folder / "tests").mkdir()
    (released.folder / "tests" / "warns.sql").write_text(
        "{{ config(severity='warn') }} select * from {{ ref('orders') }}"
    )
    rules(released, SMALL)
    reviewed = Reviewed(prefect, released, reject)
    assert reviewed.ended_as("Rejected")
    assert reviewed.report is not None
    assert reviewed.report.asked_because == "No rule applies, because dbt did not pass without a warning."
    orders = next(table for table in reviewed.report.tables if table.name == "orders")
    assert orders.context is not None
    assert (orders.context.tests_passed, orders.context.tests_warned) == (2, 1)
    assert orders.context.downstream == ("big_orders",)


def test_auto_rule_with_a_schema_change_asks(prefect: str, released: Project) -> None:
    """Another column is not a matter of rows."""
    sql = (released.folder / "models" / "orders.sql").read_text()
    (released.folder / "models" / "orders.sql").write_text(sql.replace("select *", "select *, 1 as channel"))
    rules(released, SMALL)
    assert Reviewed(prefect, released, reject).ended_as("Rejected")


def test_view_that_would_become_a_table_asks(prefect: str, released: Project) -> None:
    """Its rows are equal, and yet it is something else."""
    (released.folder / "models" / "big_orders.sql").write_text(
        "{{ config(materialized='table') }} select * from {{ ref('orders') }} where amount > 100"
    )
    rules(released, SMALL)
    reviewed = Reviewed(prefect, released, reject)
    assert reviewed.ended_as("Rejected")
    assert reviewed.report is not None
    assert [found.code for found in reviewed.report.warnings] == ["kind_changes"]


def test_rerun_after_a_kill_publishes_once_and_keeps_the_rule_on_record(prefect: str, released: Project) -> None:
    """Killed between the publish and its receipt: the next attempt reads the marker, and repeats nothing."""
    released.rows(*TEN, (11, 10))
    rules(released, SMALL)
    reviewed = Reviewed(prefect, released, None)
    api = reviewed.api
    (written,) = api.artifacts(reviewed.run, RECEIPT_ARTIFACT)
    api.http.delete(f"/artifacts/{written['id']}").raise_for_status()
    released.rows((99, 99))
    api.set_state(reviewed.run, "SCHEDULED", force=True)
    with get_client(sync_client=True) as client:
        flow_run = client.read_flow_run(UUID(reviewed.run))
    state: State[Any] = run_flow(  # type: ignore[assignment]
        write_audit_publish, flow_run=flow_run, parameters={"config": str(released.config)}, return_type="state"
    )
    assert state.name == "Published"
    assert len(released.contents("dwh")["orders"]) == 11
    assert reviewed.receipt.decision is not None
    assert reviewed.receipt.decision.decider.name == "rule 1 of wap.toml"
