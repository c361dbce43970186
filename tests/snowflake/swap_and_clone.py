"""ALTER SCHEMA and ALTER DATABASE SWAP WITH, and CREATE SCHEMA CLONE.

docs: sql-reference/sql/alter-schema: a swap exchanges all objects and metadata of two schemas, and the privileges that
are granted on the schemas and on what they contain; the role must own both.
So the two schema objects exchange their names: what belongs to a schema (comment, owner, grants, future grants, managed
access) stays with its contents. That future grants and managed access travel, too, is our reading of that page.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from tests.snowflake import access, policies, tables
from tests.snowflake.catalog import Schema, Thing, now, schema_path
from tests.snowflake.errors import SnowflakeError, exists, impossible
from tests.snowflake.identifiers import dotted, shown
from tests.snowflake.reader import Name
from tests.snowflake.results import DONE, Result, message

if TYPE_CHECKING:
    from tests.snowflake.session import Session

SchemaPath = tuple[str, str]

_NOT_CLONED = ("EXTERNAL TABLE", "STAGE")
"""docs: user-guide/object-clone (external tables and internal stages are not cloned; it knows no
external stages)"""


def swap(session: Session, one: SchemaPath, other: SchemaPath) -> Result:
    """Exchange two schemas in one operation."""
    first = session.catalog.schema(*one)
    second = session.catalog.database(other[0]).schemas.get(other[1])
    if second is None:
        raise impossible()
    access.require_ownership(session.catalog, session.role, second, "schema", shown(other[1]))
    with session.account.lock:
        session.catalog.database(one[0]).schemas[one[1]] = second
        session.catalog.database(other[0]).schemas[other[1]] = first
        first.altered = second.altered = now()
    return message(DONE)


def swap_databases(session: Session, one: str, other: str) -> Result:
    """Exchange two databases in one operation: what is in them and what is granted on them and in them, as for schemas.

    docs: sql-reference/sql/alter-database (SWAP WITH; only the owner of a database). That schemas which were dropped
    before belong to the database that they were in, and travel with it, is our reading of that page.
    """
    databases = session.catalog.databases
    first, second = databases[one], databases.get(other)
    if second is None:
        raise impossible()
    access.require_ownership(session.catalog, session.role, second, "database", shown(other))
    if first.roles or second.roles:
        raise SnowflakeError(2, "0A000", "Unsupported feature 'the stand-in swaps no databases with database roles'.")
    with session.account.lock:
        databases[one], databases[other] = second, first
        names = {one: other, other: one}
        dropped = session.catalog.dropped
        dropped[:] = [replace(gone, path=(names.get(gone.path[0], gone.path[0]), gone.path[1])) for gone in dropped]
        first.altered = second.altered = now()
    return message(DONE)


def rename(session: Session, old: SchemaPath, new: SchemaPath) -> Result:
    """ALTER SCHEMA ... RENAME TO, also into another database."""
    if new[1] in session.catalog.database(new[0]).schemas:
        raise exists(dotted(new[1]))
    with session.account.lock:
        schema = session.catalog.database(old[0]).schemas.pop(old[1])
        session.catalog.database(new[0]).schemas[new[1]] = schema
        schema.altered = now()
    if (session.database, session.schema) == old:
        session.database, session.schema = new
    return message(DONE)


def clone(session: Session, name: Name, made: Schema, target: SchemaPath) -> None:
    """Fill a new schema with copies: grants on the contents and future grants are copied, grants on the schema itself
    are not; tasks are suspended; views keep their text, so that qualified names still read the source.

    docs: user-guide/object-clone (access control privileges for cloned objects; future grants; tasks)
    """
    source_path = schema_path(name, session.database)
    source = session.catalog.schema(*source_path)
    made.future = list(source.future)
    for thing_name, thing in source.things.items():
        if thing.kind not in _NOT_CLONED:
            made.things[thing_name] = _cloned(session, (*source_path, thing_name), thing, (*target, thing_name))
    policies.remap(source, made)


def _cloned(session: Session, path: tuple[str, str, str], thing: Thing, target: tuple[str, str, str]) -> Thing:
    if thing.physical:
        found = tables.clone(session, path, thing, target)
    else:
        found = replace(thing, owner=session.role, created=now(), altered=now(), options=dict(thing.options),
                        attached=list(thing.attached))  # fmt: skip
    found.grants = list(thing.grants)
    if found.kind in ("TASK", "ALERT"):
        found.options["state"] = "suspended"
    return found
