"""One table under comparison: both relations, their names in SQL, and the columns that are compared."""

from dataclasses import dataclass
from typing import Literal

from flows.contract import Column
from flows.diff.cells import Cells
from flows.diff.columns import Comparison, Pair
from flows.diff.settings import DiffSettings
from flows.diff.types import Form, in_form
from flows.warehouse.base import Dialect, Relation

Alias = Literal["p", "s"]
"""A side in SQL: production or staging."""


@dataclass(frozen=True, slots=True)
class Subject:
    """What the SQL builders need of a table that both sides have."""

    production: Relation
    staging: Relation
    production_table: str
    staging_table: str
    comparison: Comparison
    settings: DiffSettings
    dialect: Dialect
    all_of_production: str = ""
    """The name of production in SQL if `production_table` is only a part of it."""

    def value(self, pair: Pair, alias: Alias) -> str:
        """SQL of the pair's value on one side, in the form in which both sides compare."""
        return self.formed(pair, f"{alias}.{self.dialect.quote(pair.name)}", alias)

    def formed(self, pair: Pair, expression: str, alias: Alias) -> str:
        """SQL of a value that was read from the pair's column on one side, in the form in which both compare."""
        type_name = pair.production if alias == "p" else pair.staging
        return in_form(self.dialect, expression, type_name=type_name, form=pair.form)

    @property
    def cells(self) -> Cells:
        """How values of this table are shown."""
        return Cells(self.staging.name, self.settings, dialect=self.dialect)

    def table(self, alias: Alias) -> str:
        """The name of one side in SQL."""
        return self.production_table if alias == "p" else self.staging_table

    def hash(self, pairs: tuple[Pair, ...], alias: Alias) -> str:
        """SQL of the hash of a row over the pairs; a constant if there are none."""
        return self.dialect.row_hash([self._hashable(pair, alias) for pair in pairs] or ["0"])

    @property
    def is_tolerant(self) -> bool:
        """Whether tolerances are set and there are floating point numbers that they apply to."""
        floats = (pair for pair in self.comparison.compared if self.dialect.is_float(pair.staging))
        return self.settings.is_tolerant and any(floats)

    @property
    def leaves_out(self) -> bool:
        """Whether the settings let values differ, so that tables may be equal although fingerprints are not."""
        return self.is_tolerant or any(pair.is_ignored for pair in self.comparison.pairs)

    @property
    def has_masked(self) -> bool:
        """Whether any column's values must stay in the warehouse."""
        columns = (*self.production.columns, *self.staging.columns)
        return any(self.settings.masks(self.staging.name, column.name) for column in columns)

    def columns(self, alias: Alias) -> tuple[Column, ...]:
        """All columns of one side, in the order of its catalog."""
        return (self.production if alias == "p" else self.staging).columns

    def _hashable(self, pair: Pair, alias: Alias) -> str:
        value = self.value(pair, alias)
        return self.dialect.hashable(value, pair.staging) if pair.form is Form.AS_IS else value
