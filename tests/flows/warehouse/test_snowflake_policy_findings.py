"""What the preflight says of policies and tags: what is carried over, what is not, and what nobody can know."""

from collections.abc import Iterator

import pytest

from flows.contract import Finding
from tests.flows.warehouse.policy_world import EMAIL, EUROPE, PII, customers
from tests.flows.warehouse.snowflake_world import SnowflakeWorld
from tests.flows.warehouse.world import publish, refresh
from tests.snowflake.stand_in import StandIn

CARRIED = ("warning", "policies_carried_over")
READ = ("warning", "read_through_policy")


@pytest.fixture
def world(stand_in: StandIn) -> Iterator[SnowflakeWorld]:
    """Customers whose mail addresses are masked in production, and built anew by dbt in staging."""
    with customers(stand_in) as found:
        found.as_role("ACCOUNTADMIN", f"ALTER TABLE {{p}}.CUSTOMERS MODIFY COLUMN EMAIL SET MASKING POLICY {EMAIL}")
        yield found


def preflight(world: SnowflakeWorld) -> list[Finding]:
    """Every finding."""
    with world.warehouse() as warehouse:
        return list(warehouse.preflight())


def codes(world: SnowflakeWorld) -> list[tuple[str, str]]:
    """Severity and code of every finding."""
    return [(found.severity, found.code) for found in preflight(world)]


def test_nothing_is_said_where_nothing_is_attached(stand_in: StandIn) -> None:
    """Also to a role without any privilege on policies, for which the catalog's function fails."""
    with SnowflakeWorld(stand_in, role="WAP_BARE") as found:
        found.execute("CREATE TABLE {p}.ORDERS AS SELECT 1 AS ID", "CREATE TABLE {s}.ORDERS AS SELECT 1 AS ID")
        assert codes(found) == []


def test_what_is_carried_over_is_told(world: SnowflakeWorld) -> None:
    """One finding for all of it, and one that the comparison may have been made through it."""
    carried, read = preflight(world)
    assert (carried.severity, carried.code, carried.object) == (*CARRIED, world.staging)
    assert f"MASKING POLICY {EMAIL} ON CUSTOMERS.EMAIL" in carried.consequence
    assert (read.severity, read.code, read.object) == (*READ, world.production)
    assert f"MASKING POLICY {EMAIL} ON CUSTOMERS.EMAIL" in read.consequence


def test_a_clone_lacks_nothing(world: SnowflakeWorld) -> None:
    """An incremental model continues from production's table, with its policy; both are read through it."""
    refresh(world)
    assert codes(world) == [READ]


def test_after_a_publish_nothing_is_lacking(world: SnowflakeWorld) -> None:
    """Both sides have the policy then, so a roll back can be asked for."""
    publish(world)
    assert codes(world) == [READ]


STOPPED = {
    "the column is gone, and a new one may hold its values": (
        "CREATE OR REPLACE TABLE {s}.CUSTOMERS AS SELECT 1 AS ID, 'ann@example.com' AS MAIL",
        "`EMAIL` is gone, and `MAIL` is new and may hold its values",
    ),
    "the column has another type": (
        "CREATE OR REPLACE TABLE {s}.CUSTOMERS AS SELECT 1 AS ID, 2 AS EMAIL",
        "`EMAIL` was TEXT and is NUMBER, which it cannot take",
    ),
}


@pytest.mark.parametrize(("built", "why"), STOPPED.values(), ids=STOPPED.keys())
def test_a_mask_that_cannot_follow_stops_everything(world: SnowflakeWorld, built: str, why: str) -> None:
    """Nobody is asked about a release that would show what production masks."""
    world.execute("DROP VIEW {s}.LIST", built)
    [stop, _] = preflight(world)
    assert (stop.severity, stop.code, stop.object) == (
        "blocker",
        "policy_cannot_follow",
        f"{world.staging}.CUSTOMERS.EMAIL",
    )
    assert why in stop.consequence


