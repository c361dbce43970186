"""What the caller decides about a diff: the keys, what is masked or ignored, and how much is shown."""

from collections.abc import Mapping
from dataclasses import dataclass, field

MASK = "***"
"""Stands for every value of a masked column, NULL included."""

EVERY_COLUMN = "*"
"""Among the masked or ignored columns of a table: all of them."""


@dataclass(frozen=True, slots=True)
class Key:
    """The primary key of a table; `source` says in a few words who named it."""

    columns: tuple[str, ...]
    source: str


@dataclass(frozen=True, slots=True)
class DiffSettings:
    """How to compare and what may be shown. Tables and columns are found whatever the case of their names.

    Two floating point numbers a and b are equal when |a - b| <= absolute + relative * max(|a|, |b|). A cell is
    cut after `cell_length` characters.
    """

    sample_rows: int = 5
    masked: Mapping[str, frozenset[str]] = field(default_factory=dict)
    ignore: Mapping[str, frozenset[str]] = field(default_factory=dict)
    absolute_tolerance: float = 0.0
    relative_tolerance: float = 0.0
    cell_length: int = 1000

    @property
    def is_tolerant(self) -> bool:
        """Whether floating point numbers may differ a little and still count as equal."""
        return self.absolute_tolerance > 0 or self.relative_tolerance > 0

    def masks(self, table: str, column: str) -> bool:
        """Whether values of the column must stay in the warehouse."""
        return _names(self.masked, table, column)

    def ignores(self, table: str, column: str) -> bool:
        """Whether the column is left out of the comparison of rows."""
        return _names(self.ignore, table, column)


def key_of(keys: Mapping[str, Key], table: str) -> Key | None:
    """The key of a table: by its exact name, else by its name in another case."""
    if table in keys:
        return keys[table]
    return next((key for name, key in keys.items() if name.casefold() == table.casefold()), None)


def _names(columns: Mapping[str, frozenset[str]], table: str, column: str) -> bool:
    # A manifest writes names as people do, a catalog in its own case: a mask must hold for both.
    return any(
        EVERY_COLUMN in names or column.casefold() in {name.casefold() for name in names}
        for name_of_table, names in columns.items()
        if name_of_table.casefold() == table.casefold()
    )
