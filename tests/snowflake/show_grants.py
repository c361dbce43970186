"""SHOW GRANTS and SHOW FUTURE GRANTS. docs: sql-reference/sql/show-grants"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from tests.snowflake import access, grant_targets
from tests.snowflake.catalog import FutureGrant, Grant, Securable, schema_path
from tests.snowflake.errors import impossible, missing
from tests.snowflake.identifiers import dotted, shown
from tests.snowflake.reader import Reader
from tests.snowflake.results import Result, table_of

if TYPE_CHECKING:
    from tests.snowflake.session import Session

Row = tuple[Any, ...]

_GRANTS = (
    "created_on", "privilege", "granted_on", "name", "granted_to", "grantee_name", "grant_option",
    "granted_by_role_type", "granted_by",
)  # fmt: skip
_FUTURE = ("created_on", "privilege", "grant_on", "name", "grant_to", "grantee_name", "grant_option")
_OF = ("created_on", "role", "granted_to", "grantee_name", "granted_by")


def run(session: Session, reader: Reader) -> Result:
    """SHOW [FUTURE] GRANTS ON | TO | OF | IN. Raises SnowflakeError."""
    if reader.take("FUTURE GRANTS"):
        return table_of(_FUTURE, list(_future(session, reader)))
    reader.expect("GRANTS")
    if reader.take("ON"):
        target = grant_targets.one(session, reader)
        if session.account.enforce and not access.privileges(session.catalog, session.role, target.what):
            raise impossible()
        return table_of(_GRANTS, list(_on(target.kind, target.name, target.what)))
    if reader.take("OF"):
        reader.take("ROLE")
        return table_of(_OF, list(_of(session, _role(session, reader))))
    if reader.take("TO"):
        reader.take("ROLE")
        return table_of(_GRANTS, list(_to(session, _role(session, reader))))
    return table_of(_GRANTS, list(_to(session, session.role)))


def _role(session: Session, reader: Reader) -> str:
    [name] = reader.name()
    if name not in session.catalog.roles:
        raise missing("Role", shown(name))
    return name


def _on(kind: str, name: str, what: Securable, role: str | None = None) -> Iterator[Row]:
    """The owner's line comes first, with the option to grant."""
    kind = kind.replace(" ", "_")
    if what.owner and role in (None, what.owner):
        yield what.created, "OWNERSHIP", kind, name, "ROLE", what.owner, "true", "ROLE", what.owner
    for grant in sorted(what.grants, key=lambda found: (found.privilege, found.role)):
        if role is None or (grant.to, grant.role) == ("ROLE", role):
            yield (
                grant.at, grant.privilege, kind, name, grant.to, _name(grant), str(grant.option).lower(), "ROLE",
                grant.granted_by,
            )  # fmt: skip


def _to(session: Session, role: str) -> Iterator[Row]:
    catalog = session.catalog
    yield from (row for row in _on("ACCOUNT", "STAND_IN", catalog.account, role) if row[1] != "OWNERSHIP")
    for name, warehouse in sorted(catalog.warehouses.items()):
        yield from _on("WAREHOUSE", shown(name), warehouse, role)
    for database, found in sorted(catalog.databases.items()):
        yield from _on("DATABASE", shown(database), found, role)
        for schema_name, schema in sorted(found.schemas.items()):
            yield from _on("SCHEMA", dotted(database, schema_name), schema, role)
    for path, thing in catalog.things():
        yield from _on(thing.kind, dotted(*path), thing, role)
    for grant in catalog.roles[role].inherits:
        yield grant.at, "USAGE", "ROLE", shown(grant.role), "ROLE", role, "false", "ROLE", grant.granted_by


def _of(session: Session, role: str) -> Iterator[Row]:
    for name, found in sorted(session.catalog.roles.items()):
        for grant in found.inherits:
            if grant.role == role:
                yield grant.at, role, "ROLE", name, grant.granted_by


def _future(session: Session, reader: Reader) -> Iterator[Row]:
    if reader.take("TO"):
        reader.take("ROLE")
        role = _role(session, reader)
        for database, found in sorted(session.catalog.databases.items()):
            for name, schema in sorted(found.schemas.items()):
                yield from (row for row in _rows(dotted(database, name), schema.future) if row[5] == role)
        return
    reader.expect("IN")
    if reader.take("DATABASE"):
        [name] = reader.name()
        yield from _rows(shown(name), session.catalog.database(name).future)
        return
    reader.expect("SCHEMA")
    path = schema_path(reader.name(), session.database)
    yield from _rows(dotted(*path), session.catalog.schema(*path).future)


def _rows(container: str, found: list[FutureGrant]) -> Iterator[Row]:
    for grant in sorted(found, key=lambda one: (one.kind, one.privilege, one.role)):
        kind = grant.kind.replace(" ", "_")
        name = f"{container}.<{kind}>"
        yield grant.at, grant.privilege, kind, name, grant.to, _name(grant), str(grant.option).lower()


def _name(grant: Grant | FutureGrant) -> str:
    """A database role is called by its own name, without the database it is in."""
    return grant.role.partition(".")[2] if grant.to == "DATABASE_ROLE" else grant.role
