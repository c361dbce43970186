"""Roles, privileges and who may what."""

import pytest
from snowflake.connector.errors import DatabaseError, ProgrammingError

from tests.snowflake.stand_in import StandIn, stand_in

READER = (
    "CREATE ROLE reader",
    "GRANT USAGE ON DATABASE analytics TO ROLE reader",
    "GRANT USAGE ON SCHEMA dwh TO ROLE reader",
    "GRANT USAGE ON WAREHOUSE wh TO ROLE reader",
)


def refused(snow: StandIn, sql: str, role: str) -> int:
    """The number of the error that the role gets."""
    with pytest.raises(ProgrammingError) as raised:
        snow.run(sql, role=role)
    return int(raised.value.errno or 0)


def of_table(snow: StandIn, name: str) -> list[tuple[str, str, str]]:
    """(privilege, role, grant option) on a table, its owner's line included."""
    return [(row[1], row[5], row[6]) for row in snow.run(f"SHOW GRANTS ON TABLE {name}")]


def test_reading_needs_select_and_usage(fresh: StandIn) -> None:
    """Without any privilege an object is not even there. docs: user-guide/security-access-control-privileges"""
    fresh.run(*READER, "CREATE TABLE dwh.t AS SELECT 1 AS a", "CREATE TABLE develop_dwh.t AS SELECT 1 AS a")
    assert refused(fresh, "SELECT a FROM dwh.t", "READER") == 2003
    fresh.run("GRANT INSERT ON TABLE dwh.t TO ROLE reader", "GRANT SELECT ON TABLE develop_dwh.t TO ROLE reader")
    assert refused(fresh, "SELECT a FROM dwh.t", "READER") == 3001
    assert refused(fresh, "SELECT a FROM develop_dwh.t", "READER") == 2003
    fresh.run("GRANT SELECT ON TABLE dwh.t TO ROLE reader")
    assert fresh.run("SELECT a FROM dwh.t", role="READER") == [(1,)]
    assert refused(fresh, "DELETE FROM dwh.t", "READER") == 3001
    assert refused(fresh, "DROP TABLE dwh.t", "READER") == 3001
    assert refused(fresh, "CREATE TABLE dwh.x (a INT)", "READER") == 3001
    assert refused(fresh, "CREATE SCHEMA x", "READER") == 3001


def test_views_read_with_the_rights_of_their_owner(fresh: StandIn) -> None:
    """docs: user-guide/views-introduction"""
    fresh.run(*READER, "CREATE TABLE dwh.t AS SELECT 1 AS a", "CREATE VIEW dwh.v AS SELECT a FROM t",
              "GRANT SELECT ON VIEW dwh.v TO ROLE reader")  # fmt: skip
    assert fresh.run("SELECT a FROM dwh.v", role="READER") == [(1,)]


def test_only_what_the_role_may_see_is_listed(fresh: StandIn) -> None:
    """INFORMATION_SCHEMA and SHOW. docs: sql-reference/info-schema"""
    fresh.run(*READER, "CREATE TABLE dwh.seen AS SELECT 1 AS a", "CREATE TABLE dwh.hidden AS SELECT 1 AS a",
              "GRANT SELECT ON TABLE dwh.seen TO ROLE reader")  # fmt: skip
    sql = "SELECT table_name FROM information_schema.tables WHERE table_schema = 'DWH'"
    assert fresh.run(sql, role="READER") == [("SEEN",)]
    assert [row[1] for row in fresh.run("SHOW TABLES IN DATABASE", role="READER")] == ["SEEN"]
    assert [row[1] for row in fresh.run("SHOW SCHEMAS", role="READER")] == ["DWH"]


def test_roles_inherit_from_roles(fresh: StandIn) -> None:
    """docs: user-guide/security-access-control-overview (role hierarchy)"""
    fresh.run(
        *READER,
        "CREATE ROLE boss",
        "CREATE TABLE dwh.t AS SELECT 1 AS a",
        "GRANT SELECT ON dwh.t TO reader",
        "GRANT ROLE reader TO ROLE boss",
    )
    assert fresh.run("SELECT a FROM dwh.t", role="BOSS") == [(1,)]
    assert [(row[1], row[3]) for row in fresh.run("SHOW GRANTS OF ROLE reader")] == [("READER", "BOSS")]
    fresh.run("REVOKE ROLE reader FROM ROLE boss")
    assert refused(fresh, "SELECT a FROM dwh.t", "BOSS") == 2003


