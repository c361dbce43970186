"""The rest: COMMENT ON, CALL, CREATE TABLE LIKE and CLONE, column comments, and objects that only SHOW knows."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.snowflake import access, objects, policies, tables, views
from tests.snowflake.catalog import Thing, full_path, now, schema_path
from tests.snowflake.creating import Creation
from tests.snowflake.errors import SnowflakeError, missing, syntax
from tests.snowflake.identifiers import shown
from tests.snowflake.reader import Reader
from tests.snowflake.resolving import lookup
from tests.snowflake.results import DONE, Result, message, table_of

if TYPE_CHECKING:
    from tests.snowflake.session import Session

LISTED = ("STREAM", "TASK", "PIPE", *policies.KINDS, "DYNAMIC TABLE", "SEQUENCE", "STAGE", "ALERT")
"""They exist, are listed and travel with their schema."""


def comment(session: Session, reader: Reader) -> Result:
    """COMMENT ON SCHEMA|TABLE|VIEW|COLUMN. docs: sql-reference/sql/comment"""
    if_exists = reader.take("IF EXISTS")
    reader.expect("ON")
    kind, name = reader.word(), reader.name()
    reader.expect("IS")
    text = reader.value()
    session.end_transaction()
    try:
        if kind == "SCHEMA":
            session.catalog.schema(*schema_path(name, session.database)).comment = text
        elif kind == "COLUMN":
            _, thing = lookup(name[:-1], session.scope())
            _column(thing, name[-1]).comment = text
        else:
            _, thing = lookup(name, session.scope())
            thing.comment = text
            thing.altered = now()
    except SnowflakeError:
        if not if_exists:
            raise
    return message(DONE)


def _column(thing: Thing, name: str):  # type: ignore[no-untyped-def]
    for column in thing.columns:
        if column.name == name:
            return column
    raise SnowflakeError(904, "42000", f"SQL compilation error: error line 1\ninvalid identifier '{shown(name)}'")


def call(session: Session, reader: Reader) -> Result:
    """CALL SYSTEM$WAIT(seconds). docs: sql-reference/functions/system_wait"""
    name = reader.word()
    if name != "SYSTEM$WAIT":
        raise missing("Procedure", name)
    reader.expect("(")
    seconds = float(reader.value())
    session.pause(seconds)
    return table_of(("SYSTEM$WAIT",), [(f"waited {seconds:g} seconds",)])


def create_table(session: Session, reader: Reader, creation: Creation) -> Result | None:
    """CREATE TABLE ... CLONE and ... LIKE; None leaves the others to the SQL parser.

    docs: sql-reference/sql/create-clone (grants only with COPY GRANTS), sql-reference/sql/create-table
    """
    name = reader.name()
    how = next((word for word in ("CLONE", "LIKE") if reader.take(word)), "")
    if not how:
        return None
    path = full_path(name, session.database, session.schema)
    if not objects.free(session, path, "TABLE", None, temporary=creation.temporary, replace=creation.replace,
                        if_not_exists=creation.if_not_exists):  # fmt: skip
        return message(f"{shown(path[2])} already exists, statement succeeded.")
    source_path, source = lookup(reader.name(), session.scope())
    session.check(session.role, "SELECT", source_path, source)
    session.end_transaction()
    made = tables.clone(session, source_path, source, path)
    if how == "LIKE":
        tables.empty(session, path, made)
    made.temporary = creation.temporary
    copies = "COPY GRANTS" in " ".join(reader.text.upper().split())
    objects.put(session, path, made, copy_grants=copies)
    return message(f"Table {shown(path[2])} successfully created.")


def alter_column(session: Session, text: str) -> Result | None:
    """ALTER TABLE t ALTER|MODIFY [COLUMN] c COMMENT '...' [, ...], which dbt's persist_docs sends."""
    reader = Reader(text)
    reader.word(), reader.word()
    reader.take("IF EXISTS")
    name = reader.name()
    if not (reader.take("ALTER") or reader.take("MODIFY")) or "COMMENT" not in text.upper():
        return None
    _, thing = lookup(name, session.scope())
    reader.take("(")
    while not reader.done and not reader.at(")"):
        reader.take(",")
        reader.take("ALTER")
        reader.take("COLUMN")
        [column] = reader.name()
        reader.expect("COMMENT")
        _column(thing, column).comment = reader.value()
    thing.altered = now()
    return message(DONE)


def create(session: Session, reader: Reader, creation: Creation) -> Result:
    """An object that is listed and does nothing; a dynamic table is read as if it were refreshed all the time."""
    if creation.kind not in LISTED:
        raise SnowflakeError(2, "0A000", f"Unsupported feature 'CREATE {creation.kind}'.")
    path = full_path(reader.name(), session.database, session.schema)
    if not objects.free(session, path, creation.kind, None, replace=creation.replace,
                        if_not_exists=creation.if_not_exists):  # fmt: skip
        return message(f"{shown(path[2])} already exists, statement succeeded.")
    thing = Thing(kind=creation.kind, owner=session.role, text=reader.text)
    if creation.kind == "STREAM":
        reader.expect("ON")
        thing.options["source_type"] = reader.word().title()
        thing.options["table_name"] = ".".join(full_path(reader.name(), session.database, session.schema))
    thing.options |= {name.lower(): value for name, value in reader.options().items()}
    thing.comment = thing.options.get("comment", "")
    if creation.kind == "DYNAMIC TABLE":
        reader.expect("AS")
        views.take_query(session, reader, path, thing, [])
    thing.options.setdefault("state", "suspended")
    objects.put(session, path, thing)
    return message(f"{creation.kind.capitalize()} {shown(path[2])} successfully created.")


def alter(session: Session, reader: Reader, kind: str) -> Result:
    """ALTER TASK ... RESUME | SUSPEND and the like."""
    if kind not in LISTED:
        raise syntax(f"The stand-in does not know ALTER {kind}.")
    reader.take("IF EXISTS")
    _, thing = objects.found(session, reader.name(), (kind,))
    access.require_ownership(session.catalog, session.role, thing, kind, thing.kind)
    if reader.take("RESUME"):
        thing.options["state"] = "started"
    elif reader.take("SUSPEND"):
        thing.options["state"] = "suspended"
    return message(DONE)
