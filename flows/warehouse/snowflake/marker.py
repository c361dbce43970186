"""The marker: which run put this data here. It lies in the schema and travels with it."""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from flows.warehouse.base import MARKER_TABLE, Release
from flows.warehouse.snowflake.catalog import has_marker
from flows.warehouse.snowflake.dialect import literal
from flows.warehouse.snowflake.grants import Grant
from flows.warehouse.snowflake.policies.attached import Attachment
from flows.warehouse.snowflake.session import Session
from flows.warehouse.snowflake.views import Home


@dataclass(frozen=True, slots=True)
class Marker:
    """The release, what was granted on staging itself before production's grants were added to it, and which policies
    and tags it lacked before it got those of production.

    That is kept here because a publish that was interrupted must still know what staging may keep; and what was granted
    on production itself, and which run's release it held, because whoever completes it must still know that.
    """

    release: Release
    kept: frozenset[Grant]
    lacked: frozenset[Attachment] = frozenset()
    opened: frozenset[Grant] = frozenset()
    replaced: str = ""
    """Empty if production had no marker."""


def read_marker(session: Session, home: Home) -> Marker | None:
    """The marker of the schema; None if there is none, or no such schema. Raises WarehouseError."""
    if not has_marker(session, home.database, home.schema):
        return None
    rows = session.rows(f'SELECT "run" AS R, "digest" AS D, "at" AS A, "kept" AS K FROM {home.name(MARKER_TABLE)}')
    return next((_marker(*row) for row in rows), None)


def write_marker_sql(home: Home, marker: Marker) -> str:
    """One statement, so that there is no moment with a table and no row in it."""
    lacked = [[one.relation, one.column, one.kind, one.name, one.arguments] for one in sorted(marker.lacked)]
    told = {"grants": _fields(marker.kept), "lacked": lacked, "opened": _fields(marker.opened)}
    release, kept = marker.release, json.dumps({**told, "replaced": marker.replaced})
    values = {"run": release.run, "digest": release.digest, "at": release.at, "kept": kept}
    columns = ", ".join(f'CAST({literal(value)} AS VARCHAR) AS "{name}"' for name, value in values.items())
    return f"CREATE OR REPLACE TABLE {home.name(MARKER_TABLE)} AS SELECT {columns}"


def _fields(grants: Iterable[Grant]) -> list[list[object]]:
    return [
        [grant.privilege, grant.to, grant.grantee, grant.option, *([grant.kind] if grant.kind != "SCHEMA" else [])]
        for grant in sorted(grants)
    ]


def _grants(fields: Iterable[Any]) -> frozenset[Grant]:
    return frozenset(
        Grant(kind[0] if kind else "SCHEMA", "", privilege, to, grantee=grantee, option=option)
        for privilege, to, grantee, option, *kind in fields
    )


def _marker(run: str, digest: str, at: str, kept: str) -> Marker:
    told = json.loads(kept)
    told = told if isinstance(told, dict) else {"grants": told, "lacked": []}  # as earlier versions wrote it
    lacked = (
        Attachment(relation, column, kind, tuple(name), tuple(arguments))
        for relation, column, kind, name, arguments in told["lacked"]
    )
    return Marker(
        Release(run=run, digest=digest, at=at),
        kept=_grants(told["grants"]),
        lacked=frozenset(lacked),
        opened=_grants(told.get("opened", ())),
        replaced=told.get("replaced", ""),
    )
