"""Staging as a copy of production: a clone, which costs no storage, whose views read the clone."""

from collections.abc import Iterator, Sequence

from flows.warehouse.base import MARKER_TABLE, WarehouseError
from flows.warehouse.snowflake.catalog import Schema, read_schemas
from flows.warehouse.snowflake.dialect import quote
from flows.warehouse.snowflake.grants import Grant, granted, on_schema, read_grants
from flows.warehouse.snowflake.marker import read_marker
from flows.warehouse.snowflake.session import Session
from flows.warehouse.snowflake.views import Home, Pair, names, pointed_home, reading

NOT_REFRESHED = "Staging was not refreshed."


def refresh(session: Session, pairs: Sequence[Pair]) -> None:
    """Make each staging a clone of its production; makes the schemas that do not exist. Raises WarehouseError.

    Documented: a clone keeps what is granted on the things in the schema and on future ones, but not on the schema
    itself, so those of staging are granted again; tasks are suspended, and streams lose what nobody has read.
    """
    try:
        for sql in _statements(session, pairs):
            session.change(sql, refusal=NOT_REFRESHED, is_long=" CLONE " in sql)
    except WarehouseError as error:
        if str(error).startswith(NOT_REFRESHED):
            raise
        raise WarehouseError(f"{NOT_REFRESHED} {error}") from error


def _statements(session: Session, pairs: Sequence[Pair]) -> Iterator[str]:
    schemas = read_schemas(session, pairs[0].production.database)
    for pair in pairs:
        if pair.production.schema in schemas:
            _refuse_if_production_reads(session, pair.production, pairs)
    kept = {
        pair: _own_grants(session, pair.production, pair.staging) for pair in pairs if pair.staging.schema in schemas
    }
    for pair in pairs:
        old = schemas.get(pair.production.schema)
        if old is None:
            yield f"CREATE SCHEMA IF NOT EXISTS {_name(pair.production)}"
        yield _clone(pair.production, pair.staging, old)
        yield f"DROP TABLE IF EXISTS {pair.staging.name(MARKER_TABLE)}"
    to_staging = {pair.production.schema: pair.staging.schema for pair in pairs}
    for pair in pairs:
        yield from pointed_home(session, pair.staging, to_staging)
    for pair, grants in kept.items():
        yield from (granted(grant, pair.staging.database, pair.staging.schema) for grant in grants)


def _refuse_if_production_reads(session: Session, production: Home, pairs: Sequence[Pair]) -> None:
    """A view that an unfinished publish left behind would show readers of production what is about to be built."""
    for view in reading(session, production, [pair.staging.schema for pair in pairs]):
        pair = next(pair for pair in pairs if names(view.sql, production, pair.staging.schema))
        raise WarehouseError(
            f"{NOT_REFRESHED} The view `{production.schema}.{view.name}` of production reads `{pair.staging.schema}`, "
            f"so its readers would see what nobody has approved. Let it read `{pair.production.schema}`."
        )


def _own_grants(session: Session, production: Home, staging: Home) -> list[Grant]:
    """What is granted on staging itself, without what an interrupted publish put there for production's sake.

    Interrupted means that staging's marker is younger than production's.
    """
    found = sorted(on_schema(read_grants(session, staging.database, staging.schema, ())))
    waiting, released = read_marker(session, staging), read_marker(session, production)
    if waiting is None or (released is not None and released.release.at >= waiting.release.at):
        return found
    return [grant for grant in found if grant in waiting.kept]


def _clone(production: Home, staging: Home, old: Schema | None) -> str:
    # A transient schema can only be cloned into a transient one; a clone is managed only if it says so.
    transient = "TRANSIENT " if old is not None and old.is_transient else ""
    managed = " WITH MANAGED ACCESS" if old is not None and old.is_managed else ""
    return f"CREATE OR REPLACE {transient}SCHEMA {_name(staging)} CLONE {_name(production)}{managed}"


def _name(home: Home) -> str:
    return f"{quote(home.database)}.{quote(home.schema)}"
