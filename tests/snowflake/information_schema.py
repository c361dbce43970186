"""INFORMATION_SCHEMA, as the role may see it. docs: sql-reference/info-schema"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

import pyarrow as pa  # type: ignore[import-untyped]

from tests.snowflake import access
from tests.snowflake.catalog import Column, Path, Thing
from tests.snowflake.errors import missing
from tests.snowflake.identifiers import dotted, encode
from tests.snowflake.objects import TABLE_LIKE
from tests.snowflake.resolving import DATA

if TYPE_CHECKING:
    from tests.snowflake.session import Session

Row = dict[str, Any]

_TIMES = ("CREATED", "LAST_ALTERED", "LAST_DDL")
_NUMBERS = (
    "ORDINAL_POSITION", "CHARACTER_MAXIMUM_LENGTH", "CHARACTER_OCTET_LENGTH", "NUMERIC_PRECISION",
    "NUMERIC_PRECISION_RADIX", "NUMERIC_SCALE", "DATETIME_PRECISION", "ROW_COUNT", "BYTES", "RETENTION_TIME",
)  # fmt: skip

_BYTES_PER_ROW = 64
"""Tables have some size that grows with their rows; the number itself means nothing here."""


def rows(session: Session, database: str, table: str) -> pa.Table:
    """One of its views, with every column that the documentation names for it. Raises SnowflakeError."""
    session.catalog.database(database)
    if table not in _VIEWS:
        raise missing("Object", dotted(database, "INFORMATION_SCHEMA", table))
    names, make = _VIEWS[table]
    found = list(make(session, database))
    return pa.table({name: pa.array([row.get(name) for row in found], _type(name)) for name in names})


def _type(name: str) -> pa.DataType:
    if name in _TIMES:
        return pa.timestamp("us", "UTC")
    return pa.int64() if name in _NUMBERS else pa.string()


def _seen(session: Session, database: str) -> Iterator[tuple[Path, Thing]]:
    for path, thing in session.catalog.things(database):
        if thing.kind in TABLE_LIKE and sees(session, path, thing):
            yield path, thing
    for path, thing in session.temporary.items():
        if path[0] == database:
            yield path, thing


def sees(session: Session, path: Path, thing: Thing) -> bool:
    """Whether the session's role is told about this object."""
    return not session.account.enforce or access.visible(session.catalog, session.role, path, thing)


def row_count(session: Session, path: Path, thing: Thing) -> int:
    """How many rows a table has."""
    [(number,)] = session.duck_rows(f'SELECT COUNT(*) FROM {DATA}."{thing.physical}"."{encode(path[2])}"')
    return int(number)


def _yes(value: bool) -> str:
    return "YES" if value else "NO"


def _common(path: Path, thing: Thing) -> Row:
    return {
        "TABLE_CATALOG": path[0], "TABLE_SCHEMA": path[1], "TABLE_NAME": path[2], "TABLE_OWNER": thing.owner,
        "CREATED": thing.created, "LAST_ALTERED": thing.altered, "LAST_DDL": thing.altered,
        "LAST_DDL_BY": "STAND_IN", "COMMENT": thing.comment or None,
    }  # fmt: skip


def _tables(session: Session, database: str) -> Iterator[Row]:
    """docs: sql-reference/info-schema/tables (views are listed, with NULL as their size)"""
    kinds = {"TABLE": "BASE TABLE", "DYNAMIC TABLE": "BASE TABLE", "EXTERNAL TABLE": "EXTERNAL TABLE"}
    for path, thing in _seen(session, database):
        count = row_count(session, path, thing) if thing.physical else None
        yield {
            **_common(path, thing),
            "TABLE_TYPE": "LOCAL TEMPORARY" if thing.temporary else kinds.get(thing.kind, thing.kind),
            "IS_TRANSIENT": _yes(thing.transient), "ROW_COUNT": count,
            "BYTES": None if count is None else count * _BYTES_PER_ROW, "RETENTION_TIME": 1,
            "IS_INSERTABLE_INTO": "YES", "IS_TYPED": "YES", "AUTO_CLUSTERING_ON": "NO",
            "IS_TEMPORARY": _yes(thing.temporary), "IS_ICEBERG": "NO",
            "IS_DYNAMIC": _yes(thing.kind == "DYNAMIC TABLE"),
            "IS_IMMUTABLE": "NO", "IS_HYBRID": "NO",
        }  # fmt: skip


