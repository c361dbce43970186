"""Asynchronous statements: they go on without their request, are asked for by id, and end when somebody ends them."""

import time
from contextlib import closing
from typing import Any

import pytest
from snowflake.connector.constants import QueryStatus
from snowflake.connector.errors import ProgrammingError

from tests.snowflake.stand_in import StandIn

SLOW = "SELECT SYSTEM$WAIT(60) AS W"


def begun(connection: Any, sql: str) -> str:
    """The id of a statement that was sent asynchronously."""
    with closing(connection.cursor()) as cursor:
        cursor.execute_async(sql)
        return str(cursor.sfqid)


def ended(connection: Any, query_id: str) -> QueryStatus:
    """What became of it, as the connector tells it."""
    while connection.is_still_running(connection.get_query_status(query_id)):
        time.sleep(0.01)
    status: QueryStatus = connection.get_query_status(query_id)
    return status


def test_result_is_fetched_by_id(fresh: StandIn) -> None:
    """By both ways that the connector has, and by a cursor that did not send it."""
    with closing(fresh.connect()) as connection:
        query_id = begun(connection, "SELECT 42 AS answer")
        assert ended(connection, query_id) is QueryStatus.SUCCESS
        for fetch in ("get_results_from_sfqid", "query_result"):
            cursor = connection.cursor()
            getattr(cursor, fetch)(query_id)
            assert cursor.fetchall() == [(42,)]


def test_error_is_told_by_its_result(fresh: StandIn) -> None:
    """The submission has succeeded; the statement has not."""
    with closing(fresh.connect()) as connection:
        query_id = begun(connection, "SELECT 1 FROM dwh.nowhere")
        assert ended(connection, query_id) is QueryStatus.FAILED_WITH_ERROR
        with pytest.raises(ProgrammingError, match="does not exist") as raised:
            connection.cursor().query_result(query_id)
        assert raised.value.errno == 2003


def test_abort_by_id_ends_it(fresh: StandIn) -> None:
    """And nothing else of the session."""
    with closing(fresh.connect()) as connection:
        query_id = begun(connection, SLOW)
        assert fresh.running == (query_id,)
        assert connection.cursor().abort_query(query_id)
        assert ended(connection, query_id) is QueryStatus.ABORTED
        assert not connection.cursor().abort_query(query_id)
        assert connection.cursor().execute("SELECT 1").fetchall() == [(1,)]


def test_logout_ends_nothing(fresh: StandIn) -> None:
    """It goes on, until another session of the user ends all that the first one left."""
    connection = fresh.connect(session_parameters={"ABORT_DETACHED_QUERY": False})
    query_id, session = begun(connection, SLOW), connection.session_id
    connection._async_sfqids.clear()  # else the connector would not log out at all
    connection.close()
    assert fresh.running == (query_id,)
    fresh.run(f"SELECT SYSTEM$CANCEL_ALL_QUERIES({session})")
    with closing(fresh.connect()) as other:
        assert ended(other, query_id) is QueryStatus.ABORTED


def test_silence_ends_it_if_the_session_says_so(fresh: StandIn) -> None:
    """ABORT_DETACHED_QUERY: a client that is not heard of is taken for gone."""
    fresh.forget_clients_after(0.4)
    connection = fresh.connect(session_parameters={"ABORT_DETACHED_QUERY": True})
    query_id = begun(connection, SLOW)
    while fresh.running:
        time.sleep(0.05)
    assert fresh.outcome(query_id) == "ABORTED"


def test_expired_session_is_renewed_while_a_statement_runs(fresh: StandIn) -> None:
    """The statement belongs to the session and not to its token."""
    with closing(fresh.connect()) as connection:
        query_id = begun(connection, "SELECT SYSTEM$WAIT(0.3) AS W")
        fresh.expire_sessions()
        assert ended(connection, query_id) is QueryStatus.SUCCESS
