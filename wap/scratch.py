"""Two schemas, or databases, of a name that nobody has, in which `wap doctor --conformance` may do as it likes."""

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from copy import copy
from dataclasses import dataclass, replace
from pathlib import Path
from uuid import uuid4

from flows.contract import Target
from flows.dbt_project.profile import Connection
from flows.warehouse.base import Environment, Warehouse, WarehouseError
from flows.warehouse.opening import open_warehouse, snowflake_access
from flows.warehouse.snowflake.catalog import Home, read_kinds
from flows.warehouse.snowflake.dialect import quote
from flows.warehouse.snowflake.errors import ConnectionLost
from flows.warehouse.snowflake.session import Session
from flows.warehouse.snowflake.views import pairs_of

REFUSAL = "The check could not be made."


class NoDatabase(WarehouseError):
    """This role may not make a database to try a swap with."""


@dataclass(frozen=True, slots=True)
class Scratch:
    """The schemas or databases, which may not be there yet."""

    connection: Connection
    target: Target

    def run(self, sql: str) -> None:
        """Change something in them, on a connection of its own. Raises WarehouseError."""
        if self.has_grants:
            with self.session() as session:
                session.change(sql, refusal=REFUSAL)
        else:
            _on_duckdb(self.connection, sql)

    def warehouse(self) -> Warehouse:
        """A warehouse over them that is not open yet."""
        # Nobody has granted the audit role anything on schemas that come and go.
        options = self.connection.options.model_copy(update={"audit_role": ""})
        return open_warehouse(replace(self.connection, options=options), self.target, run="conformance")

    @contextmanager
    def session(self) -> Iterator[Session]:
        """A session of Snowflake."""
        session = Session(snowflake_access(self.connection, self.target, run="conformance"))
        session.open()
        try:
            yield session
        finally:
            session.close()

    def home(self, env: Environment) -> Home:
        """Database and schema in Snowflake's catalog."""
        [pair] = pairs_of(snowflake_access(self.connection, self.target).facts)
        return pair.production if env is Environment.PRODUCTION else pair.staging

    def kinds(self, session: Session, env: Environment) -> tuple[tuple[str, str], ...]:
        """What is in the schema, in GRANT's words."""
        home = self.home(env)
        return read_kinds(session, home.database, home.schema)

    @property
    def has_grants(self) -> bool:
        """Whether this kind of warehouse knows who may do what."""
        return self.target.warehouse == "snowflake"

    def name(self, env: Environment, relation: str = "") -> str:
        """The quoted name of a relation, or of the schema itself."""
        full = self.warehouse().table(env, relation or "x")
        return full if relation else full.rpartition(".")[0]


def scratch(connection: Connection, target: Target) -> AbstractContextManager[Scratch]:
    """The schemas, not made yet, or the databases, of which production's is; whatever happens, they are gone
    afterwards. Raises WarehouseError, and NoDatabase where this role may make none."""
    return _databases(connection, target) if target.staging_database else _schemas(connection, target)


@contextmanager
def _databases(connection: Connection, target: Target) -> Iterator[Scratch]:
    name = f"wap_check_{uuid4().hex[:8]}"
    staging, schema = f"develop_{name}", "dwh"
    mine = target.model_copy(
        update={"production": schema, "staging": f"{staging}.{schema}", "further": (), "staging_database": staging}
    )
    credentials = copy(connection.credentials)
    credentials.database = name
    found = Scratch(replace(connection, credentials=credentials), mine)
    names = [quote(found.home(env).database) for env in Environment]
    try:
        try:
            found.run(f"CREATE DATABASE {quote(found.home(Environment.PRODUCTION).database)}")
        except ConnectionLost:
            raise
        except WarehouseError as error:
            raise NoDatabase(str(error)) from error
        yield found
    finally:
        for one in names:
            found.run(f"DROP DATABASE IF EXISTS {one}")


@contextmanager
def _schemas(connection: Connection, target: Target) -> Iterator[Scratch]:
    name = f"wap_check_{uuid4().hex[:8]}"
    mine = target.model_copy(update={"production": name, "staging": f"develop_{name}", "further": ()})
    found = Scratch(connection, mine)
    ending = "" if target.warehouse == "snowflake" else " CASCADE"
    try:
        yield found
    finally:
        for env in Environment:
            found.run(f"DROP SCHEMA IF EXISTS {found.name(env)}{ending}")


def _on_duckdb(connection: Connection, sql: str) -> None:
    from flows.warehouse.duckdb.session import open_session

    session = open_session(Path(connection.credentials.path), wait_seconds=10.0, timeout_seconds=60.0)
    try:
        session.change(sql, refusal=REFUSAL)
    finally:
        session.close()
