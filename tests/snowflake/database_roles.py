"""Database roles: they live in one database, and an account's role inherits them.

docs: sql-reference/sql/create-database-role, drop-database-role, grant-database-role, show-database-roles.
In the catalog a database role is called `DATABASE.ROLE`; SHOW GRANTS calls it by its own name alone.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.snowflake import access
from tests.snowflake.catalog import Grant, Role, now, schema_path
from tests.snowflake.creating import Creation
from tests.snowflake.errors import exists, forbidden, missing
from tests.snowflake.identifiers import dotted, shown
from tests.snowflake.reader import Name, Reader
from tests.snowflake.results import DONE, Result, message
from tests.snowflake.show_clauses import Asked, Listing

if TYPE_CHECKING:
    from tests.snowflake.session import Session

KIND = "DATABASE_ROLE"


def create(session: Session, reader: Reader, creation: Creation) -> Result:
    """CREATE DATABASE ROLE, by whoever owns the database or has CREATE DATABASE ROLE on it."""
    database, name = schema_path(reader.name(), session.database)
    found = session.catalog.database(database)
    if not access.has(session.catalog, session.role, found, "CREATE DATABASE ROLE"):
        raise forbidden("database", database)
    if name in found.roles and not creation.replace:
        if creation.if_not_exists:
            return message(f"{shown(name)} already exists, statement succeeded.")
        raise exists(shown(name))
    found.roles[name] = Role(owner=session.role)
    return message(f"Database role {shown(name)} successfully created.")


def drop(session: Session, reader: Reader) -> Result:
    """DROP DATABASE ROLE: what was granted to it is gone."""
    if_exists = reader.take("IF EXISTS")
    database, name = schema_path(reader.name(), session.database)
    found = session.catalog.database(database)
    if found.roles.pop(name, None) is None and not if_exists:
        raise missing("Database role", dotted(database, name))
    things = [thing for _, thing in session.catalog.things(database)]
    for what in (found, *found.schemas.values(), *things):
        what.grants = [grant for grant in what.grants if (grant.to, grant.role) != (KIND, f"{database}.{name}")]
    return message(f"{shown(name)} successfully dropped.")


def named(session: Session, name: Name) -> str:
    """What the catalog calls it. Raises SnowflakeError."""
    database, role = schema_path(name, session.database)
    if role not in session.catalog.database(database).roles:
        raise missing("Database role", dotted(database, role))
    return f"{database}.{role}"


def grant_role(session: Session, reader: Reader) -> Result:
    """GRANT DATABASE ROLE ... TO ROLE: the role inherits it."""
    name = named(session, reader.name())
    reader.expect("TO ROLE")
    [parent] = reader.name()
    if parent not in session.catalog.roles:
        raise missing("Role", shown(parent))
    session.catalog.roles[parent].inherits.append(Grant("USAGE", name, False, session.role, now(), KIND))
    return message(DONE)


def listed(session: Session, asked: Asked, what: str) -> Listing:
    """SHOW DATABASE ROLES IN DATABASE."""
    database = asked.name[0] if asked.name else session.database or ""
    names = ("created_on", "name", "is_default", "is_current", "is_inherited", "granted_to_roles",
             "granted_to_database_roles", "granted_database_roles", "owner", "comment", "owner_role_type")  # fmt: skip
    heirs = [grant.role for role in session.catalog.roles.values() for grant in role.inherits]
    return names, [
        (role.created, name, "N", "N", "N", heirs.count(f"{database}.{name}"), 0, 0, role.owner, role.comment, "ROLE")
        for name, role in sorted(session.catalog.database(database).roles.items())
    ]