def test_grants_on_all_and_on_future_objects(fresh: StandIn) -> None:
    """All: what is there now; future: what will be created."""
    fresh.run(
        *READER,
        "CREATE TABLE dwh.before (a INT)",
        "GRANT SELECT, INSERT ON ALL TABLES IN SCHEMA dwh TO ROLE reader",
        "GRANT SELECT ON FUTURE TABLES IN SCHEMA dwh TO ROLE reader WITH GRANT OPTION",
        "CREATE TABLE dwh.after (a INT)",
        "CREATE VIEW dwh.v AS SELECT a FROM before",
    )
    own = ("OWNERSHIP", "ACCOUNTADMIN", "true")
    assert of_table(fresh, "dwh.before") == [own, ("INSERT", "READER", "false"), ("SELECT", "READER", "false")]
    assert of_table(fresh, "dwh.after") == [own, ("SELECT", "READER", "true")]
    assert len(fresh.run("SHOW GRANTS ON VIEW dwh.v")) == 1
    fresh.run("REVOKE SELECT ON FUTURE TABLES IN SCHEMA dwh FROM ROLE reader")
    assert fresh.run("SHOW FUTURE GRANTS IN SCHEMA dwh") == []


def test_future_grants_of_a_schema_hide_those_of_its_database(fresh: StandIn) -> None:
    """For the same type of object. docs: user-guide/security-access-control-configure"""
    fresh.run(
        *READER,
        "CREATE ROLE other",
        "GRANT SELECT ON FUTURE TABLES IN DATABASE analytics TO ROLE other",
        "GRANT SELECT ON FUTURE TABLES IN SCHEMA dwh TO ROLE reader",
        "CREATE TABLE dwh.t (a INT)",
        "CREATE TABLE develop_dwh.t (a INT)",
    )
    assert of_table(fresh, "dwh.t")[1:] == [("SELECT", "READER", "false")]
    assert of_table(fresh, "develop_dwh.t")[1:] == [("SELECT", "OTHER", "false")]


@pytest.mark.parametrize(
    "how", ["COPY GRANTS AS SELECT 2 AS a", "COPY GRANTS AS (SELECT 2 AS a)", "CLONE dwh.t COPY GRANTS"]
)
def test_replaced_table_copies_grants_only_when_told(fresh: StandIn, how: str) -> None:
    """docs: sql-reference/sql/create-table (COPY GRANTS)"""
    fresh.run(*READER, "CREATE TABLE dwh.t AS SELECT 1 AS a", "GRANT SELECT ON TABLE dwh.t TO ROLE reader")
    fresh.run(f"CREATE OR REPLACE TRANSIENT TABLE dwh.t {how}")
    assert of_table(fresh, "dwh.t")[1:] == [("SELECT", "READER", "false")]
    fresh.run("CREATE OR REPLACE TABLE dwh.t AS SELECT 1 AS a")
    assert of_table(fresh, "dwh.t")[1:] == []


def test_future_grants_do_not_apply_to_what_is_renamed_or_swapped(fresh: StandIn) -> None:
    """docs: sql-reference/sql/grant-privilege (future grants: restrictions)"""
    fresh.run(
        *READER,
        "GRANT SELECT ON FUTURE TABLES IN SCHEMA dwh TO ROLE reader",
        "CREATE TABLE develop_dwh.t (a INT)",
        "ALTER TABLE develop_dwh.t RENAME TO dwh.t",
    )
    assert of_table(fresh, "dwh.t")[1:] == []


def test_ownership_moves_with_or_without_the_grants(fresh: StandIn) -> None:
    """docs: sql-reference/sql/grant-ownership"""
    fresh.run(*READER, "CREATE ROLE wap", "CREATE TABLE dwh.t (a INT)", "GRANT SELECT ON TABLE dwh.t TO ROLE reader")
    with pytest.raises(ProgrammingError, match="Dependent grant of privilege 'SELECT'"):
        fresh.run("GRANT OWNERSHIP ON TABLE dwh.t TO ROLE wap")
    fresh.run("GRANT OWNERSHIP ON TABLE dwh.t TO ROLE wap COPY CURRENT GRANTS")
    assert of_table(fresh, "dwh.t") == [("OWNERSHIP", "WAP", "true"), ("SELECT", "READER", "false")]
    fresh.run("GRANT OWNERSHIP ON ALL TABLES IN SCHEMA dwh TO ROLE reader REVOKE CURRENT GRANTS")
    assert of_table(fresh, "dwh.t") == [("OWNERSHIP", "READER", "true")]


