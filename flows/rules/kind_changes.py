"""Pure: tables that would become views, and views that would become tables; their rows may well be equal."""

from collections.abc import Iterable

from flows.contract import Finding
from flows.warehouse.base import Relation


def kind_changes(production: Iterable[Relation], staging: Iterable[Relation]) -> tuple[Finding, ...]:
    """A warning for each: a reviewer of equal rows would not see it, and no rule may let it pass."""
    before = {relation.name: relation.kind for relation in production}
    return tuple(
        Finding(
            severity="warning",
            code="kind_changes",
            object=relation.name,
            consequence=f"is a {before[relation.name]} in production and would become a {relation.kind}",
            remedy="Approve it only if that is meant.",
        )
        for relation in staging
        if before.get(relation.name, relation.kind) != relation.kind
    )
