"""Whether something that is attached to production can be attached to staging, and why not."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from flows.contract import Finding
from flows.warehouse.base import Relation, WarehouseError
from flows.warehouse.snowflake.catalog import Home
from flows.warehouse.snowflake.dialect import base_type, quote
from flows.warehouse.snowflake.errors import ConnectionLost
from flows.warehouse.snowflake.policies.attached import MASKING, PROJECTION, Attached, Attachment
from flows.warehouse.snowflake.policies.mirror import CARRIED, unprotected
from flows.warehouse.snowflake.policies.protection import arguments
from flows.warehouse.snowflake.policies.texts import TAG
from flows.warehouse.snowflake.policies.words import finding as _finding
from flows.warehouse.snowflake.policies.words import grant_remedy, said, what
from flows.warehouse.snowflake.session import Session


def described(
    session: Session, lacking: Iterable[Attachment], staging: Home
) -> dict[tuple[str, ...], int | WarehouseError]:
    """By kind and name: how many arguments each policy takes, or why this role cannot use it."""
    found: dict[tuple[str, ...], int | WarehouseError] = {}
    for one in {(one.kind, *one.name): one for one in lacking if one.kind in CARRIED and one.kind != TAG}.values():
        try:
            found[(one.kind, *one.name)] = arguments(session, one, staging)
        except ConnectionLost:
            raise
        except WarehouseError as error:
            found[(one.kind, *one.name)] = error
    return found


@dataclass(frozen=True, slots=True)
class Checks:
    """Why something of production cannot be attached to staging."""

    session: Session
    staging: Home
    before: Mapping[str, Relation]
    after: Mapping[str, Relation]
    old: Attached
    new: Attached
    takes: Mapping[tuple[str, ...], int | WarehouseError]

    def problem(self, one: Attachment) -> Finding | None:
        """A blocker, a warning where it goes with its column, or None where the publish will attach it."""
        if one.kind not in CARRIED:
            return self._blocked(one, "nothing tells all that it was attached with, so it cannot be attached again")
        old, new = _types(self.before[one.relation]), _types(self.after[one.relation])
        columns = one.arguments if one.kind != TAG else ()
        for column in dict.fromkeys([*([one.column] if one.column else []), *columns]):
            if column not in new:
                return self._without_column(one, column)
            if one.kind not in (TAG, PROJECTION) and new[column] != old.get(column):
                return self._blocked(
                    one, f"`{column}` was {old.get(column)} and is {new[column]}, which it cannot take"
                )
        return self._unusable_tag(one) if one.kind == TAG else self._unusable(one)

    def _without_column(self, one: Attachment, column: str) -> Finding:
        added = unprotected(one, self.before[one.relation], self.after[one.relation], self.new.visible)
        if column == one.column and not added:
            return _finding(
                "warning",
                "policy_vanishes",
                f"{self.staging.shown}.{one.where}",
                f"is gone together with {what(one)}",
                "See that no other relation of the release holds its values without a policy.",
            )
        instead = f", and `{min(one.name for one in added)}` is new and may hold its values" if added else ""
        return self._blocked(
            one,
            f"`{column}` is gone{instead}",
            "Let dbt attach a policy to what takes its place, or publish the loss of the column by itself first.",
        )

    def _unusable(self, one: Attachment) -> Finding | None:
        takes = self.takes[(one.kind, *one.name)]
        if isinstance(takes, WarehouseError):
            return self._blocked(one, f"this role cannot use it ({said(takes)})", f"{grant_remedy(one.kind)}.")
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
        return self._blocked(one, f"the role `{role}` may not set it", f"{grant_remedy(TAG)}.")

    def _blocked(self, one: Attachment, why: str, remedy: str = "Let dbt attach it in a hook.") -> Finding:
        return _finding(
            "blocker",
            "policy_cannot_follow",
            f"{self.staging.shown}.{one.where}",
            f"lacks {what(one)} of production, and the publish cannot attach it: {why}",
            remedy,
        )


def _full(one: Attachment, staging: Home) -> tuple[str, ...]:
    return one.name if len(one.name) > 1 else (staging.database, staging.schema, *one.name)


def _types(relation: Relation) -> dict[str, str]:
    return {column.name: base_type(column.type) for column in relation.columns}