def test_a_hook_may_mask_what_takes_the_place_of_a_column(world: SnowflakeWorld) -> None:
    """As the blocker tells to do. A new column without a mask stays one that may hold the values."""
    world.execute(
        "DROP VIEW {s}.LIST",
        "CREATE OR REPLACE TABLE {s}.CUSTOMERS AS SELECT 1 AS ID, 'ann@example.com' AS MAIL, 'Ann' AS NAME",
        f"ALTER TABLE {{s}}.CUSTOMERS MODIFY COLUMN MAIL SET MASKING POLICY {EMAIL}",
    )
    [stop] = [found for found in preflight(world) if found.severity == "blocker"]
    assert "`EMAIL` is gone, and `NAME` is new and may hold its values" in stop.consequence
    world.execute(f"ALTER TABLE {{s}}.CUSTOMERS MODIFY COLUMN NAME SET MASKING POLICY {EMAIL}")
    assert {found.severity for found in preflight(world)} == {"warning"}


def test_a_mask_may_go_with_its_column(world: SnowflakeWorld) -> None:
    """Nothing new could hold its values; that the column vanishes is for another check to allow or not."""
    world.execute("DROP VIEW {s}.LIST", "CREATE OR REPLACE TABLE {s}.CUSTOMERS AS SELECT 1 AS ID")
    assert codes(world) == [("warning", "policy_vanishes"), READ]
    world.execute("DROP TABLE {s}.CUSTOMERS")
    assert codes(world) == [("warning", "policy_vanishes"), READ]


def test_rows_that_cannot_be_filtered_any_more_stop_everything(world: SnowflakeWorld) -> None:
    """A row access policy whose column is gone: without it, everybody would see every row."""
    world.as_role("ACCOUNTADMIN", f"ALTER TABLE {{p}}.CUSTOMERS ADD ROW ACCESS POLICY {EUROPE} ON (LAND)")
    world.execute("CREATE OR REPLACE TABLE {s}.CUSTOMERS AS SELECT 1 AS ID, 'a' AS EMAIL")
    assert codes(world) == [("blocker", "policy_cannot_follow"), CARRIED, READ]


HIDDEN = {
    "masking": ("MASKING", EMAIL, "SELECT 1"),
    "row access": ("ROW ACCESS", EUROPE, f"ALTER TABLE {{p}}.CUSTOMERS ADD ROW ACCESS POLICY {EUROPE} ON (LAND)"),
}


@pytest.mark.parametrize(("kind", "policy", "statement"), HIDDEN.values(), ids=HIDDEN.keys())
def test_a_policy_that_may_not_be_seen_stops_everything(
    world: SnowflakeWorld, kind: str, policy: str, statement: str
) -> None:
    """The catalog leaves it out without a word, or fails; the text of the table tells that it is there."""
    world.as_role("ACCOUNTADMIN", statement, f"REVOKE APPLY ON {kind} POLICY {policy} FROM ROLE WAP_FLOW")
    [stop] = [found for found in preflight(world) if found.severity == "blocker"]
    assert stop.code == "policy_hidden"
    assert f"has a {kind.lower()} policy whose name this role may not see" in stop.consequence
    assert f"GRANT APPLY ON {kind} POLICY" in stop.remedy


def test_a_policy_in_a_schema_that_is_closed_stops_everything(world: SnowflakeWorld) -> None:
    """The role may apply it and cannot reach it: the publish would fail when everybody has approved."""
    world.as_role("ACCOUNTADMIN", "REVOKE USAGE ON SCHEMA ANALYTICS.GOVERNANCE FROM ROLE WAP_FLOW")
    [stop, _] = preflight(world)
    assert (stop.severity, stop.code) == ("blocker", "policy_cannot_follow")
    assert "this role cannot use it" in stop.consequence


