"""Roles. docs: sql-reference/sql/create-role"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.snowflake.access import SYSTEM_ROLES
from tests.snowflake.catalog import Role, Securable
from tests.snowflake.creating import Creation
from tests.snowflake.errors import exists, forbidden, missing
from tests.snowflake.identifiers import shown
from tests.snowflake.reader import Reader
from tests.snowflake.results import Result, message

if TYPE_CHECKING:
    from tests.snowflake.session import Session


def create(session: Session, reader: Reader, creation: Creation) -> Result:
    """CREATE ROLE, by a system role."""
    if session.role not in SYSTEM_ROLES:
        raise forbidden("account", "STAND_IN")
    [name] = reader.name()
    if name in session.catalog.roles and not creation.replace:
        if creation.if_not_exists:
            return message(f"{shown(name)} already exists, statement succeeded.")
        raise exists(shown(name))
    session.catalog.roles[name] = Role(owner=session.role)
    return message(f"Role {shown(name)} successfully created.")


def create_share(session: Session, reader: Reader, creation: Creation) -> Result:
    """CREATE SHARE: something else that privileges can be granted to. docs: sql-reference/sql/create-share"""
    [name] = reader.name()
    if name in session.catalog.shares and not creation.replace:
        raise exists(shown(name))
    session.catalog.shares[name] = Securable(owner=session.role)
    return message(f"Share {shown(name)} successfully created.")


def drop(session: Session, reader: Reader) -> Result:
    """DROP ROLE: what it owned goes to the role that drops it. docs: sql-reference/sql/drop-role"""
    if_exists = reader.take("IF EXISTS")
    [name] = reader.name()
    if session.catalog.roles.pop(name, None) is None:
        if not if_exists:
            raise missing("Role", shown(name))
        return message(f"Drop statement executed successfully ({shown(name)} already dropped).")
    for database in session.catalog.databases.values():
        for what in (database, *database.schemas.values()):
            what.owner = session.role if what.owner == name else what.owner
    for _, thing in session.catalog.things():
        thing.owner = session.role if thing.owner == name else thing.owner
        thing.grants = [grant for grant in thing.grants if grant.role != name]
    return message(f"{shown(name)} successfully dropped.")
