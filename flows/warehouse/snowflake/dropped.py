"""Schemas that were dropped and that Snowflake still keeps: a release may lie in one of them."""

from flows.warehouse.snowflake.dialect import literal, quote
from flows.warehouse.snowflake.session import Session
from flows.warehouse.snowflake.views import Home


def keeps_dropped(session: Session, home: Home) -> bool:
    """Whether UNDROP SCHEMA can bring back a schema of this name that was dropped or replaced. Raises WarehouseError.

    Documented: with HISTORY those are listed, too, that are still within their time of retention.
    https://docs.snowflake.com/en/sql-reference/sql/show-schemas
    """
    # LIKE takes underscores for any character.
    found = session.table(f"SHOW SCHEMAS HISTORY LIKE {literal(home.schema)} IN DATABASE {quote(home.database)}")
    return any(row["name"] == home.schema and row.get("dropped_on") is not None for row in found)
