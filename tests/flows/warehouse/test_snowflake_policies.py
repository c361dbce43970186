"""Policies and tags that somebody attached to production: a publish carries them over, or nobody is asked."""

from collections.abc import Iterator

import pytest

from flows.warehouse.base import Environment
from tests.flows.warehouse.snowflake_world import SnowflakeWorld
from tests.flows.warehouse.world import publish, rows
from tests.snowflake.stand_in import StandIn

EMAIL = "ANALYTICS.GOVERNANCE.EMAIL"
EUROPE = "ANALYTICS.GOVERNANCE.EUROPE"


@pytest.fixture
def world(stand_in: StandIn) -> Iterator[SnowflakeWorld]:
    """Customers, whose mail addresses only WAP_FLOW and ACCOUNTADMIN see; dbt has built the table anew in staging."""
    stand_in.run(
        "CREATE SCHEMA IF NOT EXISTS ANALYTICS.GOVERNANCE",
        f"CREATE MASKING POLICY IF NOT EXISTS {EMAIL} AS (VAL VARCHAR) RETURNS VARCHAR -> "
        "CASE WHEN CURRENT_ROLE() IN ('WAP_FLOW', 'ACCOUNTADMIN') THEN VAL ELSE '***' END",
        f"CREATE MASKING POLICY IF NOT EXISTS {EMAIL}_UNLESS AS (VAL VARCHAR, LAND VARCHAR) RETURNS VARCHAR -> "
        "CASE WHEN LAND = 'open' THEN VAL ELSE '***' END",
        f"CREATE ROW ACCESS POLICY IF NOT EXISTS {EUROPE} AS (PLACE VARCHAR) RETURNS BOOLEAN -> "
        "CURRENT_ROLE() IN ('WAP_FLOW', 'ACCOUNTADMIN') OR PLACE = 'DE'",
        "CREATE TAG IF NOT EXISTS ANALYTICS.GOVERNANCE.PII",
        *(f"CREATE ROLE IF NOT EXISTS {role}" for role in ("WAP_FLOW", "READER", "CLERK")),
        "GRANT ROLE READER TO USER WAP",
        "GRANT USAGE ON DATABASE ANALYTICS TO ROLE READER",
        "GRANT USAGE ON SCHEMA ANALYTICS.GOVERNANCE TO ROLE WAP_FLOW",
        f"GRANT APPLY ON MASKING POLICY {EMAIL} TO ROLE WAP_FLOW",
        f"GRANT APPLY ON MASKING POLICY {EMAIL}_UNLESS TO ROLE WAP_FLOW",
        f"GRANT APPLY ON ROW ACCESS POLICY {EUROPE} TO ROLE WAP_FLOW",
        "GRANT APPLY ON TAG ANALYTICS.GOVERNANCE.PII TO ROLE WAP_FLOW",
    )
    with SnowflakeWorld(stand_in, role="WAP_FLOW") as found:
        for side in ("{p}", "{s}"):
            found.execute(
                f"CREATE TABLE {side}.CUSTOMERS AS SELECT 1 AS ID, 'ann@example.com' AS EMAIL, 'DE' AS PLACE "
                "UNION ALL SELECT 2, 'bob@example.com', 'US'",
                f"CREATE VIEW {side}.LIST AS SELECT ID, EMAIL FROM {side}.CUSTOMERS",
            )
        found.execute(
            "GRANT USAGE ON SCHEMA {p} TO ROLE READER",
            "GRANT SELECT ON TABLE {p}.CUSTOMERS TO ROLE READER",
            "GRANT SELECT ON VIEW {p}.LIST TO ROLE READER",
        )
        yield found


def mask(world: SnowflakeWorld, relation: str = "TABLE {p}.CUSTOMERS", policy: str = EMAIL) -> None:
    """Attach a masking policy by hand, as a governance team does."""
    world.as_role("ACCOUNTADMIN", f"ALTER {relation} MODIFY COLUMN EMAIL SET MASKING POLICY {policy}")


def found(world: SnowflakeWorld) -> list[tuple[str, str, str]]:
    """Severity, code and object of every finding."""
    with world.warehouse() as warehouse:
        return [(one.severity, one.code, one.object) for one in warehouse.preflight()]


def test_publish_keeps_a_mask_of_production(world: SnowflakeWorld) -> None:
    """A reader sees masked values before and after; the report says what will be carried over."""
    mask(world)
    assert world.as_role("READER", "SELECT DISTINCT EMAIL FROM {p}.CUSTOMERS") == [("***",)]
    assert found(world) == [
        ("warning", "policies_carried_over", world.staging),
        ("warning", "read_through_policy", world.production),
    ]
    publish(world)
    assert world.as_role("READER", "SELECT DISTINCT EMAIL FROM {p}.CUSTOMERS") == [("***",)]
    assert world.as_role("READER", "SELECT DISTINCT EMAIL FROM {p}.LIST") == [("***",)]
    assert rows(world, Environment.PRODUCTION, "LIST")[0] == (1, "ann@example.com")
