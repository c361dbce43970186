"""DESCRIBE TABLE, VIEW and policies. docs: sql-reference/sql/desc-table"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.snowflake import objects, policies
from tests.snowflake.ddl import type_text
from tests.snowflake.errors import SnowflakeError
from tests.snowflake.reader import Reader
from tests.snowflake.results import Result, table_of

if TYPE_CHECKING:
    from tests.snowflake.session import Session

_NAMES = (
    "name", "type", "kind", "null?", "default", "primary key", "unique key", "check", "expression", "comment",
    "policy name", "privacy domain",
)  # fmt: skip


def run(session: Session, reader: Reader) -> Result:
    """One row for each column. Raises 002043 if there is no such object."""
    kind = reader.choice("TABLE", "VIEW", "DYNAMIC TABLE", *policies.KINDS)
    if kind in policies.KINDS:
        return policies.describe(session, reader, kind)
    path, thing = objects.found(session, reader.name(), objects.TABLE_LIKE)
    if kind == "VIEW" and thing.kind != "VIEW":
        raise SnowflakeError(2203, "42000", "SQL compilation error:\nObject found is of type 'TABLE', not 'VIEW'.")
    session.check(session.role, "SELECT", path, thing)
    keys = thing.options.get("primary_key", ())
    return table_of(
        _NAMES,
        [
            (
                column.name, type_text(column), "COLUMN", "Y" if column.nullable else "N", column.default,
                "Y" if column.name in keys else "N", "N", None, None, column.comment or None, None, None,
            )
            for column in thing.columns
        ],
    )  # fmt: skip