def test_in_a_managed_schema_only_its_owner_grants(fresh: StandIn) -> None:
    """docs: user-guide/security-access-control-configure (managed access schemas)"""
    fresh.run(
        *READER,
        "CREATE ROLE wap",
        "CREATE ROLE maker",
        "GRANT USAGE ON DATABASE analytics TO ROLE wap",
        "CREATE SCHEMA managed WITH MANAGED ACCESS",
        "CREATE TABLE managed.t (a INT)",
        "GRANT OWNERSHIP ON TABLE managed.t TO ROLE maker",
        "GRANT OWNERSHIP ON SCHEMA managed TO ROLE wap",
    )
    assert refused(fresh, "GRANT SELECT ON TABLE analytics.managed.t TO ROLE reader", "MAKER") == 3001
    fresh.run("GRANT SELECT ON TABLE managed.t TO ROLE reader", role="WAP")
    fresh.run("GRANT SELECT ON FUTURE TABLES IN SCHEMA managed TO ROLE reader", role="WAP")


def test_future_grants_need_more_than_ownership_of_the_schema(fresh: StandIn) -> None:
    """Unless it is managed. docs: sql-reference/sql/grant-privilege"""
    fresh.run(*READER, "CREATE ROLE wap", "GRANT OWNERSHIP ON SCHEMA develop_dwh TO ROLE wap")
    assert refused(fresh, "GRANT SELECT ON FUTURE TABLES IN SCHEMA develop_dwh TO ROLE reader", "WAP") == 3001


def test_manage_grants_is_above_ownership(fresh: StandIn) -> None:
    """docs: user-guide/security-access-control-privileges (global privileges)"""
    fresh.run(*READER, "CREATE ROLE wap", "GRANT MANAGE GRANTS ON ACCOUNT TO ROLE wap")
    assert [row[1:4] for row in fresh.run("SHOW GRANTS TO ROLE wap")] == [("MANAGE GRANTS", "ACCOUNT", "STAND_IN")]
    fresh.run("GRANT SELECT ON FUTURE TABLES IN SCHEMA analytics.dwh TO ROLE reader", role="WAP")


def test_grants_to_a_role_are_listed(fresh: StandIn) -> None:
    """docs: sql-reference/sql/show-grants"""
    fresh.run(*READER, "CREATE TABLE dwh.t (a INT)", "GRANT SELECT ON TABLE dwh.t TO ROLE reader")
    assert [row[1:6] for row in fresh.run("SHOW GRANTS TO ROLE reader")] == [
        ("USAGE", "WAREHOUSE", "WH", "ROLE", "READER"),
        ("USAGE", "DATABASE", "ANALYTICS", "ROLE", "READER"),
        ("USAGE", "SCHEMA", "ANALYTICS.DWH", "ROLE", "READER"),
        ("SELECT", "TABLE", "ANALYTICS.DWH.T", "ROLE", "READER"),
    ]


def test_shares_are_granted_to_like_roles(fresh: StandIn) -> None:
    """And give nobody in the account anything. docs: sql-reference/sql/grant-privilege-share"""
    fresh.run(
        "CREATE ROLE partner",
        "CREATE SHARE partner",
        "CREATE TABLE dwh.t AS SELECT 1 AS a",
        "GRANT USAGE ON DATABASE analytics TO SHARE partner",
        "GRANT USAGE ON SCHEMA dwh TO SHARE partner",
        "GRANT SELECT ON TABLE dwh.t TO SHARE partner",
    )
    assert [row[1:6] for row in fresh.run("SHOW GRANTS ON TABLE dwh.t")][1:] == [
        ("SELECT", "TABLE", "ANALYTICS.DWH.T", "SHARE", "PARTNER")
    ]
    assert [row[3] for row in fresh.run("SHOW SHARES")] == ["PARTNER"]
    assert fresh.run("SHOW GRANTS TO ROLE partner") == []
    assert refused(fresh, "SELECT a FROM analytics.dwh.t", "PARTNER") == 2003
    fresh.run("REVOKE SELECT ON TABLE dwh.t FROM SHARE partner")
    assert len(of_table(fresh, "dwh.t")) == 1


def test_role_must_exist(fresh: StandIn) -> None:
    """For a grant, a USE, and a login."""
    assert refused(fresh, "GRANT USAGE ON SCHEMA dwh TO ROLE nobody", "ACCOUNTADMIN") == 2003
    assert refused(fresh, "USE ROLE nobody", "ACCOUNTADMIN") == 2043
    with pytest.raises(DatabaseError, match="Role 'NOBODY' specified in the connect string does not exist"):
        fresh.connect(role="nobody")


def test_reading_need_not_be_enforced() -> None:
    """A switch for tests about something else; ownership is always checked."""
    with stand_in(enforce=False) as snow:
        snow.run("CREATE ROLE nobody", "CREATE TABLE public.t AS SELECT 1 AS a")
        assert snow.run("SELECT a FROM public.t", role="NOBODY") == [(1,)]
        assert refused(snow, "DROP TABLE public.t", "NOBODY") == 3001
