"""Pure: the report in short, above the form where a decision is made in Prefect."""

from typing import Final

from flows.contract import Report, by_importance
from flows.report_text.escaping import code
from flows.report_text.overview import context, equal_line, findings, rules, table_of_tables
from flows.report_text.totals import summary
from flows.words import joined

_TABLES: Final = 10
_FINDINGS: Final = 5


def question(report: Report) -> str:
    """What would change, ten tables of it at most, and how the decision will be recorded."""
    parts = [
        f"## Publish {joined([f'{code(pair.staging)} to {code(pair.production)}' for pair in report.target.pairs])}?",
        f"**{summary(report)}**",
        findings(report, most=_FINDINGS),
        context(report),
        rules(report),
        table_of_tables(by_importance(report.tables), most=_TABLES),
        equal_line(report),
        "Leave **Proof** empty here. The decision is recorded as made through Prefect, identity unverified.",
    ]
    return "\n\n".join(part for part in parts if part)
