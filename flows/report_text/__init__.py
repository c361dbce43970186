"""The report for people: Markdown for the Prefect UI and its form, and the pure words and bars it is made of."""

from flows.report_text.markdown import markdown
from flows.report_text.question import question

__all__ = ["markdown", "question"]
