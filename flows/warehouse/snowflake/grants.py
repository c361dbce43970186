"""Who may do what with a schema and the things in it, and the statements that carry it over to another."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from flows.contract import AccessChange
from flows.warehouse.base import WarehouseError
from flows.warehouse.snowflake.catalog import Home, qualified
from flows.warehouse.snowflake.dialect import literal, quote
from flows.warehouse.snowflake.session import Session

FUTURE = ("*", "**")


@dataclass(frozen=True, slots=True, order=True)
class Grant:
    """One privilege of one grantee. `name` is empty when it is on the schema or the database itself, `*` for future
    things of the schema, and `**` for those of the database."""

    kind: str
    name: str
    privilege: str
    to: str
    """ROLE, DATABASE_ROLE, SHARE, USER, APPLICATION..."""
    grantee: str
    option: bool
    is_inherited: bool = False

    @property
    def is_movable(self) -> bool:
        """Whether it can be granted again: not ownership, not a share's, not one that comes from further up."""
        return self.privilege != "OWNERSHIP" and self.to in ("ROLE", "DATABASE_ROLE") and not self.is_inherited

    @property
    def opens(self) -> str:
        """SCHEMA or DATABASE if it is on that itself; otherwise empty."""
        return "" if self.name else self.kind

    @property
    def is_unlisted(self) -> bool:
        """Whether it is of a user, an application or the like: nothing lists those by few statements, as a publish
        needs it. https://docs.snowflake.com/en/sql-reference/sql/grant-privilege-user"""
        is_own = self.privilege != "OWNERSHIP" and not self.is_inherited
        return is_own and self.to not in ("ROLE", "DATABASE_ROLE", "SHARE")

    @property
    def text(self) -> str:
        """The grant as the receipt tells it."""
        what = f"FUTURE {plural(self.kind)}" if self.name in FUTURE else f"{self.kind} {self.name}".rstrip()
        what = f"{what} IN DATABASE" if self.name == "**" else what
        return f"{self.privilege} ON {what} TO {self.to.replace('_', ' ')} {self.grantee}"

    def who(self, database: str) -> str:
        """The grantee for SQL. A database role has privileges in its own `database` only, so SHOW GRANTS may leave that
        out of its name."""
        if self.to == "DATABASE_ROLE":
            return f"DATABASE ROLE {quote(database)}.{quote(self.grantee.removeprefix(f'{database}.'))}"
        return f"{self.to.replace('_', ' ')} {quote(self.grantee)}"


def read_grants(session: Session, home: Home, relations: Iterable[tuple[str, str]]) -> frozenset[Grant]:
    """Everything granted on the schema, on its future things, and on the relations in it, as `read_kinds` gives them;
    of a gate also what is granted on its database.

    SHOW needs no running warehouse, and shows what is granted to shares and through inheritance, too.
    """
    found = list(_container(session, home))
    for name, kind in relations:
        rows = session.table(f"SHOW GRANTS ON {kind} {home.name(name)}")
        found += [_grant(row, kind, name) for row in rows]
    return frozenset(found)


def read_database_grants(session: Session, database: str) -> frozenset[Grant]:
    """Everything granted on the database itself and on future things of it."""
    return frozenset(_level(session, "DATABASE", quote(database), "**"))


def read_movable(session: Session, home: Home, relations: Iterable[tuple[str, str]]) -> frozenset[Grant]:
    """The grants that can be granted again, like `read_grants`, but by as many statements as for one relation.

    The catalog's OBJECT_PRIVILEGES is documented to list roles, applications and application roles, and says nothing
    of database roles; where the database has some, each relation is asked for by itself.
    """
    if session.table(f"SHOW DATABASE ROLES IN DATABASE {quote(home.database)}"):
        return frozenset(grant for grant in read_grants(session, home, relations) if grant.is_movable)
    kinds = dict(relations)
    found = list(_container(session, home))
    rows = session.rows(
        "SELECT OBJECT_NAME AS N, PRIVILEGE_TYPE AS P, GRANTED_TO AS T, GRANTEE AS G, IS_GRANTABLE AS O "
        f"FROM {quote(home.database)}.INFORMATION_SCHEMA.OBJECT_PRIVILEGES "
        f"WHERE OBJECT_SCHEMA = {literal(home.schema)} "
        "AND (OBJECT_TYPE LIKE '%TABLE' OR OBJECT_TYPE LIKE '%VIEW')"
    )
    for name, privilege, to, grantee, option in rows:
        if name in kinds:
            row = {"privilege": privilege, "granted_to": to, "grantee_name": grantee, "grant_option": option == "YES"}
            found.append(_grant(row, kinds[name], name))
    return frozenset(grant for grant in found if grant.is_movable)


