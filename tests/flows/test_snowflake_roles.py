"""The roles of docs/snowflake.md, made by its own SQL, are enough for a whole run and for nothing else."""

import json
from collections.abc import Iterator
from contextlib import closing
from typing import Any

import pytest
from snowflake.connector import SnowflakeConnection
from snowflake.connector.errors import ProgrammingError

from tests.flows.project import Project
from tests.flows.reviewed import Reviewed, approve
from tests.flows.reviewer import Api
from tests.flows.warehouse.snowflake_page import sql_of
from tests.snowflake.stand_in import StandIn, stand_in

pytestmark = pytest.mark.usefixtures("prefect")

COMPANY = (
    "CREATE SCHEMA RAW",
    "CREATE TABLE RAW.ORDERS AS SELECT 1 AS ORDER_ID, 10 AS AMOUNT",
    "CREATE SCHEMA DWH",
    "CREATE TABLE DWH.ORDERS AS SELECT 1 AS ORDER_ID, 10 AS AMOUNT",
    "CREATE VIEW DWH.BIG_ORDERS AS SELECT ORDER_ID, AMOUNT FROM DWH.ORDERS WHERE AMOUNT > 100",
    "CREATE TABLE DWH.BY_HAND AS SELECT 'kept' AS NOTE",
)
"""What is there before anybody has heard of wap: sources, and a production that an administrator owns."""

_ORDERS = """{{ config(materialized='table') }}
select order_id, amount + 1 as amount from analytics.raw.orders union all select 2, 200"""
_NEW = "{{ config(materialized='table') }} select 3 as id"


@pytest.fixture
def company() -> Iterator[StandIn]:
    """An account of its own, in which an administrator has run the SQL of the page."""
    with stand_in() as found:
        set_up(found, admin="SECURITYADMIN")
        yield found


def set_up(account: StandIn, *, admin: str) -> None:
    """Run the page. SECURITYADMIN manages grants and nothing else, so that it makes no schema."""
    account.run(*COMPANY)
    for statement in sql_of("Roles"):
        account.run(statement, role="ACCOUNTADMIN" if statement.startswith("CREATE SCHEMA") else admin)
    account.run("GRANT ROLE WAP_AUDIT TO USER WAP", "GRANT ROLE READERS TO USER WAP")


@pytest.fixture
def shop(project: Project, company: StandIn) -> Project:
    """A dbt project that WAP_FLOW runs: it reads a source, makes a table anew, and a view, and one table is new."""
    output = company.profile(schema="dwh", role="WAP_FLOW")
    profile = {"shop": {"target": "prod", "outputs": {"prod": output}}}
    (project.folder / "profiles.yml").write_text(json.dumps(profile))
    (project.folder / "models" / "orders.sql").write_text(_ORDERS)
    (project.folder / "models" / "fresh.sql").write_text(_NEW)
    return project


OLD = {"ORDERS": [(1, 10)], "BIG_ORDERS": [], "BY_HAND": [("kept",)]}
NEW = {"ORDERS": [(1, 11), (2, 200)], "BIG_ORDERS": [(2, 200)], "BY_HAND": [("kept",)], "FRESH": [(3,)]}


def test_page_can_be_run_by_accountadmin_alone() -> None:
    """From the first statement to the last, and then each role reads what it should."""
    with stand_in() as account:
        set_up(account, admin="ACCOUNTADMIN")
        for role in ("WAP_FLOW", "WAP_AUDIT", "READERS"):
            assert read(account, role, "DWH") == OLD


def test_roles_of_the_page_are_enough_for_a_run_and_for_no_more(prefect: str, shop: Project, company: StandIn) -> None:
    """READERS read production alone, before, meanwhile and after; WAP_AUDIT reads both sides and changes neither; the
    flow needs no role but WAP_FLOW, and while it waits for people nobody is logged in: the bot needs nothing."""
    assert read(company, "READERS", "DWH") == OLD
    assert read(company, "WAP_AUDIT", "DWH") == OLD
    first = len(company.statements)
    waiting: dict[str, Any] = {}

    def look_and_approve(api: Api, run: str) -> None:
        waiting["roles"] = {one.role for one in company.statements[first:]}
        waiting["sessions"] = company.open_sessions
        for side, expected in (("DWH", OLD), ("DEVELOP_DWH", NEW)):
            waiting[side] = (read(company, "WAP_AUDIT", side), expected)
            assert_changes_nothing(company, "WAP_AUDIT", side)
        waiting["readers"] = read(company, "READERS", "DWH")
        assert_is_closed(company, "READERS", "DEVELOP_DWH", tables=NEW)
        waiting["before"] = len(company.statements)
        approve(api, run)

    reviewed = Reviewed(prefect, shop, look_and_approve)
    assert reviewed.ended_as("Published"), reviewed.state.message
    assert reviewed.report is not None
    assert [finding for finding in reviewed.report.findings if finding.severity == "blocker"] == []
    assert (waiting["roles"], waiting["sessions"], waiting["readers"]) == ({"WAP_FLOW"}, 0, OLD)
    assert all(found == expected for found, expected in (waiting["DWH"], waiting["DEVELOP_DWH"]))
    assert {one.role for one in company.statements[waiting["before"] :]} == {"WAP_FLOW"}
    assert read(company, "READERS", "DWH") == read(company, "WAP_AUDIT", "DWH") == NEW
    assert read(company, "WAP_AUDIT", "DEVELOP_DWH") == OLD
    assert_is_closed(company, "READERS", "DEVELOP_DWH", tables=OLD)
    for side in ("DWH", "DEVELOP_DWH"):
        assert_changes_nothing(company, "WAP_AUDIT", side)
    assert_changes_nothing(company, "READERS", "DWH")
    ledger = reviewed.receipt.ledger
    assert ledger is not None
    assert ledger.access is not None
    assert (ledger.access.lost, ledger.access.gained) == ((), ())


