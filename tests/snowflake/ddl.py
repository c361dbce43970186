"""GET_DDL. docs: sql-reference/functions/get_ddl"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.snowflake import objects
from tests.snowflake.catalog import Column
from tests.snowflake.errors import syntax
from tests.snowflake.identifiers import shown
from tests.snowflake.reader import Name

if TYPE_CHECKING:
    from tests.snowflake.session import Session


def get(session: Session, kind: str, name: Name) -> str:
    """The statement that would create the object: for a view its own text, for a table one made from the catalog."""
    match kind.upper():
        case "VIEW":
            _, thing = objects.found(session, name, ("VIEW",))
            return thing.text.rstrip().rstrip(";") + ";"
        case "TABLE":
            path, thing = objects.found(session, name, ("TABLE",))
            columns = ",\n\t".join(_declaration(column) for column in thing.columns)
            return f"create or replace TABLE {shown(path[2])} (\n\t{columns}\n);"
        case _:
            raise syntax(f"Invalid object type: '{kind}'")


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
    comment = f" COMMENT '{column.comment}'" if column.comment else ""
    return f"{shown(column.name)} {type_text(column)}{'' if column.nullable else ' NOT NULL'}{default}{comment}"
