"""Column profiles -> what moved between production and staging, as text and as a native Slack table."""

from collections.abc import Iterator, Sequence
from decimal import Decimal, InvalidOperation
from typing import Any

from bot.blocks import limits
from bot.blocks.elements import Block, number_cell, table, text_cell
from bot.blocks.escape import transition, value
from flows.contract import Cell, ColumnProfile, Profile, TableDiff

HEAD = ("Column", "Differ", "NULLs", "Distinct", "Values")
ROWS = 40
_CELL_CHARS = 90
_SIDE_CHARS = 30
_NOISE = 0.05
"""Distinct values are counted approximately, to a few per cent: less than this is no move."""


def moved(diff: TableDiff) -> tuple[ColumnProfile, ...]:
    """The columns of both sides whose values look different now, those that differ in most rows first.

    Keys are left out: with every new row they move, which tells nothing.
    """
    rows = {count.column: count.rows for count in diff.changed_columns}
    found = [one for one in diff.profile if one.column not in diff.key and moves(one)]
    return tuple(sorted(found, key=lambda one: -rows.get(one.column, 0)))


def moves(one: ColumnProfile) -> tuple[tuple[str, str], ...]:
    """What moved in a column: a name and before → after. Empty if nothing did, or one side lacks the column."""
    if not (one.production and one.staging):
        return ()
    return tuple(
        (name, transition(before, after, 2 * _SIDE_CHARS))
        for name, before, after in _moves(one.production, one.staging)
    )


def profile_table(diff: TableDiff, columns: Sequence[str], *, chars: int) -> Block | None:
    """One line a column, as many as fit: rows in which it differs, then its profile before -> after."""
    profiles = {one.column: one for one in diff.profile}
    rows = [_row(diff, column, profiles.get(column)) for column in columns[:ROWS]]
    room = min(chars, limits.TABLE_CHARS) - sum(map(len, HEAD))
    lines = limits.rows_that_fit(rows, chars=room, count=ROWS)
    return table(HEAD, lines, right=frozenset({1})) if lines else None


def _moves(before: Profile, after: Profile) -> list[tuple[str, str, str]]:
    found = [("NULLs", f"{before.nulls:,}", f"{after.nulls:,}")] if before.nulls != after.nulls else []
    if _is_other_count(before.distinct, after.distinct):
        found.append(("distinct", f"{before.distinct:,}", f"{after.distinct:,}"))
    found += [
        (name, value(old), value(new))
        for name, old, new in (("low", before.low, after.low), ("high", before.high, after.high))
        if old != new
    ]
    old, new = _rounded(before.mean), _rounded(after.mean)
    return [*found, *([("mean", old, new)] if old != new else [])]


def _rounded(mean: Cell) -> str:
    """A mean is made of all values: more than six digits of it say nothing."""
    try:
        return value(mean) if mean is None else f"{Decimal(mean):.6g}"
    except (InvalidOperation, ValueError):
        return value(mean)


def _is_other_count(before: int | None, after: int | None) -> bool:
    if before is None or after is None:
        return False
    return abs(after - before) > _NOISE * max(before, after)


def _row(diff: TableDiff, column: str, one: ColumnProfile | None) -> list[dict[str, Any]]:
    differs = next((count.rows for count in diff.changed_columns if count.column == column), 0)
    sides = (one.production, one.staging) if one else (None, None)
    cells = [
        _both(*(f"{side.nulls:,}" if side else "" for side in sides)),
        _both(*(f"{side.distinct:,}" if side and side.distinct is not None else "" for side in sides)),
        _both(*(", ".join(_range(side)) if side else "" for side in sides)),
    ]
    return [text_cell(_typed(diff, column)), number_cell(differs), *(text_cell(cell, _CELL_CHARS) for cell in cells)]


def _both(before: str, after: str) -> str:
    return before if before == after else transition(before or "—", after or "—", _CELL_CHARS)


def _range(side: Profile) -> Iterator[str]:
    if side.low is not None or side.high is not None:
        yield f"{value(side.low)} … {value(side.high)}"
    if side.mean is not None:
        yield f"mean {_rounded(side.mean)}"


def _typed(diff: TableDiff, column: str) -> str:
    """The column with its type, and a sign where only one side has it or the types differ."""
    types = [
        next((found.type for found in side.columns if found.name == column), "") if side else ""
        for side in (diff.production, diff.staging)
    ]
    match types:
        case ["", ""]:
            return column
        case ["", new]:
            return f"+{column} {new}"
        case [old, ""]:
            return f"-{column} {old}"
        case [old, new] if old == new:
            return f"{column} {new}"
        case _:
            return f"~{column} {types[0]} → {types[1]}"
