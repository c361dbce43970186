"""Views are text: what they name is looked up when they are read."""

import pytest
from snowflake.connector.errors import ProgrammingError

from tests.snowflake.stand_in import StandIn


def test_unqualified_names_are_resolved_in_the_views_own_schema(fresh: StandIn) -> None:
    """Whatever schema the reader uses. docs: sql-reference/name-resolution"""
    fresh.run(
        "CREATE TABLE dwh.t AS SELECT 'dwh' AS a",
        "CREATE TABLE public.t AS SELECT 'public' AS a",
        "CREATE VIEW dwh.v AS SELECT a FROM t",
    )
    assert fresh.run("SELECT a FROM dwh.v", schema="PUBLIC") == [("dwh",)]


def test_view_is_created_only_over_what_exists(fresh: StandIn) -> None:
    """Its query is compiled once."""
    with pytest.raises(ProgrammingError, match="does not exist") as raised:
        fresh.run("CREATE VIEW dwh.v AS SELECT a FROM dwh.nothing")
    assert raised.value.errno == 2003
    assert fresh.run("SHOW VIEWS IN DATABASE") == []


def test_view_over_a_dropped_table_fails_when_read(fresh: StandIn) -> None:
    """And works again when something has that name."""
    fresh.run("CREATE TABLE dwh.t AS SELECT 1 AS a", "CREATE VIEW dwh.v AS SELECT a FROM dwh.t", "DROP TABLE dwh.t")
    with pytest.raises(ProgrammingError, match="Failure during expansion of view 'V'"):
        fresh.run("SELECT * FROM dwh.v")
    fresh.run("CREATE TABLE dwh.t AS SELECT 2 AS a")
    assert fresh.run("SELECT * FROM dwh.v") == [(2,)]


def test_view_keeps_the_number_of_its_columns(fresh: StandIn) -> None:
    """SELECT * is expanded at creation. docs: sql-reference/sql/create-view"""
    fresh.run(
        "CREATE TABLE dwh.t AS SELECT 1 AS a",
        "CREATE VIEW dwh.v AS SELECT * FROM dwh.t",
        "ALTER TABLE dwh.t ADD COLUMN b INT",
    )
    with pytest.raises(ProgrammingError, match=r"declared 1 column\(s\), but view query produces 2 column\(s\)"):
        fresh.run("SELECT * FROM dwh.v")


def test_views_over_views_with_names_comments_and_ctes(fresh: StandIn) -> None:
    """The header may name the columns; a CTE hides a table."""
    fresh.run(
        "CREATE TABLE dwh.t AS SELECT 1 AS a",
        "CREATE VIEW dwh.v (x COMMENT 'first, \"quoted\"') COMMENT = 'one' AS SELECT a FROM t",
        "CREATE OR REPLACE VIEW dwh.w COPY GRANTS AS WITH t AS (SELECT x + 1 AS y FROM v) SELECT t.y FROM t;",
    )
    assert fresh.run("SELECT w.y, v.x FROM dwh.w AS w JOIN dwh.v ON dwh.v.x < w.y") == [(2, 1)]
    assert fresh.run("SELECT comment FROM information_schema.tables WHERE table_name = 'V'") == [("one",)]


def test_cte_that_reads_its_own_name_is_refused(fresh: StandIn) -> None:
    """RECURSIVE is optional, so it needs an anchor. docs: user-guide/queries-cte"""
    fresh.run("CREATE TABLE public.t AS SELECT 1 AS a")
    with pytest.raises(ProgrammingError, match="Recursive CTE 'T'"):
        fresh.run("WITH t AS (SELECT a FROM t) SELECT a FROM t", schema="PUBLIC")
    assert fresh.run("WITH t AS (SELECT a FROM public.t) SELECT a FROM t", schema="PUBLIC") == [(1,)]


def test_replacing_a_view_copies_grants_only_when_told(fresh: StandIn) -> None:
    """docs: sql-reference/sql/create-view (COPY GRANTS)"""
    fresh.run("CREATE ROLE reader", "CREATE VIEW dwh.v AS SELECT 1 AS a", "GRANT SELECT ON VIEW dwh.v TO ROLE reader")
    fresh.run("CREATE OR REPLACE VIEW dwh.v COPY GRANTS AS SELECT 2 AS a")
    assert [row[1] for row in fresh.run("SHOW GRANTS ON VIEW dwh.v")] == ["OWNERSHIP", "SELECT"]
    fresh.run("CREATE OR REPLACE VIEW dwh.v AS SELECT 3 AS a")
    assert [row[1] for row in fresh.run("SHOW GRANTS ON VIEW dwh.v")] == ["OWNERSHIP"]


def test_view_cannot_replace_a_table(fresh: StandIn) -> None:
    """They share one namespace."""
    fresh.run("CREATE TABLE dwh.t AS SELECT 1 AS a")
    with pytest.raises(ProgrammingError, match="already exists as TABLE"):
        fresh.run("CREATE OR REPLACE VIEW dwh.t AS SELECT 1 AS a")


def test_definition_of_a_secure_view_is_for_its_owner(fresh: StandIn) -> None:
    """docs: sql-reference/info-schema/views (VIEW_DEFINITION)"""
    fresh.run(
        "CREATE ROLE reader",
        "CREATE SECURE VIEW dwh.v AS SELECT 1 AS a",
        "GRANT USAGE ON DATABASE analytics TO ROLE reader",
        "GRANT USAGE ON SCHEMA dwh TO ROLE reader",
        "GRANT SELECT ON VIEW dwh.v TO ROLE reader",
    )
    sql = "SELECT is_secure, view_definition IS NULL FROM information_schema.views"
    assert (fresh.run(sql), fresh.run(sql, role="READER")) == ([("YES", False)], [("YES", True)])
