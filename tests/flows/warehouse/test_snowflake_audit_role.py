"""The role that only reads: every query of the audit runs as it, every change as the flow's role."""

from collections.abc import Iterator

import pytest
from snowflake.connector.errors import ProgrammingError

from flows.diff import DiffSettings, Key, diff_schemas, fingerprints
from flows.warehouse.base import Environment, WarehouseError
from flows.warehouse.snowflake.audit_role import auditing
from flows.warehouse.snowflake.errors import Facts
from flows.warehouse.snowflake.session import Access
from tests.flows.warehouse.snowflake_world import SnowflakeWorld
from tests.flows.warehouse.world import publish, refresh, release
from tests.snowflake.stand_in import StandIn

ROLE = "WAP_AUDIT"


@pytest.fixture
def world(stand_in: StandIn) -> Iterator[SnowflakeWorld]:
    """A target of WAP_FLOW whose production WAP_AUDIT may read as the documentation says; nothing is granted on
    staging, and nothing on future tables."""
    for role in (ROLE, "DEVELOPER"):
        stand_in.run(
            f"CREATE ROLE IF NOT EXISTS {role}",
            f"GRANT ROLE {role} TO USER WAP",
            f"GRANT USAGE ON DATABASE {stand_in.database} TO ROLE {role}",
            f"GRANT USAGE ON WAREHOUSE {stand_in.warehouse} TO ROLE {role}",
        )
    with SnowflakeWorld(stand_in, role="WAP_FLOW") as found:
        found.audit_role = ROLE
        found.execute(
            "CREATE TABLE {p}.ORDERS AS SELECT 1 AS ID, 10 AS AMOUNT",
            "CREATE VIEW {p}.BIG AS SELECT ID FROM {p}.ORDERS",
            f"GRANT USAGE ON SCHEMA {{p}} TO ROLE {ROLE}",
            f"GRANT SELECT ON ALL TABLES IN SCHEMA {{p}} TO ROLE {ROLE}",
            f"GRANT SELECT ON ALL VIEWS IN SCHEMA {{p}} TO ROLE {ROLE}",
        )
        refresh(found)
        found.execute(
            "CREATE OR REPLACE TABLE {s}.ORDERS AS SELECT 1 AS ID, 11 AS AMOUNT",
            "CREATE TABLE {s}.FRESH AS SELECT 3 AS ID",
        )
        yield found


def test_diff_reads_as_the_audit_role_and_changes_are_the_flows(world: SnowflakeWorld) -> None:
    """Tables that the build has just made are read, too: staging's owner lets the role read them."""
    already = len(world.stand_in.statements)
    with world.warehouse() as warehouse:
        tables = diff_schemas(warehouse, keys={"ORDERS": Key(("ID",), "the test")}, settings=DiffSettings())
    assert {table.name: table.status for table in tables} == {"BIG": "equal", "FRESH": "added", "ORDERS": "changed"}
    sent = world.stand_in.statements[already:]
    readings = [one for one in sent if "INFORMATION_SCHEMA" not in one.text and one.text.startswith(("SELECT", "WITH"))]
    assert len(readings) > 5
    assert {one.role for one in readings} == {ROLE}
    assert {one.role for one in sent if one.text.startswith("GRANT")} == {"WAP_FLOW"}
    assert next(one.text for one in sent if one.role == ROLE) == "USE SECONDARY ROLES NONE"


def test_audit_role_can_change_nothing(world: SnowflakeWorld) -> None:
    """On either side, after an audit has let it read."""
    with world.warehouse() as warehouse:
        fingerprints(warehouse, Environment.STAGING)
    for sql in (
        "DELETE FROM {p}.ORDERS",
        "INSERT INTO {s}.ORDERS VALUES (9, 9)",
        "DROP TABLE {s}.ORDERS",
        "CREATE TABLE {s}.MINE AS SELECT 1 AS ID",
        "ALTER SCHEMA {p} SWAP WITH {s}",
    ):
        with pytest.raises(ProgrammingError):
            world.as_role(ROLE, sql)


def test_publish_works_without_fuss(world: SnowflakeWorld) -> None:
    """What the role was granted on staging is no leak, and after a publish it reads both sides as before."""
    for number in (1, 2):
        with world.warehouse() as warehouse:
            assert [one.code for one in warehouse.preflight() if one.severity == "blocker"] == []
            shown = [fingerprints(warehouse, env) for env in Environment]
            warehouse.exchange(release(f"run-{number}"), lambda: None)
        with world.warehouse() as warehouse:
            assert [fingerprints(warehouse, env) for env in reversed(Environment)] == shown


def test_fingerprints_before_the_publish_are_those_of_the_report(world: SnowflakeWorld) -> None:
    """The guard reads as the role that the report was made by: a policy may show each role other rows."""
    already = len(world.stand_in.statements)
    with world.warehouse() as warehouse:
        warehouse.exchange(release(), lambda: fingerprints(warehouse, Environment.STAGING) and None)
    hashed = [one.role for one in world.stand_in.statements[already:] if "HASH_AGG" in one.text]
    assert set(hashed) == {ROLE}


def test_leaks_of_other_roles_are_still_told(world: SnowflakeWorld) -> None:
    """Only the audit role is meant to read both sides."""
    world.execute("GRANT USAGE ON SCHEMA {s} TO ROLE DEVELOPER", "GRANT SELECT ON TABLE {s}.FRESH TO ROLE DEVELOPER")
    with world.warehouse() as warehouse:
        fingerprints(warehouse, Environment.STAGING)
        found = [(one.code, one.object) for one in warehouse.preflight()]
    assert found == [("grant_would_leak", "DEVELOPER")]


