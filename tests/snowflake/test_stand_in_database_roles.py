"""Database roles. docs: user-guide/security-access-control-overview (types of roles)"""

import pytest
from snowflake.connector.errors import ProgrammingError

from tests.snowflake.stand_in import StandIn

MADE = (
    "CREATE ROLE reader",
    "CREATE DATABASE ROLE analytics.inside",
    "GRANT USAGE ON SCHEMA dwh TO DATABASE ROLE inside",
    "GRANT SELECT ON FUTURE TABLES IN SCHEMA dwh TO DATABASE ROLE analytics.inside",
    "CREATE TABLE dwh.t AS SELECT 1 AS a",
    "GRANT USAGE ON DATABASE analytics TO ROLE reader",
    "GRANT USAGE ON WAREHOUSE wh TO ROLE reader",
)


def test_role_reads_what_its_database_role_may(fresh: StandIn) -> None:
    """Only once it has it. docs: sql-reference/sql/grant-database-role"""
    fresh.run(*MADE)
    with pytest.raises(ProgrammingError, match="does not exist"):
        fresh.run("SELECT a FROM dwh.t", role="READER")
    fresh.run("GRANT DATABASE ROLE analytics.inside TO ROLE reader")
    assert fresh.run("SELECT a FROM dwh.t", role="READER") == [(1,)]
    fresh.run("REVOKE SELECT ON TABLE dwh.t FROM DATABASE ROLE inside")
    with pytest.raises(ProgrammingError):
        fresh.run("SELECT a FROM dwh.t", role="READER")


def test_database_roles_are_listed_by_their_own_name(fresh: StandIn) -> None:
    """In SHOW GRANTS, SHOW FUTURE GRANTS and SHOW DATABASE ROLES, but not in OBJECT_PRIVILEGES."""
    fresh.run(*MADE)
    assert [row[1] for row in fresh.run("SHOW DATABASE ROLES IN DATABASE analytics")] == ["INSIDE"]
    assert [row[4:6] for row in fresh.run("SHOW GRANTS ON TABLE dwh.t")][1:] == [("DATABASE_ROLE", "INSIDE")]
    assert [row[4:6] for row in fresh.run("SHOW FUTURE GRANTS IN SCHEMA dwh")] == [("DATABASE_ROLE", "INSIDE")]
    assert fresh.run("SELECT grantee FROM information_schema.object_privileges WHERE object_schema = 'DWH'") == []


def test_dropped_database_role_leaves_nothing(fresh: StandIn) -> None:
    """docs: sql-reference/sql/drop-database-role"""
    fresh.run(*MADE, "DROP DATABASE ROLE inside")
    assert fresh.run("SHOW DATABASE ROLES IN DATABASE analytics") == []
    assert len(fresh.run("SHOW GRANTS ON TABLE dwh.t")) == 1
    with pytest.raises(ProgrammingError, match="Database role"):
        fresh.run("GRANT SELECT ON TABLE dwh.t TO DATABASE ROLE inside")