def read(company: StandIn, role: str, schema: str) -> dict[str, list[tuple[object, ...]]]:
    """Every table and view that the role finds in the schema, with its rows: what is hidden is not there."""
    tables = f"SELECT TABLE_NAME FROM INFORMATION_SCHEMA.TABLES WHERE TABLE_SCHEMA = '{schema}'"
    with closing(company.connect(role=role)) as connection:
        names = [name for (name,) in connection.cursor().execute(tables).fetchall() if name != "_wap_release"]
        return {
            name: sorted(_plain(connection.cursor().execute(f"SELECT * FROM {schema}.{name}").fetchall()))
            for name in names
        }


def _plain(rows: list[tuple[Any, ...]]) -> list[tuple[object, ...]]:
    return [tuple(value if isinstance(value, str) else int(value) for value in row) for row in rows]


def assert_is_closed(company: StandIn, role: str, schema: str, *, tables: dict[str, Any]) -> None:
    """The role finds nothing in the schema, and may not read what it knows to be there."""
    assert read(company, role, schema) == {}
    with closing(company.connect(role=role)) as connection:
        assert {_refusal(connection, f"SELECT * FROM {schema}.{name}") for name in tables} == {2003}


def assert_changes_nothing(company: StandIn, role: str, schema: str) -> None:
    """Whatever the role tries is refused for want of a privilege."""
    other = "DEVELOP_DWH" if schema == "DWH" else "DWH"
    attempts = (
        f"INSERT INTO {schema}.ORDERS VALUES (9, 9)",
        f"UPDATE {schema}.ORDERS SET AMOUNT = 0",
        f"DELETE FROM {schema}.ORDERS",
        f"TRUNCATE TABLE {schema}.ORDERS",
        f"MERGE INTO {schema}.ORDERS t USING {schema}.ORDERS u ON t.ORDER_ID = u.ORDER_ID "
        "WHEN MATCHED THEN UPDATE SET AMOUNT = 0",
        f"ALTER TABLE {schema}.ORDERS ADD COLUMN MORE INT",
        f"ALTER TABLE {schema}.ORDERS RENAME TO {schema}.ELSEWHERE",
        f"DROP TABLE {schema}.ORDERS",
        f"DROP VIEW {schema}.BIG_ORDERS",
        f"CREATE OR REPLACE VIEW {schema}.BIG_ORDERS AS SELECT 1 AS ORDER_ID, 1 AS AMOUNT",
        f"CREATE TABLE {schema}.MINE AS SELECT 1 AS ID",
        f"CREATE VIEW {schema}.MINE AS SELECT 1 AS ID",
        f"GRANT SELECT ON TABLE {schema}.ORDERS TO ROLE PUBLIC",
        f"GRANT USAGE ON SCHEMA {schema} TO ROLE PUBLIC",
        f"GRANT OWNERSHIP ON SCHEMA {schema} TO ROLE {role} COPY CURRENT GRANTS",
        f"ALTER SCHEMA {schema} SWAP WITH {other}",
        f"ALTER SCHEMA {schema} RENAME TO MINE",
        f"CREATE OR REPLACE SCHEMA {schema}",
        f"DROP SCHEMA {schema}",
        "CREATE SCHEMA MINE",
        "CREATE ROLE MINE",
    )
    with closing(company.connect(role=role)) as connection:
        for statement in attempts:
            assert _refusal(connection, statement) in (2003, 3001), statement


def _refusal(connection: SnowflakeConnection, statement: str) -> int | None:
    """Snowflake's error number."""
    with pytest.raises(ProgrammingError) as refused:
        connection.cursor().execute(statement)
    found: int | None = refused.value.errno
    return found
