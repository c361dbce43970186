"""The diff of one table or view: fingerprint first, then by key, else by whole rows."""

from flows.contract import TableDiff
from flows.diff.columns import compare_columns
from flows.diff.fingerprint import side
from flows.diff.one_sided import one_sided
from flows.diff.rows import RowsMoved, diff_rows
from flows.diff.settings import DiffSettings, Key
from flows.diff.subject import Subject
from flows.warehouse.base import Relation, Warehouse, WarehouseError


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
        return TableDiff(
            name=relation.name, kind=relation.kind, status="failed", error=_sentence(error, relation, settings)
        )


def _two_sided(warehouse: Warehouse, subject: Subject, key: Key | None) -> TableDiff:
    before = side(warehouse, subject.production, subject.production_table)
    after = side(warehouse, subject.staging, subject.staging_table)
    table = TableDiff(
        name=subject.staging.name,
        kind=subject.staging.kind,
        status="equal",
        production=before,
        staging=after,
        schema_changes=subject.comparison.changes,
        notes=_kind_notes(subject),
    )
    if before == after:
        return table.model_copy(
            update={
                "method": "fingerprint",
                "key": key.columns if key else (),
                "key_source": key.source if key else "",
                "added": 0,
                "removed": 0,
                "changed": 0,
                "unchanged": after.rows,
            }
        )
    return _with_status(diff_rows(warehouse, subject, key=key, table=table), subject)


def _with_status(table: TableDiff, subject: Subject) -> TableDiff:
    differs = any((table.added, table.removed, table.changed, table.schema_changes))
    if differs or subject.comparison.is_reordered or table.method == "none":
        return table.model_copy(update={"status": "changed"})
    if subject.leaves_out:
        note = "No compared value differs; the fingerprints do, in what the settings leave out."
        return table.model_copy(update={"notes": (*table.notes, note)})
    note = "The fingerprints differ, although no value differs in the warehouse's own comparison."
    return table.model_copy(update={"status": "changed", "notes": (*table.notes, note)})


def _kind_notes(subject: Subject) -> tuple[str, ...]:
    before, after = subject.production.kind, subject.staging.kind
    return () if before == after else (f"A {before} in production, a {after} in staging.",)


def _sentence(error: WarehouseError, relation: Relation, settings: DiffSettings) -> str:
    # A warehouse quotes the value that it could not cast, and a masked value must not leave through an error.
    is_ours = isinstance(error, RowsMoved)
    if not is_ours and any(settings.masks(relation.name, column.name) for column in relation.columns):
        return "Not compared. The warehouse's words are left out, because the table has masked columns."
    return str(error).strip().partition("\n")[0]
