"""One scan of one side: rows, fingerprint and, in the same pass, the profile of every column."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from flows.contract import Column, Side
from flows.contract.profile import Cell, Profile
from flows.diff.fingerprint import hash_inputs
from flows.diff.profile_types import NUMBERS, ORDERED, Kind, kind_of
from flows.diff.settings import DiffSettings
from flows.warehouse.base import Dialect, Relation, Warehouse

MAX_COLUMNS = 200
"""So many columns are profiled. Each takes time in the scan and some 200 bytes of the report."""

_DIGITS = 12
"""A mean is rounded to so many digits, but not before the point: the order of rows shows in the 14th or so."""


@dataclass(frozen=True, slots=True)
class Scan:
    """One side as it is now. `profile` is by column name, empty if it was not asked for."""

    side: Side
    profile: dict[str, Profile]
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Measure:
    """One figure of one column: the aggregate, and the SQL that shows its result under the alias."""

    column: str
    figure: Literal["values", "distinct", "low", "high", "mean"]
    aggregate: str
    alias: str
    shown: str


def scan(
    warehouse: Warehouse, relation: Relation, table_sql: str, *, settings: DiffSettings, with_profile: bool
) -> Scan:
    """Count, fingerprint and profile the relation in one statement that reads it once. Raises WarehouseError.

    `table_sql` is its name in SQL. Rows and fingerprint are those of `flows.diff.fingerprint.side`. The first
    MAX_COLUMNS columns are profiled, over all rows; a note names the others.
    """
    measures = profile_measures(warehouse.dialect, relation, settings=settings) if with_profile else ()
    [(rows, fingerprint, *figures)] = warehouse.query(scan_sql(warehouse.dialect, relation, table_sql, measures))
    by_column: dict[str, dict[str, Any]] = {}
    for measure, figure in zip(measures, figures, strict=True):
        by_column.setdefault(measure.column, {})[measure.figure] = figure
    return Scan(
        side=Side(columns=relation.columns, rows=int(rows), fingerprint=str(fingerprint)),
        profile={name: _profile(int(rows), found) for name, found in by_column.items()},
        notes=_notes(relation) if with_profile else (),
    )


def scan_sql(dialect: Dialect, relation: Relation, table: str, measures: Sequence[Measure] = ()) -> str:
    """One row: number of rows, fingerprint over all columns as text, then each measure."""
    fingerprint = dialect.fingerprint(hash_inputs(dialect, relation.columns))
    aggregates = "".join(f",\n    {measure.aggregate} AS {measure.alias}" for measure in measures)
    shown = "".join(f",\n  {measure.shown} AS {measure.alias}" for measure in measures)
    # The outer SELECT writes one row as text. Inside the aggregates the same would happen for every row.
    return (
        f"SELECT row_count, COALESCE(CAST(fingerprint AS VARCHAR), '0') AS fingerprint{shown}\n"
        f"FROM (\n  SELECT COUNT(*) AS row_count, {fingerprint} AS fingerprint{aggregates}\n"
        f"  FROM {table} AS t) AS measured"
    )


def profile_measures(dialect: Dialect, relation: Relation, *, settings: DiffSettings) -> tuple[Measure, ...]:
    """What is asked of the columns that are profiled; of a masked one only how many NULLs and distinct values."""
    columns = enumerate(relation.columns[:MAX_COLUMNS])
    return tuple(
        measure
        for n, column in columns
        for measure in _of_column(dialect, n, column, is_told=not settings.masks(relation.name, column.name))
    )


def _of_column(dialect: Dialect, n: int, column: Column, *, is_told: bool) -> Iterator[Measure]:
    kind, value = kind_of(dialect, column.type), f"t.{dialect.quote(column.name)}"
    yield Measure(column.name, "values", f"COUNT({value})", f"n{n}", f"n{n}")
    if dialect.is_comparable(column.type):
        yield Measure(column.name, "distinct", f"APPROX_COUNT_DISTINCT({value})", f"d{n}", f"d{n}")
    if is_told and kind in ORDERED:
        yield Measure(column.name, "low", f"MIN({value})", f"l{n}", dialect.as_text(f"l{n}", column.type))
        yield Measure(column.name, "high", f"MAX({value})", f"h{n}", dialect.as_text(f"h{n}", column.type))
    if is_told and kind in NUMBERS:
        # The sum of wide decimals overflows 38 digits; a small one is exact, whatever the order of rows.
        summed = value if kind is Kind.SMALL_EXACT else f"CAST({value} AS DOUBLE)"
        yield Measure(column.name, "mean", f"AVG({summed})", f"m{n}", dialect.as_text(f"m{n}", "DOUBLE"))


def _profile(rows: int, found: dict[str, Any]) -> Profile:
    values, distinct = int(found["values"]), found.get("distinct")
    low, high = found.get("low"), found.get("high")
    return Profile(
        nulls=rows - values,
        # An estimate may exceed what there can be.
        distinct=None if distinct is None else min(int(distinct), values),
        low=low,
        high=high,
        mean=_mean(found.get("mean"), low=low, high=high),
    )


def _mean(text: Cell, *, low: Cell, high: Cell) -> Cell:
    if text is None or low is None or high is None:
        return None
    mean = float(text)
    if math.isfinite(mean):
        digits = _DIGITS - 1 - math.floor(math.log10(abs(mean))) if mean else 0
        return repr(round(mean, max(digits, 0)) + 0.0).removesuffix(".0")
    # Finite values whose sum is beyond the largest double have a mean all the same, but it is not known.
    is_overflow = math.isfinite(float(low)) and math.isfinite(float(high))
    return None if is_overflow else repr(abs(mean) if math.isnan(mean) else mean)


def _notes(relation: Relation) -> tuple[str, ...]:
    rest = relation.columns[MAX_COLUMNS:]
    if not rest:
        return ()
    return (
        f"Not profiled: {len(rest):,} of the {len(relation.columns):,} columns, from {rest[0].name} to "
        f"{rest[-1].name}, because a profile covers the first {MAX_COLUMNS} columns of a table.",
    )
