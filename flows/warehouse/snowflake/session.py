"""One Snowflake session: opened late with timeouts everywhere; reads may be sent again, changes never."""

import contextlib
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Final, TypeVar

from flows.contract import Statement
from flows.warehouse.base import WarehouseError
from flows.warehouse.snowflake import errors
from flows.warehouse.snowflake.errors import ConnectionLost, Facts
from flows.warehouse.snowflake.waiting import Waiting

T = TypeVar("T")

Answer = tuple[list[tuple[Any, ...]], list[str], str]
"""Rows, names of the columns in lower case, the query's id."""

_TIMEOUTS: Final = {"login_timeout": 30, "network_timeout": 120, "socket_timeout": 60}
"""Seconds. The connector's own default for an answer is to wait and try for ever.

What is neither `query` nor `is_long` is also cancelled after network_timeout (cursor.py of 4.8, `real_timeout`).
"""

_SESSION: Final = {
    "TIMEZONE": "UTC",
    "ABORT_DETACHED_QUERY": True,  # a process that was killed leaves no query behind for more than five minutes
    "MULTI_STATEMENT_COUNT": 1,
    "QUOTED_IDENTIFIERS_IGNORE_CASE": False,  # else the marker is made under one name and looked for under another
    "ROWS_PER_RESULTSET": 0,  # else what the catalog lists beyond so many rows would be swapped unseen
    "CLIENT_TELEMETRY_ENABLED": False,
    "CLIENT_OUT_OF_BAND_TELEMETRY_ENABLED": False,
}


@dataclass(frozen=True, slots=True)
class Access:
    """How to log in. `arguments` are the connector's, secrets included, and are never shown.

    `tag` is the QUERY_TAG of every statement, so that an account's query history names the run.
    `start` is sent after each login. `watch` is called every now and then while a query takes long; what it raises
    ends the query.
    """

    arguments: Callable[[], Mapping[str, Any]] = field(repr=False)
    facts: Facts
    tag: str = "wap"
    start: tuple[str, ...] = ()
    watch: Callable[[], None] = lambda: None


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
        try:
            for sql in self._access.start:
                self._run(sql, (), refusal="The warehouse was not opened.")
        except WarehouseError:
            self.close()
            raise

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
        """All rows of one short reading statement, sent once more on a new session if the first was lost.

        Raises WarehouseError that begins with `refusal`.
        """
        return self._read(sql, parameters, refusal=refusal)[0]

    def query(
        self, sql: str, parameters: Sequence[Any] = (), *, refusal: str = "Nothing was read."
    ) -> list[tuple[Any, ...]]:
        """Like `rows`, for a statement that may take long. However this call ends, the statement ends with it."""
        return self._again_if_lost(lambda: self._wait_for(sql, parameters, refusal=refusal))

    def table(self, sql: str, *, refusal: str = "Nothing was read.") -> list[dict[str, Any]]:
        """The rows of a SHOW statement by column name in lower case: Snowflake adds columns to them over time."""
        rows, names, _ = self._read(sql, (), refusal=refusal)
        return [dict(zip(names, row, strict=True)) for row in rows]

    def change(self, sql: str, *, refusal: str, is_long: bool = False) -> Statement:
        """Run one statement that changes something, once. Raises WarehouseError.

        One that `is_long` may take as long as the warehouse lets it, and a lost connection is noticed that late, too.
        ConnectionLost means that nobody knows whether it ran: look at what it should have changed.
        """
        started = time.monotonic()
        timeout = int(self._access.facts.timeout_seconds) if is_long else None
        query_id = self._run(sql, (), refusal=refusal, timeout=timeout)[2]
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
        return self._again_if_lost(lambda: self._run(sql, parameters, refusal=refusal))

    def _again_if_lost(self, act: Callable[[], T]) -> T:
        try:
            return act()
        except ConnectionLost:
            self.renew()
            return act()

    def _run(self, sql: str, parameters: Sequence[Any], *, refusal: str, timeout: int | None = None) -> Answer:
        with self._speaking(refusal) as connection, connection.cursor() as cursor:
            cursor.execute(sql, tuple(parameters) or None, timeout=timeout)
            names = [column.name.lower() for column in cursor.description or ()]
            return cursor.fetchall(), names, str(cursor.sfqid or "")

    def _wait_for(self, sql: str, parameters: Sequence[Any], *, refusal: str) -> list[tuple[Any, ...]]:
        from snowflake import connector

        with self._speaking(refusal) as connection:
            waiting = Waiting(connection)
            try:
                return waiting.rows(sql, parameters, watch=self._access.watch)
            except (connector.errors.Error, OSError):  # the statement itself failed, or the next session ends it
                raise
            except BaseException:  # the run is cancelled, the process is told to end, somebody pressed Ctrl-C
                if not waiting.stop():
                    self._end_all()
                raise

    def _end_all(self) -> None:
        """What the session does can only be ended from another one. That nobody answers is no error here."""
        with contextlib.suppress(WarehouseError):
            self.renew()

    @contextmanager
    def _speaking(self, refusal: str) -> Iterator[Any]:
        """The connection for one statement; what it raises becomes a WarehouseError that begins with `refusal`."""
        from snowflake import connector

        if self._connection is None:
            raise errors.not_open()
        self.sent += 1
        try:
            yield self._connection
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
