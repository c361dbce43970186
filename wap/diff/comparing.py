"""Compare what was asked for with the engine of the audit: two tables of a file, or one table of a dbt target."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import cast

from flows.contract import TableDiff
from flows.diff import DiffSettings, Key, diff_table
from flows.warehouse.base import Relation, Warehouse
from flows.warehouse.duckdb.reader import DuckDBReader
from flows.warehouse.places import Place, PlaceReader
from wap.diff.asked import Asked, NotCompared
from wap.diff.checks import check_numbers, check_where, require_result, required_options
from wap.diff.columns import check_common, check_key, check_named
from wap.diff.names import column_names
from wap.diff.places import address, find_place


@dataclass(frozen=True, slots=True)
class Compared:
    """The result, and how both sides are called by the person who asked."""

    production: str
    staging: str
    table: TableDiff


@dataclass(frozen=True, slots=True)
class Both:
    """The two sides of a comparison; one may be missing where dbt's target decides which they are."""

    production: Place | None
    staging: Place | None

    @property
    def name(self) -> str:
        """The name under which the diff knows the table, and finds its settings."""
        return self.places[-1].name

    @property
    def places(self) -> tuple[Place, ...]:
        """Production, staging: those that there are; at least one is."""
        return tuple(place for place in (self.production, self.staging) if place is not None)


def compare_in_file(asked: Asked) -> Compared:
    """Two tables or views of a DuckDB file. Raises NotCompared and WarehouseError."""
    production, staging, database = required_options(asked)
    with DuckDBReader(database) as reader:
        places = reader.places()
        both = Both(find_place(reader, places, production), find_place(reader, places, staging))
        if both.production == both.staging and both.production is not None:
            message = f"Not compared. Both sides are `{address(both.production)}`. Name two different tables."
            raise NotCompared(message)
        return compare(reader, both, asked, settings=DiffSettings(), declared=None)


def compare(reader: PlaceReader, both: Both, asked: Asked, *, settings: DiffSettings, declared: Key | None) -> Compared:
    """Compare the two places. `declared` is the key that others named; `--key` counts more, a constraint less."""
    production = reader.relation(both.production) if both.production else None
    if production is not None:
        # Masks and all other settings are found by name, and there must be one for both sides.
        production = replace(production, name=both.name)
    staging = reader.relation(both.staging) if both.staging else None
    chosen = _chosen(asked, settings, both.name)
    if production and staging:
        check_common(production, staging)
    _check_columns(asked, production or staging, staging or production)
    check_numbers(asked)
    check_where(reader, both.places, asked.where)
    table = diff_table(
        # Of a warehouse the diff uses the dialect and `query`, and both are here.
        cast(Warehouse, reader),
        production,
        staging,
        production_table=both.production.sql if both.production else "",
        staging_table=both.staging.sql if both.staging else "",
        key=_key(reader, both, asked, declared),
        settings=chosen,
    )
    require_result(table)
    before, after = (address(place) if place else "nothing" for place in (both.production, both.staging))
    return Compared(before, after, table=table)


def _key(reader: PlaceReader, both: Both, asked: Asked, declared: Key | None) -> Key | None:
    if columns := column_names(asked.key, option="--key"):
        return Key(columns, "--key")
    if declared is not None:
        return declared
    for place in both.places:
        if columns := reader.primary_key(place):
            return Key(columns, f"primary key constraint of {address(place)}")
    return None


def _chosen(asked: Asked, settings: DiffSettings, name: str) -> DiffSettings:
    """The settings with what was typed on top. What is masked stays masked."""
    declared = settings.choice(name)
    choice = replace(
        declared,
        where=declared.where if asked.where is None else asked.where,
        absolute_tolerance=declared.absolute_tolerance if asked.tolerance is None else asked.tolerance,
        relative_tolerance=(
            declared.relative_tolerance if asked.relative_tolerance is None else asked.relative_tolerance
        ),
    )
    return replace(
        settings,
        sample_rows=settings.sample_rows if asked.samples is None else asked.samples,
        tables={**settings.tables, name: choice},
        masked=_with(settings.masked, name, column_names(asked.mask, option="--mask")),
        ignore=_with(settings.ignore, name, column_names(asked.ignore, option="--ignore")),
    )


def _with(columns: Mapping[str, frozenset[str]], table: str, more: tuple[str, ...]) -> Mapping[str, frozenset[str]]:
    return {**columns, table: columns.get(table, frozenset()) | frozenset(more)}


def _check_columns(asked: Asked, production: Relation | None, staging: Relation | None) -> None:
    assert production is not None
    assert staging is not None
    check_key(column_names(asked.key, option="--key"), production, staging)
    for option, typed in (("--ignore", asked.ignore), ("--mask", asked.mask)):
        check_named(column_names(typed, option=option), production, staging, option=option)
