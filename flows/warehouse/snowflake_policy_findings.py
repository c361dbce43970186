"""What a publish would do to policies and tags on production: what follows, what cannot, what hid values from it."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from flows.contract import Finding
from flows.warehouse.base import Relation, WarehouseError
from flows.warehouse.snowflake_catalog import Home, read_kinds, read_relations
from flows.warehouse.snowflake_dialect import base_type, quote
from flows.warehouse.snowflake_errors import ConnectionLost
from flows.warehouse.snowflake_policies import MASKING, PROJECTION, Attached, Attachment, read_attached
from flows.warehouse.snowflake_policy_mirror import CARRIED, HIDING, differing, missing
from flows.warehouse.snowflake_policy_texts import TAG
from flows.warehouse.snowflake_protection import arguments
from flows.warehouse.snowflake_session import Session


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
        yield from _lacking(session, lacking, old, production=production, staging=staging)
    yield from _read_through(old.visible | new.visible, production)


def _unknown(production: Home, error: WarehouseError) -> Finding:
    return _finding(
        "blocker",
        "policies_unknown",
        production.schema,
        f"may have policies on its tables, and they cannot be read ({_said(error)}), so nobody can say whether "
        "readers would see values that are hidden from them now",
        "Let the role own everything in both schemas.",
    )


def _hidden(old: Attached, new: Attached, production: Home, staging: Home) -> Iterator[Finding]:
    for one in old.hidden:
        where = f"{production.schema}.{one.relation}{'.' + one.column if one.column else ''}"
        yield _finding(
            "blocker",
            "policy_hidden",
            where,
            f"has a {one.kind.lower()} whose name this role may not see, so the publish cannot give it to what "
            "replaces it, and readers would see what it hides",
            f"{_grant_remedy(one.kind)}.",
        )
    known = {(one.relation, one.kind) for one in old.hidden}
    for one in new.hidden:
        if (one.relation, one.kind) not in known:
            yield _finding(
                "warning",
                "policy_differs",
                f"{staging.schema}.{one.relation}",
                f"has a {one.kind.lower()} whose name this role may not see, and production would get it",
                f"{_grant_remedy(one.kind)}, or look yourself what it hides.",
            )


def _grant_remedy(kind: str) -> str:
    on = "APPLY ON TAG ..." if kind == TAG else f"APPLY ON {kind} ..."
    return f"GRANT {on} to the role that publishes, and USAGE on the schema that it lies in"


def _gone(old: Iterable[Attachment], relations: Mapping[str, str], production: Home) -> Iterator[Finding]:
    """Policies of tables that the release does not have. Whether those may vanish is another finding's matter."""
    lost = sorted(one for one in old if one.relation not in relations and one.kind != TAG)
    for name in dict.fromkeys(one.relation for one in lost):
        own = [one for one in lost if one.relation == name]
        yield _finding(
            "warning",
            "policy_vanishes",
            f"{production.schema}.{name}",
            f"vanishes together with what protects it ({_listed(own)})",
            "See that no other relation of the release holds its columns without a policy.",
        )


def _different(old: Iterable[Attachment], new: Iterable[Attachment], staging: Home) -> Iterator[Finding]:
    for before, after in differing(old, new):
        instead = f"where production has {_what(before)}" if before else "which production does not have"
        yield _finding(
            "warning",
            "policy_differs",
            f"{staging.schema}.{after.where}",
            f"has {_what(after)}, {instead}; the publish leaves it as it was built",
            "See that this is meant.",
        )


def _lacking(
    session: Session, lacking: Sequence[Attachment], old: Attached, *, production: Home, staging: Home
) -> Iterator[Finding]:
    before = {one.name: one for one in read_relations(session, production.database, production.schema)}
    after = {one.name: one for one in read_relations(session, staging.database, staging.schema)}
    checks = _Checks(session, staging, before, after, old)
    problems = {one: checks.problem(one) for one in lacking}
    yield from (problem for problem in problems.values() if problem is not None)
    carried = [one for one, problem in problems.items() if problem is None]
    if carried:
        yield _finding(
            "warning",
            "policies_carried_over",
            staging.schema,
            f"lacks what protects production ({_listed(carried)}); the publish attaches it just before the swap, and "
            "until then whoever may read staging reads without it",
            "Attach it in a dbt hook if nobody may see that.",
        )


