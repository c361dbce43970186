"""Sessions: context, parameters, transactions, temporary objects, and the log of what arrived."""

import socket
from contextlib import closing

import pytest
from snowflake.connector.errors import ProgrammingError

from tests.snowflake.stand_in import StandIn, stand_in


def test_stand_ins_are_private_and_leave_nothing() -> None:
    """Two at once know nothing of each other."""
    with stand_in() as one, stand_in(database="OTHER", warehouse="BIG") as other:
        one.run("CREATE TABLE public.t (a INT)")
        assert one.port != other.port
        assert other.run("SELECT table_name FROM information_schema.tables") == []
        assert other.run("SELECT CURRENT_DATABASE(), CURRENT_WAREHOUSE()") == [("OTHER", "BIG")]
        assert (one.open_sessions, other.open_sessions) == (0, 0)
        ports = {one.port, other.port}
    for port in ports:
        with socket.socket() as probe:
            assert probe.connect_ex(("127.0.0.1", port)) != 0


def test_session_knows_what_it_uses(fresh: StandIn) -> None:
    """docs: sql-reference/functions-context"""
    with closing(fresh.connect(schema="dwh")) as connection:
        sql = "SELECT CURRENT_ROLE(), CURRENT_WAREHOUSE(), CURRENT_DATABASE(), CURRENT_SCHEMA(), CURRENT_USER()"
        assert connection.cursor().execute(sql).fetchall() == [("ACCOUNTADMIN", "WH", "ANALYTICS", "DWH", "WAP")]
        assert (connection.schema, connection.role, connection.warehouse) == ("DWH", "ACCOUNTADMIN", "WH")
        connection.cursor().execute("USE SCHEMA develop_dwh")
        assert connection.schema == "DEVELOP_DWH"


def test_rows_need_a_warehouse_and_the_catalog_does_not(fresh: StandIn) -> None:
    """docs: user-guide/warehouses-overview"""
    fresh.run("CREATE TABLE dwh.t AS SELECT 1 AS a")
    with closing(fresh.connect(warehouse="nothing")) as connection:
        connection.cursor().execute("SHOW TABLES IN SCHEMA dwh")
        with pytest.raises(ProgrammingError, match="No active warehouse selected") as raised:
            connection.cursor().execute("SELECT a FROM dwh.t")
        assert (raised.value.errno, raised.value.sqlstate) == (606, "57P03")


def test_statements_are_logged_with_session_and_tag(fresh: StandIn) -> None:
    """The tag of the session, or of the one statement."""
    already = len(fresh.statements)
    with closing(fresh.connect(session_parameters={"QUERY_TAG": "run-1"})) as connection:
        cursor = connection.cursor()
        cursor.execute("SELECT 1")
        assert fresh.statements[-1].query_id == cursor.sfqid
        cursor.execute("SELECT 2", _statement_params={"QUERY_TAG": "once"})
        cursor.execute("ALTER SESSION SET QUERY_TAG = 'run-2'")
        cursor.execute("SELECT 3")
    found = fresh.statements[already:]
    assert [(one.text, one.tag) for one in found] == [
        ("SELECT 1", "run-1"), ("SELECT 2", "once"), ("ALTER SESSION SET QUERY_TAG = 'run-2'", "run-1"),
        ("SELECT 3", "run-2"),
    ]  # fmt: skip
    assert len({one.session for one in found}) == 1
    assert len({one.query_id for one in found}) == 4


def test_parameters_are_set_shown_and_unset(fresh: StandIn) -> None:
    """docs: sql-reference/sql/alter-session, show-parameters"""
    with closing(fresh.connect()) as connection:
        cursor = connection.cursor()
        cursor.execute("ALTER SESSION SET TIMEZONE = 'UTC', STATEMENT_TIMEOUT_IN_SECONDS = 60")
        sql = "SHOW PARAMETERS LIKE 'statement_timeout%' IN SESSION"
        assert cursor.execute(sql).fetchall() == [
            ("STATEMENT_TIMEOUT_IN_SECONDS", "60", "172800", "SESSION", "", "NUMBER")
        ]
        cursor.execute("ALTER SESSION UNSET STATEMENT_TIMEOUT_IN_SECONDS")
        assert cursor.execute(sql).fetchall()[0][1] == "172800"


