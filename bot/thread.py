"""The thread of a card: one message per changed table, a chart, the samples as a file; each posted once."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import assert_never

from bot import files, log
from bot.blocks.thread import TABLES, rest_message, table_message, thread_tables
from bot.drawing import Draw
from bot.keys import part_claim_key, part_done_key, part_key
from bot.panels import top_panels
from bot.ports import Message, Runs, Slack, Upload
from bot.runs import Address, Facts, PartClaim
from flows.contract import Report, TableDiff

REST, CHART, CSV = "rest", "chart", "csv"

TRIES = 5
"""How often one message is tried before the thread does without it."""

TAKE_OVER_AFTER = timedelta(seconds=60)
"""How long another bot's claim is respected: longer than a post that has to wait for Slack's rate limit."""

RETRY_AFTER = timedelta(seconds=10)
"""How long an own claim rests after a failure; doubled each time."""


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
    return report is None or all(_is_settled(facts, part_key(report.attempt, part.id)) for part in parts_of(report))


class Thread:
    """Fills the threads of cards. Keeps nothing in memory: after a crash it goes on where it stopped."""

    def __init__(self, runs: Runs, slack: Slack, draw: Draw, *, name: str, clock: Callable[[], datetime]) -> None:
        self._runs = runs
        self._slack = slack
        self._draw = draw
        self._name = name
        self._clock = clock

    async def post_missing(self, facts: Facts, card: Address) -> None:
        """Post what is not there yet, in order. Claimed before, noted after; in doubt the thread is read first."""
        report = facts.report
        for part in parts_of(report) if report else ():
            assert report is not None
            await self._post_once(facts, card, report, part)

    async def _post_once(self, facts: Facts, card: Address, report: Report, part: Part) -> None:
        run_id, key = facts.run.id, part_key(report.attempt, part.id)
        earlier = _claims(facts, key)
        if _is_settled(facts, key) or not self._may_claim(earlier):
            return
        number = len(earlier) + 1
        claim = {"by": self._name, "at": self._clock().isoformat()}
        if not await self._runs.claim(run_id, part_claim_key(key, number), claim):
            return
        made = await self._made(report, part)
        if not (earlier and _mark(made, key) in await self._slack.posted(card)):
            await self._post(card, made, key)
            log.info("thread.posted", run_id=run_id, attempt=report.attempt, part=part.id)
        await self._runs.claim(run_id, part_done_key(key), {})

    def _may_claim(self, earlier: tuple[PartClaim, ...]) -> bool:
        """An own claim without its note failed; another bot's may still be under way."""
        if not earlier:
            return True
        newest = earlier[-1]
        rest = RETRY_AFTER * 2 ** (newest.number - 1) if newest.by == self._name else TAKE_OVER_AFTER
        return self._clock() - newest.at >= rest

    async def _made(self, report: Report, part: Part) -> Message | Upload:
        if part.diff:
            return table_message(part.diff)
        if part.id == CHART:
            panels = top_panels(report)
            return files.chart(report, panels, await self._draw(panels))
        return files.examples(report) if part.id == CSV else rest_message(report)

    async def _post(self, card: Address, made: Message | Upload, key: str) -> None:
        match made:
            case Message():
                await self._slack.post_reply(card, made, mark=key)
            case Upload():
                await self._slack.upload(card, made)
            case _:
                assert_never(made)


def _mark(made: Message | Upload, key: str) -> str:
    """By what it is found again: a message by its metadata, a file, which has none, by its name."""
    return key if isinstance(made, Message) else made.name


def _claims(facts: Facts, key: str) -> tuple[PartClaim, ...]:
    return tuple(claim for claim in facts.parts_claimed if claim.part == key)


def _is_settled(facts: Facts, key: str) -> bool:
    return key in facts.parts_done or len(_claims(facts, key)) >= TRIES
