"""Pure: names of wap.toml and masks of dbt that no table or column has; a slip of the pen must not pass in silence."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from flows.contract import Finding, TableDiff
from flows.diff import find_masked
from flows.diff.settings import EVERY_COLUMN
from flows.diff_section import DiffTable
from flows.settings import Settings


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
    be read.
    """
    known = {table.name.casefold(): table for table in tables if table.status != "failed"}
    return tuple(
        _missed_mask(known[name.casefold()].name, column)
        for name, columns in find_masked(manifest, settings.diff.mask_tags).items()
        if name.casefold() in known
        for column in sorted(columns)
        if column.casefold() not in _columns(known[name.casefold()]) | {EVERY_COLUMN}
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
