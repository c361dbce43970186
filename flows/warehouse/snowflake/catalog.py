"""What Snowflake's catalog says of one schema, as frozen values; every question is one statement."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from flows.contract import Column
from flows.warehouse.base import MARKER_TABLE, Relation
from flows.warehouse.snowflake.dialect import literal, quote
from flows.warehouse.snowflake.session import Session

_PLAIN: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_$]*")

_LONGEST: Final = {"TEXT": (16_777_216, 134_217_728), "BINARY": (8_388_608, 67_108_864)}
"""The default lengths, before and since the limit was raised: a type of such a length was given none."""

_SIZED: Final = ("TEXT", "BINARY")
_LASTING: Final = "TABLE_TYPE NOT IN ('LOCAL TEMPORARY', 'TEMPORARY TABLE')"
_TIMED: Final = ("TIME", "TIMESTAMP_NTZ", "TIMESTAMP_LTZ", "TIMESTAMP_TZ")


@dataclass(frozen=True, slots=True)
class Home:
    """A schema and the database that it is in, in the catalog's exact case."""

    database: str
    schema: str
    label: str = field(default="", compare=False)
    """What people read, where the schema's name alone would not tell it from the other side's."""
    is_gate: bool = field(default=False, compare=False)
    """Whether what is granted on the database is looked after together with this schema: of a database that is swapped
    as a whole, that is the first one."""

    @property
    def shown(self) -> str:
        """The schema as people read it."""
        return self.label or self.schema

    def name(self, relation: str) -> str:
        """The quoted, qualified name of a relation in it."""
        return qualified(self.database, self.schema, relation)


@dataclass(frozen=True, slots=True)
class Schema:
    """A schema of the database. `owner` is the role that has OWNERSHIP on it."""

    name: str
    owner: str
    is_managed: bool
    is_transient: bool


@dataclass(frozen=True, slots=True)
class Database:
    """A database. `owner` is the role that has OWNERSHIP on it; what is dropped is kept for `retention` days."""

    name: str
    owner: str
    is_transient: bool
    retention: str


@dataclass(frozen=True, slots=True)
class View:
    """A view with the text it was created by; empty where this role may not read it."""

    name: str
    sql: str
    is_secure: bool


def folded(name: str) -> str:
    """The name as dbt makes it: unquoted, so in upper case, unless it needs quotes."""
    return name.upper() if _PLAIN.fullmatch(name) else name


def qualified(database: str, schema: str, name: str) -> str:
    """The quoted name for SQL."""
    return f"{quote(database)}.{quote(schema)}.{quote(name)}"


def read_relations(session: Session, database: str, schema: str) -> tuple[Relation, ...]:
    """Tables and views by name, without the marker; empty if the schema does not exist."""
    kinds = dict(_kinds(session, database, schema))
    columns: dict[str, list[Column]] = {name: [] for name in kinds}
    for table, name, *facts in session.rows(
        "SELECT TABLE_NAME AS T, COLUMN_NAME AS C, DATA_TYPE AS D, NUMERIC_PRECISION AS P, NUMERIC_SCALE AS S, "
        "CHARACTER_MAXIMUM_LENGTH AS L, DATETIME_PRECISION AS F "
        f"FROM {quote(database)}.INFORMATION_SCHEMA.COLUMNS WHERE TABLE_SCHEMA = {literal(schema)} "
        "ORDER BY TABLE_NAME, ORDINAL_POSITION"
    ):
        if table in columns:
            columns[table].append(Column(name=name, type=type_name(facts)))
    return tuple(
        Relation(name=name, kind="view" if "VIEW" in kind else "table", columns=tuple(columns[name]))
        for name, kind in sorted(kinds.items())
        if name != MARKER_TABLE
    )