@dataclass(frozen=True, slots=True)
class _Checks:
    """Why something of production cannot be attached to staging."""

    session: Session
    staging: Home
    before: Mapping[str, Relation]
    after: Mapping[str, Relation]
    old: Attached

    def problem(self, one: Attachment) -> Finding | None:
        if one.kind not in CARRIED:
            return self._blocked(one, "nothing tells all that it was attached with, so it cannot be attached again")
        old, new = _types(self.before[one.relation]), _types(self.after[one.relation])
        columns = one.arguments if one.kind != TAG else ()
        for column in dict.fromkeys([*([one.column] if one.column else []), *columns]):
            if column not in new:
                return self._without_column(one, column, sorted(new.keys() - old.keys()))
            if one.kind not in (TAG, PROJECTION) and new[column] != old.get(column):
                return self._blocked(
                    one, f"`{column}` was {old.get(column)} and is {new[column]}, which it cannot take"
                )
        return self._unusable_tag(one) if one.kind == TAG else self._unusable(one)

    def _without_column(self, one: Attachment, column: str, added: Sequence[str]) -> Finding:
        if column == one.column and not added:
            return _finding(
                "warning",
                "policy_vanishes",
                f"{self.staging.schema}.{one.where}",
                f"is gone together with {_what(one)}",
                "See that no other relation of the release holds its values without a policy.",
            )
        instead = f", and `{added[0]}` is new and may hold its values" if added else ""
        return self._blocked(
            one,
            f"`{column}` is gone{instead}",
            "Let dbt attach a policy to what takes its place, or publish the loss of the column by itself first.",
        )

    def _unusable(self, one: Attachment) -> Finding | None:
        """Documented: describing a policy takes what attaching it takes, USAGE on where it lies included."""
        try:
            takes = arguments(self.session, one, self.staging)
        except ConnectionLost:
            raise
        except WarehouseError as error:
            return self._blocked(one, f"this role cannot use it ({_said(error)})", f"{_grant_remedy(one.kind)}.")
        if takes > 1 and one.kind == MASKING and not one.arguments:
            return self._blocked(
                one,
                "it is conditional, and nothing tells this role the columns that it was attached with",
                "GRANT APPLY MASKING POLICY ON ACCOUNT to the role that publishes, or let dbt attach it in a hook.",
            )
        return None

    def _unusable_tag(self, one: Attachment) -> Finding | None:
        if one not in self.old.veiled:
            return None
        [(role,)] = self.session.rows("SELECT CURRENT_ROLE() AS R")
        name = ".".join(_full(one, self.staging))
        for row in self.session.table(f"SHOW GRANTS TO ROLE {quote(str(role))}"):
            is_on_tag = row.get("granted_on") == "TAG" and str(row.get("name", "")).replace('"', "") == name
            if row.get("privilege") == "APPLY TAG" or (is_on_tag and row.get("privilege") in ("APPLY", "OWNERSHIP")):
                return None
        return self._blocked(one, f"the role `{role}` may not set it", f"{_grant_remedy(TAG)}.")

    def _blocked(self, one: Attachment, why: str, remedy: str = "Let dbt attach it in a hook.") -> Finding:
        return _finding(
            "blocker",
            "policy_cannot_follow",
            f"{self.staging.schema}.{one.where}",
            f"lacks {_what(one)} of production, and the publish cannot attach it: {why}",
            remedy,
        )


def _full(one: Attachment, staging: Home) -> tuple[str, ...]:
    return one.name if len(one.name) > 1 else (staging.database, staging.schema, *one.name)


def _types(relation: Relation) -> dict[str, str]:
    return {column.name: base_type(column.type) for column in relation.columns}


def _read_through(attached: Iterable[Attachment], production: Home) -> Iterator[Finding]:
    if found := sorted({one for one in attached if one.kind in HIDING}):
        yield _finding(
            "warning",
            "read_through_policy",
            production.schema,
            f"is compared through policies ({_listed(found)}): if they hide values or rows from the role that reads, "
            "the numbers are of what is left; if they do not, the report may show what they hide from others",
            "Let the policies exempt the role, and mask these columns in wap.toml, too.",
        )


def _listed(some: Sequence[Attachment]) -> str:
    more = f", and {len(some) - 1} more" if len(some) > 1 else ""
    return f"{some[0].text}{more}"


def _what(one: Attachment) -> str:
    value = f" = {one.arguments[0]}" if one.kind == TAG else ""
    return f"the {one.kind.lower()} `{'.'.join(one.name)}`{value}"


def _said(error: WarehouseError) -> str:
    """What Snowflake said, without what to do next."""
    text = str(error)
    return (text.partition(": ")[2] or text).partition(". ")[0].rstrip(".")


def _finding(severity: Literal["blocker", "warning"], code: str, name: str, consequence: str, remedy: str) -> Finding:
    return Finding(severity=severity, code=code, object=name, consequence=consequence, remedy=remedy)
