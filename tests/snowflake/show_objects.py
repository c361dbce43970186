"""SHOW of what lies in schemas: tables, views, streams, tasks, policies, columns, keys.

docs: sql-reference/sql/show-tables, show-views, show-objects, show-streams, show-tasks, show-dynamic-tables
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Any

from tests.snowflake.catalog import Path, Thing, full_path, schema_path
from tests.snowflake.errors import impossible
from tests.snowflake.information_schema import row_count, sees
from tests.snowflake.results import Field
from tests.snowflake.show_clauses import Asked, Listing

if TYPE_CHECKING:
    from tests.snowflake.session import Session

KINDS = {
    "TABLES": ("TABLE", "DYNAMIC TABLE"), "VIEWS": ("VIEW",), "OBJECTS": ("TABLE", "VIEW", "DYNAMIC TABLE"),
    "STREAMS": ("STREAM",), "TASKS": ("TASK",), "PIPES": ("PIPE",), "DYNAMIC TABLES": ("DYNAMIC TABLE",),
    "MASKING POLICIES": ("MASKING POLICY",), "ROW ACCESS POLICIES": ("ROW ACCESS POLICY",),
    "SEQUENCES": ("SEQUENCE",), "STAGES": ("STAGE",), "EXTERNAL TABLES": ("EXTERNAL TABLE",),
    "MATERIALIZED VIEWS": ("MATERIALIZED VIEW",), "FILE FORMATS": ("FILE FORMAT",), "ALERTS": ("ALERT",),
    "TAGS": ("TAG",),
}  # fmt: skip


_TABLES = (
    "created_on", "name", "database_name", "schema_name", "kind", "comment", "cluster_by",
    Field("rows", "fixed", 38, 0), Field("bytes", "fixed", 38, 0), "owner", "retention_time", "automatic_clustering",
    "change_tracking", "is_external", "owner_role_type", "is_hybrid", "is_iceberg", "is_dynamic", "is_immutable",
)  # fmt: skip
_POLICIES = ("created_on", "name", "database_name", "schema_name", "kind", "owner", "comment", "owner_role_type")
_SIMPLE = ("created_on", "name", "database_name", "schema_name", "owner", "comment", "owner_role_type")
_FIELDS: dict[str, Sequence[str | Field]] = {
    "TABLES": _TABLES, "OBJECTS": _TABLES, "EXTERNAL TABLES": _TABLES,
    "VIEWS": ("created_on", "name", "reserved", "database_name", "schema_name", "owner", "comment", "text",
              "is_secure", "is_materialized", "owner_role_type", "change_tracking"),
    "STREAMS": ("created_on", "name", "database_name", "schema_name", "owner", "comment", "table_name", "source_type",
                "stale", "mode", "owner_role_type"),
    "TASKS": ("created_on", "name", "database_name", "schema_name", "owner", "comment", "warehouse", "schedule",
              "state", "definition", "owner_role_type"),
    "PIPES": ("created_on", "name", "database_name", "schema_name", "definition", "owner", "comment",
              "owner_role_type"),
    "DYNAMIC TABLES": ("created_on", "name", "reserved", "database_name", "schema_name", "cluster_by",
                       Field("rows", "fixed", 38, 0), "owner", "target_lag", "refresh_mode", "warehouse", "comment",
                       "text", "scheduling_state", "owner_role_type"),
    "MATERIALIZED VIEWS": _SIMPLE, "FILE FORMATS": _SIMPLE,
    "MASKING POLICIES": _POLICIES, "ROW ACCESS POLICIES": _POLICIES, "SEQUENCES": _SIMPLE, "STAGES": _SIMPLE,
    "ALERTS": _SIMPLE, "TAGS": _SIMPLE,
}  # fmt: skip


def where(session: Session, asked: Asked) -> tuple[str | None, str | None]:
    """Database and schema to list; None for all. Raises 002043 if they do not exist."""
    if asked.place == "ACCOUNT":
        return None, None
    if asked.place == "DATABASE":
        found: tuple[str | None, str | None] = (asked.name[0] if asked.name else session.database, None)
    elif asked.name:
        found = schema_path(asked.name, session.database)
    else:
        found = (session.database, session.schema)
    database = session.catalog.databases.get(found[0]) if found[0] else None
    if (found[0] and database is None) or (database and found[1] and found[1] not in database.schemas):
        raise impossible()
    return found


def _listed(session: Session, asked: Asked, kinds: Sequence[str]) -> Iterator[tuple[Path, Thing]]:
    database, schema = where(session, asked)
    everything = [*session.catalog.things(database), *session.temporary.items()]
    for path, thing in sorted(everything, key=lambda item: item[0]):
        here = database in (None, path[0]) and schema in (None, path[1])
        if here and thing.kind in kinds and (thing.temporary or sees(session, path, thing)):
            yield path, thing


def things(session: Session, asked: Asked, what: str) -> Listing:
    """Objects of some kinds."""
    fields = _FIELDS[what]
    names = [field if isinstance(field, str) else field.name for field in fields]
    rows: list[Sequence[Any]] = []
    for path, thing in _listed(session, asked, KINDS[what]):
        known = {**thing.options, **_known(session, path, thing)}
        if what == "OBJECTS" and thing.kind == "TABLE":
            known["kind"] = "TABLE"  # dbt-snowflake relies on it: any other word is an external table to it
        rows.append([known.get(name) for name in names])
    return fields, rows


def _known(session: Session, path: Path, thing: Thing) -> dict[str, Any]:
    count = row_count(session, path, thing) if thing.physical else None
    yes: Callable[[bool], str] = lambda value: "Y" if value else "N"  # noqa: E731
    return {
        "created_on": thing.created, "name": path[2], "database_name": path[0], "schema_name": path[1],
        "kind": _kind(thing), "comment": thing.comment, "owner": thing.owner, "rows": count, "bytes": count,
        "cluster_by": "", "retention_time": "1", "owner_role_type": "ROLE", "reserved": "", "text": thing.text,
        "definition": thing.text, "is_secure": str(thing.secure).lower(), "is_materialized": "false",
        "is_dynamic": yes(thing.kind == "DYNAMIC TABLE"), "is_iceberg": "N", "is_hybrid": "N", "is_external": "N",
        "is_immutable": "N", "automatic_clustering": "OFF", "change_tracking": "OFF", "stale": "false",
    }  # fmt: skip


def _kind(thing: Thing) -> str:
    if thing.kind == "TABLE":
        return "TEMPORARY" if thing.temporary else "TRANSIENT" if thing.transient else "TABLE"
    return "TABLE" if thing.kind == "DYNAMIC TABLE" else thing.kind


def columns(session: Session, asked: Asked, what: str) -> Listing:
    """docs: sql-reference/sql/show-columns"""
    if asked.place in ("TABLE", "VIEW") or (asked.name and not asked.place):
        path = full_path(asked.name, session.database, session.schema)
        thing = session.temporary.get(path) or session.catalog.find(path)
        if thing is None or not sees(session, path, thing):
            raise impossible()
        found = [(path, thing)]
    else:
        found = list(_listed(session, asked, KINDS["OBJECTS"]))
    names = ("table_name", "schema_name", "column_name", "data_type", "null?", "default", "kind", "expression",
             "comment", "database_name", "autoincrement")  # fmt: skip
    return names, [
        (path[2], path[1], column.name, _json_type(column), str(column.nullable).lower(), column.default or "",
         "COLUMN", "", column.comment, path[0], "")
        for path, thing in found
        for column in thing.columns
    ]  # fmt: skip


def _json_type(column: Any) -> str:
    names = {"NUMBER": "FIXED", "FLOAT": "REAL"}
    told = {"type": names.get(column.type, column.type), "precision": column.precision, "scale": column.scale,
            "length": column.length, "nullable": column.nullable}  # fmt: skip
    if column.type.startswith("TIME"):
        told |= {"precision": 0, "scale": 9}
    return json.dumps({key: value for key, value in told.items() if value is not None}, separators=(",", ":"))


def primary_keys(session: Session, asked: Asked, what: str) -> Listing:
    """docs: sql-reference/sql/show-primary-keys"""
    if asked.place == "TABLE" or len(asked.name) == 3:
        path = full_path(asked.name, session.database, session.schema)
        found = [(path, session.catalog.thing(path, "Table"))]
    else:
        found = list(_listed(session, asked, ("TABLE",)))
    names = ("created_on", "database_name", "schema_name", "table_name", "column_name", "key_sequence",
             "constraint_name", "rely", "comment")  # fmt: skip
    return names, [
        (thing.created, *path, column, str(number), f"SYS_CONSTRAINT_{path[2]}", "false", None)
        for path, thing in found
        for number, column in enumerate(thing.options.get("primary_key", ()), 1)
    ]
