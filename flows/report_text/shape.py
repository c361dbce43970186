"""Pure: how a table's values look: where a difference lies, which numbers moved, how values are spread."""

from typing import Final

from flows.contract import Bar, Distribution, TableDiff
from flows.report_text.bars import bar, percent
from flows.report_text.escaping import cell, code, name
from flows.report_text.moves import moves
from flows.report_text.tables import markdown_table
from flows.words import counted

_MOVES: Final = 40
_SPREADS: Final = 6
_WIDTH: Final = 8
_MOVED: Final = ("column", "", ">production", ">staging", ">change")


def concentration(table: TableDiff) -> str:
    """Where most of the difference lies, in a sentence."""
    found = table.concentration
    if found is None:
        return ""
    share = percent(found.rows, found.of)
    return (
        f"**Where:** {found.rows:,} of {found.of:,} {found.kind} rows ({share}) have {code(found.column)} = "
        f"{cell(found.value)}; of all rows {percent(found.usual, 1)} have it."
    )


def profile(table: TableDiff) -> str:
    """The numbers that moved, column by column, with the change in per cent."""
    moved = moves(table.profile)
    if not moved:
        return ""
    rows = []
    last = None
    for move in moved[:_MOVES]:
        rows.append(
            (
                name(move.column) if move.column != last else "",
                move.measure,
                cell(move.before),
                cell(move.after),
                move.change,
            )
        )
        last = move.column
    more = len(moved) - _MOVES
    rest = f"\n\nand {counted(more, 'more number')} that moved" if more > 0 else ""
    return f"**Numbers that moved**\n\n{markdown_table(_MOVED, rows)}{rest}"


def spread(table: TableDiff) -> str:
    """How the values of some columns are spread, both sides beside each other."""
    parts = [_one(distribution) for distribution in table.distributions[:_SPREADS] if distribution.bars]
    if (more := len(table.distributions) - _SPREADS) > 0:
        parts.append(f"and the spread of {counted(more, 'more column')}, which only the machine's report holds")
    return "\n\n".join(["**Spread of values, in rows**", *parts]) if any(parts) else ""


def _one(distribution: Distribution) -> str:
    most = max(max(one.production, one.staging) for one in distribution.bars)
    rows = [
        (
            _label(one),
            f"{one.production:,}",
            bar(one.production, most, width=_WIDTH),
            f"{one.staging:,}",
            bar(one.staging, most, width=_WIDTH),
        )
        for one in distribution.bars
        if one.production or one.staging
    ]
    return markdown_table((name(distribution.column), ">production", "", ">staging", ""), rows) if rows else ""


def _label(one: Bar) -> str:
    if one.is_rest:
        return "*all others*"
    return f"{cell(one.label)} to {cell(one.upper)}" if one.upper is not None else cell(one.label)
