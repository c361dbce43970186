"""Reading statements that may take long: sent asynchronously, waited for here, ended when nobody waits any more.

The connector's `execute` is not for them: it holds the caller in a socket, and its `network_timeout`, which is to
notice a dead connection, also cancels every statement that takes longer (cursor.py of 4.8, `real_timeout`).
"""

import time
from collections.abc import Callable, Iterator, Sequence
from typing import Any, Final

_FIRST_PAUSE, _LONGEST_PAUSE = 0.05, 2.0
_LOOK_SECONDS: Final = 10.0
"""How often `watch` is asked: a statement that takes less costs it nothing."""

_UNKNOWN: Final = 24
"""So often may the server say that it does not know the statement yet; the connector's own limit."""

_GONE: Final = 390111


class Waiting:
    """One statement that is sent and waited for. Raises what the connector raises."""

    def __init__(self, connection: Any) -> None:
        self._connection = connection
        self._query_id = ""

    def rows(self, sql: str, parameters: Sequence[Any], *, watch: Callable[[], None]) -> list[tuple[Any, ...]]:
        """All rows. While that takes long, `watch` is called every now and then; what it raises passes through."""
        with self._connection.cursor() as cursor:
            cursor.execute_async(sql, tuple(parameters) or None)
            self._query_id = str(cursor.sfqid)
            try:
                self._wait(watch)
                cursor.query_result(self._query_id)
            except TypeError as error:
                raise _session_gone() from error
            rows: list[tuple[Any, ...]] = cursor.fetchall()
            return rows

    def stop(self) -> bool:
        """End the statement on the server. False if the server could not be told, or which one is not known."""
        from snowflake import connector

        if not self._query_id:
            return False
        try:
            with self._connection.cursor() as cursor:
                cursor.abort_query(self._query_id)
        except (connector.errors.Error, OSError, TypeError):
            return False
        return True

    def _wait(self, watch: Callable[[], None]) -> None:
        looked, unknown = time.monotonic(), 0
        for pause in _pauses():
            time.sleep(pause)
            status = self._connection.get_query_status(self._query_id)
            unknown += status.name == "NO_DATA"
            if not self._connection.is_still_running(status) or unknown > _UNKNOWN:
                return  # a statement that failed says why when its rows are asked for
            if time.monotonic() - looked >= _LOOK_SECONDS:
                watch()
                looked = time.monotonic()


def _pauses() -> Iterator[float]:
    """Seconds between two looks: a quick statement is not kept waiting, a slow one is asked for rarely."""
    pause = _FIRST_PAUSE
    while True:
        yield pause
        pause = min(pause * 1.5, _LONGEST_PAUSE)


def _session_gone() -> Exception:
    # An answer without data, which a session that has ended gets, makes the connector (4.8) stumble over None.
    from snowflake import connector

    error: Exception = connector.errors.DatabaseError(msg="The session has ended.", errno=_GONE)
    return error
