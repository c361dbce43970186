"""Queries, changes of rows, tables and transactions: everything that a SQL parser knows."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import sqlglot
from fakesnow import statement_type
from sqlglot import exp

from tests.snowflake import functions, tables
from tests.snowflake.catalog import now
from tests.snowflake.errors import SnowflakeError, syntax
from tests.snowflake.resolving import normalized, resolve
from tests.snowflake.results import DONE, Field, Result, field_of, message
from tests.snowflake.translating import labelled, translate

if TYPE_CHECKING:
    from tests.snowflake.session import Session

_CHANGES = (exp.Insert, exp.Update, exp.Delete, exp.Merge)
_MULTI_JOINED = "number of multi-joined rows updated"


def run(session: Session, text: str, parameters: Sequence[Any]) -> Result:
    """Run one statement. Raises SnowflakeError, ParseError or duckdb.Error."""
    statements = [found for found in sqlglot.parse(text, read="snowflake") if found is not None]
    statements = [found for found in statements if not isinstance(found, exp.Semicolon)]
    if len(statements) != 1:
        found = f"Actual statement count {len(statements)} did not match the desired statement count 1."
        raise SnowflakeError(8, "0A000", found)
    expression = normalized(statements[0])
    match expression:
        case exp.Transaction() | exp.Commit() | exp.Rollback():
            return _transaction(session, expression)
        case exp.Create(kind="TABLE"):
            return tables.create(session, expression, parameters)
        case exp.Alter(kind="TABLE"):
            return tables.alter(session, expression, parameters)
        case exp.TruncateTable():
            return tables.truncate(session, expression)
        case exp.Insert() | exp.Update() | exp.Delete() | exp.Merge():
            return _change(session, expression, parameters)
        case exp.Query():
            return _query(session, expression, parameters)
        case _:
            raise syntax(f"The stand-in does not know this statement: {text[:80]}")


def execute(session: Session, expression: exp.Expr, parameters: Sequence[Any], *, suffix: str = "") -> None:
    """Run a resolved statement in DuckDB, with DuckDB's own words after it; the last part's rows wait in the
    connection."""
    parts = translate(
        expression,
        session.engine,
        functions=lambda node: functions.value(session, node),
        columns=lambda select: columns_read(session, select),
        parameters=parameters,
    )
    for part in parts:
        session.duck.execute(part + suffix, list(parameters) if "?" in part and parameters else [])


def columns_read(session: Session, select: exp.Select) -> list[str]:
    """The encoded columns of what a resolved SELECT reads from."""
    probe = exp.select("*")
    for part in ("from_", "joins", "laterals"):
        probe.set(part, select.args.get(part) and _copied(select.args[part]))
    [text] = translate(probe, session.engine, functions=lambda _: None, columns=lambda _: [], parameters=None)
    return [str(row[0]) for row in session.duck_rows(f"DESCRIBE {text}")]


def _copied(part: Any) -> Any:
    return [item.copy() for item in part] if isinstance(part, list) else part.copy()


def width(session: Session, query: exp.Expr) -> int:
    """How many columns a resolved query gives."""
    if isinstance(query, exp.Select) and not query.is_star:
        return len(query.expressions)
    [text] = translate(query.copy(), session.engine, functions=lambda _: None, columns=lambda _: [], parameters=None)
    return len(session.duck_rows(f"DESCRIBE {text}"))


def _query(session: Session, expression: exp.Expr, parameters: Sequence[Any]) -> Result:
    scope = session.scope()
    expression = resolve(labelled(expression), scope)
    if scope.seen:
        require_warehouse(session)
    return select(session, expression, parameters)


def select(session: Session, expression: exp.Expr, parameters: Sequence[Any] = ()) -> Result:
    """Rows of a resolved query."""
    execute(session, expression, parameters)
    fields = tuple(field_of(item[0], str(item[1])) for item in session.duck.description or ())
    with warnings.catch_warnings():
        # It warns about a copy of the rows, which does not matter here.
        warnings.simplefilter("ignore", UserWarning)
        table = session.duck.to_arrow_table()
    return Result(fields, table=table, statement_type=statement_type.SELECT)


def require_warehouse(session: Session) -> None:
    """Reading or changing rows needs a warehouse. docs: user-guide/warehouses-overview"""
    if not session.warehouse:
        text = (
            "No active warehouse selected in the current session.  "
            "Select an active warehouse with the 'use warehouse' command."
        )
        raise SnowflakeError(606, "57P03", text)


def _change(session: Session, expression: exp.Expr, parameters: Sequence[Any]) -> Result:
    require_warehouse(session)
    if not session.parameters["AUTOCOMMIT"]:
        _begin(session)
    type_id = statement_type.statement_type_id(expression)
    counted = _counts(session, expression, parameters)
    fields = tuple(Field(name, "fixed", 38, 0) for name in counted)
    return Result(fields, rows=(tuple(counted.values()),), statement_type=type_id)


def _counts(session: Session, expression: exp.Expr, parameters: Sequence[Any]) -> dict[str, int]:
    target = expression.this.this if isinstance(expression.this, exp.Schema) else expression.this
    scope = session.scope()
    resolved = resolve(expression, scope)
    if resolved.args.get("overwrite") and isinstance(resolved.expression, exp.Query):
        resolved.set("expression", _read_first(session, resolved.expression, parameters))
    if isinstance(resolved, exp.Merge):
        found = tables.merge(session, resolved, parameters)
    else:
        execute(session, resolved, parameters)
        [(number,)] = session.duck.fetchall()
        found = _named(expression, number)
    for thing in (thing for path, thing in scope.seen.items() if path[2] and thing.physical == target.db):
        thing.altered = now()  # docs: sql-reference/info-schema/tables (LAST_ALTERED: DML too, even of 0 rows)
    return found


def _read_first(session: Session, query: exp.Expr, parameters: Sequence[Any]) -> exp.Expr:
    """INSERT OVERWRITE may read what it overwrites; fakesnow deletes before it reads."""
    relation = session.register("OVERWRITE", select(session, query, parameters).as_arrow())
    return exp.select("*").from_(exp.to_identifier(relation, quoted=True))


def _named(expression: exp.Expr, number: int) -> dict[str, int]:
    match expression:
        case exp.Insert():
            return {"number of rows inserted": number}
        case exp.Update():
            return {"number of rows updated": number, _MULTI_JOINED: 0}
        case _:
            return {"number of rows deleted": number}


def _transaction(session: Session, expression: exp.Expr) -> Result:
    """BEGIN inside a transaction and COMMIT outside do nothing. docs: sql-reference/transactions"""
    if isinstance(expression, exp.Transaction):
        _begin(session)
    elif session.in_transaction:
        session.duck.execute("COMMIT" if isinstance(expression, exp.Commit) else "ROLLBACK")
        session.in_transaction = False
    return message(DONE)


def _begin(session: Session) -> None:
    if not session.in_transaction:
        session.duck.execute("BEGIN TRANSACTION")
        session.in_transaction = True
