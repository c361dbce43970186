"""GET_DDL. docs: sql-reference/functions/get_ddl"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.snowflake import objects, policies
from tests.snowflake.catalog import Column, Thing
from tests.snowflake.errors import syntax
from tests.snowflake.identifiers import dotted, shown
from tests.snowflake.reader import Name

if TYPE_CHECKING:
    from tests.snowflake.session import Session


def get(session: Session, kind: str, name: Name, *, qualified: bool = False) -> str:
    """The statement that would create the object under its present name; a view's query is the text that was typed.

    `qualified`: the name of the object itself is written in full; names inside the query stay as they are.
    """
    kinds = {"VIEW": ("VIEW", "TABLE"), "TABLE": ("TABLE", "VIEW"), "DYNAMIC_TABLE": ("DYNAMIC TABLE",)}
    if kind.upper() not in kinds:
        raise syntax(f"Invalid object type: '{kind}'")
    path, thing = objects.found(session, name, kinds[kind.upper()])
    target = dotted(*path) if qualified else shown(path[2])
    whole = "".join(policies.clauses(session, thing, ""))
    if thing.kind == "VIEW":
        return _view(session, target, thing, whole)
    columns = ",\n\t".join(_declaration(column, _clauses(session, thing, column)) for column in thing.columns)
    query = f" as {thing.options['query'].strip()}" if "query" in thing.options else ""
    return f"create or replace {thing.kind} {target} (\n\t{columns}\n){whole}{query};"


def _clauses(session: Session, thing: Thing, column: Column) -> str:
    return "".join(policies.clauses(session, thing, column.name))


def _view(session: Session, name: str, view: Thing, whole: str) -> str:
    columns = ",\n\t".join(
        shown(column.name) + _clauses(session, view, column) + _comment(column.comment, " COMMENT ")
        for column in view.columns
    )
    secure = "secure " if view.secure else ""
    comment = _comment(view.comment, " COMMENT=") and _comment(view.comment, " COMMENT=") + "\n"
    query = view.options["query"].strip()
    return f"create or replace {secure}view {name}(\n\t{columns}\n){whole}{comment} as {query};"


def _comment(text: str, word: str) -> str:
    return word + "'" + text.replace("\\", "\\\\").replace("'", "''") + "'" if text else ""


def type_text(column: Column) -> str:
    """The type as DESCRIBE and GET_DDL print it. docs: sql-reference/sql/desc-table"""
    match column.type:
        case "NUMBER":
            return f"NUMBER({column.precision},{column.scale})"
        case "TEXT":
            return f"VARCHAR({column.length})"
        case "BINARY":
            return f"BINARY({column.length})"
        case "TIMESTAMP_NTZ" | "TIMESTAMP_TZ" | "TIMESTAMP_LTZ" | "TIME":
            return f"{column.type}(9)"
        case _:
            return column.type


def _declaration(column: Column, clauses: str) -> str:
    default = f" DEFAULT {column.default}" if column.default else ""
    null = "" if column.nullable else " NOT NULL"
    return f"{shown(column.name)} {type_text(column)}{null}{default}{clauses}{_comment(column.comment, ' COMMENT ')}"
