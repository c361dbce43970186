"""Pure: a question in a card's thread and the run's report -> the answer. The warehouse is never asked."""

from dataclasses import dataclass
from typing import assert_never

from bot.blocks import limits
from bot.blocks.elements import context, paragraph, section
from bot.blocks.profile_table import profile_table
from bot.blocks.sample_table import sample_table
from bot.charts.panels import PANELS, Panel, table_panels, top_panels
from bot.messages import on_mention
from bot.ports import Message, Upload
from bot.thread import files
from bot.thread.words import (
    Chart,
    Columns,
    Csv,
    Decide,
    Found,
    Help,
    Missing,
    Question,
    Rows,
    Why,
    find_table,
    near,
)
from flows.contract import Report, TableDiff, by_importance

_ROWS = 99
_REASONS = 10
_REASON_CHARS = 400
_TABLES = 3
_TABLE_CHARS = limits.MESSAGE_CHARS - 1_000


@dataclass(frozen=True, slots=True)
class Picture:
    """The answer is a picture that has to be drawn first."""

    panels: tuple[Panel, ...]
    subject: str


Answer = Message | Upload | Picture


def answer(question: Question, report: Report) -> Answer:
    """What to post into the thread."""
    match question:
        case Rows(words) | Columns(words):
            found = find_table(words, report)
            if isinstance(found, Missing):
                return _words(on_mention.no_table(found.wanted, found.near, report))
            return _rows(found.diff, question) if isinstance(question, Rows) else _columns(found.diff)
        case Chart(words):
            return _chart(words, report)
        case Csv(words):
            return _csv(words, report)
        case Why():
            return _why(report)
        case Decide(word):
            return _words(on_mention.not_here(word, report.run_name))
        case Help(unknown, suggestion):
            return _help(unknown, suggestion, report)
        case _:
            assert_never(question)


def _rows(diff: TableDiff, asked: Rows) -> Message:
    held = [sample for sample in diff.samples if asked.kind in (None, sample.kind)]
    block = sample_table(diff, held, chars=_TABLE_CHARS, most=_ROWS)
    if block is None:
        return _words(on_mention.no_rows(diff, asked.kind))
    line = on_mention.rows_line(diff, asked.kind, shown=len(block["rows"]) - 1, held=len(held))
    return Message(line, (section(line), block))


def _columns(diff: TableDiff) -> Message:
    sides = [side for side in (diff.production, diff.staging) if side]
    names = dict.fromkeys(column.name for side in sides for column in side.columns)
    differs = {count.column: count.rows for count in diff.changed_columns}
    every = sorted((names | dict.fromkeys(one.column for one in diff.profile)), key=lambda name: -differs.get(name, 0))
    block = profile_table(diff, every, chars=_TABLE_CHARS)
    if block is None:
        return _words(on_mention.no_columns(diff))
    line = on_mention.columns_line(diff, shown=len(block["rows"]) - 1, known=len(every))
    return Message(line, (section(line), block))


def _chart(words: tuple[str, ...], report: Report) -> Message | Picture:
    if not words:
        panels = top_panels(report)
        return Picture(panels, "columns") if panels else _words(on_mention.no_picture(None))
    found = find_table(words, report)
    if isinstance(found, Missing):
        return _words(on_mention.no_table(found.wanted, found.near, report))
    return _table_chart(found)


def _table_chart(found: Found) -> Message | Picture:
    diff = found.diff
    every = table_panels(diff)
    if not found.rest:
        return Picture(every[:PANELS], diff.name) if every else _words(on_mention.no_picture(diff))
    wanted = " ".join(found.rest)
    drawable = [*(one.column for one in diff.distributions), *(one.column for one in diff.profile)]
    column = next((name for name in drawable if name.lower() == wanted.lower()), None)
    panels = table_panels(diff, column=column) if column else ()
    if not panels:
        return _words(on_mention.no_column(wanted, diff, near(wanted, drawable) or tuple(dict.fromkeys(drawable))))
    return Picture(panels[:1], f"{diff.name} {column}")


def _csv(words: tuple[str, ...], report: Report) -> Message | Upload:
    if not words:
        return files.examples(report, subject="all examples")
    found = find_table(words, report)
    if isinstance(found, Missing):
        return _words(on_mention.no_table(found.wanted, found.near, report))
    if not found.diff.samples:
        return _words(on_mention.no_rows(found.diff, None))
    return files.examples(report, (found.diff,), subject=found.diff.name)


def _why(report: Report) -> Message:
    """What rules and findings say, worst first, then the tables that change most."""
    reasons = [f"{hit.table} {hit.consequence} ({hit.label})".strip() for hit in report.rule_hits]
    found = (*report.blockers, *report.warnings)
    reasons += [f"{one.object}: {one.consequence.rstrip('.')}. {one.remedy}" for one in found]
    reasons += [f"dbt {node.kind} {node.name}: {node.status}. {node.message}" for node in report.dbt.nodes]
    if report.asked_because:
        reasons.insert(0, report.asked_because)
    left_out = len(reasons) - _REASONS
    most = "\n".join(map(on_mention.most_changed_line, by_importance(report.tables)[:_TABLES]))
    line = on_mention.why_line(report)
    blocks = [
        section(line),
        *(paragraph(reason, length=_REASON_CHARS) for reason in reasons[:_REASONS]),
        *([context(f"and {left_out:,} more, in Prefect")] if left_out > 0 else []),
        *([section(most)] if most else []),
    ]
    return Message(line, tuple(blocks))


def _help(unknown: str, suggestion: str, report: Report) -> Message:
    """A table's name alone is not a question, but nearly one."""
    if unknown and not suggestion:
        found = find_table(unknown.split(), report)
        suggestion = f"rows {found.diff.name}" if isinstance(found, Found) else ""
    return _words(on_mention.usage(unknown, suggestion))


def _words(text: str) -> Message:
    return Message(limits.cut_bytes(text), (section(text),))
