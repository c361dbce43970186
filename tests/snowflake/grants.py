"""GRANT and REVOKE. docs: sql-reference/sql/grant-privilege, grant-ownership, grant-role, revoke-privilege"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from tests.snowflake import access, database_roles
from tests.snowflake.catalog import FutureGrant, Grant, Schema, Securable, now
from tests.snowflake.errors import SnowflakeError, forbidden, missing
from tests.snowflake.grant_targets import Future, Target, read_targets
from tests.snowflake.identifiers import shown
from tests.snowflake.reader import Reader
from tests.snowflake.results import DONE, Result, message

if TYPE_CHECKING:
    from tests.snowflake.session import Session

_ALL = {
    "TABLE": ("SELECT", "INSERT", "UPDATE", "DELETE", "TRUNCATE", "REFERENCES"),
    "VIEW": ("SELECT", "REFERENCES"),
    "SCHEMA": ("USAGE", "MODIFY", "MONITOR", "CREATE TABLE", "CREATE VIEW", "CREATE STREAM", "CREATE TASK"),
    "DATABASE": ("USAGE", "MODIFY", "MONITOR", "CREATE SCHEMA"),
}
"""What ALL PRIVILEGES stands for. docs: user-guide/security-access-control-privileges"""


def grant(session: Session, reader: Reader) -> Result:
    """GRANT of a role, of ownership, or of privileges on one, all, or all future objects."""
    if reader.take("DATABASE ROLE"):
        return database_roles.grant_role(session, reader)
    if reader.take("ROLE"):
        return _grant_role(session, reader)
    privileges = _privileges(reader)
    targets, futures = read_targets(session, reader)
    reader.expect("TO")
    to, role = _grantee(session, reader)
    if privileges == ["OWNERSHIP"]:
        return _grant_ownership(session, reader, targets, futures, role)
    option = reader.take("WITH GRANT OPTION")
    for target in targets:
        _may_grant(session, target)
        for privilege in _expanded(privileges, target.kind):
            _add(target, Grant(privilege, role, option, target.what.owner, now(), to))
    for future in futures:
        _may_grant_future(session, future)
        for privilege in _expanded(privileges, future.kind):
            made = FutureGrant(privilege, future.kind, role, option, now(), to)
            future.holder[:] = [g for g in future.holder if _key(g) != _key(made)] + [made]
    return message(DONE)


def revoke(session: Session, reader: Reader) -> Result:
    """REVOKE of a role or of privileges; what was not granted is revoked without complaint."""
    if reader.take("ROLE"):
        return _revoke_role(session, reader)
    option_only = reader.take("GRANT OPTION FOR")
    privileges = _privileges(reader)
    targets, futures = read_targets(session, reader)
    reader.expect("FROM")
    to, role = _grantee(session, reader)
    for target in targets:
        _may_grant(session, target)
        _take_away(target.what, (to, role), _expanded(privileges, target.kind), option_only=option_only)
    for future in futures:
        _may_grant_future(session, future)
        wanted = _expanded(privileges, future.kind)
        future.holder[:] = [
            g
            for g in future.holder
            if not ((g.to, g.role, g.kind) == (to, role, future.kind) and g.privilege in wanted)
        ]
    return message(DONE)


def _grantee(session: Session, reader: Reader) -> tuple[str, str]:
    """Whom it is granted to: a role, a database role, a share (docs: sql-reference/sql/grant-privilege-share), or a
    user (docs: sql-reference/sql/grant-privilege-user), of whom no list is kept."""
    if reader.take("USER"):
        return "USER", reader.name()[0]
    if reader.take("DATABASE ROLE"):
        return database_roles.KIND, database_roles.named(session, reader.name())
    to = "SHARE" if reader.take("SHARE") else "ROLE"
    reader.take("ROLE")
    [name] = reader.name()
    if to == "ROLE":
        _known_role(session, name)
    elif name not in session.catalog.shares:
        raise missing("Share", shown(name))
    return to, name


def _take_away(what: Securable, grantee: tuple[str, str], privileges: Sequence[str], *, option_only: bool) -> None:
    kept = [grant for grant in what.grants if (grant.to, grant.role) != grantee or grant.privilege not in privileges]
    lost = [grant for grant in what.grants if grant not in kept]
    what.grants = kept + ([replace(grant, option=False) for grant in lost] if option_only else [])


def _key(grant: FutureGrant) -> tuple[str, str, str, str]:
    return grant.privilege, grant.kind, grant.role, grant.to


def _add(target: Target, made: Grant) -> None:
    same = [g for g in target.what.grants if (g.privilege, g.role, g.to) == (made.privilege, made.role, made.to)]
    if not any(known.option >= made.option for known in same):
        target.what.grants = [*(g for g in target.what.grants if g not in same), made]


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


def _known_role(session: Session, role: str) -> None:
    if role not in session.catalog.roles:
        raise missing("Role", shown(role))


def _manages_grants(session: Session) -> bool:
    """SECURITYADMIN has MANAGE GRANTS on the account, and others may be given it."""
    roles = access.effective_roles(session.catalog, session.role)
    return bool(roles & {"SECURITYADMIN"}) or access.has(
        session.catalog, session.role, session.catalog.account, "MANAGE GRANTS"
    )


def _may_grant(session: Session, target: Target) -> None:
    """The owner grants; in a managed access schema only the schema's owner; MANAGE GRANTS is above both.

    docs: user-guide/security-access-control-configure (managed access schemas)
    """
    if _manages_grants(session):
        return
    decides: Securable = target.schema if target.schema and target.schema.managed else target.what
    if not access.owns(session.catalog, session.role, decides):
        raise forbidden(target.kind, target.name.split(".")[-1])


def _may_grant_future(session: Session, future: Future) -> None:
    """Needs MANAGE GRANTS, or ownership of a managed access schema. docs: grant-privilege (future grants)"""
    if _manages_grants(session):
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
            replace(g, granted_by=role) for g in target.what.grants if copy and (g.to, g.role) != ("ROLE", role)
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
