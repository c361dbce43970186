"""What would make a swap unsafe or incomplete, found before anyone is asked."""

from collections.abc import Iterator, Sequence
from typing import Literal

from flows.contract import Finding
from flows.warehouse.base import WarehouseError
from flows.warehouse.snowflake.catalog import Schema, read_all_schemas, read_kinds
from flows.warehouse.snowflake.database_findings import find_database_problems
from flows.warehouse.snowflake.dialect import literal, quote
from flows.warehouse.snowflake.errors import ConnectionLost
from flows.warehouse.snowflake.grants import (
    FUTURE,
    Grant,
    forgotten,
    lacking,
    leaking,
    may_manage_grants,
    plural,
    read_grants,
)
from flows.warehouse.snowflake.marker import read_marker
from flows.warehouse.snowflake.policies.findings import find_policy_problems
from flows.warehouse.snowflake.session import Session
from flows.warehouse.snowflake.view_findings import find_view_problems
from flows.warehouse.snowflake.views import Home, Pair

_LEFT_BEHIND = (
    ("STREAMS", "stream", "follows the table it was made on, which the swap moves to the other schema"),
    ("TASKS", "task", "goes to the other schema with the swap and runs there"),
    ("DYNAMIC TABLES", "dynamic_table", "goes to the other schema with the swap and goes on reading what it read"),
    (
        "MASKING POLICIES",
        "masking_policy",
        "goes to the other schema with the swap, and the columns it masks follow it",
    ),
    ("ROW ACCESS POLICIES", "row_access_policy", "goes to the other schema with the swap, and the tables follow it"),
    (
        "ALERTS",
        "alert",
        "goes to the other schema with the swap and watches there; the one that a clone has is suspended",
    ),
    (
        "MATERIALIZED VIEWS",
        "materialized_view",
        "goes to the other schema with the swap and goes on reading the table it was made on",
    ),
    ("PIPES", "pipe", "goes on loading into the table it was made for, which the swap moves to the other schema"),
)


def find_problems(session: Session, pairs: Sequence[Pair]) -> tuple[Finding, ...]:
    """All findings, blockers first. Raises WarehouseError."""
    found = list(find_database_problems(session, pairs)) if pairs[0].swaps_databases else []
    if any(one.code == "database_missing" for one in found):
        return tuple(found)
    homes = [home for pair in pairs for home in (pair.production, pair.staging)]
    schemas = read_all_schemas(session, homes)
    if missing := tuple(_missing(schemas, *homes)):
        return (*found, *missing)
    found += _in_part(session, pairs)
    for pair in pairs:
        old, new = schemas[pair.production], schemas[pair.staging]
        found += _not_owned(session, {pair.production: old, pair.staging: new})
        found += _managed(pair, old, new)
        found += find_view_problems(session, pair, pairs)
        found += _access(session, new, production=pair.production, staging=pair.staging)
        found += find_policy_problems(session, production=pair.production, staging=pair.staging)
        found += _vanishing(session, pair)
        found += _moving(session, (pair.production, pair.staging))
    return tuple(sorted(found, key=lambda found: found.severity))


def _in_part(session: Session, pairs: Sequence[Pair]) -> Iterator[Finding]:
    """Readers see two releases until the next publish. One schema cannot disagree with itself."""
    if len(pairs) == 1:
        return
    markers = [(pair.production.shown, read_marker(session, pair.production)) for pair in pairs]
    known = [(schema, marker.release.run) for schema, marker in markers if marker is not None]
    for schema, run in known[1:]:
        if run != known[0][1]:
            yield _finding(
                "warning",
                "published_in_part",
                schema,
                f"holds the release of run {run}, and `{known[0][0]}` that of run {known[0][1]}: a publish was "
                "interrupted between the two",
                "Publish this, which replaces both, or run the interrupted run again.",
            )


def _missing(schemas: dict[Home, Schema], *homes: Home) -> Iterator[Finding]:
    for home in homes:
        if home not in schemas:
            yield _finding(
                "blocker",
                "schema_missing",
                home.shown,
                f"does not exist in `{home.database}`, or this role may not see it, so nothing can be swapped",
                "Start a run, which makes it, or grant USAGE on it.",
            )


def _not_owned(session: Session, schemas: dict[Home, Schema]) -> Iterator[Finding]:
    """Documented: SWAP WITH needs OWNERSHIP on both schemas; to put views and grants right is the owner's, too."""
    [(role,)] = session.rows("SELECT CURRENT_ROLE() AS R")
    for home, schema in schemas.items():
        [(is_ours,)] = session.rows(f"SELECT IS_ROLE_IN_SESSION({literal(schema.owner)}) AS R")
        if not is_ours:
            yield _finding(
                "blocker",
                "not_owned",
                home.shown,
                f"is owned by the role `{schema.owner}` and not by `{role}`, and only an owner of both schemas can "
                "swap them",
                f"GRANT OWNERSHIP ON SCHEMA {_written(home)} TO ROLE {quote(str(role))} COPY CURRENT GRANTS.",
            )


def _written(home: Home) -> str:
    return f"{quote(home.database)}.{quote(home.schema)}" if home.label else quote(home.schema)


def _managed(pair: Pair, old: Schema, new: Schema) -> Iterator[Finding]:
    if old.is_managed != new.is_managed:
        what = "has" if new.is_managed else "does not have"
        word = "ENABLE" if old.is_managed else "DISABLE"
        yield _finding(
            "blocker",
            "managed_access_differs",
            pair.staging.shown,
            f"{what} managed access, unlike `{pair.production.shown}`, and the swap would change who may grant on "
            "production",
            f"ALTER SCHEMA {_written(pair.staging)} {word} MANAGED ACCESS.",
        )


