"""What a GRANT, a REVOKE or a SHOW GRANTS is about. docs: sql-reference/sql/grant-privilege"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from tests.snowflake.catalog import FutureGrant, Schema, Securable, full_path, schema_path
from tests.snowflake.errors import impossible, missing
from tests.snowflake.identifiers import dotted, shown
from tests.snowflake.objects import TABLE_LIKE
from tests.snowflake.reader import Reader

if TYPE_CHECKING:
    from tests.snowflake.session import Session

KINDS = (
    "DYNAMIC TABLE", "MATERIALIZED VIEW", "EXTERNAL TABLE", "MASKING POLICY", "ROW ACCESS POLICY",
    "PROJECTION POLICY", "AGGREGATION POLICY", "TAG", "TABLE", "VIEW",
    "STREAM", "TASK", "PIPE", "SEQUENCE", "STAGE", "FUNCTION", "PROCEDURE",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Target:
    """One thing that a GRANT is about, with the schema that holds it."""

    kind: str
    name: str
    what: Securable
    schema: Schema | None


@dataclass(frozen=True, slots=True)
class Future:
    """FUTURE <kind> IN SCHEMA|DATABASE: where the grants to come are kept."""

    kind: str
    holder: list[FutureGrant]
    container: Securable
    name: str


def read_targets(session: Session, reader: Reader) -> tuple[list[Target], list[Future]]:
    """The objects there are, and the places for those to come. Raises SnowflakeError."""
    if reader.take("FUTURE"):
        kind = _plural(reader)
        reader.expect("IN")
        return [], [_future(session, reader, kind)]
    if reader.take("ALL"):
        kind = _plural(reader)
        reader.expect("IN")
        return _all(session, reader, kind), []
    return [one(session, reader)], []


def _plural(reader: Reader) -> str:
    plurals = {_many(kind): kind for kind in (*KINDS, "SCHEMA")}
    return plurals[reader.choice(*plurals)]


def _many(kind: str) -> str:
    return kind[:-1] + "IES" if kind.endswith("Y") else kind + "S"


def _future(session: Session, reader: Reader, kind: str) -> Future:
    if reader.take("DATABASE"):
        [name] = reader.name()
        database = session.catalog.database(name)
        return Future(kind, database.future, database, shown(name))
    reader.expect("SCHEMA")
    path = schema_path(reader.name(), session.database)
    schema = session.catalog.schema(*path)
    return Future(kind, schema.future, schema, dotted(*path))


def _all(session: Session, reader: Reader, kind: str) -> list[Target]:
    if reader.take("DATABASE"):
        [name] = reader.name()
        holders = [((name, key), schema) for key, schema in session.catalog.database(name).schemas.items()]
    else:
        reader.expect("SCHEMA")
        path = schema_path(reader.name(), session.database)
        holders = [(path, session.catalog.schema(*path))]
    if kind == "SCHEMA":
        return [Target("SCHEMA", dotted(*path), schema, schema) for path, schema in holders]
    return [
        Target(kind, dotted(*path, name), thing, schema)
        for path, schema in holders
        for name, thing in schema.things.items()
        if thing.kind == kind
    ]


def one(session: Session, reader: Reader) -> Target:
    """Without a word for its kind, an object is a table or a view; that is how dbt grants."""
    kinds = ("ACCOUNT", "DATABASE", "SCHEMA", "WAREHOUSE", "ROLE", *KINDS)
    kind = reader.choice(*kinds) if any(reader.at(kind) for kind in kinds) else "TABLE"
    return target(session, kind, reader)


def target(session: Session, kind: str, reader: Reader) -> Target:
    """What a GRANT or SHOW GRANTS names. Raises SnowflakeError."""
    catalog = session.catalog
    if kind == "ACCOUNT":
        return Target(kind, "STAND_IN", catalog.account, None)
    name = reader.name()
    match kind:
        case "DATABASE":
            return Target(kind, shown(name[0]), catalog.database(name[0]), None)
        case "SCHEMA":
            path = schema_path(name, session.database)
            return Target(kind, dotted(*path), catalog.schema(*path), catalog.schema(*path))
        case "WAREHOUSE" | "ROLE":
            known = catalog.warehouses if kind == "WAREHOUSE" else catalog.roles
            if name[0] not in known:
                raise missing(kind.title(), shown(name[0]))
            return Target(kind, shown(name[0]), known[name[0]], None)
        case _:
            full = full_path(name, session.database, session.schema)
            thing = catalog.thing(full, kind.title())
            if thing.kind != kind and not (kind in ("TABLE", "VIEW") and thing.kind in TABLE_LIKE):
                raise impossible()
            return Target(thing.kind, dotted(*full), thing, catalog.schema(*full[:2]))
