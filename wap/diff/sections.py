"""The sections of the page that are counts: schema, changed columns, where, fresh rows, profile, spread."""

from collections.abc import Iterator

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from flows.contract import Bar, Distribution, TableDiff
from flows.report_text.bars import bar, percent
from flows.report_text.moves import Move, moves
from flows.report_text.visible import shortened, visible

_MOST = 20
_LABEL = 40
_SIGNS = {"added": ("+", "green"), "removed": ("-", "red"), "retyped": ("~", "yellow")}


def grid(*columns: str) -> Table:
    """A table without lines. A name that begins with > is a column of numbers."""
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="dim", show_header=any(columns))
    for name in columns:
        is_number = name.startswith(">")
        table.add_column(name.lstrip(">"), justify="right" if is_number else "left", no_wrap=is_number, overflow="fold")
    return table


def schema(table: TableDiff) -> RenderableType | None:
    """Columns that were added, removed or retyped."""
    if not table.schema_changes:
        return None
    lines = grid("", "", "")
    for change in table.schema_changes:
        sign, colour = _SIGNS[change.kind]
        types = [visible(name) for name in (change.production, change.staging) if name]
        lines.add_row(Text(sign, style=colour), Text(visible(change.column)), Text(" → ".join(types)))
    return lines


def changed_columns(table: TableDiff, *, has_bars: bool) -> RenderableType | None:
    """In how many rows each column differs, and their share of the rows that both sides have."""
    if not table.changed_columns:
        return None
    lines = grid("column", ">rows", ">share", *([""] if has_bars else []))
    shared = (table.changed or 0) + (table.unchanged or 0) or max(count.rows for count in table.changed_columns)
    for count in table.changed_columns[:_MOST]:
        cells = [Text(visible(count.column)), Text(f"{count.rows:,}"), Text(percent(count.rows, shared))]
        lines.add_row(*cells, *([Text(bar(count.rows, shared), style="yellow")] if has_bars else []))
    return _and_more(lines, len(table.changed_columns) - _MOST, "columns")


def concentration(table: TableDiff) -> RenderableType | None:
    """Where most of the difference lies."""
    found = table.concentration
    if found is None:
        return None
    value = "NULL" if found.value is None else visible(found.value)
    return Text(
        f"{found.rows:,} of {found.of:,} {found.kind} rows have {visible(found.column)} = {value}; "
        f"of all rows {percent(found.usual, 1)} have it"
    )


def fresh(table: TableDiff) -> RenderableType | None:
    """Rows that staging has because it is newer."""
    if table.fresh is None or not table.fresh.rows:
        return None
    until = visible(table.fresh.until or "NULL")
    return Text(f"{table.fresh.rows:,} rows are later than {visible(table.fresh.column)} {until}; not counted as added")


def profile(table: TableDiff, *, is_narrow: bool) -> RenderableType | None:
    """The numbers of the columns that moved."""
    moved = moves(table.profile)
    if not moved:
        return None
    if is_narrow:
        return Text("\n".join(map(_move_line, moved)))
    lines = grid("column", "", ">production", ">staging", ">change")
    last = ""
    for move in moved:
        name = Text(visible(move.column)) if move.column != last else Text()
        last = move.column
        values = (Text(shortened(visible(value), _LABEL)) for value in (move.before, move.after))
        lines.add_row(name, Text(move.measure, style="dim"), *values, Text(move.change, style="bold"))
    return lines


def distributions(table: TableDiff, *, has_bars: bool) -> Iterator[tuple[str, RenderableType]]:
    """The name of a column, and how its values are spread on both sides."""
    for distribution in table.distributions:
        yield distribution.column, _spread(distribution, has_bars=has_bars)


def _spread(distribution: Distribution, *, has_bars: bool) -> RenderableType:
    lines = grid("", ">production", *([""] if has_bars else []), ">staging", *([""] if has_bars else []))
    most = max((max(one.production, one.staging) for one in distribution.bars), default=0)
    for one in distribution.bars:
        if one.production or one.staging:
            sides = ((one.production, "dim"), (one.staging, "cyan"))
            cells = ((Text(f"{rows:,}"), Text(bar(rows, most), style=style)) for rows, style in sides)
            lines.add_row(Text(_label(one)), *(part for pair in cells for part in pair[: 1 + has_bars]))
    return lines


def _label(one: Bar) -> str:
    if one.is_rest:
        return "all others"
    label = "NULL" if one.label is None else shortened(visible(one.label), _LABEL)
    return f"{label} … {shortened(visible(one.upper), _LABEL)}" if one.upper is not None else label


def _move_line(move: Move) -> str:
    before, after = (shortened(visible(value), _LABEL) for value in (move.before, move.after))
    return f"{visible(move.column)} {move.measure}: {before} → {after}" + (f" ({move.change})" if move.change else "")


def _and_more(lines: Table, more: int, noun: str) -> RenderableType:
    return Group(lines, Text(f"and {more:,} more {noun}", style="dim")) if more > 0 else lines
