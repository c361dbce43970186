"""The warehouse in one DuckDB file: staging and production are two schemas, and one transaction exchanges them."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from flows.contract import Finding, Ledger, SchemaPair, Statement
from flows.warehouse.base import MARKER_TABLE, Environment, PartlyReleased, Relation, Release, WarehouseError
from flows.warehouse.duckdb import errors
from flows.warehouse.duckdb.catalog import (
    Schema,
    exact_name,
    fingerprint_sql,
    has_marker,
    key,
    read_schema,
    view_columns,
)
from flows.warehouse.duckdb.dialect import DuckDBDialect, quote
from flows.warehouse.duckdb.plans import Pair, exchange_plan, refresh_plan
from flows.warehouse.duckdb.preflight import find_ambiguous, find_problems
from flows.warehouse.duckdb.session import Session, open_session
from flows.warehouse.duckdb.tables import definition, qualified
from flows.warehouse.duckdb.views import is_readable
from flows.warehouse.homes import Homes, schema_of

_NOT_REFRESHED = "Staging was not refreshed."
_NOT_PUBLISHED = "Nothing was published."


class DuckDBWarehouse:
    """Implements `flows.warehouse.base.Warehouse`. Not for use by several threads at once.

    A file that another process holds is waited for, up to `wait_seconds`; `timeout_seconds` ends any single
    statement. `settings` are DuckDB's own, by name, such as memory_limit. A file that does not exist yet is empty,
    and `refresh_staging` makes it.
    """

    def __init__(
        self,
        path: Path,
        *,
        production: str,
        staging: str,
        further: Sequence[SchemaPair] = (),
        wait_seconds: float = 10.0,
        timeout_seconds: float = 3600.0,
        settings: Mapping[str, str] | None = None,
    ) -> None:
        self._path = path
        self._homes = Homes.of((SchemaPair(production=production, staging=staging), *further), fold=key)
        self._wait_seconds = wait_seconds
        self._timeout_seconds = timeout_seconds
        self._settings = dict(settings or {})
        self._session: Session | None = None
        self._is_entered = False

    @property
    def dialect(self) -> DuckDBDialect:
        """DuckDB's SQL."""
        return DuckDBDialect()

    def __enter__(self) -> Self:
        if self._is_entered:
            raise WarehouseError("The warehouse was not opened. It is open already. Leave the first `with` before.")
        if self._path.exists():
            self._open()
        elif not self._path.parent.is_dir():
            raise errors.no_folder(self._path)
        self._is_entered = True
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        session, self._session, self._is_entered = self._session, None, False
        if session is not None:
            session.close()

    def table(self, env: Environment, name: str) -> str:
        """The quoted, qualified name to use in SQL."""
        return qualified(*self._homes.place(env, name))

    def relations(self, env: Environment) -> tuple[Relation, ...]:
        """Tables and views by name, without the marker; empty if the schema or the file does not exist.

        A view that cannot be read any more is left out, and `preflight` names it.
        """
        if not self._has_file():
            return ()
        return self._homes.named((pair, self._relations_in(schema_of(pair, env))) for pair in self._homes.pairs)

    def _relations_in(self, name: str) -> tuple[Relation, ...]:
        schema = read_schema(self._open().rows, name)
        broken = self._broken_views(self._open(), schema)
        tables = [Relation(name=table.name, kind="table", columns=table.columns) for table in schema.tables.values()]
        views = [
            Relation(name=view.name, kind="view", columns=view_columns(self._open().rows, schema.name, view.name))
            for name, view in schema.views.items()
            if name not in broken
        ]
        return (*tables, *views)

    def query(self, sql: str, parameters: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        """Run one statement that only reads, with `?` parameters. Raises WarehouseError, also if it would write."""
        session = self._require()
        if not session.is_one_query(sql):
            raise WarehouseError(f"Nothing was run. Only a single reading statement is allowed here, not: {sql[:120]}")
        return session.rows(sql, parameters)

    def refresh_staging(self) -> None:
        """Make staging a copy of production, in one transaction; makes the file and both schemas if missing.

        Tables that are equal are left alone, what only staging has is dropped, and so is staging's marker. A view
        of production that cannot be read is not copied: nothing could re-create it. Raises WarehouseError.
        """
        session = self._open()
        with session.transaction(refusal=_NOT_REFRESHED):
            self._create_schemas(session, refusal=_NOT_REFRESHED)
            for statement in refresh_plan(self._pairs(session), catalog=self._catalog(session)):
                session.change(statement, refusal=_NOT_REFRESHED)

    def secrets(self) -> frozenset[str]:
        """None: DuckDB hides nothing from anybody."""
        return frozenset()

    def preflight(self) -> tuple[Finding, ...]:
        """What the exchange cannot move faithfully, and what would read the wrong side afterwards."""
        session = self._require()
        return find_problems(session, self._homes.pairs)

    def exchange(self, release: Release, guard: Callable[[], None]) -> tuple[Statement, ...]:
        """Swap staging and production and leave the marker, in one transaction; `guard` is its first act.

        Nothing is done, and () returned, if production's marker names this run already. The marker that
        production had goes to staging with the old contents, so a second exchange by another run is a rollback.
        Any exception, also one of `guard`, rolls everything back and passes through. Raises WarehouseError.
        """
        session = self._require()
        with session.transaction(refusal=_NOT_PUBLISHED) as statements:
            old = [self._marker(session, pair.production) for pair in self._homes.pairs]
            if old[0] is not None and old[0].run == release.run:
                return ()
            guard()
            self._create_schemas(session, refusal=_NOT_PUBLISHED)
            pairs, catalog = self._pairs(session), self._catalog(session)
            for statement in exchange_plan(pairs, release=release, old=old, catalog=catalog):
                session.change(statement, refusal=_NOT_PUBLISHED)
        return tuple(statements)

    def ledger(self) -> Ledger | None:
        """None: who may open the file may read it, and no statement is a round trip."""
        return None

    def keeps_dropped_staging(self) -> bool:
        """DuckDB keeps nothing that was dropped."""
        return False

    def released(self, env: Environment) -> Release | None:
        """The marker of the environment; None if it has none, or if there is no schema or file."""
        if not self._has_file():
            return None
        return self._marker(self._open(), self._homes.schemas(env)[0])

    def partly_released(self) -> PartlyReleased | None:
        """None: one transaction exchanges all schemas."""
        return None

    def _marker(self, session: Session, schema: str) -> Release | None:
        if not has_marker(session.rows, schema):
            return None
        found = session.rows(f'SELECT "run", "digest", "at" FROM {qualified(schema, MARKER_TABLE)}')
        return Release(*found[0]) if found else None

    def _has_file(self) -> bool:
        if not self._is_entered:
            raise errors.not_open()
        return self._session is not None or self._path.exists()

    def _require(self) -> Session:
        if not self._has_file():
            raise errors.no_file(self._path)
        return self._open()

    def _open(self) -> Session:
        if self._session is None:
            self._session = open_session(
                self._path,
                wait_seconds=self._wait_seconds,
                timeout_seconds=self._timeout_seconds,
                settings=self._settings,
            )
        return self._session

    def _create_schemas(self, session: Session, *, refusal: str) -> None:
        names = [name for pair in self._homes.pairs for name in (pair.production, pair.staging)]
        for found in find_ambiguous(session, names):
            raise WarehouseError(f"{refusal} `{found.object}` {found.consequence}. {found.remedy}")
        for name in names:
            if exact_name(session.rows, name) is None:
                session.change(f"CREATE SCHEMA {quote(name)}", refusal=refusal)

    @staticmethod
    def _broken_views(session: Session, schema: Schema) -> frozenset[str]:
        return frozenset(
            name
            for name, view in schema.views.items()
            if not is_readable(view) or not session.is_valid(f"SELECT * FROM {qualified(schema.name, view.name)}")
        )

    @staticmethod
    def _catalog(session: Session) -> str:
        [(catalog,)] = session.rows("SELECT current_database()")
        return str(catalog)

    def _pairs(self, session: Session) -> tuple[Pair, ...]:
        return tuple(self._pair(session, pair) for pair in self._homes.pairs)

    def _pair(self, session: Session, names: SchemaPair) -> Pair:
        production = read_schema(session.rows, names.production)
        staging = read_schema(session.rows, names.staging)
        return Pair(
            production=production,
            staging=staging,
            equal=self._equal_tables(session, production, staging),
            broken=self._broken_views(session, production),
        )

    def _equal_tables(self, session: Session, production: Schema, staging: Schema) -> frozenset[str]:
        def content(schema: Schema, name: str) -> Any:
            return session.rows(fingerprint_sql(schema.tables[name], schema.name, self.dialect))

        return frozenset(
            name
            for name in production.tables.keys() & staging.tables.keys()
            if definition(production.tables[name]) == definition(staging.tables[name])
            and content(production, name) == content(staging, name)
        )
