"""Staging as a copy of production: a clone, which costs no storage, whose views read the clone."""

from collections.abc import Iterator

from flows.warehouse.base import MARKER_TABLE, WarehouseError
from flows.warehouse.snowflake_catalog import Schema, read_schemas
from flows.warehouse.snowflake_dialect import quote
from flows.warehouse.snowflake_grants import Grant, granted, on_schema, read_grants
from flows.warehouse.snowflake_marker import read_marker
from flows.warehouse.snowflake_session import Session
from flows.warehouse.snowflake_views import Home, pointed_home, reading

NOT_REFRESHED = "Staging was not refreshed."


def refresh(session: Session, *, production: Home, staging: Home) -> None:
    """Make staging a clone of production; makes the schemas that do not exist. Raises WarehouseError.

    Documented: a clone keeps what is granted on the things in the schema and on future ones, but not on the schema
    itself, so those of staging are granted again; tasks are suspended, and streams lose what nobody has read.
    """
    try:
        for sql in _statements(session, production, staging):
            session.change(sql, refusal=NOT_REFRESHED, is_long=" CLONE " in sql)
    except WarehouseError as error:
        if str(error).startswith(NOT_REFRESHED):
            raise
        raise WarehouseError(f"{NOT_REFRESHED} {error}") from error


def _statements(session: Session, production: Home, staging: Home) -> Iterator[str]:
    schemas = read_schemas(session, production.database)
    old = schemas.get(production.schema)
    if old is not None:
        _refuse_if_production_reads(session, production, staging)
    kept = _own_grants(session, production, staging) if staging.schema in schemas else []
    if old is None:
        yield f"CREATE SCHEMA IF NOT EXISTS {_name(production)}"
    yield _clone(production, staging, old)
    yield f"DROP TABLE IF EXISTS {staging.name(MARKER_TABLE)}"
    yield from pointed_home(session, staging, production.schema)
    yield from (granted(grant, staging.database, staging.schema) for grant in kept)


def _refuse_if_production_reads(session: Session, production: Home, staging: Home) -> None:
    """A view that an unfinished publish left behind would show readers of production what is about to be built."""
    if left := reading(session, production, staging.schema):
        raise WarehouseError(
            f"{NOT_REFRESHED} The view `{production.schema}.{left[0].name}` of production reads `{staging.schema}`, so "
            f"its readers would see what nobody has approved. Let it read `{production.schema}`."
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
