"""Policies and tags: attached to tables, views and columns, taken off, and by whom.

docs: user-guide/security-column-intro, user-guide/security-row-intro, user-guide/object-tagging/work
Projection and aggregation policies are attached and hide nothing here; tags carry no policies.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

from tests.snowflake import access, objects, policy_texts, types
from tests.snowflake.catalog import Attached, Catalog, Path, Schema, Thing, full_path, now
from tests.snowflake.errors import SnowflakeError, forbidden, missing
from tests.snowflake.identifiers import dotted, shown
from tests.snowflake.reader import Name, Reader
from tests.snowflake.results import DONE, Result, message, table_of

if TYPE_CHECKING:
    from tests.snowflake.session import Session

KINDS = ("MASKING POLICY", "ROW ACCESS POLICY", "PROJECTION POLICY", "AGGREGATION POLICY", "TAG")


def arguments(policy: Thing) -> list[tuple[str, str]]:
    """(name, type in the catalog's word) of what the policy takes."""
    known = [types.declared(column) for column in policy_texts.arguments(policy)]
    return [(column.name.upper(), column.type) for column in known]


def describe(session: Session, reader: Reader, kind: str) -> Result:
    """DESCRIBE MASKING POLICY and the like. docs: sql-reference/sql/desc-masking-policy"""
    policy = usable(session, reader.name(), kind)
    told = ", ".join(f"{name} {word.replace('TEXT', 'VARCHAR')}" for name, word in arguments(policy))
    names = ("name", "signature", "return_type", "body")
    return table_of(names, [(place(session.catalog, policy)[2], f"({told})", "", policy_texts.body(policy))])


def place(catalog: Catalog, policy: Thing) -> Path:
    """Where the policy or tag lies now."""
    return next(path for path, thing in catalog.things() if thing is policy)


def may(session: Session, policy: Thing) -> bool:
    """Whether the role has the privilege on all policies of the kind, or on this one."""
    catalog, role = session.catalog, session.role
    return access.has(catalog, role, catalog.account, f"APPLY {policy.kind}") or access.has(
        catalog, role, policy, "APPLY"
    )


def usable(session: Session, name: Name, kind: str) -> Thing:
    """The policy, for whoever may attach it: it takes the privilege, and some privilege on where it lies."""
    path = full_path(name, session.database, session.schema)
    policy = session.catalog.find(path)
    known = policy is not None and policy.kind == kind
    if policy is None or not known or not may(session, policy) or not _reaches(session, path):
        raise missing(kind.capitalize(), dotted(*path))
    return policy


def _reaches(session: Session, path: Path) -> bool:
    database = session.catalog.database(path[0])
    return all(access.privileges(session.catalog, session.role, what) for what in (database, database.schemas[path[1]]))


def alter(session: Session, reader: Reader) -> Result | None:
    """ALTER TABLE|VIEW ... policies and tags; None leaves other statements to the others.

    docs: sql-reference/sql/alter-table, alter-table-column, alter-view
    """
    if_exists = reader.take("IF EXISTS")
    name = reader.name()
    column = ""
    if reader.take("MODIFY COLUMN") or reader.take("ALTER COLUMN"):
        [column] = reader.name()
    word = next((word for word in ("SET", "UNSET", "ADD", "DROP") if reader.take(word)), "")
    kind = next((kind for kind in KINDS if reader.take(kind)), "")
    if not word or not kind:
        return None
    session.end_transaction()
    try:
        _, thing = objects.found(session, name, objects.TABLE_LIKE)
    except SnowflakeError:
        if if_exists:
            return message(DONE)
        raise
    if word in ("SET", "ADD"):
        attach(session, reader, thing, column, kind)
    else:
        _detach(session, reader, thing, column, kind)
    thing.altered = now()
    return message(DONE)


def attach(session: Session, reader: Reader, thing: Thing, column: str, kind: str) -> None:
    """Read what comes after the kind, and attach it. Raises SnowflakeError."""
    policy = usable(session, reader.name(), kind)
    _may_change(session, thing, policy)
    columns, value = _arguments(reader, kind)
    one = Attached(kind, column, policy, columns, value)
    force = reader.take("FORCE")
    held = [other for other in thing.attached if _same_place(one, other)]
    if held and kind != "TAG" and not force:
        raise SnowflakeError(3531, "23001", f"Object already has a {kind.lower()}. Only one is allowed at a time.")
    _check_columns(thing, one)
    thing.attached = [*(other for other in thing.attached if other not in held), one]


def _arguments(reader: Reader, kind: str) -> tuple[tuple[str, ...], str]:
    if kind == "TAG":
        reader.expect("=")
        return (), reader.value()
    found: list[str] = []
    if reader.take("USING") or reader.take("ON"):
        reader.expect("(")
        while not reader.take(")"):
            found += reader.name()
            reader.take(",")
    return tuple(found), ""


def _same_place(one: Attached, other: Attached) -> bool:
    same_tag = one.kind != "TAG" or one.policy is other.policy
    return (one.kind, one.column) == (other.kind, other.column) and same_tag


def _check_columns(thing: Thing, one: Attached) -> None:
    """docs: sql-reference/sql/create-masking-policy, create-row-access-policy (the types must match)"""
    have = {column.name: column.type for column in thing.columns}
    needed = one.columns or ((one.column,) if one.column else ())
    for column in needed:
        if column not in have:
            raise SnowflakeError(904, "42000", f"SQL compilation error:\ninvalid identifier '{shown(column)}'")
    if one.kind in ("MASKING POLICY", "ROW ACCESS POLICY"):
        for column, (name, kind) in zip(needed, arguments(one.policy), strict=False):
            if kind != have[column]:
                text = f"SQL compilation error:\nArgument {name} of the policy is {kind}, and {column} {have[column]}."
                raise SnowflakeError(3532, "42601", text)


def _may_change(session: Session, thing: Thing, policy: Thing) -> None:
    """All policies of the kind, or this one and the object.

    docs: user-guide/security-row-intro (summary of DDL commands, operations, and privileges)
    """
    catalog, role = session.catalog, session.role
    everywhere = access.has(catalog, role, catalog.account, f"APPLY {policy.kind}")
    if not (everywhere or (access.owns(catalog, role, thing) and may(session, policy))):
        raise forbidden(thing.kind, "the object")


def _detach(session: Session, reader: Reader, thing: Thing, column: str, kind: str) -> None:
    name = None if reader.done else reader.name()
    wanted = usable(session, name, kind) if name else None
    gone = [
        one
        for one in thing.attached
        if (one.kind, one.column) == (kind, column) and (wanted is None or one.policy is wanted)
    ]
    for one in gone:
        _may_change(session, thing, one.policy)
    if not gone and kind != "TAG":
        raise SnowflakeError(3529, "22023", f"Any policy of kind {kind.replace(' ', '_')} is not attached.")
    thing.attached = [one for one in thing.attached if one not in gone]


def remap(source: Schema, made: Schema) -> None:
    """A cloned table keeps its policies; those that lay in the cloned schema are the clones in the new one.

    docs: user-guide/security-column-intro (cloned objects)
    """
    names = {id(thing): name for name, thing in source.things.items()}
    for thing in made.things.values():
        thing.attached = [
            replace(one, policy=made.things[names[id(one.policy)]]) if id(one.policy) in names else one
            for one in thing.attached
        ]


def refuse_in_use(catalog: Catalog, schema: Schema) -> None:
    """A schema goes only if none of its policies is attached outside of it.

    docs: user-guide/security-column-intro (limitations: DROP SCHEMA)
    """
    own = {id(thing) for thing in schema.things.values()}
    for path, thing in catalog.things():
        for one in thing.attached:
            if id(one.policy) in own and id(thing) not in own and one.kind != "TAG":
                text = f"Cannot drop or replace the schema: a policy in it is attached to {dotted(*path)}."
                raise SnowflakeError(3521, "0A000", text)


def clauses(session: Session, thing: Thing, column: str) -> Iterator[str]:
    """What GET_DDL writes about a column, or the whole object, each after a blank.

    docs: sql-reference/functions/get_ddl (without the privilege on the account, the names are hidden)
    """
    own = sorted((one for one in thing.attached if one.column == column), key=lambda one: one.kind)
    tags = [_tag(session, one) for one in own if one.kind == "TAG"]
    for one in own:
        if one.kind != "TAG":
            words = {"ROW ACCESS POLICY": "ON"}.get(one.kind, "USING")
            columns = f" {words} ({', '.join(shown(name) for name in one.columns)})" if one.columns else ""
            name = _shown(session, one.policy)
            yield f" WITH {one.kind} {name or '#UNKNOWN_POLICY'}{columns if name else ''}"
    if tags:
        yield f" WITH TAG ({', '.join(tags)})"


def _tag(session: Session, one: Attached) -> str:
    name = _shown(session, one.policy)
    value = one.value.replace("'", "''")
    return f"{name}='{value}'" if name else "#UNKNOWN_TAG='#UNKNOWN_VALUE'"


def _shown(session: Session, policy: Thing) -> str:
    path = place(session.catalog, policy)
    everywhere = access.has(session.catalog, session.role, session.catalog.account, f"APPLY {policy.kind}")
    return dotted(*path) if everywhere and _reaches(session, path) else ""