def test_preflight_names_what_the_audit_role_may_not_read(world: SnowflakeWorld) -> None:
    """Before anything is built, with the statement that helps; and then nothing is wrong any more."""
    world.execute("CREATE OR REPLACE TABLE {p}.ORDERS AS SELECT 1 AS ID, 10 AS AMOUNT")
    with world.warehouse() as warehouse:
        [found] = [one for one in warehouse.preflight() if one.severity == "blocker"]
    assert (found.code, found.object) == ("audit_role_cannot_read", world.production)
    assert "the role `WAP_AUDIT` may not read 1 of its 2 tables and views (`ORDERS`)" in found.consequence
    world.execute(f"GRANT SELECT ON ALL TABLES IN SCHEMA {{p}} TO ROLE {ROLE}")
    with world.warehouse() as warehouse:
        assert warehouse.preflight() == ()


def test_preflight_grants_nothing(world: SnowflakeWorld) -> None:
    """`wap doctor` only looks."""
    already = len(world.stand_in.statements)
    with world.warehouse() as warehouse:
        warehouse.preflight()
    sent = {one.text.split(" ")[0] for one in world.stand_in.statements[already:]}
    assert sent == {"SELECT", "SHOW", "USE"}


def test_query_that_the_audit_role_may_not_run_names_role_and_remedy(world: SnowflakeWorld) -> None:
    """The flow's role could read it, and does not."""
    world.execute(f"REVOKE SELECT ON TABLE {{p}}.ORDERS FROM ROLE {ROLE}")
    with world.warehouse() as warehouse, pytest.raises(WarehouseError, match="SELECT ON ALL TABLES") as caught:
        fingerprints(warehouse, Environment.PRODUCTION)
    assert "The role `WAP_AUDIT` of `warehouse.audit_role` may not read that." in str(caught.value)


def test_audit_role_that_does_not_exist_is_named_with_its_setting(world: SnowflakeWorld) -> None:
    """At its login, so before dbt builds anything."""
    world.audit_role = "NOBODY_HAS_IT"
    with (
        world.warehouse() as warehouse,
        pytest.raises(WarehouseError, match=r"^The warehouse was not opened\.") as said,
    ):
        fingerprints(warehouse, Environment.PRODUCTION)
    assert "`NOBODY_HAS_IT` does not exist or is not granted to the user `WAP`" in str(said.value)
    assert str(said.value).endswith("or correct `warehouse.audit_role` in wap.toml.")


def test_session_that_keeps_other_roles_is_not_used(world: SnowflakeWorld) -> None:
    """Without USE SECONDARY ROLES NONE it could do more than read, so it is closed."""
    world.stand_in.faults.answer("SECONDARY ROLES", 3001, "Insufficient privileges.", sqlstate="42501")
    with world.warehouse() as warehouse:
        sessions = world.stand_in.open_sessions
        with pytest.raises(WarehouseError, match=r"^The warehouse was not opened\."):
            fingerprints(warehouse, Environment.PRODUCTION)
        assert world.stand_in.open_sessions == sessions


@pytest.mark.parametrize(("role", "typed"), [("WAP_AUDIT", "WAP_AUDIT"), ("wap-audit", '"wap-audit"')])
def test_name_of_the_audit_role_is_quoted_where_it_must_be(role: str, typed: str) -> None:
    """At login the server reads it like SQL."""
    access = auditing(Access(lambda: {"user": "WAP", "role": "WAP_FLOW"}, Facts(role="WAP_FLOW", audit_role=role)))
    assert access.arguments() == {"user": "WAP", "role": typed}
    assert access.facts.is_auditing


def test_audit_role_without_a_warehouse_is_told_what_to_grant(world: SnowflakeWorld) -> None:
    """The session opens; the first query needs a warehouse."""
    world.stand_in.faults.answer("HASH_AGG", 606, "No active warehouse selected in the current session.")
    with world.warehouse() as warehouse, pytest.raises(WarehouseError, match=r"GRANT USAGE ON WAREHOUSE `WH` TO ROLE"):
        fingerprints(warehouse, Environment.PRODUCTION)


def test_audit_costs_a_login_and_the_same_few_statements_for_any_number_of_tables(world: SnowflakeWorld) -> None:
    """The role is let read all tables of a kind by one statement."""
    few = _overhead(world)
    for number in range(5):
        world.execute(f"CREATE TABLE {{s}}.T{number} AS SELECT 1 AS ID")
    assert _overhead(world) == few


def test_ledger_counts_what_both_sessions_sent(world: SnowflakeWorld) -> None:
    """Also what the guard has read as the audit role."""
    already = len(world.stand_in.statements)
    with world.warehouse() as warehouse:
        warehouse.exchange(release(), lambda: fingerprints(warehouse, Environment.STAGING) and None)
        ledger = warehouse.ledger()
    assert ledger is not None
    assert ledger.sent == len(world.stand_in.statements) - already


def _overhead(world: SnowflakeWorld) -> int:
    """How many statements an opening sends that are no reading of a table."""
    already = len(world.stand_in.statements)
    with world.warehouse() as warehouse:
        fingerprints(warehouse, Environment.STAGING)
    return sum("HASH_AGG" not in one.text for one in world.stand_in.statements[already:])


def test_publish_and_refresh_never_ask_the_audit_role(world: SnowflakeWorld) -> None:
    """Nor do they log in as it."""
    already = len(world.stand_in.statements)
    refresh(world)
    publish(world)
    assert {one.role for one in world.stand_in.statements[already:]} == {"WAP_FLOW"}
