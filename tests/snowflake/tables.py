"""Tables: created, copied, altered, merged into and dropped. Each has a DuckDB schema of its own (see catalog.Thing),
so that renaming, moving and swapping are matters of the catalog alone."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from sqlglot import exp

from tests.snowflake import access, objects, sql, types
from tests.snowflake.catalog import Column, Path, Thing, full_path, now
from tests.snowflake.errors import SnowflakeError, impossible
from tests.snowflake.identifiers import dotted, encode, shown
from tests.snowflake.resolving import DATA, lookup, name_of, point_at, resolve
from tests.snowflake.results import DONE, Result, message

if TYPE_CHECKING:
    from tests.snowflake.session import Session


def create(session: Session, expression: exp.Create, parameters: Sequence[Any]) -> Result:
    """CREATE TABLE, also AS SELECT. docs: sql-reference/sql/create-table"""
    declared = expression.this if isinstance(expression.this, exp.Schema) else None
    target = declared.this if declared else expression.this
    path = full_path(name_of(target), session.database, session.schema)
    properties = expression.args.get("properties") or exp.Properties()
    thing = _announced(session, properties)
    if not objects.free(session, path, "TABLE", expression, temporary=thing.temporary):
        return message(f"{shown(path[2])} already exists, statement succeeded.")
    columns = declared.expressions if declared else []
    known = [types.declared(column) for column in columns if isinstance(column, exp.ColumnDef)]
    thing.options["primary_key"] = _primary_key(declared)
    _make(session, expression, target, path, thing, parameters)
    thing.columns = types.columns_of(session, path, thing, known)
    objects.put(session, path, thing, copy_grants=bool(properties.find(exp.CopyGrantsProperty)))
    return message(f"Table {shown(path[2])} successfully created.")


def _announced(session: Session, properties: exp.Expr) -> Thing:
    """The table as the words before and after its name describe it."""
    comment = properties.find(exp.SchemaCommentProperty)
    return Thing(
        kind="TABLE",
        owner=session.role,
        physical=session.catalog.new_physical(),
        temporary=bool(properties.find(exp.TemporaryProperty)),
        transient=bool(properties.find(exp.TransientProperty)),
        comment=comment.this.name if comment else "",
    )


def _primary_key(declared: exp.Schema | None) -> list[str]:
    """The columns of the primary key, in its order; it is listed and not enforced."""
    if declared is None:
        return []
    for key in declared.find_all(exp.PrimaryKey):
        return [column.name for column in key.expressions]
    return [c.name for c in declared.find_all(exp.ColumnDef) if c.find(exp.PrimaryKeyColumnConstraint)]


def _make(
    session: Session, expression: exp.Create, target: exp.Table, path: Path, thing: Thing, parameters: Sequence[Any]
) -> None:
    """Rows first, catalog later: a failing CREATE leaves nothing behind, a replaced table can be read until the end."""
    session.end_transaction()
    point_at(target, path, thing)
    if isinstance(expression.expression, exp.Query):
        sql.require_warehouse(session)
    resolved = resolve(expression, session.scope())
    for key in ("properties", "replace", "exists", "copy", "clone"):
        resolved.set(key, None)
    if isinstance(resolved.this, exp.Schema):
        resolved.this.set("expressions", [c for c in resolved.this.expressions if isinstance(c, exp.ColumnDef)])
    for column in resolved.find_all(exp.ColumnDef):
        column.set("constraints", [c for c in column.args.get("constraints", []) if _kept(c)])
    session.duck.execute(f'CREATE SCHEMA {DATA}."{thing.physical}"')
    try:
        sql.execute(session, resolved, parameters)
    except BaseException:
        session.drop_rows(thing)
        raise


def _kept(constraint: exp.Expr) -> bool:
    """NOT NULL and DEFAULT are enforced, keys are not. docs: sql-reference/constraints-overview"""
    return isinstance(constraint.args.get("kind"), exp.NotNullColumnConstraint | exp.DefaultColumnConstraint)


def clone(session: Session, source_path: Path, source: Thing, path: Path) -> Thing:
    """A copy of the rows, columns and defaults of a table. Grants are the caller's matter.

    docs: sql-reference/sql/create-clone
    """
    found = Thing(
        kind=source.kind,
        owner=session.role,
        comment=source.comment,
        physical=session.catalog.new_physical(),
        columns=[Column(**{slot: getattr(column, slot) for slot in Column.__slots__}) for column in source.columns],
        transient=source.transient,
        attached=list(source.attached),
    )
    session.duck.execute(f'CREATE SCHEMA {DATA}."{found.physical}"')
    old = f'{DATA}."{source.physical}"."{encode(source_path[2])}"'
    new = f'{DATA}."{found.physical}"."{encode(path[2])}"'
    # LIKE would do, but DuckDB has none; the catalog's own text keeps NOT NULL and DEFAULT.
    [(text,)] = session.duck_rows(
        "SELECT sql FROM duckdb_tables() WHERE database_name = ? AND schema_name = ?", [DATA, source.physical]
    )
    session.duck.execute(f"CREATE TABLE {new} {text[text.index('(') :]}")
    session.duck.execute(f"INSERT INTO {new} FROM {old}")
    return found


def truncate(session: Session, expression: exp.TruncateTable) -> Result:
    """TRUNCATE TABLE commits what is open. docs: sql-reference/sql/truncate-table"""
    sql.require_warehouse(session)
    session.end_transaction()
    try:
        resolve(expression, session.scope())
    except SnowflakeError as error:
        if expression.args.get("exists") and error.errno in (2003, 2043):
            return message(DONE)
        raise
    for table in expression.expressions:
        session.duck.execute(f"DELETE FROM {table.sql(dialect='duckdb')}")
    return message(DONE)


def alter(session: Session, expression: exp.Alter, parameters: Sequence[Any]) -> Result:
    """ALTER TABLE on columns; names and owners are `objects`' matter. docs: sql-reference/sql/alter-table"""
    session.end_transaction()
    try:
        path, thing = lookup(name_of(expression.this), session.scope())
    except SnowflakeError:
        if expression.args.get("exists"):
            return message(DONE)
        raise impossible() from None
    access.require_ownership(session.catalog, session.role, thing, "table", dotted(path[2]))
    known = [types.declared(column) for column in expression.find_all(exp.ColumnDef)]
    resolved = resolve(expression, session.scope())
    sql.execute(session, resolved, parameters)
    thing.columns = types.columns_of(session, path, thing, [*thing.columns, *known])
    thing.altered = now()
    return message(DONE)


