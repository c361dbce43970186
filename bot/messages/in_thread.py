"""Pure: what the messages in the thread of a card say about one table, in mrkdwn."""

from collections.abc import Iterable, Sequence

from bot.blocks.escape import code, cut, value
from bot.charts.panels import Panel
from bot.messages.on_change import percent
from bot.thread.csv_file import BYTES, CsvFile
from flows.contract import Concentration, Discussion, Exposure, Freshness, Scope, TableContext, TableDiff

_COLUMNS = 4
_NAMES = 4
_ALT_CHARS = 1_000  # Slack's limit of alt_txt


def headline(diff: TableDiff) -> str:
    """The table and the size of its change. What was not counted is a question mark."""
    before = f"{diff.production.rows:,}" if diff.production else "none"
    after = f"{diff.staging.rows:,}" if diff.staging else "none"
    counts = [("+", diff.added, "added"), ("-", diff.removed, "removed")]
    if not (diff.changed is None and diff.method == "multiset"):
        counts.append(("~", diff.changed, "changed"))
    told = [f"{sign}{_number(count)} {kind}" for sign, count, kind in counts if count != 0] or ["no row differs"]
    return f"*{code(diff.name)}* {before} → {after} rows · {' · '.join(told)}"


def schema_line(diff: TableDiff) -> str:
    """The columns that came, went or got another type; empty if none did."""
    said = {
        "added": lambda change: f"new {code(change.column)} {code(change.staging or '?', 40)}",
        "removed": lambda change: f"*gone* {code(change.column)}",
        "retyped": lambda change: (
            f"{code(change.column)} {code(change.production or '?', 40)} → {code(change.staging or '?', 40)}"
        ),
    }
    return _listed("Columns: ", [said[change.kind](change) for change in diff.schema_changes], "schema change")


def columns_line(diff: TableDiff) -> str:
    """The columns in which most changed rows differ; empty if none is known."""
    most = sorted(diff.changed_columns, key=lambda count: (-count.rows, count.column))
    return _listed("Differs: ", [f"{code(one.column)} in {rows(one.rows)}" for one in most], "column")


def concentration_line(found: Concentration) -> str:
    """Where most of the change lies, and what would have been usual."""
    return (
        f"{found.rows:,} of {found.of:,} {found.kind} rows have {code(value(found.value), 60)} in "
        f"{code(found.column)}; of all rows {percent(found.usual)} have."
    )


def fresh_line(fresh: Freshness) -> str:
    """Rows that are only newer."""
    return (
        f"{rows(fresh.rows)} in staging {'is' if fresh.rows == 1 else 'are'} newer than production "
        f"({code(fresh.column)} after {code(value(fresh.until), 40)}): fresh, not counted as added."
    )


def scope_line(scope: Scope) -> str:
    """What part of the table was compared; empty if all of it was."""
    parts = [f"only rows where {code(scope.condition, 200)}"] if scope.condition else []
    parts += [f"only {percent(scope.sampled)} of the keys, chosen by hash"] if scope.sampled < 1 else []
    if not parts:
        return ""
    sizes = f"{scope.production_rows:,} rows of production with {scope.staging_rows:,} of staging"
    return f"Compared {' and '.join(parts)}: {sizes}. Counts are of this part; nothing is extrapolated."


def moved_line(column: str, moves: Sequence[tuple[str, str]]) -> str:
    """How the values of a column look now, against before."""
    return f"{code(column)} " + " · ".join(f"{name} {code(change, 80)}" for name, change in moves)


def more_moved_line(count: int, table: str) -> str:
    """Columns whose move is not told here."""
    return f"and {count:,} more {'column' if count == 1 else 'columns'} that moved: {code(f'@wap columns {table}')}"


