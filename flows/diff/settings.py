"""What the caller decides about a diff: the keys, what is masked or ignored, and how much is shown."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from fnmatch import fnmatchcase
from typing import Self, TypeVar

T = TypeVar("T")

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
class Choice:
    """What is decided for one table. None: as for all tables."""

    where: str = ""
    """An SQL condition; only rows that meet it are compared."""
    event_time: str = ""
    """The column that says when a row happened; rows later than all of production are fresh, not added."""
    absolute_tolerance: float | None = None
    relative_tolerance: float | None = None
    sample_above_rows: int | None = None


@dataclass(frozen=True, slots=True)
class DiffSettings:
    """How to compare and what may be shown. Tables and columns are found whatever the case of their names.

    Two floating point numbers a and b are equal when |a - b| <= absolute + relative * max(|a|, |b|). A cell is
    cut after `cell_length` characters. `mask_columns` are shell patterns of column names, masked in all tables. A
    table of more than `sample_above_rows` rows is compared on about so many of its keys; 0 means on all.
    """

    sample_rows: int = 5
    masked: Mapping[str, frozenset[str]] = field(default_factory=dict)
    mask_columns: tuple[str, ...] = ()
    ignore: Mapping[str, frozenset[str]] = field(default_factory=dict)
    absolute_tolerance: float = 0.0
    relative_tolerance: float = 0.0
    sample_above_rows: int = 0
    tables: Mapping[str, Choice] = field(default_factory=dict)
    cell_length: int = 1000

    @property
    def is_tolerant(self) -> bool:
        """Whether floating point numbers may differ a little and still count as equal."""
        return self.absolute_tolerance > 0 or self.relative_tolerance > 0

    def masks(self, table: str, column: str) -> bool:
        """Whether values of the column must stay in the warehouse."""
        folded = column.casefold()
        patterns = [pattern.casefold() for pattern in self.mask_columns]
        # A name may hold what a pattern means something else by, such as brackets.
        is_pattern = any(folded == pattern or fnmatchcase(folded, pattern) for pattern in patterns)
        return is_pattern or _names(self.masked, table, column)

    def ignores(self, table: str, column: str) -> bool:
        """Whether the column is left out of the comparison of rows."""
        return _names(self.ignore, table, column)

    def choice(self, table: str) -> Choice:
        """What is decided for the table alone."""
        return _by_name(self.tables, table) or Choice()

    def at(self, table: str) -> Self:
        """These settings with what is decided for the table alone."""
        choice = self.choice(table)
        return replace(
            self,
            absolute_tolerance=_first(choice.absolute_tolerance, self.absolute_tolerance),
            relative_tolerance=_first(choice.relative_tolerance, self.relative_tolerance),
            sample_above_rows=int(_first(choice.sample_above_rows, self.sample_above_rows)),
        )


def key_of(keys: Mapping[str, Key], table: str) -> Key | None:
    """The key of a table: by its exact name, else by its name in another case."""
    return _by_name(keys, table)


def _by_name(values: Mapping[str, T], table: str) -> T | None:
    if table in values:
        return values[table]
    return next((value for name, value in values.items() if name.casefold() == table.casefold()), None)


def _first(chosen: float | None, otherwise: float) -> float:
    return otherwise if chosen is None else chosen


def _names(columns: Mapping[str, frozenset[str]], table: str, column: str) -> bool:
    # A manifest writes names as people do, a catalog in its own case: a mask must hold for both.
    return any(
        EVERY_COLUMN in names or column.casefold() in {name.casefold() for name in names}
        for name_of_table, names in columns.items()
        if name_of_table.casefold() == table.casefold()
    )
