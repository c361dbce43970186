"""Schemas that were dropped or replaced: kept for a while, listed, and brought back under their old name.

docs: sql-reference/sql/undrop-schema, sql-reference/sql/show-schemas (HISTORY), user-guide/data-time-travel
Simplified: the last few of an account are kept instead of those of the last days; all that is in them comes back, also
transient tables; nothing else can be undropped, and there is no AT or BEFORE.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.snowflake import access
from tests.snowflake.catalog import DroppedSchema, Schema, now, schema_path
from tests.snowflake.errors import SnowflakeError, exists, forbidden, missing
from tests.snowflake.identifiers import dotted, shown
from tests.snowflake.reader import Reader
from tests.snowflake.results import Result, message

if TYPE_CHECKING:
    from tests.snowflake.session import Session

KEPT = 10


def retire(session: Session, path: tuple[str, str], schema: Schema) -> None:
    """Keep a schema that nobody can name any more; the oldest of many is gone for good."""
    dropped = session.catalog.dropped
    dropped.append(DroppedSchema(path, schema, now()))
    while len(dropped) > KEPT:
        forget(session, dropped.pop(0).schema)


def forget(session: Session, schema: Schema) -> None:
    """Give back the room of everything in a schema that is gone."""
    for thing in schema.things.values():
        session.drop_rows(thing)


def undrop(session: Session, reader: Reader) -> Result:
    """UNDROP SCHEMA: the version that was dropped last; its name must be free, and the role its owner."""
    if not reader.take("SCHEMA"):
        raise SnowflakeError(2, "0A000", "Unsupported feature 'UNDROP of anything but a schema'.")
    session.end_transaction()
    path = schema_path(reader.name(), session.database)
    database = session.catalog.database(path[0])
    if path[1] in database.schemas:
        raise exists(dotted(*path))
    found = next((one for one in reversed(session.catalog.dropped) if one.path == path), None)
    if found is None:
        raise missing("Schema", dotted(*path))
    access.require_ownership(session.catalog, session.role, found.schema, "schema", shown(path[1]))
    if not access.has(session.catalog, session.role, database, "CREATE SCHEMA"):
        raise forbidden("database", shown(path[0]))
    session.catalog.dropped.remove(found)
    database.schemas[path[1]] = found.schema
    return message(f"Schema {shown(path[1])} successfully restored.")