def _container(session: Session, home: Home) -> Iterator[Grant]:
    yield from _level(session, "SCHEMA", f"{quote(home.database)}.{quote(home.schema)}", "*")
    if home.is_gate:
        yield from read_database_grants(session, home.database)


def _level(session: Session, level: str, container: str, future: str) -> Iterator[Grant]:
    for row in session.table(f"SHOW GRANTS ON {level} {container}"):
        yield _grant(row, level, "")
    for row in session.table(f"SHOW FUTURE GRANTS IN {level} {container}"):
        kind = str(row.get("grant_on", "")).replace("_", " ")
        yield _grant({**row, "granted_to": row.get("grant_to")}, kind, future)


def lacking(
    production: frozenset[Grant], staging: frozenset[Grant], relations: Iterable[tuple[str, str]]
) -> list[Grant]:
    """The grants that production would lose: object grants, then future ones, then those on the schema, then those on
    the database, USAGE last.

    `relations` are those of staging. One that production does not have gets what is granted on
    production's future things of its kind. A table that becomes a view is granted what a view can be.
    """
    return in_order(wanted(production, relations) - staging)


def in_order(grants: Iterable[Grant]) -> list[Grant]:
    """As they are granted: what opens the schema comes last."""
    return sorted(grants, key=lambda grant: (_rank(grant), grant))


def wanted(production: frozenset[Grant], relations: Iterable[tuple[str, str]]) -> frozenset[Grant]:
    """What should be granted on production once `relations` are what is in it: what can be granted again, no more."""
    kinds = dict(relations)
    found: set[Grant] = set()
    known = {grant.name for grant in production}
    future = [grant for grant in production if grant.name == "*"]
    for grant in production:
        if grant.name in ("", *FUTURE):
            found.add(grant)
        elif grant.name in kinds and (kinds[grant.name] == grant.kind or grant.privilege in ("SELECT", "REFERENCES")):
            found.add(_on(grant, kinds[grant.name], grant.name))
    for name, kind in kinds.items():
        if name not in known:
            found |= {_on(grant, kind, name) for grant in future if grant.kind == kind}
    return frozenset(grant for grant in found if grant.is_movable)


def compared(before: frozenset[Grant], after: frozenset[Grant], relations: Iterable[tuple[str, str]]) -> AccessChange:
    """What a publish did to production's grants; `relations` are those it left there."""
    due = wanted(before, relations)
    now = frozenset(grant for grant in after if grant.is_movable)
    return AccessChange(
        before=sum(grant.is_movable for grant in before),
        after=len(now),
        lost=tuple(grant.text for grant in sorted(due - now)),
        gained=tuple(grant.text for grant in sorted(now - due)),
    )


def _rank(grant: Grant) -> int:
    """The schema's own come last: until then nobody can look into a half-granted schema. So it is with the database."""
    if grant.kind == "DATABASE":
        return 4 if grant.privilege == "USAGE" else 3
    return {"*": 1, "**": 1, "": 2}.get(grant.name, 0)


def leaking(production: frozenset[Grant], staging: frozenset[Grant]) -> list[Grant]:
    """The grants of staging whose grantee may not do the same with production: after a swap it could."""
    may = {(grant.to, grant.grantee, grant.opens) for grant in production}
    own = (grant for grant in staging if grant.is_movable or grant.is_unlisted)
    return sorted(grant for grant in own if (grant.to, grant.grantee, grant.opens) not in may)


