"""Swapping, cloning and renaming schemas: what travels and what stays."""

import pytest
from snowflake.connector.errors import IntegrityError, ProgrammingError

from tests.snowflake.stand_in import StandIn

ROLES = ("CREATE ROLE reader", "CREATE ROLE owner_of_one", "CREATE ROLE wap")


def grants(snow: StandIn, what: str) -> list[tuple[str, str]]:
    """(privilege, role) of everything granted on an object, without its owner's line."""
    return [(row[1], row[5]) for row in snow.run(f"SHOW GRANTS ON {what}") if row[1] != "OWNERSHIP"]


def owner(snow: StandIn, schema: str) -> str:
    """The owner of a schema."""
    [found] = [row[5] for row in snow.run(f"SHOW GRANTS ON SCHEMA {schema}") if row[1] == "OWNERSHIP"]
    return str(found)


def test_swap_exchanges_contents(fresh: StandIn) -> None:
    """docs: sql-reference/sql/alter-schema (SWAP WITH)"""
    fresh.run(
        "CREATE TABLE dwh.t COMMENT = 'old' AS SELECT 1 AS a",
        "CREATE TABLE dwh.gone (x INT)",
        "CREATE TABLE develop_dwh.t AS SELECT 2 AS a, 'x' AS note",
    )
    fresh.run("ALTER SCHEMA dwh SWAP WITH analytics.develop_dwh")
    assert fresh.run("SELECT * FROM dwh.t") == [(2, "x")]
    assert fresh.run("SELECT * FROM develop_dwh.t") == [(1,)]
    assert fresh.run("SELECT table_name, comment FROM information_schema.tables WHERE table_schema = 'DEVELOP_DWH' "
                     "ORDER BY 1") == [("GONE", None), ("T", "old")]  # fmt: skip


def test_swap_is_its_own_inverse(fresh: StandIn) -> None:
    """A blind retry un-publishes."""
    fresh.run("CREATE TABLE dwh.t AS SELECT 1 AS a", "CREATE TABLE develop_dwh.t AS SELECT 2 AS a")
    for expected in (2, 1, 2):
        fresh.run("ALTER SCHEMA dwh SWAP WITH develop_dwh")
        assert fresh.run("SELECT a FROM dwh.t") == [(expected,)]


def test_swap_takes_privileges_along(fresh: StandIn) -> None:
    """Grants on schema and objects, future grants, comment, owner and managed access go with the contents."""
    fresh.run(
        *ROLES,
        "CREATE TABLE dwh.t AS SELECT 1 AS a",
        "CREATE TABLE develop_dwh.t AS SELECT 2 AS a",
        "GRANT USAGE ON SCHEMA dwh TO ROLE reader",
        "GRANT SELECT ON ALL TABLES IN SCHEMA dwh TO ROLE reader",
        "GRANT SELECT ON FUTURE TABLES IN SCHEMA dwh TO ROLE reader",
        "COMMENT ON SCHEMA dwh IS 'released'",
        "ALTER SCHEMA dwh ENABLE MANAGED ACCESS",
        "GRANT OWNERSHIP ON SCHEMA dwh TO ROLE wap COPY CURRENT GRANTS",
        "ALTER SCHEMA dwh SWAP WITH develop_dwh",
    )
    assert (grants(fresh, "SCHEMA dwh"), grants(fresh, "SCHEMA develop_dwh")) == ([], [("USAGE", "READER")])
    assert (grants(fresh, "TABLE dwh.t"), grants(fresh, "TABLE develop_dwh.t")) == ([], [("SELECT", "READER")])
    assert fresh.run("SHOW FUTURE GRANTS IN SCHEMA dwh") == []
    assert [row[1:6] for row in fresh.run("SHOW FUTURE GRANTS IN SCHEMA develop_dwh")] == [
        ("SELECT", "TABLE", "ANALYTICS.DEVELOP_DWH.<TABLE>", "ROLE", "READER")
    ]
    assert (owner(fresh, "dwh"), owner(fresh, "develop_dwh")) == ("ACCOUNTADMIN", "WAP")
    found = {row[1]: (row[6], row[7]) for row in fresh.run("SHOW SCHEMAS")}
    assert (found["DWH"], found["DEVELOP_DWH"]) == (("", ""), ("released", "MANAGED ACCESS"))


