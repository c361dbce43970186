"""Snowflake's errors as sentences: what did not happen, why, what to do next; never a value of a row."""

import pytest
from snowflake.connector import errors as connector

from flows.warehouse.snowflake.errors import ConnectionLost, Facts, failed, is_gone, is_lost, unopened

FACTS = Facts(
    account="acme-shop", user="WAP", role="WAP_FLOW", warehouse="WH", database="ANALYTICS",
    production="DWH", staging="DEVELOP_DWH", timeout_seconds=60,
)  # fmt: skip

LOGIN = {
    "wrong account": (290404, "404 Not Found: post acme-shop.example.com", "no Snowflake account `acme-shop`"),
    "wrong password": (250001, "Incorrect username or password was specified.", "refuses the user `WAP`"),
    "key": (250001, "JWT token is invalid. [0ce9eb56]", "refuses the key of the user `WAP`"),
    "token": (390303, "Invalid OAuth access token.", "refuses the token of the user `WAP`"),
    "expired password": (250001, "Specified password has expired.", "has expired"),
    "locked": (250001, "Your user account has been temporarily locked", "is locked"),
    "missing role": (
        250001, "Role 'WAP_FLOW' specified in the connect string does not exist or not authorized.",
        "The role `WAP_FLOW` does not exist or is not granted",
    ),
    "network policy": (250001, "IP 192.0.2.1 is not allowed to access Snowflake.", "does not let this machine in"),
}  # fmt: skip


@pytest.mark.parametrize(("errno", "text", "meaning"), LOGIN.values(), ids=LOGIN.keys())
def test_unopened_names_what_to_correct(errno: int, text: str, meaning: str) -> None:
    """Each way in which a login can fail has its own remedy."""
    said = str(unopened(connector.DatabaseError(msg=text, errno=errno), FACTS))
    assert said.startswith("The warehouse was not opened. ")
    assert meaning in said
    assert said.endswith(".")


def test_unopened_without_an_answer_is_a_lost_connection() -> None:
    """Nobody answers: the account and the network are to be checked."""
    error = connector.OperationalError(msg="Could not connect to Snowflake backend after 2 attempt(s).", errno=250001)
    said = unopened(error, FACTS)
    assert isinstance(said, ConnectionLost)
    assert "`acme-shop` does not answer" in str(said)


STATEMENT = {
    "missing object": (2003, "42S02", "Object 'ANALYTICS.DWH.ORDERS' does not exist or not authorized.", "grant USAGE"),
    "missing schema": (2043, "02000", "Object does not exist, or operation cannot be performed.", "in `ANALYTICS`"),
    "privilege": (3001, "42501", "Insufficient privileges to operate on schema 'DWH'.", "The role `WAP_FLOW` lacks"),
    "no warehouse": (606, "57P03", "No active warehouse selected in the current session.", "Set `warehouse`"),
    "quota": (90073, "22000", "Warehouse 'WH' cannot be resumed because resource monitor 'M' has exceeded its quota.",
              "its resource monitor"),
    "suspended": (90064, "22000", "Warehouse 'WH' is suspended and cannot be resumed.", "ALTER WAREHOUSE"),
    "timeout": (630, "57014", "Statement reached its statement or warehouse timeout of 60 second(s).", "60 s"),
    "syntax": (1003, "42000", "SQL compilation error:\nsyntax error line 1 at position 7", "Correct that"),
}  # fmt: skip


@pytest.mark.parametrize(("errno", "state", "text", "remedy"), STATEMENT.values(), ids=STATEMENT.keys())
def test_failed_names_object_and_remedy(errno: int, state: str, text: str, remedy: str) -> None:
    """What did not happen comes first, then Snowflake's words, then what to do."""
    said = failed("Nothing was read.", connector.ProgrammingError(msg=text, errno=errno, sqlstate=state), FACTS)
    assert not isinstance(said, ConnectionLost)
    assert str(said).startswith("Nothing was read. Snowflake says: ")
    assert remedy in str(said)
    assert "\n" not in str(said)


@pytest.mark.parametrize(
    ("errno", "state", "text"),
    [
        (100038, "22018", "Numeric value 'secret' is not recognized"),
        (100035, "22007", "Timestamp 'secret' is not recognized"),
        (100090, "42P18", 'Duplicate row detected during DML action\nRow Values: [12, "secret"]'),
    ],
)
def test_failed_shows_no_value_of_a_row(errno: int, state: str, text: str) -> None:
    """Rows are confidential, also in an error."""
    said = str(failed("Nothing was read.", connector.ProgrammingError(msg=text, errno=errno, sqlstate=state), FACTS))
    assert "secret" not in said
    assert "'...'" in said


def test_failed_keeps_the_names_of_objects() -> None:
    """A missing table is named: that is no value."""
    text = "002003 (42S02): 01ab-cd: SQL compilation error:\nObject 'MISSING_TABLE' does not exist or not authorized."
    assert "Object 'MISSING_TABLE' does not exist" in str(
        failed("Nothing was read.", connector.ProgrammingError(msg=text, errno=2003), FACTS)
    )


@pytest.mark.parametrize(
    "error",
    [
        connector.OperationalError(msg="251011: Connection timeout", errno=251011),
        connector.DatabaseError(msg="Connection is closed", errno=250002),
        connector.ServiceUnavailableError(),
        ConnectionResetError("reset by peer"),
        TimeoutError("timed out"),
    ],
)
def test_no_answer_means_that_nobody_knows(error: Exception) -> None:
    """A lost connection has a type of its own, because what was sent may have run."""
    assert is_lost(error)
    assert not is_gone(error)
    assert isinstance(failed("Nothing was published.", error, FACTS), ConnectionLost)


def test_an_expired_session_has_not_run_the_statement() -> None:
    """The server says so itself."""
    error = connector.ProgrammingError(msg="Session no longer exists.  New login required.", errno=390111)
    assert is_gone(error)
    assert str(failed("Nothing was read.", error, FACTS)).startswith("Nothing was read. The session expired")
