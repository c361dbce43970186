"""Pure: the whole report as Markdown, important things first, and never longer than its limit."""

from itertools import accumulate
from typing import Final

from flows.contract import Report, TableDiff, by_importance
from flows.report_text.escaping import names, text
from flows.report_text.overview import context, equal_line, findings, rules, table_of_tables
from flows.report_text.section import brief_section, section
from flows.report_text.totals import summary
from flows.words import counted

LIMIT: Final = 400_000
"""Bytes of the report. Prefect stores more, but its page takes seconds to lay out what is longer."""

_OVERVIEW: Final = 200
_LEAST: Final = 500
"""Bytes below which the rest of a section is not tried any more."""

_TAIL: Final = 2_000
"""Bytes kept free for the words that tell what is left out."""


def markdown(report: Report) -> str:
    """The report, to be read in the Prefect UI."""
    tables = by_importance(report.tables)
    head = [
        "# " + ", ".join(f"{text(pair.staging)} → {text(pair.production)}" for pair in report.target.pairs),
        f"**{summary(report)}**",
        findings(report),
        context(report),
        rules(report),
        table_of_tables(tables, most=_OVERVIEW),
        equal_line(report),
    ]
    digest = f"Digest of the data on both sides: `{report.digest}`"
    top = "\n\n".join(part for part in head if part)
    return "\n\n".join((top, *_sections(tables, room=LIMIT - _TAIL - _size(top)), digest)) + "\n"


def _sections(tables: tuple[TableDiff, ...], *, room: int) -> list[str]:
    """At least a sentence per table, and its whole section while there is room."""
    briefs = [brief_section(table) for table in tables]
    ends = accumulate(map(_size, briefs))
    parts = [brief for brief, end in zip(briefs, ends, strict=True) if end <= room]
    room -= sum(map(_size, parts))
    short = []
    for place, brief in enumerate(parts):
        whole = section(tables[place]) if room > _LEAST else ""
        if whole and (more := _size(whole) - _size(brief)) <= room:
            parts[place] = whole
            room -= more
        else:
            short.append(tables[place].name)
    return [*parts, *_told(short, [table.name for table in tables[len(parts) :]])]


def _told(short: list[str], left_out: list[str]) -> list[str]:
    limit = f"this report is at most {LIMIT // 1000} kB long"
    told = []
    if short:
        told.append(
            f"**{counted(len(short), 'table')} in short**, without columns, examples and profile, because {limit}: "
            f"{names(short)}."
        )
    if left_out:
        more = counted(len(left_out), "more table")
        told.append(f"**And {more}** without a section, because {limit}: {names(left_out)}.")
    return told


def _size(part: str) -> int:
    return len(part.encode()) + 2
