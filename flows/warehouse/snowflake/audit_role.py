"""The role that only reads: queries run as it, on a session of its own, so that no query can change anything.

A session of its own and not USE ROLE in the flow's: a lost session comes back as the role of its login, and secondary
roles, which are on by default, would lend the reading role what the flow's role may do.
"""

from collections.abc import Iterator
from dataclasses import replace
from typing import Literal

from flows.contract import Finding
from flows.warehouse.snowflake.catalog import read_kinds
from flows.warehouse.snowflake.dialect import quote
from flows.warehouse.snowflake.session import Access, Session
from flows.warehouse.snowflake.views import Home

NOT_READ = "Nothing was read."


def auditing(access: Access) -> Access:
    """The same login as the role that only reads; unchanged if no such role is set."""
    role = access.facts.audit_role
    if not role:
        return access
    typed = role if role.isidentifier() else quote(role)
    return replace(
        access,
        arguments=lambda: {**access.arguments(), "role": typed},
        facts=replace(access.facts, role=role),
        start=("USE SECONDARY ROLES NONE",),
    )


def open_auditor(access: Access) -> Session:
    """A new session of the role that only reads. Raises WarehouseError."""
    auditor = Session(auditing(access))
    auditor.open()
    return auditor


def let_read(session: Session, home: Home, role: str) -> None:
    """Let the role read whatever is in staging now; `session` is the flow's. Raises WarehouseError.

    Staging is ours to grant on: every build makes its tables anew, and dbt's `grants` take from a table what they do
    not name. What is granted here goes to production with the table, which the role is meant to read, too.
    """
    kinds = {kind for _, kind in read_kinds(session, home.database, home.schema)}
    where = f"{quote(home.database)}.{quote(home.schema)}"
    gate = [f"USAGE ON DATABASE {quote(home.database)}"] if home.is_gate else []
    what = [*gate, f"USAGE ON SCHEMA {where}", *(f"SELECT ON ALL {kind}S IN SCHEMA {where}" for kind in sorted(kinds))]
    for privilege in what if kinds else gate:
        session.change(f"GRANT {privilege} TO ROLE {quote(role)}", refusal=NOT_READ)


def without_own(findings: tuple[Finding, ...], role: str) -> tuple[Finding, ...]:
    """The findings without that the role itself gets from staging into production: it is meant to read both."""
    return tuple(one for one in findings if not (one.code == "grant_would_leak" and one.object == role))


def find_unreadable(session: Session, auditor: Session, production: Home, role: str) -> Iterator[Finding]:
    """What of production the role cannot see; on staging it is granted by `let_read`. Raises WarehouseError.

    Documented: the catalog lists what the asking role has any privilege on.
    """
    there = read_kinds(session, production.database, production.schema)
    seen = set(read_kinds(auditor, production.database, production.schema))
    hidden = [name for name, kind in there if (name, kind) not in seen]
    if hidden:
        names = ", ".join(f"`{name}`" for name in hidden[:3]) + (" and more" if len(hidden) > 3 else "")
        where = f"{quote(production.database)}.{quote(production.schema)}"
        yield _finding(
            "blocker",
            "audit_role_cannot_read",
            production.schema,
            f"cannot be compared: the role `{role}` may not read {len(hidden)} of its {len(there)} tables and views "
            f"({names})",
            f"GRANT USAGE ON SCHEMA {where} and SELECT ON ALL TABLES and ALL VIEWS in it TO ROLE {quote(role)}.",
        )


def _finding(severity: Literal["blocker", "warning"], code: str, name: str, consequence: str, remedy: str) -> Finding:
    return Finding(severity=severity, code=code, object=name, consequence=consequence, remedy=remedy)
