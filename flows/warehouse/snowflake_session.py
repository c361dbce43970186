"""One Snowflake session: opened late with timeouts everywhere; reads may be sent again, changes never."""

import contextlib
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from flows.contract import Statement
from flows.warehouse import snowflake_errors as errors
from flows.warehouse.base import WarehouseError
from flows.warehouse.snowflake_errors import ConnectionLost, Facts

Answer = tuple[list[tuple[Any, ...]], list[str], str]
"""Rows, names of the columns in lower case, the query's id."""

_TIMEOUTS: Final = {"login_timeout": 30, "network_timeout": 120, "socket_timeout": 60}
"""Seconds. The connector's own default for an answer is to wait and try for ever."""

_SESSION: Final = {
    "TIMEZONE": "UTC",
    "ABORT_DETACHED_QUERY": True,  # a run that is gone leaves no query behind
    "MULTI_STATEMENT_COUNT": 1,
    "CLIENT_TELEMETRY_ENABLED": False,
    "CLIENT_OUT_OF_BAND_TELEMETRY_ENABLED": False,
}


@dataclass(frozen=True, slots=True)
class Access:
    """How to log in. `arguments` are the connector's, secrets included, and are never shown.

    `tag` is the QUERY_TAG of every statement, so that an account's query history names the run.
    """

    arguments: Callable[[], Mapping[str, Any]] = field(repr=False)
    facts: Facts
    tag: str = "wap"


class Session:
    """A session that opens itself again for reading after the connection was lost."""

    def __init__(self, access: Access) -> None:
        self._access = access
        self._connection: Any = None
        self.sent = 0
        """How many statements were sent so far."""

    def open(self) -> None:
        """Log in. Raises WarehouseError."""
        from snowflake import connector

        try:
            self._connection = connector.connect(**self._arguments())
        except (connector.errors.Error, OSError, ValueError, TypeError) as error:
            raise errors.unopened(error, self._access.facts) from error

    def close(self) -> None:
        """Log out; that the server is away by then is no error."""
        from snowflake import connector

        connection, self._connection = self._connection, None
        if connection is not None:
            with contextlib.suppress(connector.errors.Error, OSError):
                connection.close(retry=False)

    def rows(
        self, sql: str, parameters: Sequence[Any] = (), *, refusal: str = "Nothing was read."
    ) -> list[tuple[Any, ...]]:
        """All rows of one reading statement, sent once more on a new session if the first was lost.

        Raises WarehouseError that begins with `refusal`.
        """
        return self._read(sql, parameters, refusal=refusal)[0]

    def table(self, sql: str, *, refusal: str = "Nothing was read.") -> list[dict[str, Any]]:
        """The rows of a SHOW statement by column name in lower case: Snowflake adds columns to them over time."""
        rows, names, _ = self._read(sql, (), refusal=refusal)
        return [dict(zip(names, row, strict=True)) for row in rows]

    def change(self, sql: str, *, refusal: str) -> Statement:
        """Run one statement that changes something, once. Raises WarehouseError.

        ConnectionLost means that nobody knows whether it ran: look at what it should have changed.
        """
        started = time.monotonic()
        query_id = self._run(sql, (), refusal=refusal)[2]
        return Statement(sql=sql, seconds=round(time.monotonic() - started, 6), id=query_id)

    def renew(self) -> None:
        """Go on with a new session, and end what the lost one may still be doing. Raises WarehouseError."""
        lost = getattr(self._connection, "session_id", None)
        self.close()  # else the connector would try again when the process ends
        self.open()
        if lost is not None:
            with contextlib.suppress(WarehouseError):  # the server may have ended it already
                self._run(f"SELECT SYSTEM$CANCEL_ALL_QUERIES({int(lost)}) AS ended", (), refusal="Nothing was ended.")

    def _read(self, sql: str, parameters: Sequence[Any], *, refusal: str) -> Answer:
        try:
            return self._run(sql, parameters, refusal=refusal)
        except ConnectionLost:
            self.renew()
            return self._run(sql, parameters, refusal=refusal)

    def _run(self, sql: str, parameters: Sequence[Any], *, refusal: str) -> Answer:
        from snowflake import connector

        if self._connection is None:
            raise errors.not_open()
        self.sent += 1
        try:
            with self._connection.cursor() as cursor:
                cursor.execute(sql, tuple(parameters) or None)
                names = [column.name.lower() for column in cursor.description or ()]
                return cursor.fetchall(), names, str(cursor.sfqid or "")
        except (connector.errors.Error, OSError) as error:
            raise errors.failed(refusal, error, self._access.facts) from error

    def _arguments(self) -> dict[str, Any]:
        timeout = {"STATEMENT_TIMEOUT_IN_SECONDS": int(self._access.facts.timeout_seconds)}
        fixed = {
            "application": "wap",
            "autocommit": True,
            "paramstyle": "qmark",
            "platform_detection_timeout_seconds": 0.0,
        }
        given = dict(self._access.arguments())
        parameters = given.pop("session_parameters", {})
        session = {**parameters, **_SESSION, **timeout, "QUERY_TAG": self._access.tag}
        return {**_TIMEOUTS, **given, **fixed, "session_parameters": session}
