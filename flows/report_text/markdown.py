"""Pure: the report as Markdown, for the Prefect UI and for the form of the gate."""

import pandas as pd

from flows.contract import Report, SampleRow, TableDiff
from flows.words import counted

_SUMMARY_TABLES = 10


def markdown(report: Report) -> str:
    """The whole report, to be read in the Prefect UI."""
    parts = [
        f"# {report.target.staging} → {report.target.production}",
        _context(report),
        _findings(report),
        "## Tables",
        _overview(report.differing),
        _equal_line(report),
        *(_details(table) for table in report.differing),
        f"Digest of the data on both sides: `{report.digest}`",
    ]
    return "\n\n".join(part for part in parts if part)


def question(report: Report) -> str:
    """The report in short, above the form where a decision is made in Prefect."""
    parts = [
        f"## Publish `{report.target.staging}` to `{report.target.production}`?",
        _context(report),
        _findings(report),
        _overview(report.differing[:_SUMMARY_TABLES]),
        f"and {counted(more, 'more table')}" if (more := len(report.differing) - _SUMMARY_TABLES) > 0 else "",
        _equal_line(report),
        "Leave **Proof** empty here. The decision is recorded as made through Prefect, identity unverified.",
    ]
    return "\n\n".join(part for part in parts if part)


def _context(report: Report) -> str:
    dbt = report.dbt
    tests = f"{counted(dbt.tests_passed, 'test')} passed"
    if dbt.tests_warned:
        tests += f", {dbt.tests_warned} warned"
    where = f", in `{_code(report.target.database_name)}`" if report.target.database_name else ""
    return (
        f"Run **{_text(report.run_name)}**, requested by {_text(report.requested_by.name)}{where}. "
        f"dbt: {counted(dbt.models, 'model')} built in {dbt.seconds:.1f} s, {tests}. "
        f"Waits until {report.expires_at:%Y-%m-%d %H:%M} UTC."
    )


def _findings(report: Report) -> str:
    return "\n".join(
        f"- **{finding.severity}** `{_code(finding.object)}`: {_text(finding.consequence)}. {_text(finding.remedy)}"
        for finding in (*report.blockers, *report.warnings)
    )


def _overview(tables: tuple[TableDiff, ...]) -> str:
    if not tables:
        return "Nothing differs."
    frame = pd.DataFrame(
        [
            {
                "table": _text(table.name),
                "": table.status,
                "rows before": _count(table.production.rows if table.production else None, absent=not table.production),
                "rows after": _count(table.staging.rows if table.staging else None, absent=not table.staging),
                "+ added": _count(table.added),
                "- removed": _count(table.removed),
                "~ changed": _count(table.changed),
                "columns": _text(", ".join(count.column for count in table.changed_columns)),
                "key": _text(", ".join(table.key)) or "none",
            }
            for table in tables
        ]
    )
    return _table(frame)


def _equal_line(report: Report) -> str:
    equal = len(report.tables) - len(report.differing)
    return f"{counted(equal, 'table')} {'is' if equal == 1 else 'are'} equal on both sides." if equal else ""


def _details(table: TableDiff) -> str:
    lines = [f"### {_text(table.name)}"]
    if table.error:
        lines.append(f"**Could not be compared.** {_text(table.error)}")
    if table.key:
        lines.append(f"Key: `{_code(', '.join(table.key))}` (from {_text(table.key_source)})")
    lines += [f"- {_text(note)}" for note in table.notes]
    lines += [
        f"- column `{_code(change.column)}` {change.kind}: {_text(change.production or 'none')} → "
        f"{_text(change.staging or 'none')}"
        for change in table.schema_changes
    ]
    if table.changed_columns:
        counts = [{"column": _text(count.column), "changed rows": count.rows} for count in table.changed_columns]
        lines.append(_table(pd.DataFrame(counts)))
    if table.samples:
        lines.append(_samples(table.samples))
    return "\n\n".join(lines)


def _samples(samples: tuple[SampleRow, ...]) -> str:
    rows = [
        {
            "": sample.kind,
            "key": _text(", ".join("NULL" if part is None else part for part in sample.key)),
            "column": _text(cell.column),
            "production": "" if sample.kind == "added" else _cell(cell.production),
            "staging": "" if sample.kind == "removed" else _cell(cell.staging),
        }
        for sample in samples
        for cell in sample.cells
    ]
    return _table(pd.DataFrame(rows)) if rows else ""


def _table(frame: pd.DataFrame) -> str:
    # disable_numparse: a key such as 007 or 1e5 is text and stays as it is.
    return str(frame.to_markdown(index=False, disable_numparse=True))


def _count(value: int | None, *, absent: bool = False) -> str:
    if value is None:
        return "-" if absent else "?"
    return f"{value:,}"


def _cell(value: str | None) -> str:
    return "NULL" if value is None else _text(value)


def _text(value: str) -> str:
    """Data is never markup: what Markdown or HTML would read as a sign is escaped, line breaks are shown."""
    shown = value if len(value) <= 200 else value[:199] + "…"
    for sign in "\\`*_[]<>#|&~":
        shown = shown.replace(
            sign, f"\\{sign}" if sign not in "<>&" else {"<": "&lt;", ">": "&gt;", "&": "&amp;"}[sign]
        )
    return shown.replace("\r", "␍").replace("\n", "␊").replace("\t", "␉")


def _code(value: str) -> str:
    return value.replace("`", "'").replace("|", "¦").replace("\n", "␊")
