"""What DuckDB's catalog says of one schema, as frozen values."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from flows.contract import Column
from flows.warehouse.base import MARKER_TABLE
from flows.warehouse.duckdb.dialect import DuckDBDialect, literal, quote
from flows.warehouse.views import fold

Rows = Callable[[str], list[Any]]
"""Runs one reading statement."""


@dataclass(frozen=True, slots=True)
class Comment:
    """A comment on an object; `column` is empty when it is on the table or view itself."""

    kind: str
    name: str
    column: str
    text: str


@dataclass(frozen=True, slots=True)
class Index:
    """An index that is not part of a constraint, with the catalog's CREATE INDEX."""

    name: str
    sql: str


@dataclass(frozen=True, slots=True)
class Table:
    """A table with all that a faithful copy needs. `stored` leaves out generated columns."""

    name: str
    sql: str
    columns: tuple[Column, ...]
    stored: tuple[str, ...]
    indexes: tuple[Index, ...]
    comments: tuple[Comment, ...]
    parents: frozenset[str]
    """Folded names of the tables that its foreign keys point at."""


@dataclass(frozen=True, slots=True)
class View:
    """A view with the catalog's CREATE VIEW."""

    name: str
    sql: str
    comments: tuple[Comment, ...]


@dataclass(frozen=True, slots=True)
class Schema:
    """Tables and views of one schema by folded name, without the marker."""

    name: str
    has_marker: bool
    tables: dict[str, Table]
    views: dict[str, View]


def key(name: str) -> str:
    """The name as DuckDB compares it."""
    return fold(name, "duckdb")


def read_schema(rows: Rows, schema: str) -> Schema:
    """The schema as it is now; empty if it does not exist."""
    exact = exact_name(rows, schema)
    if exact is None:
        return Schema(name=schema, has_marker=False, tables={}, views={})
    comments = _comments(rows, exact)
    tables = _tables(rows, exact, comments)
    has_marker = tables.pop(key(MARKER_TABLE), None) is not None
    return Schema(name=exact, has_marker=has_marker, tables=tables, views=_views(rows, exact, comments))


def exact_name(rows: Rows, schema: str) -> str | None:
    """The schema's name as the catalog spells it; None if there is no such schema."""
    found = rows("SELECT schema_name FROM duckdb_schemas() WHERE database_name = current_database()")
    return next((name for (name,) in found if key(name) == key(schema)), None)


def has_marker(rows: Rows, schema: str) -> bool:
    """Whether the schema exists and has a marker."""
    here = _here(exact_name(rows, schema) or schema)
    found = rows(f"SELECT 1 FROM duckdb_tables() WHERE {here} AND table_name = {literal(MARKER_TABLE)}")
    return bool(found)


def view_columns(rows: Rows, schema: str, view: str) -> tuple[Column, ...]:
    """The columns that the view has now: the catalog's own list is only brought up to date when it is read.

    Raises WarehouseError if the view cannot be read any more.
    """
    described = rows(f"DESCRIBE SELECT * FROM {quote(schema)}.{quote(view)}")
    return tuple(Column(name=name, type=type_name) for name, type_name, *_ in described)


def fingerprint_sql(table: Table, schema: str, dialect: DuckDBDialect) -> str:
    """One row: number of rows, fingerprint over all stored columns."""
    types = {column.name: column.type for column in table.columns}
    values = [
        dialect.hashable(quote(name), types[name])
        if dialect.is_comparable(types[name])
        else dialect.telling_text(quote(name), types[name])
        for name in table.stored
    ]
    return f"SELECT COUNT(*), {dialect.fingerprint(values)} FROM {quote(schema)}.{quote(table.name)}"


def _here(schema: str) -> str:
    return f"database_name = current_database() AND schema_name = {literal(schema)} AND NOT internal"


def _tables(rows: Rows, schema: str, comments: dict[str, list[Comment]]) -> dict[str, Table]:
    columns, indexes, parents = _columns(rows, schema), _indexes(rows, schema), _parents(rows, schema)
    found = rows(
        f"SELECT table_name, sql FROM duckdb_tables() WHERE {_here(schema)} AND NOT temporary ORDER BY table_name"
    )
    return {
        key(name): Table(
            name=name,
            sql=sql,
            columns=tuple(Column(name=column, type=type_name) for column, type_name, _ in columns[name]),
            stored=tuple(column for column, _, is_generated in columns[name] if not is_generated),
            indexes=tuple(indexes.get(name, ())),
            comments=tuple(comments.get(name, ())),
            parents=frozenset(parents.get(name, ())),
        )
        for name, sql in found
    }


def _views(rows: Rows, schema: str, comments: dict[str, list[Comment]]) -> dict[str, View]:
    found = rows(
        f"SELECT view_name, sql FROM duckdb_views() WHERE {_here(schema)} AND NOT temporary ORDER BY view_name"
    )
    return {key(name): View(name=name, sql=sql, comments=tuple(comments.get(name, ()))) for name, sql in found}


def _columns(rows: Rows, schema: str) -> dict[str, list[tuple[str, str, bool]]]:
    found = rows(
        "SELECT table_name, column_name, data_type, is_generated FROM duckdb_columns() "
        f"WHERE {_here(schema)} ORDER BY table_name, column_index"
    )
    return _by_first(found)


def _indexes(rows: Rows, schema: str) -> dict[str, list[Index]]:
    found = rows(
        "SELECT table_name, index_name, sql FROM duckdb_indexes() "
        f"WHERE database_name = current_database() AND schema_name = {literal(schema)} AND sql IS NOT NULL "
        "ORDER BY table_name, index_name"
    )
    return {table: [Index(*index) for index in indexes] for table, indexes in _by_first(found).items()}


def _parents(rows: Rows, schema: str) -> dict[str, list[str]]:
    found = rows(
        "SELECT table_name, referenced_table FROM duckdb_constraints() "
        f"WHERE database_name = current_database() AND schema_name = {literal(schema)} "
        "AND constraint_type = 'FOREIGN KEY'"
    )
    return {table: [key(parent) for (parent,) in parents] for table, parents in _by_first(found).items()}


def _comments(rows: Rows, schema: str) -> dict[str, list[Comment]]:
    """Comments by the table or view that they belong to."""
    here = f"database_name = current_database() AND schema_name = {literal(schema)} AND comment IS NOT NULL"
    found = rows(
        f"SELECT table_name, 'TABLE', table_name, '', comment FROM duckdb_tables() WHERE {here} "
        f"UNION ALL SELECT view_name, 'VIEW', view_name, '', comment FROM duckdb_views() WHERE {here} "
        f"UNION ALL SELECT table_name, 'COLUMN', table_name, column_name, comment FROM duckdb_columns() WHERE {here} "
        f"UNION ALL SELECT table_name, 'INDEX', index_name, '', comment FROM duckdb_indexes() WHERE {here} "
        "ORDER BY ALL"
    )
    return {owner: [Comment(*comment) for comment in comments] for owner, comments in _by_first(found).items()}


def _by_first(rows: list[Any]) -> dict[str, list[Any]]:
    grouped: dict[str, list[Any]] = {}
    for first, *rest in rows:
        grouped.setdefault(first, []).append(tuple(rest))
    return grouped