def test_transactions_commit_and_roll_back(fresh: StandIn) -> None:
    """docs: sql-reference/transactions"""
    fresh.run("CREATE TABLE dwh.t (a INT)", "COMMIT", "ROLLBACK")
    fresh.run("BEGIN TRANSACTION", "INSERT INTO dwh.t VALUES (1)", "COMMIT")
    fresh.run("BEGIN", "INSERT INTO dwh.t VALUES (2)")
    with closing(fresh.connect(autocommit=False)) as connection:
        connection.cursor().execute("INSERT INTO dwh.t VALUES (3)")
        connection.rollback()
        connection.cursor().execute("INSERT INTO dwh.t VALUES (4)")
        connection.commit()
    assert fresh.run("SELECT a FROM dwh.t ORDER BY 1") == [(1,), (4,)]


def test_temporary_objects_belong_to_one_session_and_hide_others(fresh: StandIn) -> None:
    """docs: user-guide/tables-temp-transient"""
    fresh.run("CREATE TABLE dwh.t AS SELECT 'permanent' AS a")
    with closing(fresh.connect()) as connection:
        cursor = connection.cursor()
        cursor.execute("CREATE OR REPLACE TEMPORARY TABLE dwh.t AS SELECT 'temporary' AS a")
        cursor.execute("CREATE TEMP TABLE dwh.only_here (a INT)")
        cursor.execute("CREATE TEMPORARY VIEW dwh.v AS SELECT a FROM dwh.t")
        assert cursor.execute("SELECT a FROM dwh.v").fetchall() == [("temporary",)]
        assert fresh.run("SELECT a FROM dwh.t") == [("permanent",)]
        assert [row[1] for row in fresh.run("SHOW OBJECTS IN SCHEMA dwh")] == ["T"]
        cursor.execute("DROP TABLE dwh.t")
        assert cursor.execute("SELECT a FROM dwh.t").fetchall() == [("permanent",)]


def test_last_query_id_counts_from_both_ends(fresh: StandIn) -> None:
    """docs: sql-reference/functions/last_query_id"""
    with closing(fresh.connect()) as connection:
        cursor = connection.cursor()
        ids = [cursor.execute(f"SELECT {n}").sfqid for n in range(3)]
        assert cursor.execute("SELECT LAST_QUERY_ID(), LAST_QUERY_ID(-3), LAST_QUERY_ID(1)").fetchall() == [
            (ids[2], ids[0], ids[0])
        ]


def test_changes_report_their_rows(fresh: StandIn) -> None:
    """Through rowcount, as dbt reads it. docs: sql-reference/sql/merge"""
    with closing(fresh.connect(schema="DWH")) as connection:
        cursor = connection.cursor()
        cursor.execute("CREATE TABLE t (a INT, b VARCHAR)")
        counts = []
        for sql in (
            "INSERT INTO t VALUES (1, 'x'), (2, 'y')",
            "UPDATE t SET b = 'z' WHERE a > 0",
            "MERGE INTO t AS o USING (SELECT 1 AS a UNION ALL SELECT 3) AS n ON o.a = n.a "
            "WHEN MATCHED THEN UPDATE SET o.b = 'm' WHEN NOT MATCHED THEN INSERT (a, b) VALUES (n.a, 'n')",
            "INSERT OVERWRITE INTO t SELECT a, b FROM t WHERE a < 3",
            "DELETE FROM t WHERE a = 1",
        ):
            cursor.execute(sql)
            counts.append(cursor.rowcount)
        assert counts == [2, 2, 2, 2, 1]
        assert cursor.execute("SELECT * FROM t").fetchall() == [(2, "z")]
        cursor.execute("TRUNCATE TABLE t")
        assert cursor.execute("SELECT * FROM t").fetchall() == []


def test_many_rows_are_bound_at_once(fresh: StandIn) -> None:
    """executemany, on the client and on the server."""
    rows = [(1, "x"), (2, None)]
    for style, marks in (("pyformat", "%s, %s"), ("qmark", "?, ?")):
        with closing(fresh.connect(schema="DWH", paramstyle=style)) as connection:
            cursor = connection.cursor()
            cursor.execute("CREATE OR REPLACE TABLE t (a INT, b VARCHAR)")
            cursor.executemany(f"INSERT INTO t VALUES ({marks})", rows)
            assert cursor.execute("SELECT * FROM t ORDER BY a").fetchall() == rows
