"""What a publish has to do so that production keeps its policies and tags, planned before it is done."""

from collections.abc import Mapping
from dataclasses import dataclass

from flows.warehouse.base import WarehouseError
from flows.warehouse.snowflake_catalog import read_relations
from flows.warehouse.snowflake_policies import Attached, Attachment, read_attached
from flows.warehouse.snowflake_policy_mirror import attaching, detaching, missing, still_there
from flows.warehouse.snowflake_session import Session
from flows.warehouse.snowflake_views import Home

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
    return Protection(home, kinds, old.visible, tuple(found), early)


def _refuse_hidden(old: Attached, production: Home) -> None:
    if old.hidden:
        one = old.hidden[0]
        raise WarehouseError(
            f"`{production.schema}.{one.relation}` has a {one.kind.lower()} whose name this role may not see, so "
            "readers would see what it hides. GRANT APPLY on it to the role that publishes, and start again."
        )
