"""POLICY_REFERENCES and TAG_REFERENCES_ALL_COLUMNS of INFORMATION_SCHEMA.

docs: sql-reference/functions/policy_references, sql-reference/functions/tag_references_all_columns
"""

from __future__ import annotations

import itertools
import json
from typing import TYPE_CHECKING, Any

import pyarrow as pa  # type: ignore[import-untyped]
from sqlglot import exp

from tests.snowflake import access, objects, policies
from tests.snowflake.catalog import Attached, Path, Thing
from tests.snowflake.errors import SnowflakeError, forbidden
from tests.snowflake.identifiers import dotted
from tests.snowflake.reader import Reader

if TYPE_CHECKING:
    from tests.snowflake.session import Session

_POLICIES = (
    "POLICY_DB", "POLICY_SCHEMA", "POLICY_NAME", "POLICY_KIND", "REF_DATABASE_NAME", "REF_SCHEMA_NAME",
    "REF_ENTITY_NAME", "REF_ENTITY_DOMAIN", "REF_COLUMN_NAME", "REF_ARG_COLUMN_NAMES", "TAG_DATABASE", "TAG_SCHEMA",
    "TAG_NAME", "POLICY_STATUS",
)  # fmt: skip
_TAGS = (
    "TAG_DATABASE", "TAG_SCHEMA", "TAG_NAME", "TAG_VALUE", "APPLY_METHOD", "LEVEL", "OBJECT_DATABASE",
    "OBJECT_SCHEMA", "OBJECT_NAME", "DOMAIN", "COLUMN_NAME",
)  # fmt: skip
_OF_POLICIES = tuple(kind for kind in policies.KINDS if kind != "TAG")
_numbers = itertools.count(1)


def table(session: Session, node: exp.TableFromRows) -> exp.Expr | None:
    """The rows of the function as a relation; None if the function is another one."""
    call = node.this
    while isinstance(call, exp.Dot):
        call = call.expression
    name = call.name.upper() if isinstance(call, exp.Anonymous) else ""
    if name == "POLICY_REFERENCES":
        given = {item.this.name.upper(): item.expression.name for item in call.expressions}
        names: tuple[str, ...] = _POLICIES
        rows = _policies(session, given)
    elif name == "TAG_REFERENCES_ALL_COLUMNS":
        names, rows = _TAGS, _tags(session, call.expressions[0].name)
    else:
        return None
    made = pa.table({column: pa.array([row.get(column) for row in rows], pa.string()) for column in names})
    relation = session.register(f"{name}_{next(_numbers)}", made)
    return exp.Table(this=exp.to_identifier(relation, quoted=True), alias=node.args.get("alias"))


def _policies(session: Session, given: dict[str, str]) -> list[dict[str, Any]]:
    """By object. What the role may not see is left out; if that is everything, it is an error."""
    if set(given) != {"REF_ENTITY_NAME", "REF_ENTITY_DOMAIN"}:
        raise SnowflakeError(2, "0A000", "The stand-in knows POLICY_REFERENCES by REF_ENTITY_NAME and _DOMAIN only.")
    path, thing = objects.found(session, Reader(given["REF_ENTITY_NAME"]).name(), objects.TABLE_LIKE)
    attached = [one for one in thing.attached if one.kind != "TAG"]
    seen = [one for one in attached if _sees(session, thing, one)]
    if (attached and not seen) or not _has_any(session):
        raise forbidden(thing.kind, dotted(*path))
    return [_policy(session, path, one, given["REF_ENTITY_DOMAIN"].upper()) for one in seen]


def _sees(session: Session, thing: Thing, one: Attached) -> bool:
    catalog, role = session.catalog, session.role
    everywhere = access.has(catalog, role, catalog.account, f"APPLY {one.kind}")
    return everywhere or (access.owns(catalog, role, thing) and policies.may(session, one.policy))


def _has_any(session: Session) -> bool:
    """docs: a role without any permission on policies gets an error, also on a table of its own"""
    catalog, role = session.catalog, session.role
    return any(access.has(catalog, role, catalog.account, f"APPLY {kind}") for kind in _OF_POLICIES) or any(
        thing.kind in _OF_POLICIES and access.has(catalog, role, thing, "APPLY") for _, thing in catalog.things()
    )


def _policy(session: Session, path: Path, one: Attached, domain: str) -> dict[str, Any]:
    database, schema, name = policies.place(session.catalog, one.policy)
    is_masking = one.kind == "MASKING POLICY"  # docs: the column is NULL for masking policies
    return {
        "POLICY_DB": database, "POLICY_SCHEMA": schema, "POLICY_NAME": name, "POLICY_KIND": one.kind.replace(" ", "_"),
        "REF_DATABASE_NAME": path[0], "REF_SCHEMA_NAME": path[1], "REF_ENTITY_NAME": path[2],
        "REF_ENTITY_DOMAIN": domain, "REF_COLUMN_NAME": one.column or None,
        "REF_ARG_COLUMN_NAMES": json.dumps(one.columns) if one.columns and not is_masking else None,
        "POLICY_STATUS": "ACTIVE",
    }  # fmt: skip


def _tags(session: Session, name: str) -> list[dict[str, Any]]:
    """A tag of the table is a tag of each of its columns, by inheritance: LEVEL tells where it was set."""
    path, thing = objects.found(session, Reader(name).name(), objects.TABLE_LIKE)
    session.check(session.role, "SELECT", path, thing)
    rows = []
    for one in thing.attached:
        columns = [one.column] if one.column else [column.name for column in thing.columns]
        for column in columns if one.kind == "TAG" else ():
            database, schema, tag = policies.place(session.catalog, one.policy)
            rows.append({
                "TAG_DATABASE": database, "TAG_SCHEMA": schema, "TAG_NAME": tag, "TAG_VALUE": one.value,
                "APPLY_METHOD": "MANUAL", "LEVEL": "COLUMN" if one.column else "TABLE", "OBJECT_DATABASE": path[0],
                "OBJECT_SCHEMA": path[1], "OBJECT_NAME": path[2], "DOMAIN": "COLUMN", "COLUMN_NAME": column,
            })  # fmt: skip
    return rows
