"""Pure: which policies and tags production would lose or get by a publish, and the statements that carry them over."""

from collections.abc import Container, Iterable, Mapping
from dataclasses import replace
from typing import Final

from flows.contract import AccessChange, Column
from flows.warehouse.base import Relation
from flows.warehouse.snowflake.catalog import Home, qualified
from flows.warehouse.snowflake.dialect import literal, quote
from flows.warehouse.snowflake.policies.attached import MASKING, PROJECTION, ROW_ACCESS, Attachment
from flows.warehouse.snowflake.policies.texts import TAG

CARRIED: Final = (MASKING, ROW_ACCESS, PROJECTION, TAG)
"""What can be attached again as it is. Of the others nothing tells all that they were attached with."""

HIDING: Final = (MASKING, ROW_ACCESS)
"""What changes the values or rows that a query gets."""


def missing(
    production: Iterable[Attachment], staging: Iterable[Attachment], relations: Mapping[str, str]
) -> list[Attachment]:
    """What is on production, and neither it nor another one is in its place on staging, whose relations are given."""
    taken = {_slot(one) for one in staging}
    return sorted(one for one in production if one.relation in relations and _slot(one) not in taken)


def still_there(attachments: Iterable[Attachment], relations: Iterable[Relation]) -> list[Attachment]:
    """Those whose column the relations still have. One that goes with its column is the preflight's to tell."""
    held = {relation.name: {column.name for column in relation.columns} for relation in relations}
    return [one for one in attachments if not one.column or one.column in held.get(one.relation, ())]


def unprotected(one: Attachment, old: Relation, new: Relation, staging: Iterable[Attachment]) -> tuple[Column, ...]:
    """The columns that only the new relation has, without a policy or tag like this one: they may hold its values."""
    before = {column.name for column in old.columns}
    taken = {_slot(other) for other in staging}
    return tuple(
        column
        for column in new.columns
        if column.name not in before and _slot(replace(one, column=column.name)) not in taken
    )


def differing(
    production: Iterable[Attachment], staging: Iterable[Attachment]
) -> list[tuple[Attachment | None, Attachment]]:
    """(production's, staging's) for each place that staging holds differently; None where production has none."""
    old = {_slot(one): one for one in production}
    return sorted(
        ((old.get(_slot(one)), one) for one in staging if old.get(_slot(one)) != one), key=lambda pair: pair[1]
    )


def _slot(one: Attachment) -> tuple[str, ...]:
    """A column has one masking policy, a relation one row access policy; tags stand side by side."""
    return (one.relation, one.column, one.kind, *(one.name if one.kind == TAG else ()))


def attaching(one: Attachment, home: Home, kind: str) -> str:
    """The statement that puts it on the relation of that kind (`read_kinds`) and its name in this schema.

    https://docs.snowflake.com/en/sql-reference/sql/alter-table-column and .../alter-table, .../alter-view
    """
    place = _alter(one, home, kind)
    policy = written(one, home)
    match one.kind:
        case "MASKING POLICY":
            return f"{place} SET MASKING POLICY {policy}{columns(one)}"
        case "ROW ACCESS POLICY":
            return f"{place} ADD ROW ACCESS POLICY {policy}{columns(one)}"
        case "TAG":
            return f"{place} SET TAG {policy} = {literal(one.arguments[0])}"
        case _:
            return f"{place} SET {one.kind} {policy}"


def detaching(one: Attachment, home: Home, kind: str) -> str:
    """The statement that takes it off again."""
    place = _alter(one, home, kind)
    match one.kind:
        case "ROW ACCESS POLICY":
            return f"{place} DROP ROW ACCESS POLICY {written(one, home)}"
        case "TAG":
            return f"{place} UNSET TAG {written(one, home)}"
        case _:
            return f"{place} UNSET {one.kind}"


def _alter(one: Attachment, home: Home, kind: str) -> str:
    word = "VIEW" if kind.endswith("VIEW") else "DYNAMIC TABLE" if kind == "DYNAMIC TABLE" else "TABLE"
    column = f" MODIFY COLUMN {quote(one.column)}" if one.column else ""
    return f"ALTER {word} {home.name(one.relation)}{column}"


def written(one: Attachment, home: Home) -> str:
    """The policy's or tag's name for SQL about this schema."""
    return qualified(home.database, home.schema, one.name[0]) if len(one.name) == 1 else ".".join(map(quote, one.name))


def columns(one: Attachment) -> str:
    """The columns that a policy reads, as SQL wants them after its name; empty where that is not said."""
    word = {MASKING: "USING", ROW_ACCESS: "ON"}.get(one.kind)
    return f" {word} ({', '.join(map(quote, one.arguments))})" if word and one.arguments else ""


def with_policies(
    access: AccessChange, before: Iterable[Attachment], after: Iterable[Attachment], relations: Container[str]
) -> AccessChange:
    """The change together with what a publish did to production's policies and tags; `relations` are those it left."""
    old, new = set(before), set(after)
    return AccessChange(
        before=access.before + len(old),
        after=access.after + len(new),
        lost=(*access.lost, *(one.text for one in sorted(old - new) if one.relation in relations)),
        gained=(*access.gained, *(one.text for one in sorted(new - old))),
    )
