"""What a publish would do to policies and tags on production: what follows, what cannot, what hid values from it."""

from collections.abc import Iterable, Iterator, Mapping, Sequence

from flows.contract import Finding
from flows.warehouse.base import WarehouseError
from flows.warehouse.snowflake.catalog import Home, read_kinds, read_relations
from flows.warehouse.snowflake.errors import ConnectionLost
from flows.warehouse.snowflake.policies.attached import Attached, Attachment, read_attached
from flows.warehouse.snowflake.policies.checks import Checks, described
from flows.warehouse.snowflake.policies.mirror import HIDING, differing, missing
from flows.warehouse.snowflake.policies.texts import TAG
from flows.warehouse.snowflake.policies.words import finding as _finding
from flows.warehouse.snowflake.policies.words import grant_remedy, listed, said, what
from flows.warehouse.snowflake.session import Session


def find_policy_problems(session: Session, *, production: Home, staging: Home) -> Iterator[Finding]:
    """Findings about policies and tags on the relations of both schemas. Raises WarehouseError if the session is lost.

    What the publish cannot carry over is a blocker: without it, readers of production would see what it hides.
    """
    kinds = [(home, read_kinds(session, home.database, home.schema)) for home in (production, staging)]
    try:
        old, new = read_attached(session, kinds)
    except ConnectionLost:
        raise
    except WarehouseError as error:
        yield _unknown(production, error)
        return
    relations = dict(kinds[1][1])
    yield from _hidden(old, new, production, staging)
    yield from _gone(old.visible, relations, production)
    yield from _different(old.visible, new.visible, staging)
    if lacking := missing(old.visible, new.visible, relations):
        yield from _lacking(session, lacking, (old, new), production=production, staging=staging)
    yield from _read_through(old.visible | new.visible, production)


def _unknown(production: Home, error: WarehouseError) -> Finding:
    return _finding(
        "blocker",
        "policies_unknown",
        production.shown,
        f"may have policies on its tables, and they cannot be read ({said(error)}), so nobody can say whether "
        "readers would see values that are hidden from them now",
        "Let the role own everything in both schemas.",
    )


def _hidden(old: Attached, new: Attached, production: Home, staging: Home) -> Iterator[Finding]:
    for one in old.hidden:
        where = f"{production.shown}.{one.relation}{'.' + one.column if one.column else ''}"
        yield _finding(
            "blocker",
            "policy_hidden",
            where,
            f"has a {one.kind.lower()} whose name this role may not see, so the publish cannot give it to what "
            "replaces it, and readers would see what it hides",
            f"{grant_remedy(one.kind)}.",
        )
    known = {(one.relation, one.kind) for one in old.hidden}
    for one in new.hidden:
        if (one.relation, one.kind) not in known:
            yield _finding(
                "warning",
                "policy_differs",
                f"{staging.shown}.{one.relation}",
                f"has a {one.kind.lower()} whose name this role may not see, and production would get it",
                f"{grant_remedy(one.kind)}, or look yourself what it hides.",
            )


def _gone(old: Iterable[Attachment], relations: Mapping[str, str], production: Home) -> Iterator[Finding]:
    """Policies of tables that the release does not have. Whether those may vanish is another finding's matter."""
    lost = sorted(one for one in old if one.relation not in relations and one.kind != TAG)
    for name in dict.fromkeys(one.relation for one in lost):
        own = [one for one in lost if one.relation == name]
        yield _finding(
            "warning",
            "policy_vanishes",
            f"{production.shown}.{name}",
            f"vanishes together with what protects it ({listed(own)})",
            "See that no other relation of the release holds its columns without a policy.",
        )


def _different(old: Iterable[Attachment], new: Iterable[Attachment], staging: Home) -> Iterator[Finding]:
    for before, after in differing(old, new):
        instead = f"where production has {what(before)}" if before else "which production does not have"
        yield _finding(
            "warning",
            "policy_differs",
            f"{staging.shown}.{after.where}",
            f"has {what(after)}, {instead}; the publish leaves it as it was built",
            "See that this is meant.",
        )


def _lacking(
    session: Session,
    lacking: Sequence[Attachment],
    attached: tuple[Attached, Attached],
    *,
    production: Home,
    staging: Home,
) -> Iterator[Finding]:
    before = {one.name: one for one in read_relations(session, production.database, production.schema)}
    after = {one.name: one for one in read_relations(session, staging.database, staging.schema)}
    checks = Checks(session, staging, before, after, *attached, takes=described(session, lacking, staging))
    problems = {one: checks.problem(one) for one in lacking}
    yield from (problem for problem in problems.values() if problem is not None)
    carried = [one for one, problem in problems.items() if problem is None]
    if carried:
        yield _finding(
            "warning",
            "policies_carried_over",
            staging.shown,
            f"lacks what protects production ({listed(carried)}); the publish attaches it just before the swap, and "
            "until then whoever may read staging reads without it",
            "Attach it in a dbt hook if nobody may see that.",
        )


def _read_through(attached: Iterable[Attachment], production: Home) -> Iterator[Finding]:
    if found := sorted({one for one in attached if one.kind in HIDING}):
        yield _finding(
            "warning",
            "read_through_policy",
            production.shown,
            f"is compared through policies ({listed(found)}): if they hide values or rows from the role that reads, "
            "the numbers are of what is left. The report masks these columns in every table; rows that a policy hides "
            "from others may be among its examples",
            "Let the policies exempt the role.",
        )
