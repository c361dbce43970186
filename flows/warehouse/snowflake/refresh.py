"""Staging as a copy of production: a clone, which costs no storage, whose views read the clone."""

from collections.abc import Iterator, Sequence

from flows.warehouse.base import MARKER_TABLE, WarehouseError
from flows.warehouse.snowflake.catalog import Schema, read_all_schemas, read_databases
from flows.warehouse.snowflake.dialect import quote
from flows.warehouse.snowflake.grants import (
    Grant,
    granted,
    may_manage_grants,
    on_schema,
    read_database_grants,
    read_grants,
    revoked,
)
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
    if pairs[0].swaps_databases:
        yield from _database(session, pairs[0])
    schemas = read_all_schemas(session, [home for pair in pairs for home in (pair.production, pair.staging)])
    for pair in pairs:
        if pair.production in schemas:
            _refuse_if_production_reads(session, pair.production, pairs)
    kept = {pair: _own_grants(session, pair) for pair in pairs if pair.staging in schemas}
    for pair, (_, surplus) in kept.items():
        yield from (revoked(grant, pair.staging.database, pair.staging.schema) for grant in surplus)
    for pair in pairs:
        old = schemas.get(pair.production)
        if old is None:
            yield f"CREATE SCHEMA IF NOT EXISTS {_name(pair.production)}"
        yield _clone(pair.production, pair.staging, old)
        yield f"DROP TABLE IF EXISTS {pair.staging.name(MARKER_TABLE)}"
    to_staging = {pair.production: pair.staging for pair in pairs}
    for pair in pairs:
        yield from pointed_home(session, pair.staging, to_staging)
    for pair, (grants, _) in kept.items():
        yield from (granted(grant, pair.staging.database, pair.staging.schema) for grant in grants)


def _refuse_if_production_reads(session: Session, production: Home, pairs: Sequence[Pair]) -> None:
    """A view that an unfinished publish left behind would show readers of production what is about to be built."""
    for view in reading(session, production, [pair.staging for pair in pairs]):
        pair = next(pair for pair in pairs if names(view.sql, production, pair.staging))
        raise WarehouseError(
            f"{NOT_REFRESHED} The view `{production.shown}.{view.name}` of production reads `{pair.staging.shown}`, "
            f"so its readers would see what nobody has approved. Let it read `{pair.production.shown}`."
        )


def _database(session: Session, pair: Pair) -> Iterator[str]:
    """Staging's database, if there is none. It is never replaced: that would drop what nobody has looked at.

    What production's database grants on future things is granted there before anything is built into it, as a clone of
    a schema has it; where this role may not grant that, the preflight says who may.
    """
    production, staging = pair.production.database, pair.staging.database
    databases = read_databases(session, (production, staging))
    if staging not in databases:
        old = databases.get(production)
        yield f"CREATE {'TRANSIENT ' if old and old.is_transient else ''}DATABASE IF NOT EXISTS {quote(staging)}"
    here = read_database_grants(session, staging) if staging in databases else frozenset()
    future = [one for one in read_database_grants(session, production) - here if one.name and one.is_movable]
    if future and may_manage_grants(session):
        yield from (granted(one, staging, pair.staging.schema) for one in sorted(future))


def _own_grants(session: Session, pair: Pair) -> tuple[list[Grant], list[Grant]]:
    """What is granted on staging itself, without what an interrupted publish put there for production's sake; and what
    of that must be revoked, because it is not on the schema, which is replaced, but on its database.

    Interrupted means that staging's marker is younger than production's; or that the publish has swapped and nobody
    has closed what it retired, where production's readers would find what is about to be built.
    """
    found = sorted(on_schema(read_grants(session, pair.staging, ())))
    own = [grant for grant in found if grant.opens == "SCHEMA"]
    waiting, released = read_marker(session, pair.staging), read_marker(session, pair.production)
    if waiting is None or (released is not None and released.release.at >= waiting.release.at):
        retired = released is not None and (waiting.release.run if waiting else "") == released.replaced
        left = released.opened - released.kept if released and retired else frozenset()
        open_database = [grant for grant in found if grant.opens == "DATABASE" and grant in left]
        return [grant for grant in own if grant not in left], open_database
    surplus = [grant for grant in found if grant.opens == "DATABASE" and grant not in waiting.kept]
    return [grant for grant in own if grant in waiting.kept], surplus


def _clone(production: Home, staging: Home, old: Schema | None) -> str:
    # A transient schema can only be cloned into a transient one; a clone is managed only if it says so.
    transient = "TRANSIENT " if old is not None and old.is_transient else ""
    managed = " WITH MANAGED ACCESS" if old is not None and old.is_managed else ""
    return f"CREATE OR REPLACE {transient}SCHEMA {_name(staging)} CLONE {_name(production)}{managed}"


def _name(home: Home) -> str:
    return f"{quote(home.database)}.{quote(home.schema)}"
