"""The publish of one schema: staging is made ready, swapped by one statement, what is left is put right."""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

from flows.contract import AccessChange, Statement
from flows.warehouse.base import Release, WarehouseError
from flows.warehouse.snowflake.catalog import read_kinds
from flows.warehouse.snowflake.dialect import quote
from flows.warehouse.snowflake.errors import ConnectionLost
from flows.warehouse.snowflake.grants import (
    Grant,
    compared,
    granted,
    in_order,
    lacking,
    on_schema,
    read_grants,
    read_movable,
    refuse_who_is_out,
    revoked,
    wanted,
)
from flows.warehouse.snowflake.late_swap import policies_made_up_for, readers_made_up_for
from flows.warehouse.snowflake.marker import Marker, read_marker, write_marker_sql
from flows.warehouse.snowflake.past import FORGOTTEN, UNTOLD, read_past
from flows.warehouse.snowflake.policies.attached import Attachment, read_attached
from flows.warehouse.snowflake.policies.mirror import with_policies
from flows.warehouse.snowflake.policies.protection import plan_protection, refuse_other_protection
from flows.warehouse.snowflake.session import Session
from flows.warehouse.snowflake.views import Home, Pair, own_names_left_out, pointed_home, reading

NOT_PUBLISHED = "Nothing was published."
NOT_FINISHED = "Published, but not finished."
UNKNOWN = "It is not known whether it was published: the reply to the swap was lost. The marker in production tells."

UNREADABLE = "It is not known whether it was published: the marker in production cannot be read."


@contextmanager
def told_as(refusal: str) -> Iterator[None]:
    """Whatever goes wrong inside begins with what it means for the publish."""
    try:
        yield
    except WarehouseError as error:
        if str(error).startswith(refusal):
            raise
        raise WarehouseError(f"{refusal} {error}") from error


