"""What a reviewer sees of a value: text, cut to a length, and nothing of a masked column."""

from collections.abc import Sequence

from flows.contract import Column
from flows.diff.settings import MASK, DiffSettings
from flows.warehouse.base import Dialect


def cell_sql(dialect: Dialect, alias: str, *, column: Column, table: str, settings: DiffSettings) -> str:
    """SQL of one cell. A masked value is replaced here, inside the warehouse, whether it is NULL or not."""
    if settings.masks(table, column.name):
        return f"'{MASK}'"
    text = dialect.as_text(f"{alias}.{dialect.quote(column.name)}", column.type)
    length = int(settings.cell_length)
    return f"CASE WHEN LENGTH({text}) > {length} THEN LEFT({text}, {length}) || '…' ELSE {text} END"


def cells_sql(
    dialect: Dialect, alias: str, *, columns: Sequence[Column], table: str, settings: DiffSettings
) -> list[str]:
    """SQL of a cell for each column."""
    return [cell_sql(dialect, alias, column=column, table=table, settings=settings) for column in columns]
