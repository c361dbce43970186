"""Misbehaviour on request, and how the real connector takes it."""

import time
from contextlib import closing

import pytest
from snowflake.connector.errors import DatabaseError, OperationalError, ProgrammingError

from tests.snowflake.stand_in import StandIn, stand_in


def texts(snow: StandIn, start: str) -> list[tuple[str, bool]]:
    """(text, answered from memory) of the statements that begin like this."""
    return [(found.text, found.replayed) for found in snow.statements if found.text.startswith(start)]


def test_lost_reply_is_asked_for_again_and_executed_once(fresh: StandIn) -> None:
    """The connector repeats the requestId; Snowflake gives the first result.
    docs: developer-guide/sql-api/submitting-requests"""
    fresh.run("CREATE TABLE dwh.t AS SELECT 1 AS a", "CREATE TABLE develop_dwh.t AS SELECT 2 AS a")
    fault = fresh.faults.drop_reply("SWAP WITH")
    fresh.run("ALTER SCHEMA dwh SWAP WITH develop_dwh")
    assert fault.happened == 1
    assert texts(fresh, "ALTER SCHEMA") == [
        ("ALTER SCHEMA dwh SWAP WITH develop_dwh", again) for again in (False, True)
    ]
    assert fresh.run("SELECT a FROM dwh.t") == [(2,)]


def test_connection_that_dies_before_is_tried_again(fresh: StandIn) -> None:
    """Nothing was executed, so the repeated request is the first to be."""
    fresh.faults.kill_connection("INSERT")
    fresh.run("CREATE TABLE dwh.t (a INT)", "INSERT INTO dwh.t VALUES (1)")
    assert fresh.run("SELECT a FROM dwh.t") == [(1,)]
    assert texts(fresh, "INSERT") == [("INSERT INTO dwh.t VALUES (1)", False)] * 2


def test_connection_that_stays_dead_is_an_operational_error(fresh: StandIn) -> None:
    """After network_timeout; what was executed stays executed."""
    fresh.faults.drop_reply("SWAP WITH", times=100)
    with closing(fresh.connect(network_timeout=1)) as connection:
        started = time.monotonic()
        with pytest.raises(OperationalError):
            connection.cursor().execute("ALTER SCHEMA dwh SWAP WITH develop_dwh")
        assert time.monotonic() - started < 30
    assert {replayed for _, replayed in texts(fresh, "ALTER")} <= {False, True}
    assert texts(fresh, "ALTER")[0][1] is False


@pytest.mark.parametrize(
    ("errno", "sqlstate", "message"),
    [
        (606, "57P03", "No active warehouse selected in the current session."),
        (3001, "42501", "SQL access control error:\nInsufficient privileges to operate on table 'T'."),
    ],
)
def test_error_is_answered_in_place_of_the_execution(fresh: StandIn, errno: int, sqlstate: str, message: str) -> None:
    """With its number and SQLSTATE, for the n-th statement only."""
    fresh.faults.answer("INSERT", errno, message, sqlstate=sqlstate, nth=2)
    fresh.run("CREATE TABLE dwh.t (a INT)", "INSERT INTO dwh.t VALUES (1)")
    with pytest.raises(ProgrammingError) as raised:
        fresh.run("INSERT INTO dwh.t VALUES (2)")
    assert (raised.value.errno, raised.value.sqlstate) == (errno, sqlstate)
    fresh.run("INSERT INTO dwh.t VALUES (3)")
    assert fresh.run("SELECT a FROM dwh.t ORDER BY 1") == [(1,), (3,)]


def test_expired_session_is_renewed_by_the_connector(fresh: StandIn) -> None:
    """390112: a new token, the same session."""
    with closing(fresh.connect(schema="DWH")) as connection:
        fresh.faults.expire_session("CURRENT_SCHEMA")
        assert connection.cursor().execute("SELECT CURRENT_SCHEMA()").fetchall() == [("DWH",)]
    assert len(texts(fresh, "SELECT CURRENT_SCHEMA")) == 2
    assert fresh.open_sessions == 0


def test_statement_timeout_of_the_session_ends_a_statement(fresh: StandIn) -> None:
    """docs: sql-reference/parameters (STATEMENT_TIMEOUT_IN_SECONDS)"""
    fresh.faults.delay("slow", 60)
    with closing(fresh.connect()) as connection:
        connection.cursor().execute("ALTER SESSION SET STATEMENT_TIMEOUT_IN_SECONDS = 1")
        with pytest.raises(ProgrammingError, match=r"timeout of 1 second\(s\) and was canceled") as raised:
            connection.cursor().execute("SELECT 'slow'")
    assert (raised.value.errno, raised.value.sqlstate) == (630, "57014")


def test_timeout_of_the_cursor_cancels_the_statement(fresh: StandIn) -> None:
    """The connector sends an abort-request. docs: user-guide/querying-cancel-statements"""
    with closing(fresh.connect()) as connection:
        with pytest.raises(ProgrammingError) as raised:
            connection.cursor().execute("CALL SYSTEM$WAIT(60)", timeout=1)
        assert (raised.value.errno, raised.value.sqlstate) == (604, "57014")
        assert connection.cursor().execute("SELECT 1").fetchall() == [(1,)]


def test_heavy_query_can_be_cancelled(fresh: StandIn) -> None:
    """Also while DuckDB computes."""
    numbers = "(SELECT UNNEST(RANGE(100000)) AS n)"
    sql = f"SELECT COUNT(*) FROM {numbers} AS a, {numbers} AS b WHERE MOD(a.n * b.n, 7) = 3"
    with closing(fresh.connect()) as connection:
        with pytest.raises(ProgrammingError) as raised:
            connection.cursor().execute(sql, timeout=1)
        assert raised.value.errno == 604


def test_login_can_be_refused(fresh: StandIn) -> None:
    """As a wrong password is."""
    fresh.faults.answer("^LOGIN WAP$", 390100, "Incorrect username or password was specified.")
    with pytest.raises(DatabaseError, match="Incorrect username or password was specified"):
        fresh.connect(login_timeout=5)
    assert fresh.run("SELECT 1") == [(1,)]


def test_closed_stand_in_answers_nobody() -> None:
    """Its port is free again."""
    with stand_in() as other:
        assert other.run("SELECT 1") == [(1,)]
    with pytest.raises(OperationalError):
        other.connect(login_timeout=1)
