"""Use case: somebody mentions the bot, and the thread gets an answer from the run's report."""

import re
from collections import OrderedDict

from bot import log
from bot.blocks.elements import section
from bot.charts.drawing import Draw, DrawingFailed
from bot.keys import answered_key
from bot.messages import on_mention, to_person
from bot.ports import Message, Runs, RunsForbidden, RunsUnavailable, Slack, SlackFailed, SlackRefused
from bot.runs import Facts
from bot.thread.answers import Picture, answer
from bot.thread.files import chart
from bot.thread.payloads import Mention
from bot.thread.words import parse
from flows.contract import Report

ANSWERS = 100
"""Most answers in one thread: they share Slack's one message a second with every card."""

_REMEMBERED = 1_000


class Mentions:
    """Answers in public, because it was asked in public; the same question once, however often Slack delivers it."""

    def __init__(self, runs: Runs, slack: Slack, draw: Draw) -> None:
        self._runs = runs
        self._slack = slack
        self._draw = draw
        self._heard: OrderedDict[str, None] = OrderedDict()

    async def hear(self, mention: Mention) -> None:
        """Answer, unless it was no person who asked, or it was answered already."""
        if not mention.is_ours_to_answer or not self._is_new(mention.event_id):
            return
        try:
            facts = await self._facts(mention)
            if facts is None:
                await self._say(mention, on_mention.outside())
            elif await self._may_answer(mention, facts):
                await self._answer(mention, facts.report)
        except (RunsUnavailable, RunsForbidden) as error:
            log.warning("mention.unanswered", cause=error)
            await self._say(mention, to_person.prefect_unreachable())
        except SlackFailed as error:
            log.warning("mention.unanswered", cause=error)

    async def _facts(self, mention: Mention) -> Facts | None:
        """The run whose card opened this thread. What the message says of itself counts only if Prefect says so too."""
        if not mention.is_in_thread:
            return None
        try:
            run_id = await self._slack.run_of(mention.thread)
        except SlackRefused:
            return None
        facts = await self._runs.facts(run_id) if run_id else None
        return facts if facts and facts.card == mention.thread else None

    async def _may_answer(self, mention: Mention, facts: Facts) -> bool:
        """Claimed in Prefect, so that of two bots one answers, and of a repeated event none."""
        if facts.answers >= ANSWERS:
            await self._slack.whisper(mention.user_id, mention.at.channel, on_mention.answered_enough(ANSWERS))
            return False
        key = answered_key(re.sub(r"[^0-9]+", "-", mention.at.ts))
        return await self._runs.claim(facts.run.id, key, {"by": mention.user_id})

    async def _answer(self, mention: Mention, report: Report | None) -> None:
        if report is None:
            await self._say(mention, on_mention.no_report())
            return
        made = answer(parse(mention.words), report)
        if isinstance(made, Picture):
            try:
                made = chart(report, made.panels, await self._draw(made.panels), subject=made.subject)
            except DrawingFailed as error:
                log.warning("chart.failed", run_id=report.run, cause=error)
                made = Message(on_mention.not_drawn(), (section(on_mention.not_drawn()),))
        if isinstance(made, Message):
            await self._slack.post_reply(mention.thread, made)
        else:
            await self._slack.upload(mention.thread, made)
        log.info("mention.answered", run_id=report.run, by=mention.user_id)

    async def _say(self, mention: Mention, text: str) -> None:
        await self._slack.post_reply(mention.thread, Message(text, (section(text),)))

    def _is_new(self, event_id: str) -> bool:
        """Slack sends an event again when it believes that it was not acknowledged; Bolt does not notice."""
        if event_id in self._heard:
            return False
        self._heard[event_id] = None
        while len(self._heard) > _REMEMBERED:
            self._heard.popitem(last=False)
        return True