def forgotten(
    production: frozenset[Grant], staging: frozenset[Grant], relations: Iterable[tuple[str, str]]
) -> list[Grant]:
    """The grants that production would lose although what they are on stays, and that nothing mirrors."""
    there = {name for name, _ in relations} | {"", *FUTURE}
    return sorted(grant for grant in production - staging if grant.is_unlisted and grant.name in there)


def refuse_who_is_out(
    production: frozenset[Grant],
    staging: frozenset[Grant],
    relations: Iterable[tuple[str, str]],
    *,
    ours: str,
    homes: tuple[Home, Home],
) -> None:
    """Raises WarehouseError if somebody may do something with staging, and nothing like it with production.

    The preflight has let nobody be asked about such a one, so everything was revoked from it since the build, which had
    cloned production with its grants. What is on things that are not among production's `relations` is the release's
    own. `ours` is a role that is meant to read both sides, `homes` are the two sides.
    """
    known = {name for name, _ in relations} | {"", *FUTURE}
    for one in leaking(production, staging):
        if one.name in known and one.grantee != ours:
            there = f"`{one.name}` of `{homes[1].shown}`" if one.name not in ("", *FUTURE) else f"`{homes[1].shown}`"
            raise WarehouseError(
                f"The {one.to.replace('_', ' ').lower()} `{one.grantee}` has {one.privilege} on {there}, and nothing "
                f"like it on `{homes[0].shown}` any more, where the swap would let it in again. Revoke it from "
                f"`{homes[1].shown}`, or grant it on `{homes[0].shown}` too, and start again."
            )


def may_manage_grants(session: Session) -> bool:
    """Documented: future grants of a schema need MANAGE GRANTS, or to own a schema with managed access."""
    [(role, is_security)] = session.rows("SELECT CURRENT_ROLE() AS R, IS_ROLE_IN_SESSION('SECURITYADMIN') AS S")
    found = session.table(f"SHOW GRANTS TO ROLE {quote(str(role))}")
    return bool(is_security) or any(row.get("privilege") == "MANAGE GRANTS" for row in found)


def granted(grant: Grant, database: str, schema: str) -> str:
    """The GRANT in this schema."""
    option = " WITH GRANT OPTION" if grant.option else ""
    return f"GRANT {grant.privilege} ON {_object(grant, database, schema)} TO {grant.who(database)}{option}"


def revoked(grant: Grant, database: str, schema: str) -> str:
    """The REVOKE in this schema."""
    return f"REVOKE {grant.privilege} ON {_object(grant, database, schema)} FROM {grant.who(database)}"


def on_schema(grants: Iterable[Grant]) -> Iterator[Grant]:
    """Those that open the schema itself, or its database, and can be revoked."""
    return (grant for grant in grants if grant.opens and grant.is_movable)


def plural(kind: str) -> str:
    """The kind as SQL names many of it: TABLES, GIT REPOSITORIES."""
    return f"{kind[:-1]}IES" if kind.endswith("Y") else f"{kind}S"


def _object(grant: Grant, database: str, schema: str) -> str:
    home = f"{quote(database)}.{quote(schema)}"
    match grant.name, grant.kind:
        case "", "DATABASE":
            return f"DATABASE {quote(database)}"
        case "", _:
            return f"SCHEMA {home}"
        case "*", kind:
            return f"FUTURE {plural(kind)} IN SCHEMA {home}"
        case "**", kind:
            return f"FUTURE {plural(kind)} IN DATABASE {quote(database)}"
        case _:
            return f"{grant.kind} {qualified(database, schema, grant.name)}"


def _on(grant: Grant, kind: str, name: str) -> Grant:
    return replace(grant, kind=kind, name=name)


def _grant(row: dict[str, object], kind: str, name: str) -> Grant:
    return Grant(
        kind=kind,
        name=name,
        privilege=str(row.get("privilege", "")),
        to=str(row.get("granted_to") or "ROLE").upper().replace(" ", "_"),
        grantee=str(row.get("grantee_name", "")),
        option=str(row.get("grant_option", "")).lower() == "true",
        is_inherited=str(row.get("is_inherited", "")).lower() == "true",
    )
