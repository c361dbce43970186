"""SHOW: what the catalog holds, in the columns that the documentation names. docs: sql-reference/sql/show

No warehouse is needed, and only what the role may see is listed.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast

from tests.snowflake import access, show_grants
from tests.snowflake.catalog import Path, Thing, full_path, schema_path
from tests.snowflake.errors import impossible
from tests.snowflake.information_schema import row_count, sees
from tests.snowflake.reader import Name, Reader
from tests.snowflake.results import Field, Result, table_of

if TYPE_CHECKING:
    from tests.snowflake.session import Session

_KINDS = {
    "TABLES": ("TABLE", "DYNAMIC TABLE"), "VIEWS": ("VIEW",), "OBJECTS": ("TABLE", "VIEW", "DYNAMIC TABLE"),
    "STREAMS": ("STREAM",), "TASKS": ("TASK",), "PIPES": ("PIPE",), "DYNAMIC TABLES": ("DYNAMIC TABLE",),
    "MASKING POLICIES": ("MASKING POLICY",), "ROW ACCESS POLICIES": ("ROW ACCESS POLICY",),
    "SEQUENCES": ("SEQUENCE",), "STAGES": ("STAGE",), "EXTERNAL TABLES": ("EXTERNAL TABLE",),
    "MATERIALIZED VIEWS": ("MATERIALIZED VIEW",),
}  # fmt: skip
_OTHERS = (
    "SCHEMAS",
    "DATABASES",
    "ROLES",
    "WAREHOUSES",
    "PARAMETERS",
    "COLUMNS",
    "PRIMARY KEYS",
    "SHARES",
    "USER FUNCTIONS",
    "FUNCTIONS",
    "PROCEDURES",
    "USERS",
)


_TERSE = ("created_on", "name", "kind", "database_name", "schema_name")


@dataclass(frozen=True, slots=True)
class Asked:
    """The clauses that most SHOW commands share."""

    like: str
    place: str
    name: Name
    starts: str
    limit: int | None
    after: str


def run(session: Session, reader: Reader) -> Result:
    """One SHOW command. Raises SnowflakeError."""
    if reader.at("GRANTS") or reader.at("FUTURE GRANTS"):
        return show_grants.run(session, reader)
    terse = reader.take("TERSE")
    what = reader.choice(*_KINDS, *_OTHERS)
    reader.take("HISTORY")
    asked = _clauses(reader)
    fields, rows = _LISTS.get(what, _things)(session, asked, what)
    names = [field if isinstance(field, str) else field.name for field in fields]
    chosen = list(_chosen(rows, asked, names))
    if terse:
        kept = [place for place, name in enumerate(names) if name in _TERSE]
        return table_of([fields[place] for place in kept], [[row[place] for place in kept] for row in chosen])
    return table_of(fields, chosen)


def _clauses(reader: Reader) -> Asked:
    like = reader.value() if reader.take("LIKE") else ""
    place, name = "", cast(Name, ())
    if reader.take("IN") or reader.take("FOR"):
        place = next((word for word in ("ACCOUNT", "DATABASE", "SCHEMA", "TABLE", "VIEW", "SESSION")
                      if reader.take(word)), "")  # fmt: skip
        if (
            not reader.done
            and not any(reader.at(w) for w in ("STARTS", "LIMIT", "LIKE"))
            and place not in ("ACCOUNT", "SESSION")
        ):
            name = reader.name()
    like = reader.value() if reader.take("LIKE") else like
    starts = reader.value() if reader.take("STARTS WITH") else ""
    limit = int(reader.value()) if reader.take("LIMIT") else None
    after = reader.value() if reader.take("FROM") else ""
    return Asked(like, place, name, starts, limit, after)


def _chosen(rows: Iterable[Sequence[Any]], asked: Asked, names: Sequence[str]) -> Iterator[Sequence[Any]]:
    """LIKE ignores case, STARTS WITH does not. docs: sql-reference/sql/show-tables"""
    at = next((names.index(name) for name in ("name", "key", "column_name", "table_name") if name in names), 0)
    pattern = re.compile(re.escape(asked.like).replace("%", ".*").replace("_", "."), re.IGNORECASE | re.DOTALL)
    given = 0
    for row in rows:
        name = str(row[at])
        fits = (not asked.like or pattern.fullmatch(name)) and name.startswith(asked.starts)
        if fits and (not asked.after or name > asked.after) and (asked.limit is None or given < asked.limit):
            given += 1
            yield row


def _where(session: Session, asked: Asked) -> tuple[str | None, str | None]:
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
    database, schema = _where(session, asked)
    everything = [*session.catalog.things(database), *session.temporary.items()]
    for path, thing in sorted(everything, key=lambda item: item[0]):
        here = database in (None, path[0]) and schema in (None, path[1])
        if here and thing.kind in kinds and (thing.temporary or sees(session, path, thing)):
            yield path, thing


Listing = tuple[Sequence[str | Field], list[Sequence[Any]]]


def _things(session: Session, asked: Asked, what: str) -> Listing:
    fields = _FIELDS[what]
    names = [field if isinstance(field, str) else field.name for field in fields]
    rows: list[Sequence[Any]] = []
    for path, thing in _listed(session, asked, _KINDS[what]):
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


def _schemas(session: Session, asked: Asked, what: str) -> Listing:
    """docs: sql-reference/sql/show-schemas (options: MANAGED ACCESS, TRANSIENT)"""
    database, _ = _where(session, asked) if asked.place == "ACCOUNT" else (
        asked.name[0] if asked.name else session.database, None)  # fmt: skip
    rows: list[Sequence[Any]] = []
    for db_name in sorted(session.catalog.databases) if database is None else [database]:
        for name, schema in sorted(_schemas_of(session, db_name).items()):
            if session.account.enforce and not access.privileges(session.catalog, session.role, schema):
                continue
            options = [*(["TRANSIENT"] if schema.transient else []), *(["MANAGED ACCESS"] if schema.managed else [])]
            current = (db_name, name) == (session.database, session.schema)
            rows.append(
                (schema.created, name, "N", "Y" if current else "N", db_name, schema.owner, schema.comment,
                 ", ".join(options), "1", "ROLE")
            )  # fmt: skip
    return (
        "created_on", "name", "is_default", "is_current", "database_name", "owner", "comment", "options",
        "retention_time", "owner_role_type",
    ), rows  # fmt: skip


def _schemas_of(session: Session, database: str) -> dict[str, Any]:
    if database not in session.catalog.databases:
        raise impossible()
    return session.catalog.databases[database].schemas


def _databases(session: Session, asked: Asked, what: str) -> Listing:
    names = ("created_on", "name", "is_default", "is_current", "origin", "owner", "comment", "options",
             "retention_time", "kind", "owner_role_type")  # fmt: skip
    return names, [
        (found.created, name, "N", "Y" if name == session.database else "N", "", found.owner, found.comment, "", "1",
         "STANDARD", "ROLE")
        for name, found in sorted(session.catalog.databases.items())
    ]  # fmt: skip


def _roles(session: Session, asked: Asked, what: str) -> Listing:
    names = ("created_on", "name", "is_default", "is_current", "is_inherited", "assigned_to_users",
             "granted_to_roles", "granted_roles", "owner", "comment")  # fmt: skip
    return names, [
        (role.created, name, "N", "Y" if name == session.role else "N", "N", "0",
         str(sum(any(g.role == name for g in other.inherits) for other in session.catalog.roles.values())),
         str(len(role.inherits)), role.owner, role.comment)
        for name, role in sorted(session.catalog.roles.items())
    ]  # fmt: skip


def _warehouses(session: Session, asked: Asked, what: str) -> Listing:
    names = ("name", "state", "type", "size", "is_default", "is_current", "owner", "comment")
    return names, [
        (name, "SUSPENDED" if found.suspended else "STARTED", "STANDARD", "X-Small", "N",
         "Y" if name == session.warehouse else "N", found.owner, found.comment)
        for name, found in sorted(session.catalog.warehouses.items())
    ]  # fmt: skip


def _parameters(session: Session, asked: Asked, what: str) -> Listing:
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


def _columns(session: Session, asked: Asked, what: str) -> Listing:
    """docs: sql-reference/sql/show-columns"""
    if asked.place in ("TABLE", "VIEW") or (asked.name and not asked.place):
        path = full_path(asked.name, session.database, session.schema)
        thing = session.temporary.get(path) or session.catalog.find(path)
        if thing is None or not sees(session, path, thing):
            raise impossible()
        found = [(path, thing)]
    else:
        found = list(_listed(session, asked, _KINDS["OBJECTS"]))
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


def _primary_keys(session: Session, asked: Asked, what: str) -> Listing:
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


def _functions(session: Session, asked: Asked, what: str) -> Listing:
    """docs: sql-reference/sql/show-user-functions"""
    return (
        "created_on", "name", "schema_name", "is_builtin", "is_aggregate", "is_ansi", "min_num_arguments",
        "max_num_arguments", "arguments", "description", "catalog_name", "is_table_function",
        "valid_for_clustering", "is_secure", "language",
    ), []  # fmt: skip


def _nothing(session: Session, asked: Asked, what: str) -> Listing:
    """None of these exists here."""
    return ("created_on", "kind", "owner_account", "name", "database_name", "schema_name", "to", "owner", "comment"), []


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
    "MATERIALIZED VIEWS": _SIMPLE,
    "MASKING POLICIES": _POLICIES, "ROW ACCESS POLICIES": _POLICIES, "SEQUENCES": _SIMPLE, "STAGES": _SIMPLE,
}  # fmt: skip


_LISTS: dict[str, Callable[[Any, Asked, str], Listing]] = {
    "SCHEMAS": _schemas, "DATABASES": _databases, "ROLES": _roles, "WAREHOUSES": _warehouses,
    "PARAMETERS": _parameters, "COLUMNS": _columns, "PRIMARY KEYS": _primary_keys, "SHARES": _nothing,
    "USER FUNCTIONS": _functions, "FUNCTIONS": _functions, "PROCEDURES": _functions, "USERS": _nothing,
}  # fmt: skip
