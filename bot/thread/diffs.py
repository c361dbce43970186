"""The thread of a card: one message per changed table, a chart, the samples as a file; each posted once."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial

from bot import log
from bot.blocks.thread import TABLES, rest_message, table_message, thread_tables
from bot.card.stages import Stage
from bot.charts.drawing import Draw
from bot.charts.panels import top_panels
from bot.keys import part_key
from bot.ports import Message, Runs, Slack, Upload
from bot.runs import Address, Facts
from bot.thread import files
from bot.thread.postings import Postings, is_settled
from flows.contract import Report, TableDiff

REST, CHART, CSV = "rest", "chart", "csv"


ENDED_WITHIN = timedelta(hours=1)
"""A run that ended longer ago without a question gets no thread any more: a first start floods no channel."""


@dataclass(frozen=True, slots=True)
class Part:
    """One message of the thread. `id` is of `[a-z0-9-]` and does not change while the report is the same."""

    id: str
    diff: TableDiff | None = None


def parts_of(report: Report) -> tuple[Part, ...]:
    """What the thread of a report holds, in order."""
    tables = thread_tables(report)
    parts = [Part(f"table-{hashlib.sha256(diff.name.encode()).hexdigest()[:12]}", diff) for diff in tables[:TABLES]]
    parts += [Part(REST)] if len(tables) > TABLES else []
    parts += [Part(CHART)] if top_panels(report) else []
    parts += [Part(CSV)] if any(diff.samples for diff in report.tables) else []
    return tuple(parts)


def is_complete(facts: Facts) -> bool:
    """Whether every message of this attempt's thread is posted or given up."""
    report = facts.report
    return report is None or all(is_settled(facts, part_key(report.attempt, part.id)) for part in parts_of(report))


def is_wanted(facts: Facts, stage: Stage, *, now: datetime) -> bool:
    """Whether there is somebody to read it: who decides, or who asks what happened while nobody was asked."""
    if stage is Stage.WAITING:
        return True
    if facts.report is None or now - facts.run.since >= ENDED_WITHIN:
        return False
    was_asked = facts.decision is not None or facts.acknowledgement is not None
    is_blocked = stage is Stage.REFUSED and bool(facts.report.blockers) and not was_asked
    return is_blocked or (stage is Stage.PUBLISHED and facts.report.is_automatic)


class Thread:
    """Fills the threads of cards. Keeps nothing in memory: after a crash it goes on where it stopped."""

    def __init__(self, runs: Runs, slack: Slack, draw: Draw, *, name: str, clock: Callable[[], datetime]) -> None:
        self._postings = Postings(runs, slack, name=name)
        self._draw = draw
        self._clock = clock

    def is_pending(self, facts: Facts, stage: Stage) -> bool:
        """Whether something is still to be posted."""
        return is_wanted(facts, stage, now=self._clock()) and not is_complete(facts)

    async def post_missing(self, facts: Facts, card: Address) -> None:
        """Post what is not there yet, in order. Claimed before, noted after; in doubt the thread is read first."""
        report = facts.report
        for part in parts_of(report) if report else ():
            assert report is not None
            await self._post_once(facts, card, report, part)

    async def _post_once(self, facts: Facts, card: Address, report: Report, part: Part) -> None:
        key = part_key(report.attempt, part.id)
        make = partial(self._made, report, part)
        if await self._postings.once(facts, card, key, make, now=self._clock()):
            log.info("thread.posted", run_id=facts.run.id, attempt=report.attempt, part=part.id)

    async def _made(self, report: Report, part: Part) -> Message | Upload:
        if part.diff:
            return table_message(part.diff)
        if part.id == CHART:
            panels = top_panels(report)
            return files.chart(report, panels, await self._draw(panels))
        return files.examples(report) if part.id == CSV else rest_message(report)
