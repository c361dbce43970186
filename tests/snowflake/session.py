"""One login: what it uses, its parameters, its temporary objects, and how a statement is run for it."""

import threading
import time
import uuid
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import duckdb
import pyarrow as pa  # type: ignore[import-untyped]

from tests.snowflake import access, commands, information_schema, sql
from tests.snowflake.account import Account, new_token
from tests.snowflake.catalog import Catalog, Path, Thing
from tests.snowflake.errors import SnowflakeError, cancelled, timed_out, translated
from tests.snowflake.identifiers import encode
from tests.snowflake.reader import Name, without_case
from tests.snowflake.resolving import DATA, Scope
from tests.snowflake.results import Result

PARAMETERS: dict[str, Any] = {
    "AUTOCOMMIT": True,
    "QUERY_TAG": "",
    "STATEMENT_TIMEOUT_IN_SECONDS": 172800,
    "STATEMENT_QUEUED_TIMEOUT_IN_SECONDS": 0,
    "TIMEZONE": "America/Los_Angeles",
    "JSON_INDENT": 2,
    "LOCK_TIMEOUT": 43200,
    "TIMESTAMP_TYPE_MAPPING": "TIMESTAMP_NTZ",
    "QUOTED_IDENTIFIERS_IGNORE_CASE": False,
    "ABORT_DETACHED_QUERY": False,
    "CLIENT_SESSION_KEEP_ALIVE": False,
    "MULTI_STATEMENT_COUNT": 1,
    "WEEK_START": 0,
    "BINARY_OUTPUT_FORMAT": "HEX",
    "ROWS_PER_RESULTSET": 0,
}
"""Defaults. docs: sql-reference/parameters"""