def _views(session: Session, database: str) -> Iterator[Row]:
    """docs: sql-reference/info-schema/views (the definition of a secure view is shown to its owner only)"""
    for path, thing in _seen(session, database):
        if thing.kind == "VIEW":
            hidden = thing.secure and not access.owns(session.catalog, session.role, thing)
            yield {
                **_common(path, thing), "VIEW_DEFINITION": None if hidden else thing.text, "CHECK_OPTION": "NONE",
                "IS_UPDATABLE": "NO", "INSERTABLE_INTO": "NO", "IS_SECURE": _yes(thing.secure),
            }  # fmt: skip


def _columns(session: Session, database: str) -> Iterator[Row]:
    """docs: sql-reference/info-schema/columns"""
    for path, thing in _seen(session, database):
        for position, column in enumerate(thing.columns, 1):
            yield {
                "TABLE_CATALOG": path[0], "TABLE_SCHEMA": path[1], "TABLE_NAME": path[2], "COLUMN_NAME": column.name,
                "ORDINAL_POSITION": position, "COLUMN_DEFAULT": column.default, "IS_NULLABLE": _yes(column.nullable),
                "DATA_TYPE": column.type, **_sizes(column), "IS_SELF_REFERENCING": "NO", "IS_IDENTITY": "NO",
                "COMMENT": column.comment or None,
            }  # fmt: skip


def _sizes(column: Column) -> Row:
    if column.type == "NUMBER":
        return {
            "NUMERIC_PRECISION": column.precision, "NUMERIC_PRECISION_RADIX": 10, "NUMERIC_SCALE": column.scale,
        }  # fmt: skip
    if column.type in {"TEXT", "BINARY"}:
        length = column.length or 0
        octets = min(length * 4, 16_777_216) if column.type == "TEXT" else length
        return {"CHARACTER_MAXIMUM_LENGTH": length, "CHARACTER_OCTET_LENGTH": octets}
    return {"DATETIME_PRECISION": 9} if column.type.startswith("TIME") else {}


def _schemata(session: Session, database: str) -> Iterator[Row]:
    """docs: sql-reference/info-schema/schemata"""
    for name, schema in sorted(session.catalog.database(database).schemas.items()):
        if not session.account.enforce or access.visible_schema(session.catalog, session.role, database, name):
            yield {
                "CATALOG_NAME": database, "SCHEMA_NAME": name, "SCHEMA_OWNER": schema.owner,
                "IS_TRANSIENT": _yes(schema.transient), "IS_MANAGED_ACCESS": _yes(schema.managed), "RETENTION_TIME": 1,
                "CREATED": schema.created, "LAST_ALTERED": schema.altered, "COMMENT": schema.comment or None,
                "OWNER_ROLE_TYPE": "ROLE",
            }  # fmt: skip
    yield {"CATALOG_NAME": database, "SCHEMA_NAME": "INFORMATION_SCHEMA", "SCHEMA_OWNER": "",
           "IS_TRANSIENT": "NO", "IS_MANAGED_ACCESS": "NO"}  # fmt: skip


def _privileges(session: Session, database: str) -> Iterator[Row]:
    """docs: sql-reference/info-schema/object_privileges, release-notes/bcr-bundles/2024_07/bcr-1753 (GRANTED_TO: roles,
    applications and application roles; database roles are not among them, so none are told here)"""
    for path, thing in session.catalog.things(database):
        if sees(session, path, thing):
            for grant in (one for one in thing.grants if one.to != "DATABASE_ROLE"):
                yield {
                    "GRANTOR": grant.granted_by, "GRANTEE": grant.role, "GRANTED_TO": grant.to,
                    "OBJECT_CATALOG": path[0], "OBJECT_SCHEMA": path[1], "OBJECT_NAME": path[2],
                    "OBJECT_TYPE": thing.kind, "PRIVILEGE_TYPE": grant.privilege, "IS_GRANTABLE": _yes(grant.option),
                    "CREATED": grant.at,
                }  # fmt: skip