def context_line(context: TableContext) -> str:
    """What dbt knows: owner, tests, who reads it."""
    parts = [] if context.is_built else ["not built in this run: a copy of production"]
    parts += [f"owner {code(context.owner, 60)}"] if context.owner else []
    tests = [f"{context.tests_passed:,} passed"] if context.tests_passed else []
    tests += [f"{context.tests_warned:,} warned"] if context.tests_warned else []
    parts += [f"tests: {', '.join(tests)}"] if tests else []
    parts += [
        _listed("read by ", [code(name, 60) for name in context.downstream], "model", context.downstream_left_out)
    ]
    parts += [_listed("shown in ", [_exposure(one) for one in context.exposures], "place", context.exposures_left_out)]
    return " · ".join(part for part in parts if part)


def shown_line(shown: int, diff: TableDiff) -> str:
    """Below the table of examples, when it does not hold all of them."""
    return f"{shown:,} of {len(diff.samples):,} example rows. All of them: {code(f'@wap csv {diff.name}')}"


def rest_line(tables: Sequence[TableDiff], run_name: str) -> str:
    """After the last table that the thread shows."""
    names = ", ".join(code(diff.name, 60) for diff in tables[:_NAMES])
    more = f" and {len(tables) - _NAMES:,} more" if len(tables) > _NAMES else ""
    return f"and {len(tables):,} more: {names}{more}. One of them: {code(f'/wap diff {run_name} TABLE')}"


def chart_comment(panels: Sequence[Panel]) -> str:
    """Above a picture: which columns it shows, in letters that the picture may lack."""
    named = _listed("", [code(panel.about, 60) for panel in panels], "column")
    return f"How {named} {'is' if len(panels) == 1 else 'are'} spread, production against staging"


def chart_alt(panels: Sequence[Panel]) -> str:
    """What a picture shows, for those who cannot see it. Plain text."""
    return cut(" ".join(map(_panel_alt, panels)), _ALT_CHARS)


def csv_comment(file: CsvFile) -> str:
    """Above the file of examples."""
    said = f"Example rows: {file.rows:,}, one line a cell. Values that begin like a formula have an apostrophe."
    if file.rows == file.of:
        return said
    return f"{said} {file.of - file.rows:,} more are not in it, because a file ends at {BYTES // 2**20} MB."


def discussion_line(discussion: Discussion) -> str:
    """How much was talked about a run before its decision."""
    people, messages = discussion.people, discussion.messages
    who = "1 person" if people == 1 else f"{people:,} people"
    return f"Discussed by {who} in {messages:,} {'message' if messages == 1 else 'messages'} of this thread."


def rows(count: int) -> str:
    """So many rows, in words."""
    return f"{count:,} {'row' if count == 1 else 'rows'}"


def columns(count: int) -> str:
    """So many columns, in words."""
    return f"{count:,} {'column' if count == 1 else 'columns'}"


def _panel_alt(panel: Panel) -> str:
    counts = list(zip(panel.labels, panel.production, panel.staging, strict=True))
    if panel.kind == "values":
        return f"{panel.about}: " + ", ".join(f"{label} {old:,} → {new:,}" for label, old, new in counts) + "."
    label, old, new = max(counts, key=lambda bar: abs(bar[1] - bar[2]), default=("", 0, 0))
    return (
        f"{panel.about} from {panel.labels[0] if counts else '?'} to {panel.end or '?'}: most different from "
        f"{label} up, {old:,} → {new:,} rows."
    )


def _exposure(exposure: Exposure) -> str:
    return code(exposure.name, 60) + (f" ({code(exposure.kind, 30)})" if exposure.kind else "")


def _listed(lead: str, said: Iterable[str], noun: str, left_out: int = 0) -> str:
    every = list(said)
    if not every:
        return ""
    hidden = max(0, len(every) - _COLUMNS) + left_out
    more = f" and {hidden:,} more {noun}{'' if hidden == 1 else 's'}" if hidden else ""
    return lead + ", ".join(every[:_COLUMNS]) + more


def _number(count: int | None) -> str:
    return "?" if count is None else f"{count:,}"
