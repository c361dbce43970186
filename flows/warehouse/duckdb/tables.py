"""Statements that build, copy and drop tables with everything that belongs to them. Pure text."""

import graphlib
from collections.abc import Iterable, Iterator

from flows.warehouse.duckdb.catalog import Comment, Schema, Table
from flows.warehouse.duckdb.ddl import create_index, create_table
from flows.warehouse.duckdb.dialect import literal, quote


def qualified(schema: str, name: str) -> str:
    """schema.name, quoted."""
    return f"{quote(schema)}.{quote(name)}"


def copy(table: Table, source: str, *, schema: str, name: str) -> Iterator[str]:
    """Make the table in a schema, under a name, with the rows of the qualified `source`, in their order.

    Indexes and comments come with `finish`: a table that has an index cannot be renamed any more (DuckDB 2.0).
    """
    columns = ", ".join(quote(column) for column in table.stored)
    yield create_table(table.sql, schema=schema, name=name)
    yield f"INSERT INTO {qualified(schema, name)} ({columns}) SELECT {columns} FROM {source}"


def copy_rows(table: Table, source: str, *, schema: str, name: str) -> str:
    """Keep only the rows, in a table without constraints."""
    columns = ", ".join(quote(column) for column in table.stored)
    return f"CREATE TABLE {qualified(schema, name)} AS SELECT {columns} FROM {source}"


def finish(table: Table, *, schema: str) -> Iterator[str]:
    """Indexes and comments of a table that has been built in the schema."""
    for index in table.indexes:
        yield create_index(index.sql, schema=schema, table=table.name)
    yield from comments(table.comments, schema=schema)


def comments(found: Iterable[Comment], *, schema: str) -> Iterator[str]:
    """The comments, on objects of the same names in the schema."""
    for comment in found:
        column = f".{quote(comment.column)}" if comment.column else ""
        yield f"COMMENT ON {comment.kind} {qualified(schema, comment.name)}{column} IS {literal(comment.text)}"


def definition(table: Table) -> tuple[object, ...]:
    """What two tables must have in common to be the same but for their rows and their schema."""
    return (
        table.name,
        create_table(table.sql, schema="", name=""),
        tuple(create_index(index.sql, schema="", table="") for index in table.indexes),
        table.comments,
    )


def parents_first(schema: Schema, keys: Iterable[str]) -> tuple[Table, ...]:
    """The tables of these keys that the schema has, each behind those that its foreign keys point at."""
    wanted = [name for name in sorted(keys) if name in schema.tables]
    graph = {name: sorted(schema.tables[name].parents - {name}) for name in wanted}
    order = graphlib.TopologicalSorter(graph).static_order()
    return tuple(schema.tables[name] for name in order if name in graph)


def groups(*schemas: Schema) -> tuple[frozenset[str], ...]:
    """The tables of all schemas by folded name, those that foreign keys tie together in one group."""
    found: list[frozenset[str]] = []
    for schema in schemas:
        for name, table in schema.tables.items():
            tied = frozenset({name}) | (table.parents & schema.tables.keys())
            touching = [group for group in found if group & tied]
            found = [group for group in found if not group & tied]
            found.append(tied.union(*touching))
    return tuple(sorted(found, key=min))