def test_swap_needs_ownership_of_both(fresh: StandIn) -> None:
    """003001, and nothing changes."""
    fresh.run(
        *ROLES,
        "CREATE TABLE dwh.t AS SELECT 1 AS a",
        "GRANT USAGE ON DATABASE analytics TO ROLE owner_of_one",
        "GRANT OWNERSHIP ON SCHEMA dwh TO ROLE owner_of_one",
        "GRANT ALL ON SCHEMA develop_dwh TO ROLE owner_of_one",
    )
    for sql in ("ALTER SCHEMA dwh SWAP WITH develop_dwh", "ALTER SCHEMA develop_dwh SWAP WITH dwh"):
        with pytest.raises(
            ProgrammingError, match="Insufficient privileges to operate on schema 'DEVELOP_DWH'"
        ) as raised:
            fresh.run(sql, role="OWNER_OF_ONE")
        assert (raised.value.errno, raised.value.sqlstate) == (3001, "42501")
    assert fresh.run("SELECT a FROM dwh.t") == [(1,)]
    fresh.run("GRANT OWNERSHIP ON SCHEMA develop_dwh TO ROLE owner_of_one REVOKE CURRENT GRANTS")
    fresh.run("ALTER SCHEMA dwh SWAP WITH develop_dwh", role="OWNER_OF_ONE")


def test_swap_with_nothing_fails(fresh: StandIn) -> None:
    """002043."""
    with pytest.raises(ProgrammingError) as raised:
        fresh.run("ALTER SCHEMA dwh SWAP WITH nothing")
    assert raised.value.errno == 2043


def test_views_after_a_swap_read_what_they_name(fresh: StandIn) -> None:
    """A view that names its schema reads the other one's data from then on; one that does not, its own."""
    for schema, value in (("dwh", 1), ("develop_dwh", 2)):
        fresh.run(
            f"CREATE TABLE {schema}.t AS SELECT {value} AS a",
            f"CREATE VIEW {schema}.named AS SELECT a FROM analytics.{schema}.t",
            f"CREATE VIEW {schema}.plain AS SELECT a FROM t",
        )
    fresh.run("ALTER SCHEMA dwh SWAP WITH develop_dwh")
    assert (fresh.run("SELECT a FROM dwh.named"), fresh.run("SELECT a FROM dwh.plain")) == ([(1,)], [(2,)])
    [(text,)] = fresh.run("SELECT view_definition FROM information_schema.views WHERE table_schema = 'DWH' "
                          "AND table_name = 'NAMED'")  # fmt: skip
    assert text.startswith("CREATE VIEW develop_dwh.named AS")


def test_clone_copies_contents_and_their_grants(fresh: StandIn) -> None:
    """Not the schema's own grants; future grants are copied; the copy is independent. docs: user-guide/object-clone"""
    fresh.run(
        *ROLES,
        "CREATE TABLE dwh.t (a INT NOT NULL, b VARCHAR(3) DEFAULT 'x' COMMENT 'c')",
        "INSERT INTO dwh.t (a) VALUES (1)",
        "CREATE VIEW dwh.v AS SELECT a FROM t",
        "CREATE TASK dwh.nightly SCHEDULE = '1 MINUTE' AS SELECT 1",
        "ALTER TASK dwh.nightly RESUME",
        "CREATE TABLE develop_dwh.leftover (a INT)",
        "GRANT USAGE ON SCHEMA dwh TO ROLE reader",
        "GRANT SELECT ON TABLE dwh.t TO ROLE reader",
        "GRANT SELECT ON FUTURE VIEWS IN SCHEMA dwh TO ROLE reader",
        "CREATE OR REPLACE SCHEMA develop_dwh CLONE dwh",
        "INSERT INTO develop_dwh.t (a) VALUES (2)",
    )
    assert fresh.run("SELECT * FROM develop_dwh.v ORDER BY 1") == [(1,), (2,)]
    assert fresh.run("SELECT * FROM dwh.t") == [(1, "x")]
    assert (grants(fresh, "SCHEMA develop_dwh"), grants(fresh, "TABLE develop_dwh.t")) == ([], [("SELECT", "READER")])
    assert len(fresh.run("SHOW FUTURE GRANTS IN SCHEMA develop_dwh")) == 1
    assert [row[1] for row in fresh.run("SHOW OBJECTS IN SCHEMA develop_dwh")] == ["T", "V"]
    assert fresh.run("SELECT character_maximum_length, comment FROM information_schema.columns WHERE column_name = 'B' "
                     "AND table_schema = 'DEVELOP_DWH'") == [(3, "c")]  # fmt: skip
    assert [row[8] for row in fresh.run("SHOW TASKS IN DATABASE")] == ["suspended", "started"]


