"""How a whole run reads on Snowflake: as the role that only reads, and no longer than somebody waits for it."""

import json
import time
from collections.abc import Iterator

import pytest
from prefect import tags

from flows.contract import Outcome
from flows.warehouse.snowflake import waiting
from flows.write_audit_publish import write_audit_publish
from tests.flows.project import Project
from tests.flows.reviewed import Reviewed, approve
from tests.flows.reviewer import Api, meanwhile
from tests.flows.warehouse.snowflake_world import SnowflakeWorld
from tests.snowflake.stand_in import StandIn, stand_in

pytestmark = pytest.mark.usefixtures("prefect")


@pytest.fixture
def snow() -> Iterator[StandIn]:
    """A stand-in of its own: what runs in it is this test's. WAP_AUDIT has what it needs of the account."""
    with stand_in() as found:
        found.run(
            "CREATE ROLE WAP_AUDIT",
            "GRANT ROLE WAP_AUDIT TO USER WAP",
            f"GRANT USAGE ON DATABASE {found.database} TO ROLE WAP_AUDIT",
            f"GRANT USAGE ON WAREHOUSE {found.warehouse} TO ROLE WAP_AUDIT",
        )
        yield found


@pytest.fixture
def world(snow: StandIn) -> Iterator[SnowflakeWorld]:
    """Production and staging of the project, owned by WAP_FLOW; WAP_AUDIT may look into production."""
    with SnowflakeWorld(snow, role="WAP_FLOW") as found:
        found.execute("GRANT USAGE ON SCHEMA {p} TO ROLE WAP_AUDIT")
        yield found


@pytest.fixture
def shop(project: Project, world: SnowflakeWorld) -> Project:
    """The small project with Snowflake's profile, read as WAP_AUDIT."""
    output = world.stand_in.profile(schema=world.production.lower(), role="WAP_FLOW")
    profile = {"shop": {"target": "prod", "outputs": {"prod": output}}}
    (project.folder / "profiles.yml").write_text(json.dumps(profile))
    project.config.write_text(project.config.read_text() + '\n[warehouse]\naudit_role = "wap_audit"\n')
    return project


def test_run_reads_as_the_audit_role_and_publishes_as_its_own(
    prefect: str, shop: Project, world: SnowflakeWorld
) -> None:
    """Two releases. The tables of the second are new again, and nobody has granted anything in between."""
    shop.rows((1, 10), (2, 200))
    first = Reviewed(prefect, shop, approve)
    assert first.ended_as("Published"), first.state.message
    shop.rows((1, 11), (2, 200))
    already = len(world.stand_in.statements)
    second = Reviewed(prefect, shop, approve)
    assert second.ended_as("Published"), second.state.message
    assert second.report is not None
    assert second.report.findings == ()
    orders = next(table for table in second.report.tables if table.name == "ORDERS")
    assert (orders.method, orders.changed, orders.unchanged) == ("keyed", 1, 1)
    sent = [one for one in world.stand_in.statements[already:] if one.tag == f"wap:{second.run}"]
    assert {one.role for one in sent if "HASH_AGG" in one.text} == {"WAP_AUDIT"}
    assert {one.text.split(" ")[0] for one in sent if one.role == "WAP_AUDIT"} <= {"SELECT", "WITH", "USE"}
    assert {one.role for one in sent if one.text.startswith(("CREATE", "ALTER", "GRANT"))} == {"WAP_FLOW"}


def test_run_that_may_not_read_production_says_so_before_dbt_builds(
    prefect: str, shop: Project, world: SnowflakeWorld
) -> None:
    """With role, object and remedy; production is as it was."""
    world.execute("CREATE TABLE {p}.ORDERS AS SELECT 1 AS ORDER_ID, 10 AS AMOUNT")
    refused = Reviewed(prefect, shop, None)
    assert refused.ended_as("Failed")
    assert "ORDERS' does not exist or not authorized" in str(refused.state.message)
    assert "The role `WAP_AUDIT` of `warehouse.audit_role` may not read that." in str(refused.state.message)
    assert "dbt" not in {one.tag for one in world.stand_in.statements}
    assert world.rows("SHOW TABLES LIKE 'BIG_ORDERS' IN SCHEMA {s}") == []


def test_run_that_is_cancelled_in_prefect_ends_its_query(
    prefect: str, shop: Project, world: SnowflakeWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nobody tells this process: it asks, while it waits for a query that would take an hour."""
    monkeypatch.setattr(waiting, "_LOOK_SECONDS", 0.2)
    world.stand_in.faults.delay("HASH_AGG", 3000.0)
    api = Api(prefect)
    known = {run["id"] for run in api.runs()}
    slow: list[str] = []

    def cancel() -> None:
        deadline = time.monotonic() + 120
        while not world.stand_in.running:
            assert time.monotonic() < deadline, "no query has begun"
            time.sleep(0.05)
        slow.extend(world.stand_in.running)
        [run] = [run["id"] for run in api.runs() if run["id"] not in known]
        api.set_state(run, "CANCELLING", force=True)

    with meanwhile(cancel), tags("wap"):
        state = write_audit_publish(str(shop.config), "Tomas", return_state=True)
    assert state.name == Outcome.CANCELLED
    assert [world.stand_in.outcome(query) for query in slow] == ["ABORTED"]
    assert world.rows("SHOW OBJECTS IN SCHEMA {p}") == []
