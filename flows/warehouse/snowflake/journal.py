"""The publish of all schemas of a target: swapped one after the other, or with their databases; their markers are the
journal."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

from flows.contract import AccessChange, Ledger, Statement
from flows.warehouse.base import PartlyReleased, Release, WarehouseError
from flows.warehouse.snowflake.catalog import read_all_schemas
from flows.warehouse.snowflake.database_findings import find_database_problems
from flows.warehouse.snowflake.marker import Marker, read_marker
from flows.warehouse.snowflake.publish import NOT_FINISHED, NOT_PUBLISHED, UNREADABLE, Publish, told_as
from flows.warehouse.snowflake.session import Session
from flows.warehouse.snowflake.views import Pair


@dataclass(slots=True)
class Journal:
    """One publish of the pairs over one session. The first pair comes last: production has a release once that has it.

    All are made ready before any is swapped, so that one that is swapped says that the others only wait.
    """

    session: Session
    pairs: Sequence[Pair]
    audit_role: str = ""
    _done: list[Statement] = field(default_factory=list)
    _publishes: tuple[Publish, ...] = ()

    def __post_init__(self) -> None:
        self._publishes = tuple(
            Publish(self.session, pair.production, staging=pair.staging, done=self._done, audit_role=self.audit_role)
            for pair in reversed(self.pairs)
        )

    def run(self, release: Release, guard: Callable[[], None]) -> tuple[Statement, ...]:
        """Swap what production's markers do not name this run for, then do what is left undone.

        Raises WarehouseError that says first what has become of the publish, and whatever `guard` raises.
        """
        holding = self._let_through(release, guard)
        for together in self._at_once(self._waiting(holding)):
            with self._told(holding):
                together[-1].swap(release)
            for publish in together:
                publish.is_swapped = True
            holding = [*holding, *together]
        with told_as(NOT_FINISHED):
            self._finish()
        return tuple(self._done)

    def _at_once(self, waiting: list[Publish]) -> list[list[Publish]]:
        """What one statement swaps, the statements in their order."""
        if self.pairs[0].swaps_databases:
            return [waiting] if waiting else []
        return [[publish] for publish in waiting]

    def _holding(self, release: Release) -> list[Publish]:
        found = self._named(release)
        if self.pairs[0].swaps_databases and 0 < len(found) < len(self.pairs):
            # One swap changes all markers: a late one may have come through between two of these questions.
            return self._named(release)
        return found

    def _named(self, release: Release) -> list[Publish]:
        return [publish for publish in self._publishes if publish.holds(release)]

    def _waiting(self, holding: Sequence[Publish]) -> list[Publish]:
        return [publish for publish in self._publishes if publish not in holding]

    def _let_through(self, release: Release, guard: Callable[[], None]) -> list[Publish]:
        """Make ready what waits, and ask the guard, unless nothing does; gives what holds the release then.

        The swap of an attempt that was given up may come through until now, and then it is not for the guard to say
        that something has changed.
        """
        with told_as(NOT_PUBLISHED):
            holding = self._holding(release)
        waiting = self._waiting(holding)
        if not waiting:
            return holding
        self._refuse_schema_by_schema(holding)
        with self._told(holding), told_as(NOT_PUBLISHED):
            self._prepare(waiting, release, is_begun=bool(holding))
        try:
            guard()
            with self._told(holding), told_as(NOT_PUBLISHED):
                self._refuse_other_management(waiting)
                self._refuse_other_contents()
                for publish in waiting:
                    publish.protect(release)
        except Exception:  # whatever the guard says, it is passed on unless the markers say that it came too late
            with told_as(UNREADABLE):
                now = self._holding(release)
            if now != holding:
                return self._let_through(release, guard)
            raise
        with self._told(holding), told_as(NOT_PUBLISHED):
            now = self._holding(release)
        self._refuse_schema_by_schema(now)
        return now

    def _refuse_schema_by_schema(self, holding: Sequence[Publish]) -> None:
        if holding and self._waiting(holding) and self.pairs[0].swaps_databases:
            raise WarehouseError(
                f"{self._refusal(holding)} That was done schema by schema, and swapping the databases would take it "
                'back. Complete it with `staging = "schema"` in wap.toml, or start a new run.'
            )

    def _prepare(self, waiting: Sequence[Publish], release: Release, *, is_begun: bool) -> None:
        for publish in waiting:
            if is_begun and not publish.is_ready(release):
                raise WarehouseError(
                    f"`{publish.staging.shown}` does not hold this release any more, so it cannot be completed. "
                    "Start a new run: its report shows production as it is."
                )
        for publish in waiting:
            publish.prepare(release)

    def _refuse_other_management(self, waiting: Sequence[Publish]) -> None:
        """Managed access is a property of the schema, so a swap takes it along; the preflight may be days old."""
        homes = [home for pair in self.pairs for home in (pair.production, pair.staging)]
        schemas = read_all_schemas(self.session, homes)
        for one in waiting:
            old, new = schemas.get(one.production), schemas.get(one.staging)
            if old and new and old.is_managed != new.is_managed:
                managed, other = (one.production, one.staging) if old.is_managed else (one.staging, one.production)
                raise WarehouseError(
                    f"`{managed.shown}` has managed access, and `{other.shown}` does not, so the swap would change who "
                    "may grant on production. Let both be alike, and start again."
                )

    def _refuse_other_contents(self) -> None:
        """A swap of databases takes along whatever has come into them since the preflight, which nobody compared."""
        if not self.pairs[0].swaps_databases:
            return
        for one in find_database_problems(self.session, self.pairs):
            if one.severity == "blocker":
                raise WarehouseError(f"`{one.object}` {one.consequence}. {one.remedy}")

    @contextmanager
    def _told(self, holding: Sequence[Publish]) -> Iterator[None]:
        """Whatever goes wrong inside begins with what it means for the publish as a whole."""
        try:
            yield
        except WarehouseError as error:
            if not holding:
                raise
            raise WarehouseError(f"{self._refusal(holding)}{str(error).removeprefix(NOT_PUBLISHED)}") from error

    def _refusal(self, holding: Sequence[Publish]) -> str:
        there, missing = (
            ", ".join(f"`{one.production.shown}`" for one in some) for some in (holding, self._waiting(holding))
        )
        return f"Published in part: {there} yes, {missing} not yet."

    def _finish(self) -> None:
        for publish in self._publishes:
            publish.recall()
        for publish in self._publishes:
            publish.point_home(self.pairs)
        for publish in self._publishes:
            publish.close(self.pairs)

    def ledger(self) -> Ledger:
        """What the publish has cost and what it did to access, after `run`. Raises WarehouseError."""
        with told_as(NOT_FINISHED):
            changes = [(publish.production.schema, publish.access()) for publish in reversed(self._publishes)]
        unknown = dict.fromkeys(sentence for publish in self._publishes for sentence in publish.unknown)
        return Ledger(sent=self.session.sent, access=_together(changes), unknown=tuple(unknown))


def partly_released(session: Session, pairs: Sequence[Pair]) -> PartlyReleased | None:
    """The publish that was interrupted between the schemas, by all their markers. Raises WarehouseError.

    It is younger than what the first pair holds, and what has not been swapped yet still waits in staging.
    """
    first, *further = pairs
    if not further:
        return None
    markers = {pair: read_marker(session, pair.production) for pair in pairs}
    known = markers[first]
    newer = [marker for pair in further if (marker := markers[pair]) and _is_newer(marker, known)]
    if not newer:
        return None
    release = max(newer, key=lambda marker: marker.release.at).release
    holding = [pair for pair in pairs if _names(markers[pair], release)]
    waiting = [pair for pair in pairs if pair not in holding]
    if not all(_names(read_marker(session, pair.staging), release) for pair in waiting):
        return None
    return PartlyReleased(
        release,
        holding=tuple(pair.production.schema for pair in holding),
        waiting=tuple(pair.production.schema for pair in waiting),
    )


def _is_newer(marker: Marker, known: Marker | None) -> bool:
    return known is None or (marker.release.run != known.release.run and marker.release.at >= known.release.at)


def _names(marker: Marker | None, release: Release) -> bool:
    return marker is not None and marker.release.run == release.run


def _together(changes: Sequence[tuple[str, AccessChange | None]]) -> AccessChange | None:
    """All changes as one; where there are several schemas, each grant with its own."""
    known = [(schema, change) for schema, change in changes if change is not None]
    if len(known) < len(changes):
        return None
    if len(known) == 1:
        return known[0][1]
    return AccessChange(
        before=sum(change.before for _, change in known),
        after=sum(change.after for _, change in known),
        lost=tuple(f"{one} (in {schema})" for schema, change in known for one in change.lost),
        gained=tuple(f"{one} (in {schema})" for schema, change in known for one in change.gained),
    )
