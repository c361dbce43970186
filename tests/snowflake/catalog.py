"""What the account holds: databases, schemas, objects, roles, grants. Data lies in DuckDB, everything else here."""

import itertools
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from tests.snowflake.errors import SnowflakeError, missing
from tests.snowflake.identifiers import dotted, encode
from tests.snowflake.reader import Name

Path = tuple[str, str, str]
"""Database, schema, object."""


def now() -> datetime:
    """The time of the account's clock."""
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class Grant:
    """One privilege that one role has on the thing that holds this grant."""

    privilege: str
    role: str
    option: bool
    granted_by: str
    at: datetime
    to: str = "ROLE"
    """ROLE; SHARE: then `role` is the name of the share; DATABASE_ROLE: then it is `DATABASE.ROLE`."""


@dataclass(frozen=True, slots=True)
class FutureGrant:
    """What every new object of one kind in a schema will be granted."""

    privilege: str
    kind: str
    role: str
    option: bool
    at: datetime
    to: str = "ROLE"


@dataclass(slots=True, kw_only=True)
class Securable:
    """Anything that has an owner, a comment and grants."""

    owner: str
    comment: str = ""
    created: datetime = field(default_factory=now)
    altered: datetime = field(default_factory=now)
    grants: list[Grant] = field(default_factory=list)


@dataclass(slots=True, kw_only=True)
class Column:
    """A column as it was declared. `type` is Snowflake's spelling without parameters: NUMBER, TEXT, TIMESTAMP_TZ."""

    name: str
    type: str
    length: int | None = None
    precision: int | None = None
    scale: int | None = None
    nullable: bool = True
    default: str | None = None
    comment: str = ""


@dataclass(frozen=True, slots=True, eq=False)
class Attached:
    """A policy or a tag on an object or a column of it. The policy is known by itself: it may be renamed and moved."""

    kind: str
    column: str
    policy: "Thing"
    columns: tuple[str, ...] = ()
    """What the policy reads, where that was said."""
    value: str = ""
    """Of a tag."""


@dataclass(slots=True, kw_only=True)
class Thing(Securable):
    """An object of a schema: TABLE, VIEW, STREAM, TASK, ..."""

    kind: str
    physical: str = ""
    """DuckDB's schema of the one table; it has the encoded name of the object."""
    text: str = ""
    """The statement that created it, as typed."""
    columns: list[Column] = field(default_factory=list)
    transient: bool = False
    temporary: bool = False
    secure: bool = False
    options: dict[str, Any] = field(default_factory=dict)
    attached: list[Attached] = field(default_factory=list)


@dataclass(slots=True, kw_only=True)
class Schema(Securable):
    """A schema. Swapping two schemas exchanges two of these values, so everything in them travels."""

    managed: bool = False
    transient: bool = False
    things: dict[str, Thing] = field(default_factory=dict)
    future: list[FutureGrant] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class DroppedSchema:
    """A schema that was dropped or replaced, where it was, and when that happened."""

    path: tuple[str, str]
    schema: Schema
    at: datetime


@dataclass(slots=True, kw_only=True)
class Database(Securable):
    """A database. Swapping two databases exchanges two of these values, so everything in them travels."""

    transient: bool = False
    retention: str = "1"
    """DATA_RETENTION_TIME_IN_DAYS, as SHOW DATABASES tells it."""
    schemas: dict[str, Schema] = field(default_factory=dict)
    future: list[FutureGrant] = field(default_factory=list)
    roles: dict[str, "Role"] = field(default_factory=dict)


@dataclass(slots=True, kw_only=True)
class Role(Securable):
    """A role and the roles whose privileges it inherits."""

    inherits: list[Grant] = field(default_factory=list)
    """Here `role` is the role whose privileges are inherited."""


@dataclass(slots=True, kw_only=True)
class ComputeWarehouse(Securable):
    """A virtual warehouse."""

    suspended: bool = False


class Catalog:
    """Everything that is not rows."""

    def __init__(self) -> None:
        self.account = Securable(owner="ACCOUNTADMIN")
        """Holds the grants ON ACCOUNT."""
        self.databases: dict[str, Database] = {}
        self.dropped: list[DroppedSchema] = []
        """In the order in which they were dropped."""
        self.roles: dict[str, Role] = {}
        self.shares: dict[str, Securable] = {}
        self.warehouses: dict[str, ComputeWarehouse] = {}
        self._numbers = itertools.count(1)

    def new_physical(self) -> str:
        """A DuckDB schema name that was never used."""
        return f"O{next(self._numbers)}"

    def database(self, name: str) -> Database:
        """The database. Raises SnowflakeError."""
        if name not in self.databases:
            raise missing("Database", dotted(name))
        return self.databases[name]

    def role(self, name: str) -> Role | None:
        """The role of the account, or the database role that is called `DATABASE.ROLE`."""
        database, _, inside = name.partition(".")
        within = self.databases.get(database)
        return self.roles.get(name) or (within.roles.get(inside) if within else None)

    def schema(self, database: str, name: str) -> Schema:
        """The schema. Raises SnowflakeError."""
        schemas = self.database(database).schemas
        if name not in schemas:
            raise missing("Schema", dotted(database, name))
        return schemas[name]

    def find(self, path: Path) -> Thing | None:
        """The object, or None; also None if the schema is not there."""
        database = self.databases.get(path[0])
        schema = database.schemas.get(path[1]) if database else None
        return schema.things.get(path[2]) if schema else None

    def thing(self, path: Path, kind: str = "Object") -> Thing:
        """The object. Raises SnowflakeError."""
        found = self.find(path)
        if found is None:
            raise missing(kind, dotted(*path))
        return found

    def things(self, database: str | None = None) -> Iterator[tuple[Path, Thing]]:
        """Every object of a database or of the account, by name."""
        for db_name, found in sorted(self.databases.items()):
            if database in (None, db_name):
                for schema_name, schema in sorted(found.schemas.items()):
                    for name, thing in sorted(schema.things.items()):
                        yield (db_name, schema_name, name), thing


def physical_name(path: Path, thing: Thing) -> tuple[str, str]:
    """Schema and table of a table's rows in DuckDB."""
    return thing.physical, encode(path[2])


def full_path(name: Name, database: str | None, schema: str | None) -> Path:
    """The name of an object, qualified with what the session uses. docs: sql-reference/name-resolution"""
    if len(name) == 3:
        return name[0], name[1], name[2]
    if not database:
        raise SnowflakeError(90105, "22000", no_current("database", "DATABASE"))
    if len(name) == 2:
        return database, name[0], name[1]
    if not schema:
        raise SnowflakeError(90106, "22000", no_current("schema", "SCHEMA"))
    return database, schema, name[0]


def schema_path(name: Name, database: str | None) -> tuple[str, str]:
    """The name of a schema, qualified with what the session uses."""
    if len(name) == 2:
        return name[0], name[1]
    if not database:
        raise SnowflakeError(90105, "22000", no_current("database", "DATABASE"))
    return database, name[0]


def no_current(what: str, use: str) -> str:
    """The sentence for a name that cannot be completed."""
    return (
        f"Cannot perform operation. This session does not have a current {what}. "
        f"Call 'USE {use}', or use a qualified name."
    )
