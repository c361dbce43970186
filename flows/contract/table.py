"""One table, production against staging: what a reviewer sees of it, as data."""

from typing import Literal, Self

from pydantic import Field

from flows.contract.base import Frozen
from flows.contract.profile import Cell, ColumnProfile, Distribution, Profile
from flows.contract.texts import Words


class Column(Frozen):
    """A column and its type, in the words of the warehouse's catalog."""

    name: str
    type: str


class Side(Frozen):
    """One side of a table as the audit found it. `fingerprint` does not depend on the order of rows."""

    columns: tuple[Column, ...]
    rows: int
    fingerprint: str


class SchemaChange(Frozen):
    """A column that was added, removed or retyped between production and staging."""

    column: str
    kind: Literal["added", "removed", "retyped"]
    production: str | None = None
    staging: str | None = None


class ColumnCount(Frozen):
    """In how many of the changed rows this column differs."""

    column: str
    rows: int


class CellChange(Frozen):
    """One cell on both sides. In an added row `production` means nothing, in a removed row `staging`."""

    column: str
    production: Cell = None
    staging: Cell = None


class SampleRow(Frozen):
    """One row shown as an example: its key and, of a changed row, only the cells that differ."""

    kind: Literal["added", "removed", "changed"]
    key: tuple[Cell, ...]
    cells: tuple[CellChange, ...]
    times: int = 1


class Concentration(Frozen):
    """Where most of a difference lies: `rows` of the `of` rows of that kind have `value` in `column`."""

    kind: Literal["added", "removed", "changed"]
    column: str
    value: Cell
    rows: int
    of: int
    usual: float
    """The share (0 to 1) of all rows that have the value: what one would expect without a concentration."""


class Freshness(Frozen):
    """Rows that staging has because it is newer: their event time lies after the latest of production.

    They are not counted as added.
    """

    column: str
    until: Cell
    """The latest event time in production."""
    rows: int


class Scope(Frozen):
    """The part of a table whose rows were compared. Counts and samples are of this part; nothing is extrapolated.

    The fingerprints are of all rows all the same, so that what is published is what was reviewed.
    """

    condition: Words = ""
    """The SQL condition of the settings; empty: all rows."""
    sampled: float = 1.0
    """The share (above 0, to 1) of keys that were looked at, chosen by the hash of the key."""
    production_rows: int
    staging_rows: int


class Exposure(Frozen):
    """Something outside dbt that reads the table, as the project declares it: a dashboard, an application."""

    name: Words
    kind: Words = ""
    owner: Words = ""
    url: Words = ""


class TableContext(Frozen):
    """What dbt knows about a table.

    `downstream` are the models that read it, directly or through others, the nearest first; `exposures` likewise.
    The `left_out` say how many more there are than are named.
    """

    is_built: bool = True
    """Whether dbt built it in this run; what it did not build is a copy of production."""
    owner: Words = ""
    tags: tuple[str, ...] = ()
    tests_passed: int = 0
    tests_warned: int = 0
    downstream: tuple[Words, ...] = ()
    downstream_left_out: int = 0
    exposures: tuple[Exposure, ...] = ()
    exposures_left_out: int = 0


class TableDiff(Frozen):
    """One table or view, production against staging.

    Counts are None where they are not known; `notes` says why and what was not looked at. A table whose diff
    failed has status "failed" and `error`; it never takes the rest of the report with it.
    """

    name: str
    home: str = Field(default="", exclude_if=lambda home: not home)
    """Production's schema, if it is not the target's first: then the name is this, a dot, and the table's own name."""
    kind: Literal["table", "view"]
    status: Literal["added", "removed", "changed", "equal", "failed"]
    production: Side | None = None
    staging: Side | None = None
    key: tuple[str, ...] = ()
    key_source: str = ""
    method: Literal["fingerprint", "keyed", "multiset", "none"] = "none"
    added: int | None = None
    removed: int | None = None
    changed: int | None = None
    unchanged: int | None = None
    schema_changes: tuple[SchemaChange, ...] = ()
    not_compared: tuple[str, ...] = ()
    """Columns of both sides whose types have nothing in common: no count says whether their values differ."""
    changed_columns: tuple[ColumnCount, ...] = ()
    samples: tuple[SampleRow, ...] = ()
    fresh: Freshness | None = None
    concentration: Concentration | None = None
    profile: tuple[ColumnProfile, ...] = ()
    distributions: tuple[Distribution, ...] = ()
    scope: Scope | None = None
    """None: all rows were compared."""
    context: TableContext | None = None
    notes: tuple[Words, ...] = ()
    error: Words = ""

    @property
    def own_name(self) -> str:
        """The name in its schema."""
        return self.name[len(self.home) + 1 :] if self.home else self.name

    def without_values(self) -> Self:
        """The same table with its counts, and nothing that shows a value of a row: when it is not known what may be."""
        profile = tuple(
            column.model_copy(update={"production": _bare(column.production), "staging": _bare(column.staging)})
            for column in self.profile
        )
        fresh = self.fresh.model_copy(update={"until": None}) if self.fresh else None
        error = "Not compared. The warehouse's words are left out, because they may show a value." if self.error else ""
        shown = {"samples": (), "concentration": None, "distributions": ()}
        return self.model_copy(update={**shown, "profile": profile, "fresh": fresh, "error": error})


def _bare(profile: Profile | None) -> Profile | None:
    return profile.model_copy(update={"low": None, "high": None, "mean": None}) if profile else None