_VIEWS: dict[str, tuple[tuple[str, ...], Callable[[Session, str], Iterator[Row]]]] = {
    "TABLES": (
        (
            "TABLE_CATALOG", "TABLE_SCHEMA", "TABLE_NAME", "TABLE_OWNER", "TABLE_TYPE", "IS_TRANSIENT",
            "CLUSTERING_KEY", "ROW_COUNT", "BYTES", "RETENTION_TIME", "SELF_REFERENCING_COLUMN_NAME",
            "REFERENCE_GENERATION", "USER_DEFINED_TYPE_CATALOG", "USER_DEFINED_TYPE_SCHEMA", "USER_DEFINED_TYPE_NAME",
            "IS_INSERTABLE_INTO", "IS_TYPED", "COMMIT_ACTION", "CREATED", "LAST_ALTERED", "LAST_DDL", "LAST_DDL_BY",
            "AUTO_CLUSTERING_ON", "COMMENT", "IS_TEMPORARY", "IS_ICEBERG", "IS_DYNAMIC", "IS_IMMUTABLE", "IS_HYBRID",
        ),
        _tables,
    ),
    "FUNCTIONS": (
        ("FUNCTION_CATALOG", "FUNCTION_SCHEMA", "FUNCTION_NAME", "FUNCTION_OWNER", "FUNCTION_DEFINITION"),
        lambda session, database: iter(()),  # the stand-in has no functions of users
    ),
    "VIEWS": (
        (
            "TABLE_CATALOG", "TABLE_SCHEMA", "TABLE_NAME", "TABLE_OWNER", "VIEW_DEFINITION", "CHECK_OPTION",
            "IS_UPDATABLE", "INSERTABLE_INTO", "IS_SECURE", "CREATED", "LAST_ALTERED", "LAST_DDL", "LAST_DDL_BY",
            "COMMENT",
        ),
        _views,
    ),
    "COLUMNS": (
        (
            "TABLE_CATALOG", "TABLE_SCHEMA", "TABLE_NAME", "COLUMN_NAME", "ORDINAL_POSITION", "COLUMN_DEFAULT",
            "IS_NULLABLE", "DATA_TYPE", "CHARACTER_MAXIMUM_LENGTH", "CHARACTER_OCTET_LENGTH", "NUMERIC_PRECISION",
            "NUMERIC_PRECISION_RADIX", "NUMERIC_SCALE", "DATETIME_PRECISION", "INTERVAL_TYPE", "INTERVAL_PRECISION",
            "CHARACTER_SET_CATALOG", "CHARACTER_SET_SCHEMA", "CHARACTER_SET_NAME", "COLLATION_CATALOG",
            "COLLATION_SCHEMA", "COLLATION_NAME", "DOMAIN_CATALOG", "DOMAIN_SCHEMA", "DOMAIN_NAME", "UDT_CATALOG",
            "UDT_SCHEMA", "UDT_NAME", "SCOPE_CATALOG", "SCOPE_SCHEMA", "SCOPE_NAME", "MAXIMUM_CARDINALITY",
            "DTD_IDENTIFIER", "IS_SELF_REFERENCING", "IS_IDENTITY", "IDENTITY_GENERATION", "IDENTITY_START",
            "IDENTITY_INCREMENT", "IDENTITY_MAXIMUM", "IDENTITY_MINIMUM", "IDENTITY_CYCLE", "IDENTITY_ORDERED",
            "SCHEMA_EVOLUTION_RECORD", "COMMENT",
        ),
        _columns,
    ),
    "SCHEMATA": (
        (
            "CATALOG_NAME", "SCHEMA_NAME", "SCHEMA_OWNER", "IS_TRANSIENT", "IS_MANAGED_ACCESS", "RETENTION_TIME",
            "DEFAULT_CHARACTER_SET_CATALOG", "DEFAULT_CHARACTER_SET_SCHEMA", "DEFAULT_CHARACTER_SET_NAME", "SQL_PATH",
            "CREATED", "LAST_ALTERED", "COMMENT", "REPLICABLE_WITH_FAILOVER_GROUPS", "OWNER_ROLE_TYPE",
        ),
        _schemata,
    ),
    "OBJECT_PRIVILEGES": (
        (
            "GRANTOR", "GRANTEE", "GRANTED_TO", "OBJECT_CATALOG", "OBJECT_SCHEMA", "OBJECT_NAME", "OBJECT_TYPE",
            "PRIVILEGE_TYPE", "IS_GRANTABLE", "CREATED",
        ),
        _privileges,
    ),
}  # fmt: skip
