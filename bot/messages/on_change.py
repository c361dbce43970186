"""Pure: what a card says of the change itself: its dangers, where it lies, what was not looked at. All mrkdwn."""

from collections.abc import Sequence
from decimal import Decimal
from typing import assert_never

from bot.blocks.escape import code, value, when
from bot.card.risks import Risk, RiskKind, risks
from flows.contract import Concentration, Report, TableDiff, rows_touched

_RISKS_NAMED = 3
_SCOPES_NAMED = 3
_NAME_CHARS = 48
_CONDITION_CHARS = 80


def risk_line(report: Report, *, shows_values: bool = False) -> str:
    """The most dangerous first; what is not named is counted. Empty if nothing differs.

    `shows_values` only where everybody who reads it may see rows.
    """
    if not report.differing:
        return ""
    found = risks(report)
    if not found:
        return "*Risk:* no table or column vanishes, and no row is removed."
    more = len(found) - _RISKS_NAMED
    named = [
        *(risk(one, shows_values=shows_values) for one in found[:_RISKS_NAMED]),
        *([f"and {more:,} more"] if more > 0 else []),
    ]
    return "*Risk:* " + " · ".join(named)


def risk(found: Risk, *, shows_values: bool = False) -> str:
    """One danger, in words."""
    table, column = code(found.table, _NAME_CHARS), code(found.column, _NAME_CHARS)
    match found.kind:
        case RiskKind.TABLE_VANISHES:
            return f"table {table} vanishes with its {found.rows:,} rows"
        case RiskKind.TABLE_EMPTIED:
            return f"{table} becomes empty, it has {found.rows:,} rows"
        case RiskKind.COLUMN_DROPPED:
            return f"{table} loses its column {column}"
        case RiskKind.NOT_COMPARED:
            return f"{table} could not be compared"
        case RiskKind.ROWS_REMOVED:
            verb = "loses or changes" if found.or_changed else "loses"
            share = f"{percent(found.share)} of its rows ({found.rows:,} of {found.of:,})"
            return f"{table} {verb} {share if found.of else f'{found.rows:,} rows'}"
        case RiskKind.COLUMN_RETYPED:
            return f"{table} changes the type of {column}"
        case RiskKind.UNIT_CHANGED | RiskKind.VALUES_SCALED:
            return _moved(found, shows_values=shows_values)
        case _:
            assert_never(found.kind)


def _moved(found: Risk, *, shows_values: bool) -> str:
    """`amount` ÷100 in `orders` (mean 49.90 → 0.50) and 2 more tables."""
    assert found.factor
    factor = found.factor
    mean_of = "" if factor.is_uniform else "the mean of "
    some_rows = "" if factor.is_mean else f"{factor.rows:,} rows of "
    moved = f"{mean_of}{code(found.column, _NAME_CHARS)} {times(factor.by)}"
    label = "mean " if factor.is_mean and factor.is_uniform else ""
    values = f" ({label}{code(f'{factor.before} → {factor.after}')})" if shows_values else ""
    more = f" and {found.more_tables:,} more {'table' if found.more_tables == 1 else 'tables'}"
    return f"{moved} in {some_rows}{code(found.table, _NAME_CHARS)}{values}{more if found.more_tables else ''}"


def times(by: Decimal) -> str:
    """A factor as people say it: ×2.5, ÷100, ×-1."""  # noqa: RUF002  the multiplication sign is meant
    sign, size = ("×", by) if abs(by) >= 1 else ("÷", 1 / by)  # noqa: RUF001  the multiplication sign is meant
    return sign + (f"{size:,.0f}" if abs(size) >= 1_000 else f"{float(size):.3g}")


def percent(share: float) -> str:
    """A share of 0 to 1 as people read it; what is little is never shown as nothing, nor nearly all as all."""
    if 0 < share < 0.001:
        return "under 0.1 %"
    if 0.999 < share < 1:
        return "over 99.9 %"
    return f"{share:.0%}".replace("%", " %") if share >= 0.1 or share == 0 else f"{share:.1%}".replace("%", " %")


