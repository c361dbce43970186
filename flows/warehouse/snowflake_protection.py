"""What a publish has to do so that production keeps its policies and tags, planned before it is done."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from flows.warehouse.base import WarehouseError
from flows.warehouse.snowflake_catalog import Home, read_relations
from flows.warehouse.snowflake_policies import MASKING, Attached, Attachment, read_attached
from flows.warehouse.snowflake_policy_mirror import attaching, detaching, missing, still_there, written
from flows.warehouse.snowflake_session import Session

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
    if any(one.column for one in found):
        found = still_there(found, read_relations(session, home.database, home.schema))
    _refuse_unknown_columns(session, found, old, home)
    return Protection(home, kinds, old.visible, tuple(found), early)


def arguments(session: Session, one: Attachment, home: Home) -> int:
    """How many arguments the policy takes. Raises WarehouseError where this role cannot use it.

    Documented: describing a policy takes what attaching it takes, USAGE on where it lies included.
    https://docs.snowflake.com/en/sql-reference/sql/desc-masking-policy
    """
    [row] = session.table(f"DESCRIBE {one.kind} {written(one, home)}")
    types = re.sub(r"\([^()]*\)", "", str(row.get("signature", "")).strip()[1:-1])
    return len([part for part in types.split(",") if part.strip()])


def _refuse_unknown_columns(session: Session, found: Iterable[Attachment], old: Attached, home: Home) -> None:
    """Documented: attached without its columns, a conditional masking policy is taken for another one."""
    unclear = {one.name: one for one in found if one in old.veiled and one.kind == MASKING and not one.arguments}
    for one in unclear.values():
        if arguments(session, one, home) > 1:
            raise WarehouseError(
                f"`{one.where}` of production has a conditional masking policy, and nothing tells this role its "
                "columns. GRANT APPLY MASKING POLICY ON ACCOUNT to the role that publishes, and start again."
            )


def _refuse_hidden(old: Attached, production: Home) -> None:
    if old.hidden:
        one = old.hidden[0]
        raise WarehouseError(
            f"`{production.schema}.{one.relation}` has a {one.kind.lower()} whose name this role may not see, so "
            "readers would see what it hides. GRANT APPLY on it to the role that publishes, and start again."
        )
