"""A project whose staging is a database of its own, on the real dbt-snowflake against a stand-in: one swap publishes
both of its schemas."""

import json
from collections.abc import Iterator

import pytest

from tests.flows.project import Project
from tests.flows.reviewed import Reviewed, approve
from tests.flows.test_rollback import RolledBack
from tests.flows.test_several_schemas_on_snowflake import read
from tests.flows.two_schemas import with_marts
from tests.flows.warehouse.snowflake_database_world import DatabaseWorld
from tests.snowflake.stand_in import StandIn

pytestmark = pytest.mark.usefixtures("prefect")


@pytest.fixture
def twofold(stand_in: StandIn) -> Iterator[DatabaseWorld]:
    """A database of production with two schemas and their reader; the first run makes staging's."""
    stand_in.run(
        "CREATE ROLE IF NOT EXISTS READER",
        "GRANT ROLE READER TO USER WAP",
        f"GRANT USAGE ON WAREHOUSE {stand_in.warehouse} TO ROLE READER",
    )
    with DatabaseWorld(stand_in, role="FLOW", is_twofold=True) as found:
        found.execute("DROP DATABASE {sd}", "GRANT USAGE ON DATABASE {pd} TO ROLE READER")
        for schema in ("{p}", "{P}"):
            found.execute(f"GRANT USAGE ON SCHEMA {schema} TO ROLE READER")
            for kind in ("TABLES", "VIEWS"):
                found.as_role("ACCOUNTADMIN", f"GRANT SELECT ON FUTURE {kind} IN SCHEMA {schema} TO ROLE READER")
        yield found


@pytest.fixture
def shop(project: Project, twofold: DatabaseWorld) -> Project:
    """The small project and its marts, with Snowflake's profile and `staging = "database"`."""
    database, schema = twofold.database.lower(), twofold.production.lower()
    output = twofold.stand_in.profile(schema=schema, database=database, role="FLOW")
    (project.folder / "profiles.yml").write_text(json.dumps({"shop": {"target": "prod", "outputs": {"prod": output}}}))
    with_marts(project, schemas=f'["{twofold.home.lower()}"]')
    text = project.config.read_text()
    project.config.write_text(text.replace('project = "."', 'project = "."\nstaging = "database"'))
    return project


def swapped(twofold: DatabaseWorld, since: int = 0) -> list[str]:
    """The swaps of this target that were done."""
    texts = [one.text for one in twofold.stand_in.statements[since:] if not one.replayed]
    return [text for text in texts if f'"{twofold.database}" SWAP WITH' in text]


def test_flow_on_snowflake_publishes_a_database_and_takes_it_back(
    prefect: str, shop: Project, twofold: DatabaseWorld
) -> None:
    """The role of the flow owns both databases and has made staging's; readers read production alone."""
    shop.rows((1, 10), (2, 200))
    first = Reviewed(prefect, shop, approve)
    assert first.ended_as("Published"), first.state.message
    shop.rows((1, 11), (2, 200), (3, 30))
    before = len(twofold.stand_in.statements)
    second = Reviewed(prefect, shop, approve)
    assert second.ended_as("Published"), second.state.message
    assert swapped(twofold, before) == [twofold.filled("ALTER DATABASE {pd} SWAP WITH {sd}")]
    assert second.report is not None
    target = second.report.target
    staging = twofold.staging_database.lower()
    assert (target.staging_database, target.staging) == (staging, f"{staging}.{twofold.production.lower()}")
    home = twofold.home
    tables = {table.name: table for table in second.report.tables}
    assert list(tables) == ["BIG_ORDERS", f"{home}.ORDERS", f"{home}.ORDER_VALUES", f"{home}.SMALL_ORDERS", "ORDERS"]
    assert (tables["ORDERS"].key, tables["ORDERS"].changed) == (("ORDER_ID",), 1)
    late = [(finding.code, finding.object) for finding in second.report.findings]
    assert late == [("view_repaired_late", f"{twofold.staging_database}.{home}.SMALL_ORDERS")]
    for table, shown in (
        ("{p}.ORDERS", [(1, 11), (2, 200), (3, 30)]),
        ("{p}.BIG_ORDERS", [(2, 200)]),
        ("{P}.ORDER_VALUES", [(1, 22), (2, 400), (3, 60)]),
        ("{P}.SMALL_ORDERS", [(1, 11), (3, 30)]),
    ):
        assert read(twofold, table) == shown, table
    for what in ("DATABASE {sd}", "SCHEMA {s}", "SCHEMA {S}"):
        assert [row[5] for row in twofold.rows(f"SHOW GRANTS ON {what}") if row[1] == "USAGE"] == [], what
    ledger = second.receipt.ledger
    assert ledger is not None
    assert ledger.access is not None
    assert (ledger.access.lost, ledger.access.gained) == ((), ())
    before = len(twofold.stand_in.statements)
    mine = shop.config.read_text()
    shop.config.write_text(mine.replace('staging = "database"', 'staging = "schema"'))
    refused = RolledBack(prefect, shop, second.run)
    assert refused.state.name == "Refused", refused.state.message
    assert f"from `{target.staging}`" in str(refused.state.message)
    assert f"from `develop_{twofold.production.lower()}`" in str(refused.state.message)
    shop.config.write_text(mine)
    done = RolledBack(prefect, shop, second.run)
    assert done.state.name == "Rolled back", done.state.message
    assert len(swapped(twofold, before)) == 1
    assert read(twofold, "{P}.ORDER_VALUES") == [(1, 20), (2, 400)]
    assert read(twofold, "{P}.SMALL_ORDERS") == [(1, 10)]


@pytest.mark.parametrize("where", ["production", "elsewhere"])
def test_flow_on_snowflake_refuses_a_model_in_another_database(
    prefect: str, shop: Project, twofold: DatabaseWorld, where: str
) -> None:
    """The schema is that of the target; nobody would be asked about what is built there."""
    database = twofold.database if where == "production" else twofold.stand_in.database
    config = f"{{{{ config(materialized='table', database='{database.lower()}') }}}}"
    (shop.folder / "models" / "stray.sql").write_text(f"{config} select 1 as id")
    before = len(twofold.stand_in.statements)
    stopped = Reviewed(prefect, shop, None)
    assert stopped.state.name == "Refused", stopped.state.message
    assert f"into `{database.lower()}.{twofold.production.lower()}`" in str(stopped.state.message)
    assert not any("STRAY" in one.text.upper() for one in twofold.stand_in.statements[before:])
