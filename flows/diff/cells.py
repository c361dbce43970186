"""What a reviewer sees of a value: text, cut to a length, and nothing of a masked column."""

from collections.abc import Sequence
from dataclasses import dataclass

from flows.contract import Column
from flows.diff.settings import MASK, DiffSettings
from flows.warehouse.base import Dialect


@dataclass(frozen=True, slots=True)
class Cells:
    """Writes the SQL of the cells of one table."""

    table: str
    settings: DiffSettings
    dialect: Dialect

    def cell(self, expression: str, column: Column) -> str:
        """SQL of one cell. A masked value is replaced here, inside the warehouse, whether it is NULL or not."""
        if self.settings.masks(self.table, column.name):
            return f"'{MASK}'"
        text = self.dialect.as_text(expression, column.type)
        length = int(self.settings.cell_length)
        return f"CASE WHEN LENGTH({text}) > {length} THEN LEFT({text}, {length}) || '…' ELSE {text} END"

    def row(self, alias: str, columns: Sequence[Column]) -> list[str]:
        """SQL of a cell for each column of the relation called `alias`."""
        return [self.cell(f"{alias}.{self.dialect.quote(column.name)}", column) for column in columns]