def test_clone_keeps_not_null_and_managed_access_is_said_anew(fresh: StandIn) -> None:
    """docs: sql-reference/sql/create-schema"""
    fresh.run("CREATE TABLE dwh.t (a INT NOT NULL)", "CREATE SCHEMA copy CLONE dwh WITH MANAGED ACCESS COMMENT = 'c'")
    with pytest.raises(IntegrityError, match="NULL result in a non-nullable column"):
        fresh.run("INSERT INTO copy.t VALUES (NULL)")
    assert [(row[6], row[7]) for row in fresh.run("SHOW SCHEMAS LIKE 'copy'")] == [("c", "MANAGED ACCESS")]
    assert fresh.run("SELECT is_managed_access FROM information_schema.schemata WHERE schema_name = 'COPY'") == [
        ("YES",)
    ]


def test_rename_moves_everything(fresh: StandIn) -> None:
    """docs: sql-reference/sql/alter-schema (RENAME TO)"""
    fresh.run("CREATE TABLE dwh.t AS SELECT 1 AS a", "ALTER SCHEMA dwh RENAME TO old_dwh")
    assert fresh.run("SELECT a FROM old_dwh.t") == [(1,)]
    assert [row[1] for row in fresh.run("SHOW SCHEMAS")] == ["DEVELOP_DWH", "OLD_DWH", "PUBLIC"]


def test_tables_swap_and_move_between_schemas(fresh: StandIn) -> None:
    """docs: sql-reference/sql/alter-table (SWAP WITH, RENAME TO)"""
    fresh.run("CREATE TABLE dwh.a AS SELECT 1 AS x", "CREATE TABLE develop_dwh.b AS SELECT 2 AS x")
    fresh.run("ALTER TABLE dwh.a SWAP WITH develop_dwh.b")
    assert (fresh.run("SELECT x FROM dwh.a"), fresh.run("SELECT x FROM develop_dwh.b")) == ([(2,)], [(1,)])
    fresh.run("ALTER TABLE dwh.a RENAME TO develop_dwh.c")
    assert fresh.run("SELECT x FROM develop_dwh.c") == [(2,)]


def test_undropped_names_are_free_again(fresh: StandIn) -> None:
    """DROP SCHEMA takes the contents with it."""
    fresh.run("CREATE TABLE dwh.t AS SELECT 1 AS a", "DROP SCHEMA dwh", "CREATE SCHEMA dwh")
    with pytest.raises(ProgrammingError) as raised:
        fresh.run("SELECT a FROM dwh.t")
    assert raised.value.errno == 2003
    fresh.run("CREATE SCHEMA IF NOT EXISTS dwh", "CREATE TABLE dwh.t AS SELECT 2 AS a")
    assert fresh.run("SELECT a FROM dwh.t") == [(2,)]


def test_ddl_commits_what_is_open(fresh: StandIn) -> None:
    """docs: sql-reference/transactions (DDL)"""
    fresh.run("CREATE TABLE dwh.t (a INT)")
    fresh.run("BEGIN", "INSERT INTO dwh.t VALUES (1)", "ROLLBACK")
    assert fresh.run("SELECT a FROM dwh.t") == []
    fresh.run("BEGIN", "INSERT INTO dwh.t VALUES (2)", "ALTER SCHEMA dwh SWAP WITH develop_dwh", "ROLLBACK")
    assert fresh.run("SELECT a FROM develop_dwh.t") == [(2,)]


