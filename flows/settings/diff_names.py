"""Pure: names of wap.toml and masks of dbt that no table or column has; a slip of the pen must not pass in silence."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from flows.contract import Finding, TableDiff
from flows.diff import DiffSettings, find_masked, find_tags
from flows.diff.settings import EVERY_COLUMN
from flows.settings import Settings
from flows.settings.diff_section import DiffTable


def unknown_names(settings: Settings, tables: Iterable[TableDiff]) -> tuple[Finding, ...]:
    """One finding per name that is unknown on both sides, found whatever its case, as the diff finds them.

    A blocker in `mask`, because something may be shown that should be hidden; a warning in `key`, `ignore` and
    `event_time`, which then do nothing. The columns of a table that could not be read are not judged: that run asks
    nobody anyway.
    """
    known = {table.name.casefold(): table for table in tables}
    return tuple(
        finding
        for name, chosen in settings.diff.tables.items()
        for finding in _of_table(name, chosen, known.get(name.casefold()))
    )


def missed_masks(settings: Settings, manifest: Mapping[str, Any], tables: Iterable[TableDiff]) -> tuple[Finding, ...]:
    """A blocker per column that dbt's manifest masks in a table of which neither side has it, whatever its case.

    A table that neither side has is no finding: dbt may build it elsewhere. Nor are the columns of one that could not
    be read. A pattern or a tag that masks nothing at all is a warning: it may be meant for what is not there yet.
    """
    tables = tuple(tables)
    known = {table.name.casefold(): table for table in tables if table.status != "failed"}
    return (*_missed_columns(settings, manifest, known), *_idle_masks(settings, manifest, tables))


def _missed_columns(
    settings: Settings, manifest: Mapping[str, Any], known: Mapping[str, TableDiff]
) -> tuple[Finding, ...]:
    return tuple(
        _missed_mask(known[name.casefold()].name, column)
        for name, columns in find_masked(manifest, settings.diff.mask_tags).items()
        if name.casefold() in known
        for column in sorted(columns)
        if column.casefold() not in _columns(known[name.casefold()]) | {EVERY_COLUMN}
    )


def _idle_masks(settings: Settings, manifest: Mapping[str, Any], tables: Sequence[TableDiff]) -> Iterator[Finding]:
    columns = {column for table in tables for column in _columns(table)}
    if all(table.status != "failed" for table in tables):  # else its columns are not known, and that run asks nobody
        for pattern in settings.diff.mask_columns:
            alone = DiffSettings(mask_columns=(pattern,))
            if not any(alone.masks("", column) for column in columns):
                yield _idle(pattern, "mask_columns", "no column of either side matches it")
    tags = find_tags(manifest)
    for tag in settings.diff.mask_tags:
        if tag.casefold() not in tags:
            yield _idle(tag, "mask_tags", "no model or column of the dbt project has that tag")


def _idle(name: str, part: str, why: str) -> Finding:
    return Finding(
        severity="warning",
        code="idle_mask",
        object=name,
        consequence=f"stands in `{part}` of wap.toml and masks nothing: {why}",
        remedy="Correct it in wap.toml, or remove it there; what it was meant to hide may be shown.",
    )


def _of_table(name: str, chosen: DiffTable, table: TableDiff | None) -> Iterator[Finding]:
    if table is None:
        yield _unknown_table(name, chosen)
        return
    if table.status == "failed":
        return
    columns = _columns(table)
    for part, named, everything in (
        ("mask", chosen.mask, {EVERY_COLUMN}),
        ("key", chosen.key, set[str]()),
        ("ignore", chosen.ignore, {EVERY_COLUMN}),
        ("event_time", (chosen.event_time,) if chosen.event_time else (), set[str]()),
    ):
        for column in named:
            if column.casefold() not in columns | everything:
                yield _unknown_column(name, column, part)


def _columns(table: TableDiff) -> set[str]:
    sides = (table.production, table.staging)
    return {column.name.casefold() for side in sides if side for column in side.columns}


def _unknown_table(name: str, chosen: DiffTable) -> Finding:
    hides = "; what it should mask may be shown under another name" if chosen.mask else ""
    return Finding(
        severity="blocker" if chosen.mask else "warning",
        code="unknown_table",
        object=name,
        consequence=f"is named in `diff.tables` of wap.toml, and neither side has such a table{hides}",
        remedy="Correct the name in wap.toml, or remove it there, and start again.",
    )


def _missed_mask(table: str, column: str) -> Finding:
    return Finding(
        severity="blocker",
        code="unknown_column",
        object=f"{table}.{column}",
        consequence="is masked in the dbt project, and neither side has such a column; what it should mask may be shown"
        " under another name",
        remedy="Correct the name in the dbt project, or remove it there, and start again.",
    )


def _unknown_column(table: str, column: str, part: str) -> Finding:
    hides = "; what it should mask may be shown under another name" if part == "mask" else ""
    return Finding(
        severity="blocker" if part == "mask" else "warning",
        code="unknown_column",
        object=f"{table}.{column}",
        consequence=f"is named in `{part}` of wap.toml, and neither side has such a column{hides}",
        remedy="Correct the name in wap.toml, or remove it there, and start again.",
    )
