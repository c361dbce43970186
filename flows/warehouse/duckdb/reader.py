"""One DuckDB file for reading only: any table or view of any schema, and nothing can be made or changed."""

import tempfile
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Self

import duckdb

from flows.contract import Column
from flows.warehouse.base import Relation, WarehouseError
from flows.warehouse.duckdb import errors
from flows.warehouse.duckdb.catalog import key, view_columns
from flows.warehouse.duckdb.dialect import DuckDBDialect, literal
from flows.warehouse.duckdb.session import Session, open_session
from flows.warehouse.duckdb.tables import qualified
from flows.warehouse.places import Place

_SIGNATURE: Final = slice(8, 12), b"DUCK"
"""Where a DuckDB file says that it is one; without a look at it DuckDB takes a SQLite file for a database too."""


class DuckDBReader:
    """Implements `flows.warehouse.places.PlaceReader`.

    Other processes may read the file meanwhile. One that writes is waited for, up to `wait_seconds`.
    """

    def __init__(self, path: Path, *, wait_seconds: float = 1.0, timeout_seconds: float = 3600.0) -> None:
        self._path = path
        self._wait_seconds = wait_seconds
        self._timeout_seconds = timeout_seconds
        self._session: Session | None = None
        # DuckDB would put what does not fit into memory beside the file.
        self._scratch = tempfile.TemporaryDirectory(prefix="wap-read-", ignore_cleanup_errors=True)

    @property
    def dialect(self) -> DuckDBDialect:
        """DuckDB's SQL."""
        return DuckDBDialect()

    def __enter__(self) -> Self:
        try:
            _check(self._path)
            self._session = open_session(
                self._path,
                wait_seconds=self._wait_seconds,
                timeout_seconds=self._timeout_seconds,
                read_only=True,
            )
            self._session.rows(f"SET temp_directory = {literal(self._scratch.name)}")
        except BaseException:  # nobody calls __exit__ when __enter__ fails, not even on Ctrl-C
            self._scratch.cleanup()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        session, self._session = self._session, None
        if session is not None:
            session.close()
        self._scratch.cleanup()

    def query(self, sql: str, parameters: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        """Run one statement that only reads. Raises WarehouseError, also if it would write, be it to another file."""
        if not self._open.is_one_query(sql):
            raise WarehouseError(f"Nothing was run. Only a single reading statement is allowed here, not: {sql[:120]}")
        return self._open.rows(sql, parameters)

    def places(self) -> tuple[Place, ...]:
        """Every table and view of the file, by schema and name. Raises WarehouseError."""
        here = "database_name = current_database() AND NOT internal AND NOT temporary"
        found = self._open.rows(
            f"SELECT schema_name, table_name, 'table' FROM duckdb_tables() WHERE {here} "
            f"UNION ALL SELECT schema_name, view_name, 'view' FROM duckdb_views() WHERE {here} ORDER BY ALL"
        )
        return tuple(Place(schema, name, kind=kind, sql=qualified(schema, name)) for schema, name, kind in found)

    def means(self, typed: str, name: str) -> bool:
        """DuckDB finds names in any case, with quotes or without."""
        return key(typed) == key(name)

    def relation(self, place: Place) -> Relation:
        """The table or view with its columns. Raises WarehouseError if a view cannot be read any more."""
        if place.kind == "view":
            columns = view_columns(self._open.rows, place.schema, place.name)
        else:
            found = self._open.rows(
                f"SELECT column_name, data_type FROM duckdb_columns() WHERE {_is_at(place)} ORDER BY column_index"
            )
            columns = tuple(Column(name=name, type=type_name) for name, type_name in found)
        return Relation(name=place.name, kind=place.kind, columns=columns)

    def primary_key(self, place: Place) -> tuple[str, ...]:
        """The columns of the table's PRIMARY KEY constraint; empty if it has none. Raises WarehouseError."""
        found = self._open.rows(
            "SELECT constraint_column_names FROM duckdb_constraints() "
            f"WHERE {_is_at(place)} AND constraint_type = 'PRIMARY KEY'"
        )
        return tuple(found[0][0]) if found else ()

    def objection(self, sql: str) -> str | None:
        """Why DuckDB cannot plan the text as one reading statement, in its own words; None if it can."""
        try:
            self.query(f"EXPLAIN {sql}")
        except WarehouseError as error:
            cause = error.__cause__
            return f"{errors.reason(cause)}." if isinstance(cause, duckdb.Error) else "it is more than one statement."
        return None

    def unseen(self) -> str:
        """Nothing of a file is hidden."""
        return ""

    @property
    def _open(self) -> Session:
        assert self._session is not None, "used outside of `with`"
        return self._session


def _is_at(place: Place) -> str:
    return (
        f"database_name = current_database() AND schema_name = {literal(place.schema)} "
        f"AND table_name = {literal(place.name)}"
    )


def _check(path: Path) -> None:
    where, signature = _SIGNATURE
    try:
        with path.open("rb") as file:
            head = file.read(where.stop)
    except FileNotFoundError:
        message = f"The warehouse was not opened. There is no file `{path}`. Correct the path."
        raise WarehouseError(message) from None
    except OSError as error:
        reason = (error.strerror or type(error).__name__).lower()
        message = f"The warehouse was not opened. `{path}` cannot be read ({reason}). Name a DuckDB file."
        raise WarehouseError(message) from None
    if head[where] != signature:
        message = f"The warehouse was not opened. `{path}` is not a DuckDB file. Name one that DuckDB has made."
        raise WarehouseError(message)
