"""The statements of a refresh and of an exchange, in order. Pure: two schemas in, SQL out."""

from collections.abc import Iterator
from dataclasses import dataclass

from flows.warehouse.base import MARKER_TABLE, Release
from flows.warehouse.duckdb_catalog import Schema, Table
from flows.warehouse.duckdb_dialect import literal, quote
from flows.warehouse.duckdb_tables import copy, copy_rows, finish, groups, parents_first, qualified
from flows.warehouse.duckdb_views import create_views, drop_views, same_views


@dataclass(frozen=True, slots=True)
class Pair:
    """Both sides as they are now. `equal` names the tables (folded) that need not be touched, `broken` the views
    of production that nothing can re-create, because they cannot be read even now."""

    production: Schema
    staging: Schema
    equal: frozenset[str]
    broken: frozenset[str]
    catalog: str


def refresh_plan(pair: Pair) -> Iterator[str]:
    """Make staging what production is. Staging loses its marker: what is built on next is not released."""
    production, staging = pair.production, pair.staging
    same = same_views(production, staging, catalog=pair.catalog)
    yield from drop_views(staging, same)
    for group in _changed_groups(pair):
        for table in reversed(parents_first(staging, group)):
            yield f"DROP TABLE {qualified(staging.name, table.name)}"
        for table in parents_first(production, group):
            source = qualified(production.name, table.name)
            yield from copy(table, source, schema=staging.name, name=table.name)
            yield from finish(table, schema=staging.name)
    yield from create_views(production, schema=staging.name, leave_out=same | pair.broken, catalog=pair.catalog)
    if staging.has_marker:
        yield f"DROP TABLE {qualified(staging.name, MARKER_TABLE)}"


def exchange_plan(pair: Pair, *, release: Release, old: Release | None) -> Iterator[str]:
    """Swap the contents of both sides, then write the markers: `release` into production, `old` into staging."""
    production, staging = pair.production, pair.staging
    same = same_views(production, staging, catalog=pair.catalog)
    yield from drop_views(production, same)
    yield from drop_views(staging, same)
    for group in _changed_groups(pair):
        yield from _exchange_group(group, production, staging)
    yield from create_views(staging, schema=production.name, leave_out=same, catalog=pair.catalog)
    yield from create_views(production, schema=staging.name, leave_out=same | pair.broken, catalog=pair.catalog)
    yield from _mark(staging, old)
    yield from _mark(production, release)


def _changed_groups(pair: Pair) -> list[frozenset[str]]:
    return [group for group in groups(pair.production, pair.staging) if not group <= pair.equal]


def _exchange_group(group: frozenset[str], production: Schema, staging: Schema) -> Iterator[str]:
    """Both ways through staging under a name that nobody has: two copies of the data and one rename.

    A table that a foreign key points at cannot be renamed (DuckDB 2.0), so tables with foreign keys cost a third.
    """
    old, new = parents_first(production, group), parents_first(staging, group)
    is_tied = any(table.parents for table in (*old, *new))
    held = _free_names(staging, old)
    for table in old:
        source = qualified(production.name, table.name)
        if is_tied:
            yield copy_rows(table, source, schema=staging.name, name=held[table.name])
        else:
            yield from copy(table, source, schema=staging.name, name=held[table.name])
    yield from _drop(production, old)
    for table in new:
        yield from copy(table, qualified(staging.name, table.name), schema=production.name, name=table.name)
    yield from _drop(staging, new)
    for table in old:
        yield from _settle(table, staging, held=held[table.name], is_tied=is_tied)
    for table in new:
        yield from finish(table, schema=production.name)
    for table in old:
        yield from finish(table, schema=staging.name)


def _settle(table: Table, staging: Schema, *, held: str, is_tied: bool) -> Iterator[str]:
    place = qualified(staging.name, held)
    if is_tied:
        yield from copy(table, place, schema=staging.name, name=table.name)
        yield f"DROP TABLE {place}"
    else:
        yield f"ALTER TABLE {place} RENAME TO {quote(table.name)}"


def _drop(schema: Schema, tables: tuple[Table, ...]) -> Iterator[str]:
    for table in reversed(tables):
        yield f"DROP TABLE {qualified(schema.name, table.name)}"


def _free_names(schema: Schema, tables: tuple[Table, ...]) -> dict[str, str]:
    taken = schema.tables.keys() | schema.views.keys()
    free = (name for number in range(len(taken) + len(tables)) if (name := f"_wap_held_{number}") not in taken)
    return dict(zip((table.name for table in tables), free, strict=False))


def _mark(schema: Schema, release: Release | None) -> Iterator[str]:
    marker = qualified(schema.name, MARKER_TABLE)
    if schema.has_marker:
        yield f"DROP TABLE {marker}"
    if release is not None:
        values = ", ".join(literal(value) for value in (release.run, release.digest, release.at))
        yield f'CREATE TABLE {marker} ("run" VARCHAR NOT NULL, "digest" VARCHAR NOT NULL, "at" VARCHAR NOT NULL)'
        yield f"INSERT INTO {marker} VALUES ({values})"
