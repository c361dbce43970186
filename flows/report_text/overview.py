"""Pure: the top of the report: context, findings, and the table of tables."""

from collections.abc import Sequence
from typing import Final

from flows.contract import Finding, Report, RuleHit, TableDiff
from flows.report_text.escaping import code, name, sentence, text
from flows.report_text.tables import markdown_table
from flows.words import counted

_FINDINGS: Final = 50
_NAMED: Final = 2
_HEADERS: Final = (
    "table",
    ">rows",
    ">+\N{NO-BREAK SPACE}added",
    ">-\N{NO-BREAK SPACE}removed",
    ">~\N{NO-BREAK SPACE}changed",
    "columns",
)


def context(report: Report) -> str:
    """Which run, who asked, what dbt did, how long a decision is waited for."""
    dbt = report.dbt
    tests = f"{counted(dbt.tests_passed, 'test')} passed"
    if dbt.tests_warned:
        tests += f", {dbt.tests_warned:,} warned"
    where = f", in {code(report.target.database_name)}" if report.target.database_name else ""
    return (
        f"Run **{text(report.run_name)}**, requested by {text(report.requested_by.name)}{where}. "
        f"dbt: {counted(dbt.models, 'model')} built in {dbt.seconds:.1f} s, {tests}. "
        f"{_asked(report)}"
    )


def rules(report: Report) -> str:
    """What the rules of wap.toml let pass without asking; what they stop or ask about is among the findings."""
    passed = [hit for hit in report.rule_hits if hit.action == "auto"]
    lines = [f"- **{text(hit.label)}:** {_about(hit)}" for hit in passed[:_FINDINGS]]
    if (more := len(passed) - _FINDINGS) > 0:
        lines.append(f"- and {counted(more, 'more table')} that the rules let pass")
    return "\n".join(lines)


def findings(report: Report, *, most: int = _FINDINGS) -> str:
    """What a reviewer must know before anything else, blockers first."""
    found = (*report.blockers, *report.warnings)
    lines = [_finding(finding) for finding in found[:most]]
    if (more := len(found) - most) > 0:
        lines.append(f"- and {counted(more, 'more finding')}")
    return "\n".join(lines)


def table_of_tables(tables: Sequence[TableDiff], *, most: int) -> str:
    """One line per table that differs, and how many more there are."""
    if not tables:
        return ""
    rows = [
        (
            f"{name(table.name)}{_word(table)}",
            _rows(table),
            _count(table.added),
            _count(table.removed),
            _count(table.changed),
            _columns(table),
        )
        for table in tables[:most]
    ]
    more = len(tables) - most
    return markdown_table(_HEADERS, rows) + (f"\n\nand {counted(more, 'more table')}" if more > 0 else "")


def equal_line(report: Report) -> str:
    """How many tables need no look at all."""
    equal = len(report.tables) - len(report.differing)
    is_told_by_hash = all(table.method == "fingerprint" for table in report.tables if table.status == "equal")
    how = ", by 64-bit hashes of all rows" if is_told_by_hash else ""
    return f"{counted(equal, 'table')} {'is' if equal == 1 else 'are'} equal on both sides{how}." if equal else ""


def _asked(report: Report) -> str:
    if report.is_automatic:
        return "Nobody is asked, because the rules of wap.toml let everything pass."
    people = f" {report.approvals_needed} different people must approve." if report.approvals_needed > 1 else ""
    because = f" {sentence(report.asked_because)}" if report.asked_because else ""
    return f"Waits until {report.expires_at:%Y-%m-%d %H:%M} UTC.{people}{because}"


def _about(hit: RuleHit) -> str:
    told = sentence(hit.consequence.rstrip("."))
    return f"{code(hit.table)} {told}." if hit.table else f"{told}."


def _finding(finding: Finding) -> str:
    said = f"{code(finding.object)} {sentence(finding.consequence.rstrip('.'))}. {sentence(finding.remedy)}"
    return f"- **{finding.severity.capitalize()}:** {said}"


def _word(table: TableDiff) -> str:
    """What the numbers beside it do not say."""
    match table.status:
        case "added":
            return f" *(new {table.kind})*"
        case "removed":
            return " **would vanish**"
        case "failed":
            return " **not compared**"
        case _:
            return " *(view)*" if table.kind == "view" else ""


def _columns(table: TableDiff) -> str:
    changed = [name(count.column) for count in table.changed_columns]
    more = f" +{len(changed) - _NAMED:,}" if len(changed) > _NAMED else ""
    schema = "schema" if table.schema_changes else ""
    return "; ".join(part for part in (", ".join(changed[:_NAMED]) + more, schema) if part)


def _rows(table: TableDiff) -> str:
    before, after = table.production, table.staging
    if before and after and before.rows == after.rows:
        return f"{before.rows:,}"
    return " → ".join("-" if side is None else f"{side.rows:,}" for side in (before, after))


def _count(value: int | None) -> str:
    return "?" if value is None else f"{value:,}"
