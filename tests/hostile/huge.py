"""What texts of 10 MB cost: `python -m tests.hostile.huge` prints CPU seconds and peak memory of each part."""

import resource
import sys
import time
from collections.abc import Callable
from typing import Any

from flows.contract import CellChange, DbtNode, DbtSummary, Report, Requester, SampleRow
from flows.report_text.markdown import markdown
from tests.builders import finding, report, table_diff
from tests.hostile.check import looked_at
from tests.hostile.surfaces import surfaces
from tests.hostile.texts import Texts
from tests.hostile.values import Values

MEGABYTE = 2**20


class Long(Texts):
    """Every name and every word is this one text; cells are as short as ever."""

    def __init__(self, text: str) -> None:
        super().__init__(1)
        self._text = text

    def next(self, role: str) -> str:
        """The long text, or another short one."""
        return super().next(role) if role == "cell" else self._text


def report_with(text: str) -> Report:
    """A report as the audit makes it, with this text in each cell, each reason and each message."""
    cells = tuple(CellChange(column=f"c{place}", production=text, staging=text + "x") for place in range(5))
    rows = tuple(SampleRow(kind="changed", key=(text,), cells=cells) for _ in range(5))
    return report(
        tables=tuple(table_diff(f"t{place}", samples=rows, notes=(text,) * 3) for place in range(3)),
        findings=(finding(object=text, consequence=text, remedy=text),),
        requested_by=Requester(name=text),
        dbt=DbtSummary(nodes=(DbtNode(name=text, kind="test", status="warn", message=text),)),
        asked_because=text,
    )


def every_surface(text: str) -> list[str]:
    """All surfaces with this text wherever a name or a word can be, past the contract; what is wrong with them."""
    return [problem for made in surfaces(Values(Long(text), 1, most=1)) for problem in looked_at(made)]


def measured(work: Callable[[], Any]) -> tuple[float, float]:
    """CPU seconds, and by how many MB the process's peak of memory grew."""
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    began = time.process_time()
    work()
    seconds = time.process_time() - began
    return seconds, (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024


def main() -> int:
    """Measure, print."""
    text = "<!here> =1 \u202e" * (10 * MEGABYTE // 13)
    kept = report_with(text)
    parts: dict[str, Callable[[], Any]] = {
        "report of 10 MB cells, made": lambda: report_with(text),
        "its JSON": kept.model_dump_json,
        "its Markdown": lambda: markdown(kept),
        "every surface, names and words of 10 MB": lambda: every_surface(text),
    }
    for name, work in parts.items():
        seconds, peak = measured(work)
        sys.stdout.write(f"{name:<45} {seconds:6.2f} s  {peak:7.1f} MB\n")
    sys.stdout.write(f"{'size of the JSON':<45} {len(kept.model_dump_json()) / MEGABYTE:.2f} MB\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
