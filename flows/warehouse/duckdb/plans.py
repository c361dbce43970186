"""The statements of a refresh and of an exchange, in order. Pure: pairs of schemas in, SQL out."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from flows.warehouse.base import MARKER_TABLE, Release
from flows.warehouse.duckdb.catalog import Schema, Table
from flows.warehouse.duckdb.dialect import literal, quote
from flows.warehouse.duckdb.tables import copy, copy_rows, finish, groups, parents_first, qualified
from flows.warehouse.duckdb.views import Move, create_views, drop_views, same_views


@dataclass(frozen=True, slots=True)
class Pair:
    """Both sides as they are now. `equal` names the tables (folded) that need not be touched, `broken` the views
    of production that nothing can re-create, because they cannot be read even now."""

    production: Schema
    staging: Schema
    equal: frozenset[str]
    broken: frozenset[str]


def refresh_plan(pairs: Sequence[Pair], *, catalog: str) -> Iterator[str]:
    """Make staging what production is. Staging loses its marker: what is built on next is not released."""
    same = _same(pairs, catalog)
    for pair, kept in zip(pairs, same, strict=True):
        yield from drop_views(pair.staging, kept)
    for pair in pairs:
        yield from _copied_tables(pair)
    yield from create_views(_to_staging(pairs, same), catalog=catalog)
    for pair in pairs:
        if pair.staging.has_marker:
            yield f"DROP TABLE {qualified(pair.staging.name, MARKER_TABLE)}"


def _copied_tables(pair: Pair) -> Iterator[str]:
    production, staging = pair.production, pair.staging
    for group in _changed_groups(pair):
        for table in reversed(parents_first(staging, group)):
            yield f"DROP TABLE {qualified(staging.name, table.name)}"
        for table in parents_first(production, group):
            source = qualified(production.name, table.name)
            yield from copy(table, source, schema=staging.name, name=table.name)
            yield from finish(table, schema=staging.name)


def exchange_plan(
    pairs: Sequence[Pair], *, release: Release, old: Sequence[Release | None], catalog: str
) -> Iterator[str]:
    """Swap the contents of both sides, then write the markers: `release` into production, each of `old` into staging.

    The views of all pairs go first and come last, because they may read across schemas.
    """
    same = _same(pairs, catalog)
    for pair, kept in zip(pairs, same, strict=True):
        yield from drop_views(pair.production, kept)
        yield from drop_views(pair.staging, kept)
    for pair in pairs:
        for group in _changed_groups(pair):
            yield from _exchange_group(group, pair.production, pair.staging)
    to_production = [Move(one.staging, one.production.name, kept) for one, kept in zip(pairs, same, strict=True)]
    yield from create_views(to_production, catalog=catalog)
    yield from create_views(_to_staging(pairs, same), catalog=catalog)
    for pair, before in zip(pairs, old, strict=True):
        yield from _mark(pair.staging, before)
        yield from _mark(pair.production, release)


def _same(pairs: Sequence[Pair], catalog: str) -> tuple[frozenset[str], ...]:
    return same_views([(pair.production, pair.staging) for pair in pairs], catalog=catalog)


def _to_staging(pairs: Sequence[Pair], same: Sequence[frozenset[str]]) -> list[Move]:
    return [Move(one.production, one.staging.name, kept | one.broken) for one, kept in zip(pairs, same, strict=True)]


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
