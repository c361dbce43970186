"""One table under comparison: both relations, their names in SQL, and the columns that are compared."""

from dataclasses import dataclass

from flows.contract import Column
from flows.diff.columns import Comparison, Pair
from flows.diff.settings import DiffSettings
from flows.diff.types import hash_input, in_form
from flows.warehouse.base import Dialect, Relation


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

    def value(self, pair: Pair, alias: str) -> str:
        """SQL of the pair's value on one side: `p` is production, `s` is staging."""
        type_name = pair.production if alias == "p" else pair.staging
        column = f"{alias}.{self.dialect.quote(pair.name)}"
        return in_form(self.dialect, column, type_name=type_name, form=pair.form)

    def hash(self, pairs: tuple[Pair, ...], alias: str) -> str:
        """SQL of the hash of a row over the pairs; a constant if there are none."""
        inputs = [self._hash_input(pair, alias) for pair in pairs]
        return self.dialect.row_hash(inputs or ["0"])

    @property
    def leaves_out(self) -> bool:
        """Whether the settings let values differ: ignored columns, or tolerances for floating point numbers."""
        floats = (pair for pair in self.comparison.pairs if self.dialect.is_float(pair.staging))
        is_tolerated = self.settings.is_tolerant and any(floats)
        return is_tolerated or any(pair.is_ignored for pair in self.comparison.pairs)

    def columns(self, alias: str) -> tuple[Column, ...]:
        """All columns of one side, in the order of its catalog."""
        return (self.production if alias == "p" else self.staging).columns

    def _hash_input(self, pair: Pair, alias: str) -> str:
        value = self.value(pair, alias)
        return value if pair.production != pair.staging else hash_input(self.dialect, value, pair.staging)