def test_swap_of_databases_exchanges_everything_in_and_on_them(fresh: StandIn) -> None:
    """docs: sql-reference/sql/alter-database (SWAP WITH): objects, metadata and privileges of both databases."""
    fresh.run(
        *ROLES,
        "CREATE DATABASE staging",
        "CREATE SCHEMA staging.only_there",
        "CREATE TABLE staging.only_there.t AS SELECT 2 AS a",
        "CREATE TABLE analytics.dwh.t AS SELECT 1 AS a",
        "GRANT USAGE ON DATABASE analytics TO ROLE reader",
        "GRANT SELECT ON FUTURE TABLES IN DATABASE analytics TO ROLE reader",
        "ALTER DATABASE analytics SET COMMENT = 'released' DATA_RETENTION_TIME_IN_DAYS = 7",
        "ALTER DATABASE analytics SWAP WITH staging",
    )
    assert fresh.run("SELECT a FROM analytics.only_there.t") == [(2,)]
    assert fresh.run("SELECT a FROM staging.dwh.t") == [(1,)]
    assert (grants(fresh, "DATABASE analytics"), grants(fresh, "DATABASE staging")) == ([], [("USAGE", "READER")])
    assert fresh.run("SHOW FUTURE GRANTS IN DATABASE analytics") == []
    assert {row[1]: (row[6], row[8]) for row in fresh.run("SHOW DATABASES")} == {
        "ANALYTICS": ("", "1"),
        "STAGING": ("released", "7"),
    }


def test_swap_of_databases_needs_ownership_of_both(fresh: StandIn) -> None:
    """docs: sql-reference/sql/alter-database (only the owner of a database)"""
    fresh.run("CREATE DATABASE staging", *ROLES, "GRANT ROLE wap TO USER wap")
    swap = "ALTER DATABASE staging SWAP WITH analytics"
    for owned in ("staging", "analytics"):
        with pytest.raises(ProgrammingError, match="Insufficient privileges to operate on database"):
            fresh.run(swap, role="WAP")
        fresh.run(f"GRANT OWNERSHIP ON DATABASE {owned} TO ROLE wap COPY CURRENT GRANTS")
    fresh.run(swap, role="WAP")
    with pytest.raises(ProgrammingError, match="does not exist"):
        fresh.run("ALTER DATABASE analytics SWAP WITH nowhere", role="WAP")


def test_swap_of_databases_takes_dropped_schemas_along(fresh: StandIn) -> None:
    """Our reading of sql-reference/sql/alter-database: they belong to the database that they were in."""
    fresh.run("CREATE DATABASE staging", "DROP SCHEMA analytics.dwh", "ALTER DATABASE analytics SWAP WITH staging")
    fresh.run("UNDROP SCHEMA staging.dwh")
    with pytest.raises(ProgrammingError):
        fresh.run("UNDROP SCHEMA analytics.dwh")


def test_clone_of_a_schema_into_another_database(fresh: StandIn) -> None:
    """docs: sql-reference/sql/create-clone, user-guide/object-clone: grants on the contents come with it, views keep
    their text."""
    fresh.run(
        *ROLES,
        "CREATE DATABASE staging",
        "CREATE TABLE analytics.dwh.t AS SELECT 1 AS a",
        "CREATE VIEW analytics.dwh.v AS SELECT a FROM analytics.dwh.t",
        "GRANT SELECT ON TABLE analytics.dwh.t TO ROLE reader",
        "CREATE OR REPLACE SCHEMA staging.dwh CLONE analytics.dwh",
        "INSERT INTO staging.dwh.t VALUES (2)",
    )
    assert fresh.run("SELECT a FROM staging.dwh.t ORDER BY a") == [(1,), (2,)]
    assert fresh.run("SELECT a FROM staging.dwh.v") == [(1,)]
    assert grants(fresh, "TABLE staging.dwh.t") == [("SELECT", "READER")]


def test_create_database_needs_the_privilege_and_may_be_transient(fresh: StandIn) -> None:
    """docs: sql-reference/sql/create-database: CREATE DATABASE on the account; all schemas of a transient one are."""
    fresh.run(*ROLES)
    with pytest.raises(ProgrammingError, match="Insufficient privileges"):
        fresh.run("CREATE DATABASE staging", role="WAP")
    fresh.run("GRANT CREATE DATABASE ON ACCOUNT TO ROLE wap")
    fresh.run("CREATE TRANSIENT DATABASE staging", "CREATE SCHEMA staging.dwh", role="WAP")
    assert {row[1]: row[7] for row in fresh.run("SHOW DATABASES")} == {"ANALYTICS": "", "STAGING": "TRANSIENT"}
    assert {row[7] for row in fresh.run("SHOW SCHEMAS IN DATABASE staging")} == {"TRANSIENT"}
