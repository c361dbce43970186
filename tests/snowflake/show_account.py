"""SHOW of what is not in a schema: schemas, databases, roles, warehouses, parameters.

docs: sql-reference/sql/show-schemas, show-databases, show-roles, show-warehouses, show-parameters
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from tests.snowflake import access
from tests.snowflake.catalog import Schema
from tests.snowflake.errors import impossible
from tests.snowflake.show_clauses import Asked, Listing
from tests.snowflake.show_objects import where

if TYPE_CHECKING:
    from tests.snowflake.session import Session


def schemas(session: Session, asked: Asked, what: str) -> Listing:
    """docs: sql-reference/sql/show-schemas (options: MANAGED ACCESS, TRANSIENT)"""
    database, _ = where(session, asked) if asked.place == "ACCOUNT" else (
        asked.name[0] if asked.name else session.database, None)  # fmt: skip
    rows: list[Sequence[Any]] = []
    for db_name in sorted(session.catalog.databases) if database is None else [database]:
        for name, schema in sorted(_schemas_of(session, db_name).items()):
            if _is_listed(session, schema):
                current = (db_name, name) == (session.database, session.schema)
                rows.append(_schema_row((db_name, name), schema, is_current=current))
    return _SCHEMA_FIELDS, rows


def schemas_history(session: Session, asked: Asked, what: str) -> Listing:
    """The same with those that were dropped, and when. docs: sql-reference/sql/show-schemas (HISTORY)"""
    _, rows = schemas(session, asked, what)
    database = asked.name[0] if asked.name else session.database
    dropped = [
        (*_schema_row(one.path, one.schema, is_current=False), one.at)
        for one in session.catalog.dropped
        if (asked.place == "ACCOUNT" or one.path[0] == database) and _is_listed(session, one.schema)
    ]
    return (*_SCHEMA_FIELDS, "dropped_on"), [*((*row, None) for row in rows), *dropped]


_SCHEMA_FIELDS = (
    "created_on", "name", "is_default", "is_current", "database_name", "owner", "comment", "options",
    "retention_time", "owner_role_type",
)  # fmt: skip


def _is_listed(session: Session, schema: Schema) -> bool:
    return not session.account.enforce or bool(access.privileges(session.catalog, session.role, schema))


def _schema_row(path: tuple[str, str], schema: Schema, *, is_current: bool) -> tuple[Any, ...]:
    options = [*(["TRANSIENT"] if schema.transient else []), *(["MANAGED ACCESS"] if schema.managed else [])]
    return (schema.created, path[1], "N", "Y" if is_current else "N", path[0], schema.owner, schema.comment,
            ", ".join(options), "1", "ROLE")  # fmt: skip


def _schemas_of(session: Session, database: str) -> dict[str, Any]:
    if database not in session.catalog.databases:
        raise impossible()
    return session.catalog.databases[database].schemas


def databases(session: Session, asked: Asked, what: str) -> Listing:
    """Every database."""
    names = ("created_on", "name", "is_default", "is_current", "origin", "owner", "comment", "options",
             "retention_time", "kind", "owner_role_type")  # fmt: skip
    return names, [
        (found.created, name, "N", "Y" if name == session.database else "N", "", found.owner, found.comment,
         "TRANSIENT" if found.transient else "", found.retention, "STANDARD", "ROLE")
        for name, found in sorted(session.catalog.databases.items())
    ]  # fmt: skip


def roles(session: Session, asked: Asked, what: str) -> Listing:
    """Every role."""
    names = ("created_on", "name", "is_default", "is_current", "is_inherited", "assigned_to_users",
             "granted_to_roles", "granted_roles", "owner", "comment")  # fmt: skip
    return names, [
        (role.created, name, "N", "Y" if name == session.role else "N", "N", "0",
         str(sum(any(g.role == name for g in other.inherits) for other in session.catalog.roles.values())),
         str(len(role.inherits)), role.owner, role.comment)
        for name, role in sorted(session.catalog.roles.items())
    ]  # fmt: skip


def warehouses(session: Session, asked: Asked, what: str) -> Listing:
    """Every virtual warehouse."""
    names = ("name", "state", "type", "size", "is_default", "is_current", "owner", "comment")
    return names, [
        (name, "SUSPENDED" if found.suspended else "STARTED", "STANDARD", "X-Small", "N",
         "Y" if name == session.warehouse else "N", found.owner, found.comment)
        for name, found in sorted(session.catalog.warehouses.items())
    ]  # fmt: skip


def parameters(session: Session, asked: Asked, what: str) -> Listing:
    """docs: sql-reference/sql/show-parameters"""
    from tests.snowflake.session import PARAMETERS

    def text(value: Any) -> str:
        return str(value).lower() if isinstance(value, bool) else str(value)

    kinds = {bool: "BOOLEAN", int: "NUMBER", str: "STRING"}
    return ("key", "value", "default", "level", "description", "type"), [
        (key, text(value), text(PARAMETERS[key]), "SESSION" if value != PARAMETERS[key] else "", "",
         kinds[type(PARAMETERS[key])])
        for key, value in sorted(session.parameters.items()) if key in PARAMETERS
    ]  # fmt: skip


def functions(session: Session, asked: Asked, what: str) -> Listing:
    """docs: sql-reference/sql/show-user-functions"""
    return (
        "created_on", "name", "schema_name", "is_builtin", "is_aggregate", "is_ansi", "min_num_arguments",
        "max_num_arguments", "arguments", "description", "catalog_name", "is_table_function",
        "valid_for_clustering", "is_secure", "language",
    ), []  # fmt: skip


def shares(session: Session, asked: Asked, what: str) -> Listing:
    """docs: sql-reference/sql/show-shares"""
    return ("created_on", "kind", "owner_account", "name", "database_name", "to", "owner", "comment"), [
        (share.created, "OUTBOUND", "STAND_IN", name, "", "", share.owner, share.comment)
        for name, share in sorted(session.catalog.shares.items())
    ]
