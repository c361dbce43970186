"""GET_DDL. docs: sql-reference/functions/get_ddl"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.snowflake import objects
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
    match kind.upper():
        case "VIEW":
            path, thing = objects.found(session, name, ("VIEW",))
            return _view(dotted(*path) if qualified else shown(path[2]), thing)
        case "TABLE":
            path, thing = objects.found(session, name, ("TABLE",))
            columns = ",\n\t".join(_declaration(column) for column in thing.columns)
            target = dotted(*path) if qualified else shown(path[2])
            return f"create or replace TABLE {target} (\n\t{columns}\n);"
        case _:
            raise syntax(f"Invalid object type: '{kind}'")


def _view(name: str, view: Thing) -> str:
    columns = ",\n\t".join(shown(column.name) + _comment(column.comment, " COMMENT ") for column in view.columns)
    secure = "secure " if view.secure else ""
    comment = _comment(view.comment, " COMMENT=") and _comment(view.comment, " COMMENT=") + "\n"
    return f"create or replace {secure}view {name}(\n\t{columns}\n){comment} as {view.options['query'].strip()};"


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


def _declaration(column: Column) -> str:
    default = f" DEFAULT {column.default}" if column.default else ""
    null = "" if column.nullable else " NOT NULL"
    return f"{shown(column.name)} {type_text(column)}{null}{default}{_comment(column.comment, ' COMMENT ')}"
