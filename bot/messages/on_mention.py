"""Pure: what the bot answers when it is mentioned, in mrkdwn."""

from collections.abc import Sequence

from bot.blocks.escape import code
from bot.messages.in_thread import columns, concentration_line, rows
from flows.contract import Report, TableDiff, rows_touched

_TABLES_NAMED = 5


def usage(unknown: str = "", suggestion: str = "") -> str:
    """What can be asked here, after words that were not understood."""
    meant = f" Did you mean {code('@wap ' + suggestion)}?" if suggestion else ""
    lead = f"Nothing was looked up. {code('@wap ' + unknown)} is not something to ask here.{meant}\n" if unknown else ""
    return lead + (
        "In the thread of a card, from its report:\n"
        "`@wap rows TABLE [added | removed | changed]` example rows\n"
        "`@wap columns TABLE` columns, and how their values moved\n"
        "`@wap chart [TABLE [COLUMN]]` a picture, production against staging\n"
        "`@wap csv [TABLE]` the example rows as a file\n"
        "`@wap why` why this run asks"
    )


def outside() -> str:
    """A mention where no card is."""
    return (
        "Nothing was looked up. I answer about a data release in the thread of its card: ask there, for example "
        "`@wap why` or `@wap rows TABLE`, or type `/wap help`."
    )


def no_report() -> str:
    """The run has not been audited yet."""
    return "Nothing to tell yet. The audit of this run has not finished; ask again when the card waits for a decision."


def not_here(word: str, run_name: str) -> str:
    """Deciding is not a matter of words in a thread."""
    return (
        f"Nothing was decided. A thread does not take {code(word)}: press a button of the card, or type "
        f"{code(f'/wap {word} {run_name}')}."
    )


def no_table(wanted: str, near: Sequence[str], report: Report) -> str:
    """The report knows no such table."""
    if near:
        return f"Nothing was looked up. This report has no table {code(wanted)}. Near: {_named(near)}."
    names = [diff.name for diff in report.differing]
    known = f"What differs: {_named(names)}." if names else "No table differs."
    return f"Nothing was looked up. This report has no table {code(wanted)}. {known}"


def no_column(wanted: str, diff: TableDiff, near: Sequence[str]) -> str:
    """The report has no numbers to draw for this column."""
    known = f" Try {_named(near)}." if near else ""
    return f"No picture. The report has no numbers to draw for {code(wanted)} of {code(diff.name)}.{known}"


def no_picture(diff: TableDiff | None) -> str:
    """There is nothing to draw at all."""
    where = f"for {code(diff.name)}" if diff else "that differ"
    return f"No picture. The report has no numbers to draw {where}."


def not_drawn() -> str:
    """Drawing failed."""
    return "No picture. Drawing it failed; the numbers are in `@wap columns TABLE`. The log of the bot says why."


def no_columns(diff: TableDiff) -> str:
    """Neither columns nor profiles are known."""
    return f"Nothing to show. The report knows no columns of {code(diff.name)}."


def no_rows(diff: TableDiff, kind: str | None) -> str:
    """The report has no such examples, whatever it counts."""
    counted = {"added": diff.added, "removed": diff.removed, "changed": diff.changed}
    if kind is None:
        told = ", ".join(f"{'?' if count is None else f'{count:,}'} {name}" for name, count in counted.items())
        return f"Nothing to show. The report holds no example rows of {code(diff.name)}; it counts {told}."
    count = counted[kind]
    told = "did not count them" if count is None else f"counts {rows(count)}"
    return f"Nothing to show. The report holds no example of {kind} rows of {code(diff.name)}; it {told}."


def rows_line(diff: TableDiff, kind: str | None, *, shown: int, held: int) -> str:
    """Above example rows that somebody asked for."""
    counted = {"added": diff.added, "removed": diff.removed, "changed": diff.changed}
    of = counted[kind] if kind else rows_touched(diff)
    all_of_them = f" of {of:,}" if of is not None else ""
    more = f" The other {held - shown:,} examples: {code(f'@wap csv {diff.name}')}." if held > shown else ""
    return f"{code(diff.name)}: {shown:,}{all_of_them} {kind or 'differing'} rows.{more}"


def columns_line(diff: TableDiff, *, shown: int, known: int) -> str:
    """Above the columns of a table."""
    left_out = f" The first {shown:,} of them:" if shown < known else ""
    return f"{code(diff.name)}: {columns(known)}, production → staging.{left_out}"


def why_line(report: Report) -> str:
    """The beginning of the answer to why."""
    differing = len(report.differing)
    tables = "1 table differs" if differing == 1 else f"{differing:,} tables differ"
    production = code(report.target.production)
    return f"{production} would change: {tables} in {code(report.target.staging)}. What stands out:"


def most_changed_line(diff: TableDiff) -> str:
    """One of the tables that change most."""
    touched = rows_touched(diff)
    size = "not counted" if touched is None else f"{rows(touched)} touched"
    line = f"• {code(diff.name)}: {size}"
    if diff.changed_columns:
        column = max(diff.changed_columns, key=lambda count: count.rows)
        line += f"; {code(column.column)} differs in {rows(column.rows)}"
    return line + (f". {concentration_line(diff.concentration)}" if diff.concentration else ".")


def answered_enough(most: int) -> str:
    """One thread has had its share of answers."""
    return f"Not answered. This thread has had {most} answers; `/wap diff` answers in private."


def _named(names: Sequence[str]) -> str:
    more = f" and {len(names) - _TABLES_NAMED:,} more" if len(names) > _TABLES_NAMED else ""
    return ", ".join(code(name, 60) for name in names[:_TABLES_NAMED]) + more
