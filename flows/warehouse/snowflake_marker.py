"""The marker: which run put this data here. It lies in the schema and travels with it."""

import json
from collections.abc import Iterable
from dataclasses import dataclass

from flows.warehouse.base import MARKER_TABLE, Release
from flows.warehouse.snowflake_catalog import has_marker
from flows.warehouse.snowflake_dialect import literal
from flows.warehouse.snowflake_grants import Grant
from flows.warehouse.snowflake_session import Session
from flows.warehouse.snowflake_views import Home


@dataclass(frozen=True, slots=True)
class Marker:
    """The release, and what was granted on staging itself before production's grants were added to it.

    That is kept here because a publish that was interrupted must still know what staging may keep.
    """

    release: Release
    kept: frozenset[Grant]


def read_marker(session: Session, home: Home) -> Marker | None:
    """The marker of the schema; None if there is none, or no such schema. Raises WarehouseError."""
    if not has_marker(session, home.database, home.schema):
        return None
    rows = session.rows(f'SELECT "run" AS R, "digest" AS D, "at" AS A, "kept" AS K FROM {home.name(MARKER_TABLE)}')
    return next((_marker(*row) for row in rows), None)


def write_marker_sql(home: Home, release: Release, kept: Iterable[Grant]) -> str:
    """One statement, so that there is no moment with a table and no row in it."""
    fields = [[grant.privilege, grant.to, grant.grantee, grant.option] for grant in sorted(kept)]
    values = {"run": release.run, "digest": release.digest, "at": release.at, "kept": json.dumps(fields)}
    columns = ", ".join(f'CAST({literal(value)} AS VARCHAR) AS "{name}"' for name, value in values.items())
    return f"CREATE OR REPLACE TABLE {home.name(MARKER_TABLE)} AS SELECT {columns}"


def _marker(run: str, digest: str, at: str, kept: str) -> Marker:
    grants = (
        Grant("SCHEMA", "", privilege, to, grantee=grantee, option=option)
        for privilege, to, grantee, option in json.loads(kept)
    )
    return Marker(Release(run=run, digest=digest, at=at), frozenset(grants))