def read_kinds(session: Session, database: str, schema: str) -> tuple[tuple[str, str], ...]:
    """(name, kind) of what can be granted on in the schema, without the marker, in GRANT's words: DYNAMIC TABLE..."""
    found = session.rows(
        "SELECT TABLE_NAME AS N, CASE WHEN IS_DYNAMIC = 'YES' THEN 'DYNAMIC TABLE' ELSE TABLE_TYPE END AS K "
        f"FROM {quote(database)}.INFORMATION_SCHEMA.TABLES WHERE TABLE_SCHEMA = {literal(schema)} "
        f"AND {_LASTING} ORDER BY TABLE_NAME"
    )
    return tuple((name, "TABLE" if kind == "BASE TABLE" else kind) for name, kind in found if name != MARKER_TABLE)


def has_marker(session: Session, database: str, schema: str) -> bool:
    """Whether the schema exists and has a marker."""
    return bool(
        session.rows(
            f"SELECT 1 AS FOUND FROM {quote(database)}.INFORMATION_SCHEMA.TABLES "
            f"WHERE TABLE_SCHEMA = {literal(schema)} AND TABLE_NAME = {literal(MARKER_TABLE)}"
        )
    )


def read_databases(session: Session, names: Iterable[str]) -> dict[str, Database]:
    """Those of the databases that this role may see, by name."""
    wanted = set(names)
    return {
        str(row["name"]): Database(
            name=str(row["name"]),
            owner=str(row.get("owner") or ""),
            is_transient="TRANSIENT" in str(row.get("options") or "").upper(),
            retention=str(row.get("retention_time") or ""),
        )
        for row in session.table("SHOW DATABASES")
        if row["name"] in wanted
    }


def read_schemas(session: Session, database: str) -> dict[str, Schema]:
    """Every schema of the database that this role may see, by name."""
    found = session.table(f"SHOW SCHEMAS IN DATABASE {quote(database)}")
    return {
        str(row["name"]): Schema(
            name=str(row["name"]),
            owner=str(row.get("owner") or ""),
            is_managed="MANAGED ACCESS" in str(row.get("options") or "").upper(),
            is_transient="TRANSIENT" in str(row.get("options") or "").upper(),
        )
        for row in found
    }


def read_all_schemas(session: Session, homes: Iterable[Home]) -> dict[Home, Schema]:
    """Those of the schemas that this role may see, by one question for each database."""
    wanted = tuple(homes)
    found = {name: read_schemas(session, name) for name in dict.fromkeys(home.database for home in wanted)}
    return {home: found[home.database][home.schema] for home in wanted if home.schema in found[home.database]}


def read_views(session: Session, database: str, schema: str) -> tuple[View, ...]:
    """The views of the schema with their text, by name."""
    found = session.rows(
        "SELECT TABLE_NAME AS N, VIEW_DEFINITION AS D, IS_SECURE AS S "
        f"FROM {quote(database)}.INFORMATION_SCHEMA.VIEWS WHERE TABLE_SCHEMA = {literal(schema)} ORDER BY TABLE_NAME"
    )
    return tuple(
        View(name=name, sql=text or "", is_secure=str(secure).upper() in ("YES", "TRUE"))
        for name, text, secure in found
    )


def type_name(facts: Sequence[Any]) -> str:
    """The type as people write it, from the catalog's (data type, precision, scale, length, fraction digits)."""
    base, precision, scale, length, digits = facts
    if base == "NUMBER" and precision is not None:
        return f"NUMBER({int(precision)},{int(scale or 0)})"
    if base in _SIZED and length is not None and int(length) not in _LONGEST[base]:
        return f"{base}({int(length)})"
    if base in _TIMED and digits is not None:
        return f"{base}({int(digits)})"
    return str(base)


def _kinds(session: Session, database: str, schema: str) -> list[tuple[Any, ...]]:
    return session.rows(
        "SELECT TABLE_NAME AS N, TABLE_TYPE AS K "
        f"FROM {quote(database)}.INFORMATION_SCHEMA.TABLES WHERE TABLE_SCHEMA = {literal(schema)} "
        f"AND {_LASTING}"
    )