def test_a_conditional_mask_without_its_columns_stops_everything(world: SnowflakeWorld) -> None:
    """Attached without them it would be another policy; a role that may apply all policies is told them."""
    world.as_role(
        "ACCOUNTADMIN",
        "ALTER TABLE {p}.CUSTOMERS MODIFY COLUMN EMAIL UNSET MASKING POLICY",
        f"ALTER TABLE {{p}}.CUSTOMERS MODIFY COLUMN EMAIL SET MASKING POLICY {EMAIL}_UNLESS USING (EMAIL, LAND)",
    )
    assert codes(world) == [("blocker", "policy_cannot_follow"), READ]
    world.as_role("ACCOUNTADMIN", "GRANT APPLY MASKING POLICY ON ACCOUNT TO ROLE WAP_FLOW")
    assert codes(world) == [CARRIED, READ]


def test_a_policy_that_cannot_be_attached_again_stops_everything(world: SnowflakeWorld) -> None:
    """Nothing tells the entity keys of an aggregation policy; if a dbt hook attaches it, there is nothing to stop."""
    world.as_role(
        "ACCOUNTADMIN",
        "CREATE AGGREGATION POLICY IF NOT EXISTS ANALYTICS.GOVERNANCE.GROUPS AS () RETURNS AGGREGATION_CONSTRAINT -> "
        "AGGREGATION_CONSTRAINT(MIN_GROUP_SIZE => 3)",
        "GRANT APPLY ON AGGREGATION POLICY ANALYTICS.GOVERNANCE.GROUPS TO ROLE WAP_FLOW",
        "ALTER TABLE {p}.CUSTOMERS SET AGGREGATION POLICY ANALYTICS.GOVERNANCE.GROUPS",
    )
    assert codes(world) == [("blocker", "policy_cannot_follow"), CARRIED, READ]
    world.execute("ALTER TABLE {s}.CUSTOMERS SET AGGREGATION POLICY ANALYTICS.GOVERNANCE.GROUPS")
    assert codes(world) == [CARRIED, READ]


def test_another_policy_in_its_place_is_told(world: SnowflakeWorld) -> None:
    """dbt may have attached it, and then it stays."""
    world.as_role(
        "ACCOUNTADMIN",
        f"ALTER TABLE {{s}}.CUSTOMERS MODIFY COLUMN EMAIL SET MASKING POLICY {EMAIL}_FROM_ALL",
        f"ALTER VIEW {{s}}.LIST MODIFY COLUMN EMAIL SET MASKING POLICY {EMAIL}",
    )
    differing = [found for found in preflight(world) if found.code == "policy_differs"]
    assert [(found.severity, found.object) for found in differing] == [
        ("warning", f"{world.staging}.CUSTOMERS.EMAIL"),
        ("warning", f"{world.staging}.LIST.EMAIL"),
    ]
    assert f"where production has the masking policy `{EMAIL}`" in differing[0].consequence
    assert "which production does not have" in differing[1].consequence


def test_a_tag_that_may_not_be_set_stops_everything(world: SnowflakeWorld) -> None:
    """A tag may carry a masking policy, so it is not left behind."""
    world.as_role("ACCOUNTADMIN", f"ALTER TABLE {{p}}.CUSTOMERS MODIFY COLUMN EMAIL SET TAG {PII} = 'mail'")
    assert codes(world) == [CARRIED, READ]
    world.as_role("ACCOUNTADMIN", f"REVOKE APPLY ON TAG {PII} FROM ROLE WAP_FLOW")
    assert codes(world) == [("blocker", "policy_cannot_follow"), CARRIED, READ]


def test_texts_that_cannot_be_read_stop_everything(world: SnowflakeWorld) -> None:
    """Any policy could be there."""
    world.stand_in.faults.answer("GET_DDL", 3001, "Insufficient privileges.", sqlstate="42501")
    [stop] = preflight(world)
    assert (stop.severity, stop.code, stop.object) == ("blocker", "policies_unknown", world.production)
    assert "Insufficient privileges" in stop.consequence
