"""Pure: the files that a card's thread holds, with names that are safe on every disk."""

import re
import unicodedata
from collections.abc import Sequence

from bot.blocks.escape import shown
from bot.charts.panels import Panel
from bot.messages import in_thread
from bot.ports import Upload
from bot.thread.csv_file import samples_csv
from flows.contract import Report, TableDiff, by_importance

_NAME_CHARS = 40
_SUBJECT_CHARS = 80


def chart(report: Report, panels: Sequence[Panel], picture: bytes, *, subject: str = "columns") -> Upload:
    """The picture of these panels."""
    return Upload(
        name=f"{_stem(report, subject)}.png",
        title=_title(report, subject),
        content=picture,
        comment=in_thread.chart_comment(panels),
        alt_text=in_thread.chart_alt(panels),
    )


def examples(report: Report, tables: Sequence[TableDiff] | None = None, *, subject: str = "examples") -> Upload:
    """The example rows of these tables, or of all that differ, as a CSV."""
    file = samples_csv(tables or by_importance(report.tables))
    return Upload(
        name=f"{_stem(report, subject)}.csv",
        title=f"{_title(report, subject)}.csv",
        content=file.content,
        comment=in_thread.csv_comment(file),
    )


def _title(report: Report, subject: str) -> str:
    """What people read above the file. Slack names no limit; so much fits on a phone."""
    return f"{shown(report.run_name, _NAME_CHARS)}: {shown(subject, _SUBJECT_CHARS)}"


def _stem(report: Report, subject: str) -> str:
    return f"{_safe(report.run_name) or 'run'}-{report.attempt}-{_safe(subject) or 'table'}"


def _safe(text: str) -> str:
    plain = unicodedata.normalize("NFKD", text[:_SUBJECT_CHARS]).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:_NAME_CHARS]
