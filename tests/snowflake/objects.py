"""Objects of a schema, whatever their kind: whether a name is free, putting them in place, renaming, dropping."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from sqlglot import exp

from tests.snowflake import access
from tests.snowflake.catalog import FutureGrant, Grant, Path, Schema, Thing, full_path, now
from tests.snowflake.errors import SnowflakeError, exists, forbidden, impossible
from tests.snowflake.identifiers import dotted, encode, shown
from tests.snowflake.reader import Name, Reader
from tests.snowflake.resolving import DATA
from tests.snowflake.results import DONE, Result, message

if TYPE_CHECKING:
    from tests.snowflake.session import Session

TABLE_LIKE = ("TABLE", "VIEW", "DYNAMIC TABLE", "MATERIALIZED VIEW", "EXTERNAL TABLE")
"""Kinds that share one namespace. docs: sql-reference/identifiers (unique within type)"""


def free(session: Session, path: Path, kind: str, create: exp.Create | None, *, temporary: bool = False,
         replace: bool = False, if_not_exists: bool = False) -> bool:  # fmt: skip
    """Whether to go on creating: False when it exists and IF NOT EXISTS was said. Raises SnowflakeError."""
    replace = replace or bool(create and create.args.get("replace"))
    if_not_exists = if_not_exists or bool(create and create.args.get("exists"))
    session.catalog.schema(path[0], path[1])
    known = session.temporary.get(path) if temporary else session.catalog.find(path)
    if known is None:
        if not temporary:
            access.require_create(session.catalog, session.role, path[0], path[1], kind)
        return True
    if if_not_exists:
        return False
    if not replace:
        raise exists(dotted(*path))
    if known.kind != kind:
        raise SnowflakeError(
            2203, "42710", f"SQL compilation error:\nObject '{shown(path[2])}' already exists as {known.kind}"
        )
    if not temporary and not access.owns(session.catalog, session.role, known):
        raise forbidden(kind, shown(path[2]))
    return True


def put(session: Session, path: Path, thing: Thing, *, copy_grants: bool = False) -> None:
    """Put the object in place: a replaced one is gone, its grants are copied if that was said, else the schema's
    future grants apply. docs: sql-reference/sql/create-table (COPY GRANTS), sql-reference/sql/grant-privilege"""
    if thing.temporary:
        replaced = session.temporary.get(path)
        session.temporary[path] = thing
    else:
        schema = session.catalog.schema(path[0], path[1])
        replaced = schema.things.get(path[2])
        if replaced and copy_grants:
            thing.grants = list(replaced.grants)
        else:
            apply_future(session, path, thing)
        schema.things[path[2]] = thing
        schema.altered = now()
    if replaced is not None:
        session.drop_rows(replaced)


def apply_future(session: Session, path: Path, thing: Thing) -> None:
    """Future grants of the schema; the database's only if the schema has none for this kind.

    docs: user-guide/security-access-control-configure (future grants: precedence)
    """
    schema: Schema = session.catalog.schema(path[0], path[1])
    in_schema = [grant for grant in schema.future if grant.kind == thing.kind]
    in_database = [grant for grant in session.catalog.database(path[0]).future if grant.kind == thing.kind]
    for future in in_schema or in_database:
        _apply(thing, future)


def _apply(thing: Thing, future: FutureGrant) -> None:
    if future.privilege == "OWNERSHIP":
        thing.owner = future.role
    else:
        thing.grants.append(Grant(future.privilege, future.role, future.option, thing.owner, now(), future.to))


def drop(session: Session, name: Name, kinds: Sequence[str], *, if_exists: bool) -> Result:
    """DROP of one object. docs: sql-reference/sql/drop-table, drop-view"""
    session.end_transaction()
    path = full_path(name, session.database, session.schema)
    hidden = session.temporary.get(path)
    thing = hidden or session.catalog.find(path)
    if thing is None:
        if if_exists:
            return message("Drop statement executed successfully (" + shown(path[2]) + " already dropped).")
        raise SnowflakeError(
            2003,
            "42S02",
            f"SQL compilation error:\n{kinds[0].title()} '{dotted(*path)}' does not exist or not authorized.",
        )
    if thing.kind not in kinds:
        text = f"SQL compilation error:\nObject found is of type '{thing.kind}', not specified type '{kinds[0]}'."
        raise SnowflakeError(2203, "42000", text)
    if not hidden:
        access.require_ownership(session.catalog, session.role, thing, kinds[0], shown(path[2]))
        del session.catalog.schema(path[0], path[1]).things[path[2]]
    else:
        del session.temporary[path]
    session.drop_rows(thing)
    return message(f"{shown(path[2])} successfully dropped.")


def found(session: Session, name: Name, kinds: Sequence[str]) -> tuple[Path, Thing]:
    """The object of a command such as ALTER or DESCRIBE. Raises 002043."""
    path = full_path(name, session.database, session.schema)
    thing = session.temporary.get(path) or session.catalog.find(path)
    if thing is None or thing.kind not in kinds:
        raise impossible()
    return path, thing


def rename(session: Session, path: Path, thing: Thing, new: Name) -> Result:
    """ALTER TABLE|VIEW ... RENAME TO, also into another schema. Future grants are not applied.

    docs: sql-reference/sql/alter-table (RENAME TO), sql-reference/sql/grant-privilege
    """
    target = full_path(new, session.database, session.schema)
    if session.catalog.find(target):
        raise exists(dotted(*target))
    destination = session.catalog.schema(target[0], target[1])
    if thing.physical and path[2] != target[2]:
        session.duck.execute(
            f'ALTER TABLE {DATA}."{thing.physical}"."{encode(path[2])}" RENAME TO "{encode(target[2])}"'
        )
    if thing.temporary:
        session.temporary[target] = session.temporary.pop(path)
    else:
        destination.things[target[2]] = session.catalog.schema(path[0], path[1]).things.pop(path[2])
    thing.altered = now()
    return message(DONE)


def alter(session: Session, reader: Reader, kind: str) -> Result | None:
    """ALTER TABLE|VIEW: what is about the object itself; None leaves the rest to the SQL parser."""
    if_exists = reader.take("IF EXISTS")
    name = reader.name()
    if not (reader.at("RENAME TO") or reader.at("SWAP WITH") or reader.at("SET") or reader.at("UNSET")):
        return None
    try:
        path, thing = found(session, name, TABLE_LIKE)
    except SnowflakeError:
        if if_exists:
            return message(DONE)
        raise
    session.end_transaction()
    access.require_ownership(session.catalog, session.role, thing, kind, shown(path[2]))
    if reader.take("RENAME TO"):
        return rename(session, path, thing, reader.name())
    if reader.take("SWAP WITH"):
        return _swap(session, path, thing, reader.name())
    return _set(reader, thing)


def _set(reader: Reader, thing: Thing) -> Result:
    unset = reader.take("UNSET")
    secure = "SECURE" in reader.text.upper()
    options = reader.options()
    if "COMMENT" in options or (unset and "COMMENT" in reader.text.upper()):
        thing.comment = "" if unset else options["COMMENT"]
    elif secure:
        thing.secure = not unset
    thing.altered = now()
    return message(DONE)


def _swap(session: Session, path: Path, thing: Thing, name: Name) -> Result:
    """ALTER TABLE a SWAP WITH b. docs: sql-reference/sql/alter-table (SWAP WITH)"""
    other_path, other = found(session, name, ("TABLE",))
    access.require_ownership(session.catalog, session.role, other, "table", shown(other_path[2]))
    here, there = session.catalog.schema(*path[:2]).things, session.catalog.schema(*other_path[:2]).things
    for moved, old, new in ((thing, path, other_path), (other, other_path, path)):
        if old[2] != new[2]:
            session.duck.execute(
                f'ALTER TABLE {DATA}."{moved.physical}"."{encode(old[2])}" RENAME TO "{encode(new[2])}"'
            )
    here[path[2]], there[other_path[2]] = other, thing
    thing.altered = other.altered = now()
    return message(DONE)