class Session:
    """The state behind one session token. Statements of a session run one after the other."""

    def __init__(
        self, account: Account, *, database: Name | None, schema: Name | None, role: str, warehouse: str | None
    ):
        self.account: Account = account
        self.catalog: Catalog = account.catalog
        self.number: int = account.next_number()
        self.token, self.master_token = new_token(), new_token()
        self.role: str = role
        self.warehouse: str | None = warehouse
        self.database: str | None = None
        self.schema: str | None = None
        self.parameters: dict[str, Any] = PARAMETERS | account.parameters
        self.temporary: dict[Path, Thing] = {}
        self.results: dict[str, Result] = {}
        self.query_ids: list[str] = []
        self.in_transaction = False
        self.replies: dict[str, dict[str, Any]] = {}
        self.engine = account.engine_connection(autocommit=True)
        self.duck = self.engine._duck_conn
        self._one_at_a_time = threading.Lock()
        self._cancel = threading.Event()
        self._running: str | None = None
        self.heard = time.monotonic()
        """When the client sent its last request."""
        self.is_ending = False
        """Logged out, while an asynchronous statement still runs."""
        self.use(database, schema)
        self.apply_timezone()

    def use(self, database: Name | None, schema: Name | None) -> None:
        """Start in this database and schema if they exist; the connector does not mind if they do not."""
        if database and database[0] in self.catalog.databases:
            self.database = database[0]
            if schema and schema[-1] in self.catalog.databases[database[0]].schemas:
                self.schema = schema[-1]

    def apply_timezone(self) -> None:
        """Times without an offset are in the session's zone, and TIMESTAMP_LTZ is shown in it.

        docs: sql-reference/parameters (TIMEZONE)
        """
        try:
            self.duck.execute("SET TimeZone = '" + self.parameters["TIMEZONE"].replace("'", "''") + "'")
        except duckdb.Error:
            name, self.parameters["TIMEZONE"] = self.parameters["TIMEZONE"], "UTC"
            raise SnowflakeError(1007, "22023", f"Invalid value '{name}' for parameter 'TIMEZONE'.") from None

    def execute(self, text: str, parameters: Sequence[Any] = (), *, request: str = "", wait: float = 0.0) -> Result:
        """Run one statement. Raises SnowflakeError, and nothing else."""
        with self._one_at_a_time, self._watched(request):
            try:
                if wait:
                    self.pause(wait)
                if self.parameters["QUOTED_IDENTIFIERS_IGNORE_CASE"]:
                    text = without_case(text)
                found = commands.run(self, text)
                found = found if found is not None else sql.run(self, text, parameters)
                return found.first(self.parameters["ROWS_PER_RESULTSET"])
            except Exception as error:
                raise self._reason(error) from error

    def _reason(self, error: Exception) -> SnowflakeError:
        if self._cancel.is_set():
            return timed_out(self.timeout) if self._running == "timed out" else cancelled()
        return translated(error)

    @contextmanager
    def _watched(self, request: str) -> Iterator[None]:
        self._cancel.clear()
        self._running = request
        timer = threading.Timer(self.timeout, self._time_out) if self.timeout < 3600 else None
        if timer:
            timer.daemon = True
            timer.start()
        try:
            yield
        finally:
            self._running = None
            if timer:
                timer.cancel()

    @property
    def is_running(self) -> bool:
        """Whether a statement is being executed, or held back by a fault."""
        return self._running is not None

    @property
    def timeout(self) -> float:
        """STATEMENT_TIMEOUT_IN_SECONDS; 0 means the longest."""
        return float(self.parameters["STATEMENT_TIMEOUT_IN_SECONDS"]) or 172800.0

    def _time_out(self) -> None:
        self._running = "timed out"
        self._stop()

    def cancel(self, request: str = "") -> bool:
        """Stop the statement that is running (of this request, if given)."""
        if self._running is None or (request and self._running != request):
            return False
        self._stop()
        return True

    def _stop(self) -> None:
        self._cancel.set()
        self.duck.interrupt()

    def pause(self, seconds: float) -> None:
        """Wait; a cancelled statement ends here."""
        if self._cancel.wait(seconds):
            raise cancelled()

    def new_query_id(self) -> str:
        """An id for the next statement."""
        return str(uuid.uuid4())

    def remember(self, query_id: str, result: Result) -> None:
        """Keep the result for RESULT_SCAN."""
        self.query_ids.append(query_id)
        self.results[query_id] = result

    def scope(self) -> Scope:
        """For whom and from where names are resolved now."""
        return Scope(
            catalog=self.catalog,
            database=self.database,
            schema=self.schema,
            role=self.role,
            temporary=self.temporary,
            may=self.check,
            information_schema=self._information_schema,
            width=lambda query: sql.width(self, query),
        )

    def check(self, role: str, privilege: str, path: Path, thing: Thing) -> None:
        """Raises SnowflakeError if the role may not, unless the stand-in was told not to care."""
        if self.account.enforce:
            access.check_use(self.catalog, role, path, thing, privilege)

    def _information_schema(self, database: str, table: str) -> str:
        return self.register(f"INFORMATION_SCHEMA_{table}", information_schema.rows(self, database, table))

    def register(self, name: str, table: pa.Table) -> str:
        """Let DuckDB read this table under the (encoded) name."""
        relation = encode(f"_SNOW_{name}")
        self.duck.register(relation, table)
        return relation

    def duck_rows(self, statement: str, parameters: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        """Run DuckDB's own SQL and give its rows."""
        return list(self.duck.execute(statement, list(parameters)).fetchall())

    def end_transaction(self) -> None:
        """DDL commits what is open. docs: sql-reference/transactions"""
        if self.in_transaction:
            self.duck.execute("COMMIT")
            self.in_transaction = False

    def drop_rows(self, thing: Thing) -> None:
        """Give back the room of a table that is no longer in the catalog."""
        if thing.physical:
            self.duck.execute(f'DROP SCHEMA IF EXISTS {DATA}."{thing.physical}" CASCADE')

    def end(self) -> None:
        """Log out. An asynchronous statement goes on: nothing that is documented ends it at once."""
        self.account.sessions.pop(self.token, None)
        if self._running is None:
            self.close()
        else:
            self.is_ending = True

    def close(self) -> None:
        """End the session: what is open is rolled back, what is temporary is gone."""
        self.account.sessions.pop(self.token, None)
        if self.in_transaction:
            self.duck.execute("ROLLBACK")
        for thing in self.temporary.values():
            self.drop_rows(thing)
        self.temporary.clear()
        self.engine.close()
