"""Pure: one table of the report, what changed first, then where, then how it looks, then who reads it."""

from collections.abc import Iterator
from typing import Final

from flows.contract import SchemaChange, Scope, TableDiff
from flows.report_text.bars import bar, percent
from flows.report_text.escaping import code, name, names, sentence, text
from flows.report_text.examples import examples
from flows.report_text.shape import concentration, profile, spread
from flows.report_text.surroundings import notes, readers
from flows.report_text.tables import markdown_table
from flows.report_text.totals import row_counts
from flows.words import counted

_COLUMNS: Final = 20


def section(table: TableDiff) -> str:
    """All that the report tells of the table."""
    parts = (
        brief_section(table),
        concentration(table),
        _schema(table),
        _changed_columns(table),
        examples(table),
        profile(table),
        spread(table),
        readers(table),
        notes(table),
    )
    return "\n\n".join(part for part in parts if part)


def brief_section(table: TableDiff) -> str:
    """The heading, and what changed in a sentence or two."""
    return f"## {name(table.name)}\n\n{' '.join(_sentences(table))}"


def _sentences(table: TableDiff) -> Iterator[str]:
    match table.status:
        case "failed":
            yield f"**Could not be compared.** {sentence(table.error)}"
        case "added":
            yield f"**New {table.kind}**{_size(table)}."
        case "removed":
            yield f"**Would vanish.** Production has this {table.kind}{_size(table)}, staging has none."
        case "changed" | "equal":
            yield from _difference(table)


def _difference(table: TableDiff) -> Iterator[str]:
    counts = row_counts(added=table.added, removed=table.removed, changed=table.changed)
    shared = (table.changed or 0) + (table.unchanged or 0)
    unchanged = f"; {table.unchanged:,} unchanged" if table.unchanged is not None else ""
    share = f" ({percent(table.changed, shared)} of those on both sides)" if table.changed else ""
    yield f"**{counts[:1].upper()}{counts[1:]}**{share}{unchanged}."
    if table.scope is not None:
        yield _part(table.scope, table)
    if table.schema_changes:
        yield f"{counted(len(table.schema_changes), 'column').capitalize()} {_differ(table)} in the catalog."
    if table.method == "multiset":
        yield "Whole rows were compared by 64-bit hashes, without a key."
    elif table.key:
        source = f", from {text(table.key_source)}" if table.key_source else ""
        yield f"Key: {code(', '.join(table.key))}{source}."


def _part(scope: Scope, table: TableDiff) -> str:
    """Counts of a part must not look like counts of all rows; the notes tell which part it is."""
    before, after = (counted(side.rows, "row") if side else "no row" for side in (table.production, table.staging))
    return (
        f"**Only a part was compared:** {scope.production_rows:,} of {before} of production, "
        f"{scope.staging_rows:,} of {after} of staging."
    )


def _differ(table: TableDiff) -> str:
    return "differs" if len(table.schema_changes) == 1 else "differ"


def _size(table: TableDiff) -> str:
    there = table.staging or table.production
    return f" with {counted(there.rows, 'row')} and {counted(len(there.columns), 'column')}" if there else ""


def _schema(table: TableDiff) -> str:
    changes = table.schema_changes
    if not changes:
        return ""
    lines = [f"- {_change(change)}" for change in changes[:_COLUMNS]]
    if len(changes) > _COLUMNS:
        lines.append(f"- and more: {names(change.column for change in changes[_COLUMNS:])}")
    return "**Columns in the catalog**\n\n" + "\n".join(lines)


def _change(change: SchemaChange) -> str:
    types = " → ".join(text(known) for known in (change.production, change.staging) if known)
    return f"{code(change.column)} {change.kind}: {types}"


def _changed_columns(table: TableDiff) -> str:
    counts = table.changed_columns
    if not counts:
        return ""
    whole = (table.changed or 0) + (table.unchanged or 0) or max(count.rows for count in counts)
    rows = [
        (name(count.column), f"{count.rows:,}", percent(count.rows, whole), bar(count.rows, whole))
        for count in counts[:_COLUMNS]
    ]
    fewer = names(count.column for count in counts[_COLUMNS:])
    return markdown_table(("changed column", ">rows", ">share", ""), rows) + (
        f"\n\nand in fewer rows: {fewer}" if fewer else ""
    )
