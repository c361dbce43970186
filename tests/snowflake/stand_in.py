"""A stand-in for Snowflake that the real snowflake-connector-python and the real dbt-snowflake talk to over HTTP.

    with stand_in() as snow:
        snow.connect()                # a connection of snowflake.connector; overrides: role="READER", schema="DWH", ...
        snow.connection_options       # the same as a dictionary, for snowflake.connector.connect(**...)
        snow.profile(schema="DWH")    # one output of a dbt profile (profiles.yml)
        snow.run("SQL", ...)          # run statements as ACCOUNTADMIN; the rows of the last one
        snow.statements               # every statement received: sequence, session, query_id, tag, role, text, replayed
        snow.faults                   # see faults.Faults:
            .drop_reply(pattern, nth=1, times=1)       executed, no answer; the repeated requestId gets the first answer
            .kill_connection(pattern, ...)             not executed, no answer
            .answer(pattern, errno, message, ...)      a Snowflake error instead of the execution
            .delay(pattern, seconds, ...)              executed later; can be cancelled and can time out
            .expire_session(pattern, ...)              390112, which the connector answers by renewing its token
            .clear()
        snow.running, snow.outcome(query_id), snow.expire_sessions(), snow.forget_clients_after(seconds)

What is known to differ from Snowflake: TIMESTAMP_TZ forgets its offset (it comes back in the zone of the session);
two writers of one table conflict instead of waiting; a statement that fails in a transaction ends the transaction;
dynamic tables are always fresh, tasks and streams never run; no functions or stages; of time travel UNDROP SCHEMA only.

Each stand-in is an account of its own, in memory, in threads of this process, on a port of 127.0.0.1 that the system
gives. fakesnow translates SQL to DuckDB's; catalog, privileges, views and protocol are ours (see the modules).
Start-up takes less than a second; importing the connector takes longer.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing, contextmanager
from typing import Any

import snowflake.connector

from tests.snowflake.access import ADMIN
from tests.snowflake.account import Account, Statement
from tests.snowflake.faults import Faults
from tests.snowflake.server import Server


class StandIn:
    """A running stand-in."""

    def __init__(self, account: Account, port: int, *, database: str, warehouse: str) -> None:
        self._account, self.port = account, port
        self.database, self.warehouse = database, warehouse
        self._given: list[snowflake.connector.SnowflakeConnection] = []

    @property
    def connection_options(self) -> dict[str, Any]:
        """Arguments of snowflake.connector.connect, with short timeouts: the connector's own default is for ever."""
        return {
            **self._address(),
            "login_timeout": 20,
            "network_timeout": 30,
            "socket_timeout": 30,
            "platform_detection_timeout_seconds": 0.0,
            "session_parameters": {"CLIENT_OUT_OF_BAND_TELEMETRY_ENABLED": False},
        }

    def profile(self, *, schema: str, **overrides: Any) -> dict[str, Any]:
        """One output of a dbt profile."""
        return {"type": "snowflake", **self._address(), "schema": schema, "threads": 1, **overrides}

    def _address(self) -> dict[str, Any]:
        return {
            "account": "stand_in", "host": "127.0.0.1", "port": self.port, "protocol": "http",
            "user": self._account.user, "password": "any", "database": self.database, "warehouse": self.warehouse,
            "role": ADMIN,
        }  # fmt: skip

    def connect(self, **overrides: Any) -> snowflake.connector.SnowflakeConnection:
        """A real connection. The caller closes it; what is still open when the stand-in ends is closed then."""
        made = snowflake.connector.connect(**{**self.connection_options, **overrides})
        self._given.append(made)
        return made

    def hang_up(self) -> None:
        """Close the connections that were given out: the connector would try it when the process ends."""
        for connection in self._given:
            if not connection.is_closed():
                connection.close()

    def run(self, *statements: str, **overrides: Any) -> list[tuple[Any, ...]]:
        """Run statements on a connection of their own; the rows of the last."""
        rows: list[tuple[Any, ...]] = []
        with closing(self.connect(**overrides)) as connection:
            for statement in statements:
                rows = list(connection.cursor().execute(statement).fetchall())
        return rows

    @property
    def statements(self) -> tuple[Statement, ...]:
        """Every statement received so far, in order of arrival, repeated requests included."""
        return tuple(self._account.statements)

    @property
    def logins(self) -> tuple[dict[str, Any], ...]:
        """What each login sent: AUTHENTICATOR, PASSWORD or TOKEN, SESSION_PARAMETERS, roleName, databaseName, ..."""
        return tuple(self._account.logins)

    @property
    def requests(self) -> int:
        """How many requests arrived so far, logins and questions about running statements included."""
        return self._account.requests

    @property
    def running(self) -> tuple[str, ...]:
        """Ids of the asynchronous statements that have not ended."""
        return tuple(one.query_id for one in list(self._account.detached.values()) if one.status == "RUNNING")

    def outcome(self, query_id: str) -> str:
        """What became of an asynchronous statement: SUCCESS, ABORTED, FAILED_WITH_ERROR or RUNNING."""
        return self._account.detached[query_id].status

    def expire_sessions(self, *, for_good: bool = False) -> None:
        """The token of every session has expired (390112), and `for_good` it cannot be renewed (390114)."""
        self._account.expire(for_good=for_good)

    def forget_clients_after(self, seconds: float) -> None:
        """How soon ABORT_DETACHED_QUERY takes a client for gone that says nothing; Snowflake waits five minutes."""
        self._account.detached_after = seconds

    @property
    def faults(self) -> Faults:
        """What goes wrong on purpose."""
        return self._account.faults

    @property
    def is_idle(self) -> bool:
        """Whether nothing is being executed, for whatever client, dead ones included."""
        return not any(session.is_running for session in list(self._account.sessions.values()))

    @property
    def open_sessions(self) -> int:
        """How many sessions are logged in."""
        return len(self._account.sessions)


@contextmanager
def stand_in(
    *, database: str = "ANALYTICS", warehouse: str = "WH", user: str = "WAP", enforce: bool = True
) -> Iterator[StandIn]:
    """A stand-in with an empty database. `enforce=False` lets every role read and see everything; what needs
    OWNERSHIP (swap, drop, replace, grant) is always checked."""
    account = Account(database=database, warehouse=warehouse, user=user, enforce=enforce)
    server = Server(account)
    found = StandIn(account, server.port, database=database, warehouse=warehouse)
    try:
        yield found
    finally:
        account.faults.clear()
        found.hang_up()
        server.close()
        account.close()
