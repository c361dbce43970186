"""SHOW: what the catalog holds, in the columns that the documentation names. docs: sql-reference/sql/show

No warehouse is needed, and only what the role may see is listed.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from tests.snowflake import database_roles, show_account, show_grants, show_objects
from tests.snowflake.reader import Reader
from tests.snowflake.results import Result, table_of
from tests.snowflake.show_clauses import Asked, Listing, chosen, clauses

if TYPE_CHECKING:
    from tests.snowflake.session import Session

_LISTS: dict[str, Callable[[Any, Asked, str], Listing]] = {
    **dict.fromkeys(show_objects.KINDS, show_objects.things),
    "COLUMNS": show_objects.columns,
    "PRIMARY KEYS": show_objects.primary_keys,
    "SCHEMAS": show_account.schemas,
    "SCHEMAS HISTORY": show_account.schemas_history,
    "DATABASES": show_account.databases,
    "ROLES": show_account.roles,
    "WAREHOUSES": show_account.warehouses,
    "PARAMETERS": show_account.parameters,
    **dict.fromkeys(("USER FUNCTIONS", "FUNCTIONS", "PROCEDURES", "USER PROCEDURES"), show_account.functions),
    "SHARES": show_account.shares,
    "DATABASE ROLES": database_roles.listed,
}
_TERSE = ("created_on", "name", "kind", "database_name", "schema_name")


def run(session: Session, reader: Reader) -> Result:
    """One SHOW command. Raises SnowflakeError."""
    if reader.at("GRANTS") or reader.at("FUTURE GRANTS"):
        return show_grants.run(session, reader)
    terse = reader.take("TERSE")
    what = reader.choice(*_LISTS)
    reader.take("HISTORY")
    asked = clauses(reader)
    fields, rows = _LISTS[what](session, asked, what)
    names = [field if isinstance(field, str) else field.name for field in fields]
    found = list(chosen(rows, asked, names))
    if terse:
        kept = [place for place, name in enumerate(names) if name in _TERSE]
        return table_of([fields[place] for place in kept], [[row[place] for place in kept] for row in found])
    return table_of(fields, found)
