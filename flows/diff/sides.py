"""Both sides of a table as they are now: fingerprints first if they may be equal, else with their profiles."""

from dataclasses import dataclass

from flows.contract import ColumnProfile
from flows.contract.profile import Profile
from flows.diff import profile
from flows.diff.glance import Glance
from flows.diff.profile import Scan
from flows.diff.settings import DiffSettings
from flows.diff.subject import Subject
from flows.warehouse.base import Relation, Warehouse, WarehouseError


@dataclass(frozen=True, slots=True)
class Sides:
    """What the scans of production and staging found."""

    before: Scan
    after: Scan

    @property
    def are_equal(self) -> bool:
        """Whether columns, rows and fingerprints agree."""
        return self.before.side == self.after.side

    @property
    def notes(self) -> tuple[str, ...]:
        """What the profiles leave out, each said once."""
        return tuple(dict.fromkeys((*self.before.notes, *self.after.notes)))


def read_sides(warehouse: Warehouse, subject: Subject, sizes: tuple[Glance, Glance]) -> Sides:
    """Read both sides. Raises WarehouseError.

    Sides that may be equal are read without a profile: of equal ones nothing else is wanted. If rows or keys differ
    already, or the fingerprints do, the profile comes with the fingerprint, in one scan.
    """
    before, after = sizes
    if (before.rows, before.key_sum) == (after.rows, after.key_sum):
        plain = _both(warehouse, subject, with_profile=False)
        if plain.are_equal:
            return plain
    return _both(warehouse, subject, with_profile=True)


def read_side(warehouse: Warehouse, relation: Relation, table: str, *, settings: DiffSettings) -> Scan:
    """One side with its profile; without, if only that fails, and then a note says so. Raises WarehouseError."""
    try:
        return profile.scan(warehouse, relation, table, settings=settings, with_profile=True)
    except WarehouseError:
        plain = profile.scan(warehouse, relation, table, settings=settings, with_profile=False)
        note = "There is no profile: the warehouse could not compute it. The counts are complete without it."
        return Scan(side=plain.side, profile={}, notes=(note,))


def column_profiles(before: dict[str, Profile], after: dict[str, Profile]) -> tuple[ColumnProfile, ...]:
    """The profiles of both sides by column: those of staging in its order, then those that only production has."""
    return tuple(
        ColumnProfile(column=name, production=before.get(name), staging=after.get(name))
        for name in dict.fromkeys((*after, *before))
    )


def _both(warehouse: Warehouse, subject: Subject, *, with_profile: bool) -> Sides:
    sides = ((subject.production, subject.production_table), (subject.staging, subject.staging_table))
    if with_profile:
        scans = [read_side(warehouse, relation, table, settings=subject.settings) for relation, table in sides]
    else:
        scans = [
            profile.scan(warehouse, relation, table, settings=subject.settings, with_profile=False)
            for relation, table in sides
        ]
    return Sides(*scans)
