"""Does this warehouse do what the publish relies on? Tried on two scratch schemas, or databases, one line for each
promise."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime

from flows.contract import Target
from flows.dbt_project.profile import Connection
from flows.warehouse.base import Environment, Release, Warehouse, WarehouseError
from flows.warehouse.snowflake.dialect import quote
from flows.warehouse.snowflake.grants import read_grants, read_movable
from wap.doctor import Check
from wap.scratch import NoDatabase, Scratch, scratch

PRODUCTION, STAGING = Environment.PRODUCTION, Environment.STAGING

Promise = tuple[str, str, Callable[[Scratch], bool | None]]
"""Its name, what holds if it is kept, and the trial, which is None where it cannot be tried. They are tried in order:
each builds on those before."""


def conformance_checks(connection: Connection, target: Target) -> Iterator[Check]:
    """Try each promise and drop the schemas. Where one cannot be tried, the rest is not tried either."""
    try:
        with scratch(connection, target) as place:
            for name, holds, trial in PROMISES:
                if not place.has_grants and name in NEED_GRANTS:
                    continue
                yield _told(name, holds, trial(place))
    except NoDatabase as error:
        says = f"not tried, because this role may not make two scratch databases (CREATE DATABASE ON ACCOUNT). {error}"
        yield Check("database swap", is_fit=True, says=says)
        return
    except WarehouseError as error:
        yield Check("conformance", is_fit=False, says=str(error))
        return
    what = "databases" if target.staging_database else "schemas"
    yield Check("cleaned up", is_fit=True, says=f"both scratch {what} are gone")


def _told(name: str, holds: str, kept: bool | None) -> Check:
    if kept is None:
        return Check(name, is_fit=True, says=f"not tried, because this account or role can make none: {holds}")
    says = holds if kept else f"{holds}: this is NOT so here. Do not publish with wap before it is."
    return Check(name, is_fit=kept, says=says)


def _clone(place: Scratch) -> bool:
    with place.warehouse() as warehouse:
        warehouse.refresh_staging()
    place.run(f"CREATE TABLE {place.name(PRODUCTION, 'orders')} AS SELECT 1 AS id")
    place.run(f"CREATE VIEW {place.name(PRODUCTION, 'seen')} AS SELECT id FROM {place.name(PRODUCTION, 'orders')}")
    if place.target.staging_database:
        place.run(f"GRANT USAGE ON DATABASE {quote(place.home(PRODUCTION).database)} TO ROLE PUBLIC")
    if place.has_grants:
        place.run(f"GRANT USAGE ON SCHEMA {place.name(PRODUCTION)} TO ROLE PUBLIC")
        place.run(f"GRANT SELECT ON TABLE {place.name(PRODUCTION, 'orders')} TO ROLE PUBLIC")
    with place.warehouse() as warehouse:
        warehouse.refresh_staging()
        cloned = _ids(warehouse, STAGING, "orders") == [1]
    place.run(f"CREATE OR REPLACE TABLE {place.name(STAGING, 'orders')} AS SELECT 2 AS id")
    with place.warehouse() as warehouse:
        return cloned and _ids(warehouse, PRODUCTION, "orders") == [1]


def _swap(place: Scratch) -> bool:
    with place.warehouse() as warehouse:
        warehouse.exchange(_release("first"), lambda: None)
        return _ids(warehouse, PRODUCTION, "orders") == [2] and _ids(warehouse, STAGING, "orders") == [1]


def _views(place: Scratch) -> bool:
    with place.warehouse() as warehouse:
        return _ids(warehouse, PRODUCTION, "seen") == [2] and _ids(warehouse, STAGING, "seen") == [1]


def _marker(place: Scratch) -> bool:
    with place.warehouse() as warehouse:
        found = warehouse.released(PRODUCTION)
        again = warehouse.exchange(_release("first"), lambda: None)
        return found is not None and found.run == "first" and not again


def _grants(place: Scratch) -> bool:
    with place.session() as session:
        found = [read_grants(session, place.home(env), place.kinds(session, env)) for env in (PRODUCTION, STAGING)]
    kept, left = ({(one.kind, one.name) for one in grants if one.grantee == "PUBLIC"} for grants in found)
    opened = {("SCHEMA", ""), *([("DATABASE", "")] if place.target.staging_database else [])}
    return kept == {*opened, ("TABLE", "orders")} and not opened & left


def _catalog_grants(place: Scratch) -> bool:
    with place.session() as session:
        kinds = place.kinds(session, PRODUCTION)
        shown = {one for one in read_grants(session, place.home(PRODUCTION), kinds) if one.is_movable}
        return shown == read_movable(session, place.home(PRODUCTION), kinds)


def _rollback(place: Scratch) -> bool:
    with place.warehouse() as warehouse:
        warehouse.exchange(_release("second"), lambda: None)
        return _ids(warehouse, PRODUCTION, "orders") == [1] and _ids(warehouse, PRODUCTION, "seen") == [1]


def _policies(place: Scratch) -> bool | None:
    """A mask on production, a table that is made anew without it, and a publish: everybody sees the mask again."""
    orders, policy = place.name(PRODUCTION, "orders"), place.name(PRODUCTION, "hide")
    try:
        place.run(f"CREATE MASKING POLICY {policy} AS (v NUMBER) RETURNS NUMBER -> -1")
    except WarehouseError:  # the Standard edition has none
        return None
    place.run(f"ALTER TABLE {orders} MODIFY COLUMN id SET MASKING POLICY {policy}")
    with place.warehouse() as warehouse:
        warehouse.refresh_staging()
        cloned = _ids(warehouse, STAGING, "orders") == [-1]
    place.run(f"CREATE OR REPLACE TABLE {place.name(STAGING, 'orders')} AS SELECT CAST(3 AS NUMBER(38, 0)) AS id")
    with place.warehouse() as warehouse:
        bare = _ids(warehouse, STAGING, "orders") == [3]
        seen = "policies_carried_over" in {found.code for found in warehouse.preflight()}
        warehouse.exchange(_release("third"), lambda: None)
        return cloned and bare and seen and _ids(warehouse, PRODUCTION, "orders") == [-1]


def _hashes(place: Scratch) -> bool:
    with place.warehouse() as warehouse:
        return all(
            _fingerprint(warehouse, one) == _fingerprint(warehouse, other)
            for one, other in (("CAST('-0.0' AS DOUBLE)", "CAST('0.0' AS DOUBLE)"), (_NAN, _NAN))
        )


def _not_a_number(place: Scratch) -> bool:
    with place.warehouse() as warehouse:
        [(equal,)] = warehouse.query(f"SELECT CASE WHEN {_NAN} = {_NAN} THEN 1 ELSE 0 END AS e")
        return int(equal) == 1


_NAN = "CAST('NaN' AS DOUBLE)"


def _fingerprint(warehouse: Warehouse, value: str) -> object:
    expression = warehouse.dialect.hashable("v", "DOUBLE")
    [(found,)] = warehouse.query(
        f"SELECT {warehouse.dialect.fingerprint([expression])} AS f FROM (SELECT {value} AS v) AS t"
    )
    return found


def _ids(warehouse: Warehouse, env: Environment, name: str) -> list[int]:
    return [int(row[0]) for row in warehouse.query(f"SELECT * FROM {warehouse.table(env, name)}")]


def _release(run: str) -> Release:
    return Release(run=run, digest="conformance", at=datetime.now(UTC).isoformat(timespec="seconds"))


PROMISES: tuple[Promise, ...] = (
    ("clone", "staging is a copy of production, and building into it changes nothing else", _clone),
    ("swap", "one exchange puts each side in the other's place", _swap),
    ("views", "the views of each side read their own side afterwards", _views),
    ("marker", "the marker names the run, which is then not published twice", _marker),
    ("grants", "readers of production keep what they had, and cannot open the retired release", _grants),
    ("grants in catalog", "OBJECT_PRIVILEGES tells the grants that SHOW GRANTS tells", _catalog_grants),
    ("rollback", "a second exchange brings the first release back, views included", _rollback),
    (
        "policies",
        "a mask is lost by a table that is made anew, found in its text, and carried over by a publish",
        _policies,
    ),
    ("hash", "equal numbers have equal fingerprints: -0.0 and 0.0, NaN and NaN", _hashes),
    ("NaN", "NaN equals NaN", _not_a_number),
)
NEED_GRANTS = ("grants", "grants in catalog", "policies")