def merge(session: Session, expression: exp.Expr, parameters: Sequence[Any]) -> dict[str, int]:
    """MERGE by DuckDB's own; the answer has one column per kind of change. docs: sql-reference/sql/merge"""
    kinds = {when.args["then"].key if isinstance(when.args["then"], exp.Expr) else "delete"
             for when in expression.find_all(exp.When)}  # fmt: skip
    _unqualified(expression)
    sql.execute(session, expression, parameters, suffix=" RETURNING merge_action")
    actions = [row[0] for row in session.duck.fetchall()]
    named = (("insert", "inserted"), ("update", "updated"), ("var", "deleted"), ("delete", "deleted"))
    return {
        f"number of rows {word}": actions.count({"inserted": "INSERT", "updated": "UPDATE", "deleted": "DELETE"}[word])
        for kind, word in named
        if kind in kinds
    }


def _unqualified(expression: exp.Expr) -> None:
    """DuckDB wants the columns that are set and inserted into without the table's alias."""
    for when in expression.find_all(exp.When):
        then = when.args["then"]
        if isinstance(then, exp.Update):
            for assignment in then.expressions:
                if isinstance(assignment, exp.EQ):
                    assignment.set("this", exp.column(assignment.this.this))
        elif isinstance(then, exp.Insert) and isinstance(then.this, exp.Tuple):
            then.this.set(
                "expressions", [exp.column(c.this) if isinstance(c, exp.Column) else c for c in then.this.expressions]
            )


def empty(session: Session, path: Path, thing: Thing) -> None:
    """Take every row out."""
    session.duck.execute(f'DELETE FROM {DATA}."{thing.physical}"."{encode(path[2])}"')
