"""One open DuckDB file: opened late with patience, every statement timed, every change in a transaction."""

import contextlib
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import duckdb

from flows.contract import Statement
from flows.warehouse.duckdb import errors

_RETRY_SECONDS: Final = 0.1

_SETTINGS: Final = (
    "SET TimeZone = 'UTC'",
    "SET Calendar = 'gregorian'",
    # Otherwise a missing table is looked up among the variables of the calling Python code.
    "SET python_enable_replacements = false",
    # Otherwise a missing function is looked for on the network.
    "SET autoinstall_known_extensions = false",
    # Otherwise asking whether a view can still be read would end a transaction when it cannot.
    "SET default_transaction_invalidation_policy = 'SYNTACTIC_ERRORS_DO_NOT_INVALIDATE'",
)
"""What keeps results from depending on the machine or the process."""


class Session:
    """A connection to one file. While one that writes is open, no other process can open the file."""

    def __init__(self, connection: duckdb.DuckDBPyConnection, *, timeout_seconds: float) -> None:
        self._connection = connection
        self._timeout_seconds = timeout_seconds
        self._statements: list[Statement] = []
        for setting in (*_SETTINGS, f"SET max_execution_time = {int(timeout_seconds * 1000)}"):
            connection.execute(setting)

    def rows(self, sql: str, parameters: Sequence[Any] = (), *, refusal: str = "Nothing was read.") -> list[Any]:
        """All rows of one statement. Raises WarehouseError that begins with `refusal`."""
        try:
            return self._connection.execute(sql, list(parameters)).fetchall()
        except duckdb.Error as error:
            raise errors.failed(refusal, error, seconds=self._timeout_seconds) from error

    def is_valid(self, sql: str) -> bool:
        """Whether the reading statement can be planned."""
        try:
            self._connection.execute(f"EXPLAIN {sql}")
        except duckdb.Error:
            return False
        return True

    def is_one_query(self, sql: str) -> bool:
        """Whether the text is exactly one statement that only reads."""
        try:
            found = self._connection.extract_statements(sql)
        except duckdb.Error as error:
            raise errors.failed("Nothing was read.", error, seconds=self._timeout_seconds) from error
        reading = (duckdb.StatementType.SELECT, duckdb.StatementType.EXPLAIN)
        return len(found) == 1 and found[0].type in reading

    def change(self, sql: str, *, refusal: str) -> None:
        """Run one statement that changes something, and remember it. Raises WarehouseError."""
        started = time.monotonic()
        self.rows(sql, refusal=refusal)
        self._statements.append(Statement(sql=sql, seconds=round(time.monotonic() - started, 6)))

    @contextlib.contextmanager
    def transaction(self, *, refusal: str) -> Iterator[list[Statement]]:
        """Commit at the end, roll back on any exception. Gives the list that the statements are added to."""
        self._statements = []
        self.rows("BEGIN TRANSACTION", refusal=refusal)
        try:
            yield self._statements
            self.change("COMMIT", refusal=refusal)
        except BaseException:  # also a Ctrl-C: whatever ends the block, nothing of it may stay
            # After a failed COMMIT there is nothing left to roll back.
            with contextlib.suppress(duckdb.Error):
                self._connection.execute("ROLLBACK")
            raise

    def close(self) -> None:
        """Let go of the file."""
        self._connection.close()


def open_session(
    path: Path,
    *,
    wait_seconds: float,
    timeout_seconds: float,
    read_only: bool = False,
    settings: Mapping[str, str] | None = None,
) -> Session:
    """Open the file, read-write unless told otherwise, and make it if there is none. Raises WarehouseError.

    A lock of another process is waited for, up to `wait_seconds`. Several processes can read at a time. `settings`
    are DuckDB's own; one that it does not know is refused.
    """
    if not path.parent.is_dir():
        raise errors.no_folder(path)
    deadline = time.monotonic() + wait_seconds
    while True:
        try:
            connection = duckdb.connect(str(path), read_only=read_only, config=dict(settings or {}))
            return Session(connection, timeout_seconds=timeout_seconds)
        except duckdb.Error as error:
            if not errors.is_locked(error):
                raise errors.unopened(path, error) from error
            if time.monotonic() >= deadline:
                raise errors.locked(path, error, waited=wait_seconds) from error
        time.sleep(_RETRY_SECONDS)
