"""What a publish has to do so that production keeps its policies and tags, planned before it is done."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from flows.warehouse.base import Relation, WarehouseError
from flows.warehouse.snowflake.catalog import Home, read_relations
from flows.warehouse.snowflake.dialect import base_type
from flows.warehouse.snowflake.policies.attached import MASKING, Attached, Attachment, read_attached
from flows.warehouse.snowflake.policies.mirror import (
    CARRIED,
    attaching,
    detaching,
    missing,
    still_there,
    unprotected,
    written,
)
from flows.warehouse.snowflake.policies.words import what
from flows.warehouse.snowflake.session import Session

Kinds = tuple[tuple[str, str], ...]
"""(name, kind) of relations, as `read_kinds` gives them."""


@dataclass(frozen=True, slots=True)
class Protection:
    """What production has, what staging lacks of it, and what an interrupted attempt has already put there."""

    staging: Home
    kinds: Mapping[str, str]
    before: frozenset[Attachment]
    lacked: tuple[Attachment, ...]
    early: tuple[Attachment, ...]

    @property
    def attach(self) -> tuple[str, ...]:
        """The statements that give staging what it lacks."""
        return tuple(attaching(one, self.staging, self.kinds[one.relation]) for one in self.lacked)

    @property
    def detach(self) -> tuple[str, ...]:
        """The statements that take off what an interrupted attempt put there, so that the guard reads what the report
        has read."""
        return tuple(detaching(one, self.staging, self.kinds[one.relation]) for one in self.early)


def plan_protection(
    session: Session, production: tuple[Home, Kinds], staging: tuple[Home, Kinds], *, lacked: frozenset[Attachment]
) -> Protection:
    """`lacked` is what staging's marker says that it lacked when this run was to be published for the first time.

    Raises WarehouseError if production has a policy that this role may not see.
    """
    old, new = read_attached(session, (production, staging))
    _refuse_hidden(old, production[0])
    home, kinds = staging[0], dict(staging[1])
    early = tuple(sorted(lacked & new.visible))
    found = missing(old.visible, new.visible - lacked, kinds)
    _refuse_kinds(found, production[0])
    if any(one.column for one in found):
        relations = read_relations(session, home.database, home.schema)
        kept = still_there(found, relations)
        if gone := [one for one in found if one not in kept]:
            before = read_relations(session, production[0].database, production[0].schema)
            _refuse_heirs(gone, {one.name: one for one in before}, {one.name: one for one in relations}, new.visible)
        found = kept
    refuse_unknown_columns(session, found, old, home)
    return Protection(home, kinds, old.visible, tuple(found), early)


def refuse_other_protection(session: Session, production: Home, kinds: Kinds, *, known: frozenset[Attachment]) -> None:
    """Raises WarehouseError unless production has the policies and tags that are `known`, and no others."""
    [now] = read_attached(session, ((production, kinds),))
    _refuse_hidden(now, production)
    if changed := sorted(now.visible ^ known):
        has = "has got" if changed[0] in now.visible else "has lost"
        raise WarehouseError(
            f"While both sides were compared, `{production.shown}` {has} {changed[0].text}. Start again."
        )


def arguments(session: Session, one: Attachment, home: Home) -> int:
    """How many arguments the policy takes. Raises WarehouseError where this role cannot use it.

    Documented: describing a policy takes what attaching it takes, USAGE on where it lies included.
    https://docs.snowflake.com/en/sql-reference/sql/desc-masking-policy
    """
    [row] = session.table(f"DESCRIBE {one.kind} {written(one, home)}")
    types = re.sub(r"\([^()]*\)", "", str(row.get("signature", "")).strip()[1:-1])
    return len([part for part in types.split(",") if part.strip()])


def _refuse_kinds(found: Iterable[Attachment], production: Home) -> None:
    """The preflight has let nobody be asked about these, so this one has come since."""
    for one in found:
        if one.kind not in CARRIED:
            raise WarehouseError(
                f"`{production.shown}.{one.where}` has {what(one)}, and nothing tells all it was attached with, so "
                "it cannot be attached to what takes its place. Attach it there, and start again."
            )


def _refuse_heirs(
    gone: Iterable[Attachment],
    before: Mapping[str, Relation],
    after: Mapping[str, Relation],
    staging: frozenset[Attachment],
) -> None:
    """What goes with its column hides nothing else, unless a new column of the type may hold the values. The preflight
    knows the policies that were there when people were asked, and a roll back has none."""
    for one in gone:
        if one.relation not in before or one.relation not in after:
            continue  # dropped this moment: the guard says so
        old = before[one.relation]
        type_ = next((base_type(column.type) for column in old.columns if column.name == one.column), "")
        heirs = unprotected(one, old, after[one.relation], staging)
        if heir := next((column.name for column in heirs if base_type(column.type) == type_), ""):
            raise WarehouseError(
                f"`{one.where}` of production has {what(one)}. The column is gone from what takes its place, and "
                f"`{heir}` there may hold its values without it. Attach one to `{heir}`, and start again."
            )


def refuse_unknown_columns(session: Session, found: Iterable[Attachment], there: Attached, home: Home) -> None:
    """Raises WarehouseError if one of them, which are `there`, is a masking policy whose columns nothing tells.

    Documented: attached without its columns, a conditional masking policy is taken for another one. `home` is where it
    will be attached.
    """
    unclear = {one.name: one for one in found if one in there.veiled and one.kind == MASKING and not one.arguments}
    for one in unclear.values():
        if arguments(session, one, home) > 1:
            raise WarehouseError(
                f"`{one.where}` has a conditional masking policy, and nothing tells this role its columns. "
                "GRANT APPLY MASKING POLICY ON ACCOUNT to the role that publishes, and start again."
            )


def _refuse_hidden(old: Attached, production: Home) -> None:
    if old.hidden:
        one = old.hidden[0]
        raise WarehouseError(
            f"`{production.shown}.{one.relation}` has a {one.kind.lower()} whose name this role may not see, so "
            "readers would see what it hides. GRANT APPLY on it to the role that publishes, and start again."
        )
