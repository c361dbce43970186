"""What would make a swap of two whole databases unsafe: it moves everything in them, and everything granted on them."""

from collections.abc import Iterator, Sequence
from typing import Literal

from flows.contract import Finding
from flows.warehouse.base import WarehouseError
from flows.warehouse.snowflake.catalog import Database, read_databases, read_schemas
from flows.warehouse.snowflake.dialect import literal, quote
from flows.warehouse.snowflake.errors import ConnectionLost
from flows.warehouse.snowflake.grants import Grant, read_database_grants
from flows.warehouse.snowflake.session import Session
from flows.warehouse.snowflake.views import Pair

_DEFAULT = "PUBLIC"
"""Made with every database; without anything in it, nothing moves with it."""

_THINGS = ("OBJECTS", "STAGES", "FILE FORMATS", "STREAMS", "TASKS", "PIPES", "SEQUENCES", "USER FUNCTIONS")
_THINGS_OF_EDITIONS = ("USER PROCEDURES", "MASKING POLICIES", "ROW ACCESS POLICIES", "ALERTS", "TAGS")
"""Where the others can be listed and these cannot, the account has none of the kind."""


def find_database_problems(session: Session, pairs: Sequence[Pair]) -> tuple[Finding, ...]:
    """Findings about both databases of a target that is swapped by them. Raises WarehouseError."""
    names = (pairs[0].production.database, pairs[0].staging.database)
    databases = read_databases(session, names)
    if missing := tuple(_missing(databases, names)):
        return missing
    old, new = (databases[name] for name in names)
    found = [*_not_owned(session, (old, new)), *_settings(old, new)]
    grants = [read_database_grants(session, name) for name in names]
    found += _not_mirrored(names, *grants)
    for name, granted in zip(names, grants, strict=True):
        found += _hidden(session, name, granted)
        found += _database_roles(session, name)
        found += _strangers(session, name, {pair.production.schema for pair in pairs})
    return tuple(found)


def _missing(databases: dict[str, Database], names: Sequence[str]) -> Iterator[Finding]:
    for name in names:
        if name not in databases:
            yield _finding(
                "blocker",
                "database_missing",
                name,
                "does not exist, or this role may not see it, so nothing can be swapped",
                "Start a run, which makes staging, or grant USAGE on it.",
            )


def _not_owned(session: Session, databases: tuple[Database, ...]) -> Iterator[Finding]:
    """Documented: only the owner of a database may swap it.
    https://docs.snowflake.com/en/sql-reference/sql/alter-database
    """
    [(role,)] = session.rows("SELECT CURRENT_ROLE() AS R")
    for database in databases:
        [(is_ours,)] = session.rows(f"SELECT IS_ROLE_IN_SESSION({literal(database.owner)}) AS R")
        if not is_ours:
            yield _finding(
                "blocker",
                "database_not_owned",
                database.name,
                f"is owned by the role `{database.owner}` and not by `{role}`, and only an owner of both databases can "
                "swap them",
                f"GRANT OWNERSHIP ON DATABASE {quote(database.name)} TO ROLE {quote(str(role))} COPY CURRENT GRANTS.",
            )


def _settings(old: Database, new: Database) -> Iterator[Finding]:
    if old.is_transient != new.is_transient:
        yield _finding(
            "blocker",
            "database_kind_differs",
            new.name,
            f"is {_kind(new)} and `{old.name}` is {_kind(old)}, and the swap would make production what staging is",
            f"Make `{new.name}` anew: DROP DATABASE, then start a run, which makes it.",
        )
    if old.retention != new.retention:
        yield _finding(
            "warning",
            "retention_differs",
            new.name,
            f"keeps what is dropped or changed for {new.retention} days and `{old.name}` for {old.retention}, and the "
            "swap exchanges that, too",
            f"ALTER DATABASE {quote(new.name)} SET DATA_RETENTION_TIME_IN_DAYS = {old.retention}.",
        )