def most_line(report: Report) -> str:
    """Which of several tables holds most of the change, and its most changed column."""
    touched = [(rows_touched(diff) or 0, diff) for diff in report.differing]
    total = sum(rows for rows, _ in touched)
    if not total or len(touched) < 2:
        return ""
    most, top = max(touched, key=lambda pair: pair[0])
    line = f"Most of it is in {code(top.name, _NAME_CHARS)}: {most:,} of {total:,} touched rows"
    if top.status != "changed" or not top.changed_columns:
        return line + "."
    column = max(top.changed_columns, key=lambda count: count.rows)
    return f"{line}; {code(column.column, _NAME_CHARS)} differs in {column.rows:,}."


def concentration_line(tables: Sequence[TableDiff]) -> str:
    """Where the change is concentrated: of all tables the one where it explains most rows. Empty if nowhere."""
    known = [(diff, diff.concentration) for diff in tables if diff.concentration]
    if not known:
        return ""
    diff, top = max(known, key=lambda pair: pair[1].rows)
    return f"Concentrated in {code(diff.name, _NAME_CHARS)}: {concentration(top)}"


def concentration(found: Concentration) -> str:
    """One concentration, beside what one would expect."""
    column, cell = code(found.column, _NAME_CHARS), code(value(found.value), _NAME_CHARS)
    return (
        f"{found.rows:,} of {found.of:,} {found.kind} rows have {column} = {cell}"
        f" (of all rows {percent(found.usual)} have it)."
    )


def fresh_line(tables: Sequence[TableDiff]) -> str:
    """Rows that are new because time went on, told apart from rows that were added to the past."""
    known = [(diff, diff.fresh) for diff in tables if diff.fresh and diff.fresh.rows]
    if not known:
        return ""
    diff, fresh = max(known, key=lambda pair: pair[1].rows)
    rows = sum(fresh.rows for _, fresh in known)
    example = f"{code(diff.name, _NAME_CHARS)} has {fresh.rows:,} after {code(value(fresh.until), _NAME_CHARS)}"
    more = f", {len(known) - 1:,} more {'table has' if len(known) == 2 else 'tables have'} some" if known[1:] else ""
    return f"{rows:,} fresh rows, newer than production, are not counted as added: {example}{more}."


def scope_line(tables: Sequence[TableDiff]) -> str:
    """Which counts are of a part only."""
    partial = [diff for diff in tables if diff.scope]
    if not partial:
        return ""
    named = [f"{code(diff.name, _NAME_CHARS)} ({scope(diff)})" for diff in partial[:_SCOPES_NAMED]]
    more = len(partial) - len(named)
    return f"Counts of a part only: {', '.join(named)}" + (f" and {more:,} more." if more else ".")


def scope(diff: TableDiff) -> str:
    """Which part of a table was compared row by row."""
    if diff.scope is None:
        return "all rows"
    parts = [f"{percent(diff.scope.sampled)} of its keys"] if diff.scope.sampled < 1 else []
    parts += [f"where {code(diff.scope.condition, _CONDITION_CHARS)}"] if diff.scope.condition else []
    return ", ".join(parts) or f"{diff.scope.production_rows:,} of its rows in production"


def rest_line(*, left_out: int, equal: int, run_name: str) -> str:
    """What the table of the card does not show, and where it is."""
    parts = [f"and {left_out:,} more that differ: {code(f'/wap diff {run_name}')}"] if left_out else []
    parts += [f"{equal:,} {'table' if equal == 1 else 'tables'} unchanged"] if equal else []
    return " · ".join(parts)


def more_lines_line(count: int, run_name: str) -> str:
    """What the card has no room to say of where the change lies."""
    return (
        f"and {count:,} more {'line' if count == 1 else 'lines'} on where it changed: {code(f'/wap diff {run_name}')}"
    )


def listing_title(report: Report) -> str:
    """Above the list of all tables."""
    count = len(report.differing)
    tables = f"{count:,} {'table differs' if count == 1 else 'tables differ'} of {len(report.tables):,}"
    return f"*{code(report.run_name, _NAME_CHARS)}* {code(report.target.production, _NAME_CHARS)}: {tables}"


def not_listed_line(count: int) -> str:
    """What even the whole list has no room for."""
    return f"and {count:,} more tables, which the report in Prefect lists"


def picker_rest_line(count: int, run_name: str) -> str:
    """Tables that a list of ours has no room for."""
    return f"and {count:,} more tables: {code(f'/wap diff {run_name} TABLE')}"


def asked_line(report: Report) -> str:
    """Since when somebody waits."""
    return f"asked {when(report.created_at)}, expires {when(report.expires_at)}"
