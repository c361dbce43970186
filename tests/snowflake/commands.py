"""Statements about the catalog and the session, which no SQL parser needs to see: who handles which."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.snowflake import (
    creating,
    database_roles,
    describing,
    grants,
    objects,
    policies,
    roles,
    schemas,
    show,
    special,
    undropping,
    using,
    views,
)
from tests.snowflake.errors import SnowflakeError
from tests.snowflake.reader import Reader
from tests.snowflake.results import Result

if TYPE_CHECKING:
    from tests.snowflake.session import Session


def run(session: Session, text: str) -> Result | None:
    """Run the statement if it is one of these; None leaves it to the SQL parser. Raises SnowflakeError."""
    reader = Reader(text)
    if reader.done:
        raise SnowflakeError(900, "42601", "SQL compilation error:\nEmpty SQL statement.")
    if reader.at("("):
        return None
    match reader.word():
        case "USE":
            return using.use(session, reader)
        case "SHOW":
            return show.run(session, reader)
        case "DESCRIBE" | "DESC":
            return describing.run(session, reader)
        case "GRANT":
            return grants.grant(session, reader)
        case "REVOKE":
            return grants.revoke(session, reader)
        case "CREATE":
            return _create(session, reader)
        case "DROP":
            return _drop(session, reader)
        case "UNDROP":
            return undropping.undrop(session, reader)
        case "ALTER":
            return _alter(session, reader)
        case "COMMENT":
            return special.comment(session, reader)
        case "CALL":
            return special.call(session, reader)
        case _:
            return None


def _create(session: Session, reader: Reader) -> Result | None:
    creation = creating.read(reader)
    match creation.kind:
        case "VIEW":
            return views.create(session, reader, creation)
        case "SCHEMA":
            return schemas.create(session, reader, creation)
        case "DATABASE":
            return schemas.create_database(session, reader, creation)
        case "SHARE":
            return roles.create_share(session, reader, creation)
        case "DATABASE ROLE":
            return database_roles.create(session, reader, creation)
        case "ROLE":
            return roles.create(session, reader, creation)
        case "WAREHOUSE":
            return using.create_warehouse(session, reader, creation)
        case "TABLE":
            return special.create_table(session, reader, creation)
        case _:
            return special.create(session, reader, creation)


def _drop(session: Session, reader: Reader) -> Result | None:
    kind = reader.choice(*creating.KINDS)
    match kind:
        case "TABLE":
            if_exists = reader.take("IF EXISTS")
            return objects.drop(session, reader.name(), ("TABLE", "DYNAMIC TABLE"), if_exists=if_exists)
        case "SCHEMA":
            return schemas.drop(session, reader)
        case "DATABASE":
            return schemas.drop_database(session, reader)
        case "DATABASE ROLE":
            return database_roles.drop(session, reader)
        case "ROLE":
            return roles.drop(session, reader)
        case "WAREHOUSE":
            return using.drop_warehouse(session, reader)
        case _:
            if_exists = reader.take("IF EXISTS")
            return objects.drop(session, reader.name(), (kind,), if_exists=if_exists)


def _alter(session: Session, reader: Reader) -> Result | None:
    kind = reader.choice("SESSION", "ACCOUNT", *creating.KINDS)
    match kind:
        case "SESSION":
            return using.alter_session(session, reader)
        case "ACCOUNT":
            return using.alter_account(session, reader)
        case "SCHEMA":
            return schemas.alter(session, reader)
        case "DATABASE":
            return schemas.alter_database(session, reader)
        case "TABLE" | "VIEW" | "DYNAMIC TABLE" if (done := policies.alter(session, reader.again())) is not None:
            return done
        case "TABLE" | "VIEW":
            found = objects.alter(session, reader, kind)
            return special.alter_column(session, reader.text) if found is None else found
        case "WAREHOUSE":
            return using.alter_warehouse(session, reader)
        case _:
            return special.alter(session, reader, kind)