def _kind(database: Database) -> str:
    return "transient" if database.is_transient else "permanent"


def _not_mirrored(names: Sequence[str], old: frozenset[Grant], new: frozenset[Grant]) -> Iterator[Finding]:
    for grant in sorted(old ^ new):
        if grant.privilege == "OWNERSHIP" or grant.is_movable or grant.to == "SHARE":
            continue
        has, lacks = names if grant in old else reversed(names)
        yield _finding(
            "blocker",
            "database_grant_not_mirrored",
            has,
            f"is granted to the {grant.to.lower().replace('_', ' ')} {grant.grantee} ({grant.privilege}), `{lacks}` is "
            "not, and the swap would exchange that",
            "Revoke it, or grant it on both databases.",
        )
    for name, grants in zip(names, (old, new), strict=True):
        for share in sorted({grant.grantee for grant in grants if grant.to == "SHARE"}):
            yield _finding(
                "blocker",
                "database_shared",
                name,
                f"is in the share {share}, which follows the database and not its name",
                "Share views of another database, or let staging be schemas (`dbt.staging`).",
            )


def _database_roles(session: Session, database: str) -> Iterator[Finding]:
    for row in session.table(f"SHOW DATABASE ROLES IN DATABASE {quote(database)}"):
        yield _finding(
            "blocker",
            "database_role_in_database",
            f"{database}.{row.get('name', '')}",
            "goes to the other database with the swap, and with it what everybody has through it",
            "Use a role of the account, or let staging be schemas (`dbt.staging`).",
        )


def _hidden(session: Session, database: str, grants: frozenset[Grant]) -> Iterator[Finding]:
    """Documented: SHOW SCHEMAS lists those that this role has a privilege on, and to own the database is none.
    https://docs.snowflake.com/en/sql-reference/sql/show-schemas
    """
    for role in sorted({grant.grantee for grant in grants if grant.privilege == "CREATE SCHEMA" and grant.is_movable}):
        [(is_ours,)] = session.rows(f"SELECT IS_ROLE_IN_SESSION({literal(role)}) AS R")
        if not is_ours:
            yield _finding(
                "warning",
                "schema_may_be_hidden",
                database,
                f"lets the role `{role}` make schemas, which the role of the flow need not see, and the swap of the "
                "databases would move them, too",
                f"REVOKE CREATE SCHEMA ON DATABASE {quote(database)} FROM ROLE {quote(role)}, or look yourself.",
            )


def _strangers(session: Session, database: str, known: set[str]) -> Iterator[Finding]:
    for schema in read_schemas(session, database):
        if schema in known or schema == "INFORMATION_SCHEMA":
            continue
        if schema == _DEFAULT and (things := _things(session, database)) is not None:
            if things:
                yield _stranger(f"{database}.{schema}", f"holds `{things[0]}`, which is not part of the target")
            continue
        yield _stranger(f"{database}.{schema}", "is not part of the target")


def _stranger(name: str, why: str) -> Finding:
    return _finding(
        "blocker",
        "schema_not_in_target",
        name,
        f"{why}, and the swap of the databases would move it, too",
        "Name the schema in `dbt.schemas` of wap.toml, or put it into another database.",
    )


def _things(session: Session, database: str) -> list[str] | None:
    """What is in the schema that every database is made with; None if that cannot be said."""
    found = []
    for words in (*_THINGS, *_THINGS_OF_EDITIONS):
        try:
            rows = session.table(f"SHOW {words} IN SCHEMA {quote(database)}.{quote(_DEFAULT)}")
        except ConnectionLost:
            raise
        except WarehouseError:
            if words in _THINGS_OF_EDITIONS:
                continue
            return None
        found += [str(row.get("name", "")) for row in rows]
    return found


def _finding(severity: Literal["blocker", "warning"], code: str, name: str, consequence: str, remedy: str) -> Finding:
    return Finding(severity=severity, code=code, object=name, consequence=consequence, remedy=remedy)
