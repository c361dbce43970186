"""The diff of one table or view: fingerprint first, then by key, else by whole rows."""

from collections.abc import Sequence
from dataclasses import replace

from flows.contract import Scope, TableDiff
from flows.contract.texts import NAME_CHARS, shortened
from flows.diff.columns import compare_columns
from flows.diff.concentration import places
from flows.diff.distribution import distributions
from flows.diff.glance import glance
from flows.diff.one_sided import one_sided
from flows.diff.rows import RowsMoved, Sizes, diff_rows, key_pairs
from flows.diff.scope import BrokenCondition, scope_notes, scoped
from flows.diff.settings import DiffSettings, Key
from flows.diff.sides import Sides, column_profiles, read_sides
from flows.diff.subject import Subject
from flows.warehouse.base import Relation, Warehouse, WarehouseError

_DISTRIBUTIONS = 3
"""So many of the columns that changed most are shown with their distributions."""


def diff_table(
    warehouse: Warehouse,
    production: Relation | None,
    staging: Relation | None,
    *,
    production_table: str,
    staging_table: str,
    key: Key | None,
    settings: DiffSettings,
) -> TableDiff:
    """Compare one table or view; at least one side must exist. Tables are given as their names in SQL.

    What the warehouse could not do becomes status "failed" with its words; no WarehouseError leaves here.
    """
    relation = staging or production
    if relation is None:
        raise ValueError("a table must exist on one side at least")
    if problem := _unfit_name([side for side in (production, staging) if side]):
        return TableDiff(name=shortened(relation.name, NAME_CHARS), kind=relation.kind, status="failed", error=problem)
    settings = settings.at(relation.name)
    try:
        if production is None:
            return one_sided(warehouse, relation, staging_table, status="added", key=key, settings=settings)
        if staging is None:
            return one_sided(warehouse, relation, production_table, status="removed", key=key, settings=settings)
        subject = Subject(
            production,
            staging,
            production_table=production_table,
            staging_table=staging_table,
            comparison=compare_columns(production, staging, settings=settings, dialect=warehouse.dialect),
            settings=settings,
            dialect=warehouse.dialect,
        )
        return _two_sided(warehouse, subject, key)
    except WarehouseError as error:
        sides = [side for side in (production, staging) if side is not None]
        return TableDiff(
            name=relation.name,
            home=relation.home,
            kind=relation.kind,
            status="failed",
            error=_sentence(error, sides, settings),
        )


def _unfit_name(sides: Sequence[Relation]) -> str:
    """Why a table is not compared whose names are longer than any report can hold; empty if they are not."""
    names = [("The table", sides[0].name)]
    names += [("Its column", column.name) for side in sides for column in side.columns]
    what, longest = max(names, key=lambda named: len(named[1]))
    if len(longest) <= NAME_CHARS:
        return ""
    return (
        f"{what} `{shortened(longest, 40)}` has a name of {len(longest):,} characters, and {NAME_CHARS:,} are the "
        "most. Rename it, and start again."
    )


def _two_sided(warehouse: Warehouse, subject: Subject, key: Key | None) -> TableDiff:
    glanced = glance(warehouse, subject, key_pairs(subject, key))
    sides = read_sides(warehouse, subject, glanced)
    table = TableDiff(
        name=subject.staging.name,
        home=subject.staging.home,
        kind=subject.staging.kind,
        status="equal",
        production=sides.before.side,
        staging=sides.after.side,
        schema_changes=subject.comparison.changes,
        not_compared=subject.comparison.apart,
        notes=_kind_notes(subject),
    )
    if sides.are_equal:
        return _equal(table, key)
    table = _compared(warehouse, subject, key=key, sides=sides, glanced=glanced, table=table)
    return _with_distributions(warehouse, subject, sides, table)


def _equal(table: TableDiff, key: Key | None) -> TableDiff:
    return table.model_copy(
        update={
            "method": "fingerprint",
            "key": key.columns if key else (),
            "key_source": key.source if key else "",
            "added": 0,
            "removed": 0,
            "changed": 0,
            "unchanged": table.staging.rows if table.staging else 0,
        }
    )


def _sizes(sides: Sides, glanced: Sizes) -> Sizes:
    """The glance with the rows of the scans, which are those of the report."""
    before, after = glanced
    return replace(before, rows=sides.before.side.rows), replace(after, rows=sides.after.side.rows)


def _compared(
    warehouse: Warehouse, subject: Subject, *, key: Key | None, sides: Sides, glanced: Sizes, table: TableDiff
) -> TableDiff:
    pairs = key_pairs(subject, key)
    before, after = _sizes(sides, glanced)
    part, sizes, scope = scoped(warehouse, subject, key=pairs, sizes=(before, after))
    notes = scope_notes(scope, production_rows=before.rows, staging_rows=after.rows)
    table = table.model_copy(update={"scope": scope, "notes": (*table.notes, *notes)})
    asked = places(subject, key=pairs, before=sides.before.profile, after=sides.after.profile)
    table = diff_rows(warehouse, part, key=key, sizes=sizes, places=asked, table=table)
    return _with_status(table, subject, scope)


def _with_status(table: TableDiff, subject: Subject, scope: Scope | None) -> TableDiff:
    fresh = table.fresh.rows if table.fresh else 0
    differs = any((table.added, table.removed, table.changed, fresh, table.schema_changes))
    if differs or subject.comparison.is_reordered or table.method == "none":
        return table.model_copy(update={"status": "changed"})
    if scope:
        note = "Nothing differs in the part that was compared. The fingerprints differ, so something else does."
        return table.model_copy(update={"status": "changed", "notes": (*table.notes, note)})
    if subject.leaves_out:
        note = "No compared value differs; the fingerprints do, in what the settings leave out."
        return table.model_copy(update={"notes": (*table.notes, note)})
    note = "The fingerprints differ, although no value differs in the warehouse's own comparison."
    return table.model_copy(update={"status": "changed", "notes": (*table.notes, note)})


def _with_distributions(warehouse: Warehouse, subject: Subject, sides: Sides, table: TableDiff) -> TableDiff:
    before, after = sides.before.profile, sides.after.profile
    names = [count.column for count in table.changed_columns[:_DISTRIBUTIONS]]
    notes = (*table.notes, *sides.notes)
    try:
        shown = distributions(warehouse, subject, names, before, after)
    except WarehouseError:
        shown, notes = (), (*notes, "There are no distributions: the warehouse could not compute them.")
    return table.model_copy(update={"profile": column_profiles(before, after), "distributions": shown, "notes": notes})


def _kind_notes(subject: Subject) -> tuple[str, ...]:
    before, after = subject.production.kind, subject.staging.kind
    return () if before == after else (f"A {before} in production, a {after} in staging.",)


def _sentence(error: WarehouseError, sides: Sequence[Relation], settings: DiffSettings) -> str:
    # A warehouse quotes the value that it could not cast, and a masked value must not leave through an error.
    is_ours = isinstance(error, RowsMoved | BrokenCondition)
    if not is_ours and any(settings.masks(side.name, column.name) for side in sides for column in side.columns):
        return "Not compared. The warehouse's words are left out, because the table has masked columns."
    return str(error).strip().partition("\n")[0]