def _access(session: Session, schema: Schema, *, production: Home, staging: Home) -> Iterator[Finding]:
    kinds = _kinds(session, staging)
    old = read_grants(session, production, _kinds(session, production))
    new = read_grants(session, staging, kinds)
    first = {(grant.to, grant.grantee): grant for grant in reversed(leaking(old, new))}
    yield from (_leak(grant, production=production, staging=staging) for _, grant in sorted(first.items()))
    unkept = {(grant.to, grant.grantee): grant for grant in reversed(forgotten(old, new, relations=kinds))}
    yield from (_forgotten(grant, production) for _, grant in sorted(unkept.items()))
    missing = lacking(old, new, relations=kinds)
    future = [one for one in missing if one.name == "**" or (one.name == "*" and not schema.is_managed)]
    if future and not may_manage_grants(session):
        yield _finding(
            "blocker",
            "future_grant_not_mirrored",
            staging.shown,
            f"lacks a future grant of `{production.shown}` ({future[0].privilege} ON FUTURE {plural(future[0].kind)} "
            f"TO {future[0].grantee}), which this role may not grant, and the swap would take it from production",
            "Let SECURITYADMIN grant it on staging, or give both schemas managed access.",
        )
    for home, grants in ((production, old), (staging, new)):
        yield from _not_carried(home, grants)


def _leak(grant: Grant, *, production: Home, staging: Home) -> Finding:
    of_database = grant.opens == "DATABASE" or grant.name == "**"
    here, there = (home.database if of_database else home.shown for home in (staging, production))
    where = f"`{grant.name}` in `{here}`" if grant.name not in ("", *FUTURE) else f"`{here}`"
    return _finding(
        "blocker",
        "grant_would_leak",
        grant.grantee,
        f"has {grant.privilege} on {where} but nothing like it on `{there}`, and the swap would give it that",
        f"Revoke it from staging, or grant it on `{there}` too.",
    )


def _forgotten(grant: Grant, production: Home) -> Finding:
    where = f"`{grant.name}` of `{production.shown}`" if grant.name not in ("", *FUTURE) else f"`{production.shown}`"
    return _finding(
        "warning",
        "grant_not_carried",
        grant.grantee,
        f"is granted {grant.privilege} on {where} as {grant.to.replace('_', ' ').lower()} and not by a role; the "
        "publish does not carry that over",
        "Grant it to a role, or on staging, too.",
    )


def _not_carried(home: Home, grants: frozenset[Grant]) -> Iterator[Finding]:
    shares = sorted({grant.grantee for grant in grants if grant.to == "SHARE"})
    for share in shares:
        yield _finding(
            "warning",
            "share_follows_object",
            share,
            f"is a share of things in `{home.shown}`; it follows the things and not their names",
            "Add the new things to the share after the publish.",
        )
    if inherited := sorted(grant for grant in grants if grant.is_inherited):
        yield _finding(
            "warning",
            "grant_inherited",
            home.shown,
            f"has privileges that come from further up ({inherited[0].grantee}), which are not mirrored",
            "Check who can read production after the publish.",
        )


def _moving(session: Session, homes: tuple[Home, ...]) -> Iterator[Finding]:
    for home in homes:
        for words, code, consequence in _LEFT_BEHIND:
            try:
                rows = session.table(f"SHOW {words} IN SCHEMA {quote(home.database)}.{quote(home.schema)}")
            except ConnectionLost:
                raise
            except WarehouseError as error:
                yield _not_looked_at(home, words.lower(), error)
                continue
            for row in rows:
                yield _finding(
                    "warning",
                    f"{code}_in_schema",
                    f"{home.shown}.{row.get('name', '')}",
                    consequence,
                    "Put it into a schema that is not swapped, or make it anew after the publish.",
                )


def _vanishing(session: Session, pair: Pair) -> Iterator[Finding]:
    """Documented: a clone has no internal stages, so staging has none.
    https://docs.snowflake.com/en/user-guide/object-clone
    """
    homes = (pair.production, pair.staging)
    try:
        old, new = (
            {
                str(row.get("name"))
                for row in session.table(f"SHOW STAGES IN SCHEMA {quote(home.database)}.{quote(home.schema)}")
            }
            for home in homes
        )
    except ConnectionLost:
        raise
    except WarehouseError as error:
        yield _not_looked_at(pair.production, "stages", error)
        return
    for name in sorted(old - new):
        yield _finding(
            "blocker",
            "stage_vanishes",
            f"{pair.production.shown}.{name}",
            f"is a stage that `{pair.staging.shown}` does not have: the swap would take it from production, and the "
            "build after that would drop it, with the files in it",
            "Put it into a schema that is not swapped.",
        )


def _not_looked_at(home: Home, what: str, error: WarehouseError) -> Finding:
    return _finding(
        "warning",
        "not_looked_at",
        home.shown,
        f"may hold {what}, which this role could not list ({str(error).partition(': ')[2].partition('. ')[0]})",
        "Let the role see them, or look yourself.",
    )


def _kinds(session: Session, home: Home) -> tuple[tuple[str, str], ...]:
    return read_kinds(session, home.database, home.schema)


def _finding(severity: Literal["blocker", "warning"], code: str, name: str, consequence: str, remedy: str) -> Finding:
    return Finding(severity=severity, code=code, object=name, consequence=consequence, remedy=remedy)