@dataclass(slots=True)
class Publish:
    """One publish over one session. Every part can be done again after any error.

    `done` is what has changed something so far; the publishes of several schemas share it.
    """

    session: Session
    production: Home
    staging: Home
    done: list[Statement] = field(default_factory=list)
    audit_role: str = ""
    """The role that only reads, if there is one: it is meant to read both sides."""
    _before: frozenset[Grant] | None = None
    """Production's grants as they were before the swap, if that is known."""
    _attached: frozenset[Attachment] = frozenset()
    """Production's policies and tags as they were then."""
    _due: tuple[str, ...] = ()
    """Production's policies for staging. Not before the guard has read it: through one it might read something else."""
    _doors: frozenset[Grant] = frozenset()
    """What lets production's readers in, and only after the policies."""
    is_swapped: bool = False
    """Whether this attempt has swapped. If another one has, nobody knows what was prepared by then."""
    _is_prepared: bool = False
    """Whether this attempt has made staging ready. If it then has not swapped, a swap of an earlier one came late."""
    unknown: tuple[str, ...] = ()
    """What of the publish nobody knows any more, as sentences."""

    _found: Marker | None = None
    """Production's marker as it was read last."""

    def holds(self, release: Release) -> bool:
        """Whether production's marker names the run of the release. Raises WarehouseError."""
        self._found = read_marker(self.session, self.production)
        return self._found is not None and self._found.release.run == release.run

    def is_ready(self, release: Release) -> bool:
        """Whether staging waits to be swapped for the run of the release, by its marker. Raises WarehouseError."""
        found = read_marker(self.session, self.staging)
        return found is not None and found.release.run == release.run

    def protect(self, release: Release) -> None:
        """After `prepare` and the guard, before any swap: give staging what production has, and let its readers in.

        The guard reads every table, which takes minutes. What was attached to production meanwhile is in no plan, and
        the swap would take it from production; another attempt makes a new plan. What was granted or revoked there
        meanwhile, staging follows. Raises WarehouseError.
        """
        with told_as(NOT_PUBLISHED):
            known = self._kinds(self.production)
            refuse_other_protection(self.session, self.production, known, known=self._attached)
            self._follow(self._grants(self.production, known), release)
        self._change(self._due, NOT_PUBLISHED)
        self._change((self._granted(one) for one in in_order(self._doors)), NOT_PUBLISHED)

    def _follow(self, now: frozenset[Grant], release: Release) -> None:
        before = self._before or frozenset()
        if now == before or self.holds(release):  # a swap that comes late changes production's grants, too
            return
        self._before = now
        relations = self._kinds(self.staging)
        old, new = wanted(before, relations), wanted(now, relations)
        self._change((self._revoked(one) for one in sorted(old - new - self._doors)), NOT_PUBLISHED)
        self._doors = (self._doors - (old - new)) | (new - old)

    def recall(self) -> None:
        """What an attempt that has swapped, and ended, has not lived to tell: before anything is put right. Nothing if
        this attempt has seen production before the swap. Raises WarehouseError."""
        if self._before is not None or self._found is None:
            return
        past = read_past(self.session, self._found, self.staging)
        self.unknown = (UNTOLD,) if past else (UNTOLD, FORGOTTEN)
        if past:
            self._before, self._attached = past.grants, past.attached

    def prepare(self, release: Release) -> None:
        """After `holds`. Nothing of this touches production, or what a reader of staging finds in it."""
        self._is_prepared = True
        relations, known = self._kinds(self.staging), self._kinds(self.production)
        old = self._before = self._grants(self.production, known)
        new = self._grants(self.staging, relations)
        earlier = read_marker(self.session, self.staging)
        if earlier is None or earlier.release.run != release.run:
            earlier = Marker(release, frozenset(on_schema(new)))
        # After an interrupted attempt of the same run staging has grants and policies that are not its own.
        plan = plan_protection(self.session, (self.production, known), (self.staging, relations), lacked=earlier.lacked)
        self._attached = plan.before
        surplus = frozenset(on_schema(new)) - earlier.kept
        closed = surplus if plan.detach else surplus - old
        self._change((self._revoked(one) for one in sorted(closed)), NOT_PUBLISHED)
        self._change(plan.detach, NOT_PUBLISHED)
        new -= closed
        refuse_who_is_out(old, new, known, ours=self.audit_role, homes=(self.production, self.staging))
        replaced = self._found.release.run if self._found else ""
        marker = Marker(release, earlier.kept, frozenset(plan.lacked), frozenset(on_schema(old)), replaced)
        self._change([write_marker_sql(self.staging, marker)], NOT_PUBLISHED)
        self._change(own_names_left_out(self.session, self.staging), NOT_PUBLISHED)
        grants = lacking(old, new, relations=relations)
        self._change((self._granted(one) for one in grants if one.name), NOT_PUBLISHED)
        self._due, self._doors = plan.attach, frozenset(one for one in grants if not one.name)

    def _granted(self, grant: Grant) -> str:
        return granted(grant, self.staging.database, self.staging.schema)

    def _revoked(self, grant: Grant) -> str:
        return revoked(grant, self.staging.database, self.staging.schema)

    def swap(self, release: Release) -> None:
        """The one statement that publishes. It is its own inverse, so it is never sent twice.

        Documented: the swap exchanges what is in the schemas and what is granted on them as a single operation.
        """
        sql = self._swapping()
        try:
            self._change([sql], NOT_PUBLISHED)
        except ConnectionLost:
            self._resolve(sql, release)
        self.is_swapped = True

    def _swapping(self) -> str:
        """Documented: a swap of databases exchanges all that is in them and all that is granted on it, too.
        https://docs.snowflake.com/en/sql-reference/sql/alter-database
        """
        if self.production.database != self.staging.database:
            return f"ALTER DATABASE {quote(self.production.database)} SWAP WITH {quote(self.staging.database)}"
        return (
            f"ALTER SCHEMA {quote(self.production.database)}.{quote(self.production.schema)} "
            f"SWAP WITH {quote(self.staging.database)}.{quote(self.staging.schema)}"
        )

    def _resolve(self, sql: str, release: Release) -> None:
        """Tell from the markers, on a new session, what became of a swap whose reply never came."""
        with told_as(UNKNOWN):
            self.session.renew()
            is_done = self.holds(release)
            waiting = read_marker(self.session, self.staging)
        if is_done:
            self.done.append(Statement(sql=sql, seconds=0.0))
            return
        if waiting is None or waiting.release.run != release.run:
            raise WarehouseError(
                f"{NOT_PUBLISHED} The reply to the swap was lost, and neither `{self.production.shown}` nor "
                f"`{self.staging.shown}` holds the marker of run {release.run}. Somebody else has changed the "
                "schemas; look at both before anything is published again."
            )
        raise WarehouseError(
            f"{NOT_PUBLISHED} The connection was lost at the swap, and the markers say that it did not happen. "
            "Try again."
        )

    def point_home(self, pairs: Sequence[Pair]) -> None:
        """After all swaps of `pairs`: views that had to name a schema name the right one."""
        if not self.is_swapped:
            self._change(policies_made_up_for(self.session, self.production), NOT_FINISHED)
        if self._is_prepared and not self.is_swapped:
            readers = readers_made_up_for(self.session, production=self.production, staging=self.staging)
            self._change(readers, NOT_FINISHED)
        to_production = {pair.staging: pair.production for pair in pairs}
        to_staging = {pair.production: pair.staging for pair in pairs}
        self._change(pointed_home(self.session, self.production, to_production), NOT_FINISHED)
        self._change(pointed_home(self.session, self.staging, to_staging), NOT_FINISHED)

    def close(self, pairs: Sequence[Pair]) -> None:
        """The retired schema is closed to readers again. Raises WarehouseError about a view that still reads one."""
        self._close_staging()
        if left := reading(self.session, self.production, [pair.staging for pair in pairs]):
            raise WarehouseError(
                f"The view `{self.production.shown}.{left[0].name}` still names staging, so it shows the release "
                "before. Let it read production."
            )

    def _close_staging(self) -> None:
        marker, left = (read_marker(self.session, home) for home in (self.production, self.staging))
        if marker is None or (left.release.run if left else "") != marker.replaced:
            return  # staging is another run's by now, and so is what was granted there
        now = read_grants(self.session, self.staging, ())
        surplus = sorted(set(on_schema(now)) - marker.kept)
        self._change((self._revoked(one) for one in surplus), NOT_FINISHED)

    def access(self) -> AccessChange | None:
        """What the swap did to production's grants, if what they were before it is known. Raises WarehouseError."""
        if self._before is None:
            return None
        relations = self._kinds(self.production)
        access = compared(self._before, self._grants(self.production, relations), relations)
        [now] = read_attached(self.session, ((self.production, relations),))
        return with_policies(access, self._attached, now.visible, dict(relations))

    def _grants(self, home: Home, relations: tuple[tuple[str, str], ...]) -> frozenset[Grant]:
        return read_movable(self.session, home, relations)

    def _kinds(self, home: Home) -> tuple[tuple[str, str], ...]:
        return read_kinds(self.session, home.database, home.schema)

    def _change(self, statements: Iterable[str], refusal: str) -> None:
        for sql in statements:
            self.done.append(self.session.change(sql, refusal=refusal))
