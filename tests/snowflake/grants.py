"""GRANT and REVOKE. docs: sql-reference/sql/grant-privilege, grant-ownership, grant-role, revoke-privilege"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from tests.snowflake import access
from tests.snowflake.catalog import FutureGrant, Grant, Role, Schema, Securable, full_path, now, schema_path
from tests.snowflake.errors import SnowflakeError, forbidden, impossible, missing
from tests.snowflake.identifiers import dotted, shown
from tests.snowflake.objects import TABLE_LIKE
from tests.snowflake.reader import Reader
from tests.snowflake.results import DONE, Result, message

if TYPE_CHECKING:
    from tests.snowflake.session import Session

KINDS = (
    "DYNAMIC TABLE", "MATERIALIZED VIEW", "EXTERNAL TABLE", "MASKING POLICY", "ROW ACCESS POLICY", "TABLE", "VIEW",
    "STREAM", "TASK", "PIPE", "SEQUENCE", "STAGE", "FUNCTION", "PROCEDURE",
)  # fmt: skip
_ALL = {
    "TABLE": ("SELECT", "INSERT", "UPDATE", "DELETE", "TRUNCATE", "REFERENCES"),
    "VIEW": ("SELECT", "REFERENCES"),
    "SCHEMA": ("USAGE", "MODIFY", "MONITOR", "CREATE TABLE", "CREATE VIEW", "CREATE STREAM", "CREATE TASK"),
    "DATABASE": ("USAGE", "MODIFY", "MONITOR", "CREATE SCHEMA"),
}
"""What ALL PRIVILEGES stands for. docs: user-guide/security-access-control-privileges"""


@dataclass(frozen=True, slots=True)
class Target:
    """One thing that a GRANT is about, with the schema that holds it."""

    kind: str
    name: str
    what: Securable
    schema: Schema | None


@dataclass(frozen=True, slots=True)
class Future:
    """FUTURE <kind> IN SCHEMA|DATABASE: where the grants to come are kept."""

    kind: str
    holder: list[FutureGrant]
    container: Securable
    name: str


def grant(session: Session, reader: Reader) -> Result:
    """GRANT of a role, of ownership, or of privileges on one, all, or all future objects."""
    if reader.take("ROLE"):
        return _grant_role(session, reader)
    privileges = _privileges(reader)
    targets, futures = _targets(session, reader)
    reader.expect("TO")
    reader.take("ROLE")
    [role] = reader.name()
    _known_role(session, role)
    if privileges == ["OWNERSHIP"]:
        return _grant_ownership(session, reader, targets, futures, role)
    option = reader.take("WITH GRANT OPTION")
    for target in targets:
        _may_grant(session, target)
        for privilege in _expanded(privileges, target.kind):
            _add(session, target, privilege, role, option=option)
    for future in futures:
        _may_grant_future(session, future)
        for privilege in _expanded(privileges, future.kind):
            made = FutureGrant(privilege, future.kind, role, option, now())
            future.holder[:] = [g for g in future.holder if _key(g) != _key(made)] + [made]
    return message(DONE)


def revoke(session: Session, reader: Reader) -> Result:
    """REVOKE of a role or of privileges; what was not granted is revoked without complaint."""
    if reader.take("ROLE"):
        return _revoke_role(session, reader)
    option_only = reader.take("GRANT OPTION FOR")
    privileges = _privileges(reader)
    targets, futures = _targets(session, reader)
    reader.expect("FROM")
    reader.take("ROLE")
    [role] = reader.name()
    _known_role(session, role)
    for target in targets:
        _may_grant(session, target)
        _take_away(target.what, role, _expanded(privileges, target.kind), option_only=option_only)
    for future in futures:
        _may_grant_future(session, future)
        wanted = _expanded(privileges, future.kind)
        future.holder[:] = [
            g for g in future.holder if not (g.role == role and g.kind == future.kind and g.privilege in wanted)
        ]
    return message(DONE)


def _take_away(what: Securable, role: str, privileges: Sequence[str], *, option_only: bool) -> None:
    kept = [grant for grant in what.grants if grant.role != role or grant.privilege not in privileges]
    lost = [grant for grant in what.grants if grant not in kept]
    what.grants = kept + ([replace(grant, option=False) for grant in lost] if option_only else [])


def _key(grant: FutureGrant) -> tuple[str, str, str]:
    return grant.privilege, grant.kind, grant.role


def _add(session: Session, target: Target, privilege: str, role: str, *, option: bool) -> None:
    known = next((g for g in target.what.grants if (g.privilege, g.role) == (privilege, role)), None)
    if known is not None and known.option >= option:
        return
    made = Grant(privilege, role, option, target.what.owner, now())
    target.what.grants = [g for g in target.what.grants if g is not known] + [made]


def _privileges(reader: Reader) -> list[str]:
    found: list[str] = []
    words: list[str] = []
    while not reader.take("ON"):
        if reader.take(","):
            found.append(" ".join(words))
            words = []
        else:
            words.append(reader.word())
    found.append(" ".join(words))
    return ["ALL" if privilege in ("ALL", "ALL PRIVILEGES") else privilege for privilege in found]


def _expanded(privileges: Sequence[str], kind: str) -> Sequence[str]:
    return _ALL.get(kind, ("OWNERSHIP",)) if "ALL" in privileges else privileges


def _targets(session: Session, reader: Reader) -> tuple[list[Target], list[Future]]:
    if reader.take("FUTURE"):
        kind = _plural(reader)
        reader.expect("IN")
        return [], [_future(session, reader, kind)]
    if reader.take("ALL"):
        kind = _plural(reader)
        reader.expect("IN")
        return _all(session, reader, kind), []
    return [one(session, reader)], []


def _plural(reader: Reader) -> str:
    plurals = {_many(kind): kind for kind in (*KINDS, "SCHEMA")}
    return plurals[reader.choice(*plurals)]


def _many(kind: str) -> str:
    return kind[:-1] + "IES" if kind.endswith("Y") else kind + "S"


def _future(session: Session, reader: Reader, kind: str) -> Future:
    if reader.take("DATABASE"):
        [name] = reader.name()
        database = session.catalog.database(name)
        return Future(kind, database.future, database, shown(name))
    reader.expect("SCHEMA")
    path = schema_path(reader.name(), session.database)
    schema = session.catalog.schema(*path)
    return Future(kind, schema.future, schema, dotted(*path))


def _all(session: Session, reader: Reader, kind: str) -> list[Target]:
    if reader.take("DATABASE"):
        [name] = reader.name()
        holders = [((name, key), schema) for key, schema in session.catalog.database(name).schemas.items()]
    else:
        reader.expect("SCHEMA")
        path = schema_path(reader.name(), session.database)
        holders = [(path, session.catalog.schema(*path))]
    if kind == "SCHEMA":
        return [Target("SCHEMA", dotted(*path), schema, schema) for path, schema in holders]
    return [
        Target(kind, dotted(*path, name), thing, schema)
        for path, schema in holders
        for name, thing in schema.things.items()
        if thing.kind == kind
    ]


def one(session: Session, reader: Reader) -> Target:
    """Without a word for its kind, an object is a table or a view; that is how dbt grants."""
    kinds = ("ACCOUNT", "DATABASE", "SCHEMA", "WAREHOUSE", "ROLE", *KINDS)
    kind = reader.choice(*kinds) if any(reader.at(kind) for kind in kinds) else "TABLE"
    return target(session, kind, reader)


def target(session: Session, kind: str, reader: Reader) -> Target:
    """What a GRANT or SHOW GRANTS names. Raises SnowflakeError."""
    catalog = session.catalog
    if kind == "ACCOUNT":
        return Target(kind, "STAND_IN", Role(owner=access.ADMIN), None)
    name = reader.name()
    match kind:
        case "DATABASE":
            return Target(kind, shown(name[0]), catalog.database(name[0]), None)
        case "SCHEMA":
            path = schema_path(name, session.database)
            return Target(kind, dotted(*path), catalog.schema(*path), catalog.schema(*path))
        case "WAREHOUSE" | "ROLE":
            known = catalog.warehouses if kind == "WAREHOUSE" else catalog.roles
            if name[0] not in known:
                raise missing(kind.title(), shown(name[0]))
            return Target(kind, shown(name[0]), known[name[0]], None)
        case _:
            full = full_path(name, session.database, session.schema)
            thing = catalog.thing(full, kind.title())
            if thing.kind != kind and not (kind in ("TABLE", "VIEW") and thing.kind in TABLE_LIKE):
                raise impossible()
            return Target(thing.kind, dotted(*full), thing, catalog.schema(*full[:2]))


def _known_role(session: Session, role: str) -> None:
    if role not in session.catalog.roles:
        raise missing("Role", shown(role))


def _may_grant(session: Session, target: Target) -> None:
    """The owner grants; in a managed access schema only the schema's owner. SECURITYADMIN has MANAGE GRANTS.

    docs: user-guide/security-access-control-configure (managed access schemas)
    """
    roles = access.effective_roles(session.catalog, session.role)
    if roles & {access.ADMIN, "SECURITYADMIN"} or target.kind == "ACCOUNT":
        return
    decides: Securable = target.schema if target.schema and target.schema.managed else target.what
    if not access.owns(session.catalog, session.role, decides):
        raise forbidden(target.kind, target.name.split(".")[-1])


def _may_grant_future(session: Session, future: Future) -> None:
    """Needs MANAGE GRANTS, or ownership of a managed access schema. docs: grant-privilege (future grants)"""
    if access.effective_roles(session.catalog, session.role) & {access.ADMIN, "SECURITYADMIN"}:
        return
    managed = isinstance(future.container, Schema) and future.container.managed
    if not (managed and access.owns(session.catalog, session.role, future.container)):
        raise forbidden("schema", future.name.split(".")[-1])


def _grant_ownership(
    session: Session, reader: Reader, targets: list[Target], futures: list[Future], role: str
) -> Result:
    """GRANT OWNERSHIP: fails while others have privileges, unless they are copied or revoked. docs: grant-ownership"""
    copy, drop = reader.take("COPY CURRENT GRANTS"), reader.take("REVOKE CURRENT GRANTS")
    for target in targets:
        _may_grant(session, target)
        if target.what.grants and not (copy or drop):
            text = (
                f"SQL execution error: Dependent grant of privilege '{target.what.grants[0].privilege}' on securable "
                f"'{target.name}' to role '{target.what.grants[0].role}' exists. It must be revoked first. "
                "More than one dependent grant may exist: use 'SHOW GRANTS' command to view them. "
                "To revoke all dependent grants while transferring object ownership, use convenience command "
                "'GRANT OWNERSHIP ON <target_objects> TO <target_role> REVOKE CURRENT GRANTS'."
            )
            raise SnowflakeError(3036, "0A000", text)
        target.what.owner = role
        target.what.grants = [
            Grant(g.privilege, g.role, g.option, role, g.at) for g in target.what.grants if copy and g.role != role
        ]
    for future in futures:
        _may_grant_future(session, future)
        future.holder.append(FutureGrant("OWNERSHIP", future.kind, role, False, now()))
    return message(DONE)


def _grant_role(session: Session, reader: Reader) -> Result:
    [name] = reader.name()
    _known_role(session, name)
    reader.expect("TO")
    if reader.take("USER"):
        return message(DONE)
    reader.expect("ROLE")
    [parent] = reader.name()
    _known_role(session, parent)
    heir = session.catalog.roles[parent]
    if all(grant.role != name for grant in heir.inherits):
        heir.inherits.append(Grant("USAGE", name, False, session.role, now()))
    return message(DONE)


def _revoke_role(session: Session, reader: Reader) -> Result:
    [name] = reader.name()
    reader.expect("FROM")
    if reader.take("USER"):
        return message(DONE)
    reader.expect("ROLE")
    [parent] = reader.name()
    _known_role(session, parent)
    heir = session.catalog.roles[parent]
    heir.inherits = [grant for grant in heir.inherits if grant.role != name]
    return message(DONE)
