"""Reminding: one at a time, exactly once, to those who can act, by Prefect's clock, and never after the decision."""

from dataclasses import replace
from datetime import datetime, time, timedelta
from typing import Any

import httpx
import pytest

from bot.blocks.limits import MESSAGE_CHARS, text_chars
from bot.keys import part_key
from bot.ports import SlackUnsure
from bot.prefect_runs.server_clock import ServerClock
from bot.reminders.reminders import Reminding, due
from bot.runs import Address, Facts, StateType
from flows.contract import Policy, QuietHours, Reminders, Target
from tests.bot.fakes import CHANNEL, FakeRuns, FakeSlack
from tests.bot.slack_rules import accept
from tests.bot.test_card_state import facts, waiting
from tests.bot.test_golden import as_sent, assert_golden
from tests.bot.test_reconciler import World
from tests.builders import MINA, RUN_ID, TOMAS, report

CARD = Address(CHANNEL, "1.0")
SINCE = waiting().run.since
HOURS = timedelta(hours=1)


def asked(*approvers: str, **reminders: Any) -> Facts:
    """A run that waits, with a card, for at most thirty days."""
    policy = Policy(approvers=approvers or (MINA,), reminders=Reminders(**reminders))
    about = report(policy=policy, expires_at=SINCE + timedelta(days=30))
    return replace(waiting(), report=about, card=CARD)


class Bots:
    """Several bots at one Prefect and one Slack, whose server's clock is moved by hand."""

    def __init__(self, seen: Facts, *names: str) -> None:
        self.runs, self.slack, self.now = FakeRuns(), FakeSlack(), SINCE
        self.runs.add(seen)
        self.bots = [Reminding(self.runs, self.slack, name=name, clock=lambda: self.now) for name in names or ("one",)]

    async def at(self, moment: datetime) -> list[str]:
        """What all bots have told by this moment, each looking twice."""
        self.now = moment
        for bot in (*self.bots, *self.bots):
            await bot.tell(self.runs.known[RUN_ID], CARD)
        return [reply.text for reply in self.slack.replies]


async def test_approvers_are_reminded_once_for_each_time() -> None:
    """After an hour, then after two more; several bots and many looks make no difference."""
    bots = Bots(asked(MINA, "S0OWNERS"), "one", "two", "three")
    assert await bots.at(SINCE + 0.99 * HOURS) == []
    [first] = await bots.at(SINCE + HOURS)
    assert first.startswith(f"<@{MINA}> <!subteam^S0OWNERS> `develop_dwh` has waited for a decision since ")
    assert len(await bots.at(SINCE + 2.9 * HOURS)) == 1
    assert len(await bots.at(SINCE + 3 * HOURS)) == 2


async def test_hours_without_a_bot_are_one_reminder() -> None:
    """A restart after ten hours says it once, and not again when the next time follows a few minutes later."""
    bots = Bots(asked(after="1h", longest="4h"))
    assert len(await bots.at(SINCE + 10.9 * HOURS)) == 1
    again = Reminding(bots.runs, bots.slack, name="restarted", clock=lambda: bots.now)
    bots.bots = [again]
    assert len(await bots.at(SINCE + 11 * HOURS)) == 1
    assert len(await bots.at(SINCE + 12 * HOURS)) == 2


async def test_question_that_is_put_again_is_reminded_of_again() -> None:
    """An answer in Prefect that did not count must not silence the thread for as long as it had waited before."""
    bots = Bots(asked())
    for hours in (1, 3, 7):
        await bots.at(SINCE + hours * HOURS)
    seen = bots.runs.known[RUN_ID]
    again = SINCE + 8 * HOURS
    bots.runs.add(replace(seen, run=replace(seen.run, since=again, state_id="again")))
    assert len(await bots.at(again + 0.9 * HOURS)) == 3
    assert len(await bots.at(again + HOURS)) == 4
    assert len(await bots.at(again + 2.9 * HOURS)) == 4
    assert len(await bots.at(again + 3 * HOURS)) == 5


async def test_nothing_is_sent_after_the_decision() -> None:
    """Not even when the decision falls between the look and the post."""
    seen = asked()
    bots = Bots(seen)
    bots.runs.add(replace(seen, run=replace(seen.run, state_id="resumed", state_type=StateType.RUNNING)))
    bots.now = SINCE + HOURS
    await bots.bots[0].tell(seen, CARD)
    assert bots.slack.replies == []


async def test_escalation_is_told_once() -> None:
    """One mention of somebody else, apart from the approvers; the reminders go on behind it."""
    bots = Bots(asked("channel", escalate_after="6h", escalate_to="S0ONCALL"), "one", "two")
    told = await bots.at(SINCE + 6.5 * HOURS)
    assert [text.startswith("<!subteam^S0ONCALL> ") for text in told] == [True]
    told = await bots.at(SINCE + 9 * HOURS)
    assert len(told) == 2
    assert "<" not in told[1].split("has waited")[0]  # members of a channel are not mentioned


def test_who_cannot_approve_is_not_called() -> None:
    """The requester, where duties are separate."""
    now = SINCE + HOURS
    found = due(asked(MINA, TOMAS), now=now)
    assert found is not None
    assert MINA in found.text
    assert TOMAS not in found.text


async def test_lost_post_is_tried_again_and_not_doubled() -> None:
    """The thread is read before a second try."""
    bots = Bots(asked())
    bots.slack.fail("post_reply", SlackUnsure("chat.postMessage", "TimeoutError"))
    bots.now = SINCE + HOURS
    with pytest.raises(SlackUnsure):
        await bots.bots[0].tell(bots.runs.known[RUN_ID], CARD)
    bots.slack.marks.add(part_key(1, "reminder-1"))  # it had arrived
    assert await bots.at(SINCE + HOURS + timedelta(minutes=1)) == []
    assert part_key(1, "reminder-1") in bots.runs.known[RUN_ID].parts_done


async def test_expiry_is_told_in_the_thread_once() -> None:
    """To the requester, with what to do next; long afterwards nobody is told any more."""
    ended = replace(facts(StateType.FAILED, "Expired"), report=report(), card=CARD)
    bots = Bots(ended, "one", "two")
    [told] = await bots.at(ended.run.since)
    assert told.startswith(f"<@{TOMAS}> Not published: nobody decided on `dwh` before ")
    assert "`/wap run`" in told
    assert due(ended, now=ended.run.since + timedelta(hours=7)) is None


def test_unknown_server_time_reminds_nobody() -> None:
    """Until Prefect has answered, no clock is right."""
    silent = Reminding(FakeRuns(), FakeSlack(), name="one", clock=lambda: None)
    assert not silent.is_pending(asked())
    assert not silent.is_due(RUN_ID)


async def test_loop_reminds_by_the_servers_clock_alone() -> None:
    """Whatever the bot's host believes: nothing until the server's hour is over, then one, though no state changed."""
    world = World(replace(waiting(), report=asked().report))
    world.server_now = SINCE
    async with world.running():
        await world.until(lambda: len(world.runs.known[RUN_ID].parts_done) == 2)
        world.now = 3_600.0  # the host's own clocks are an hour ahead
        replies = len(world.slack.replies)
        await world.ticks(10)
        assert len(world.slack.replies) == replies
        world.server_now = SINCE + HOURS
        await world.until(lambda: len(world.slack.replies) == replies + 1)
        await world.ticks(5)
        assert len(world.slack.replies) == replies + 1


async def test_server_clock_goes_on_by_itself() -> None:
    """From the newest Date header, by the monotonic clock; an answer without one changes nothing."""
    elapsed = 0.0
    clock = ServerClock(lambda: elapsed)
    assert clock.now() is None
    for headers in ({"Date": "Mon, 02 Mar 2026 09:30:00 GMT"}, {}, {"Date": "not a date"}):
        await clock.hear(httpx.Response(200, headers=headers))
    elapsed = 90.0
    assert clock.now() == datetime.fromisoformat("2026-03-02T09:31:30+00:00")


def test_long_texts_fit() -> None:
    """Names of a thousand characters and twenty-five approvers leave the message inside every limit."""
    policy = Policy(approvers=tuple(f"U0PERSON{n:010}" for n in range(25)))
    target = Target(production="&<>" * 500, staging="&<>" * 500, warehouse="duckdb")
    found = due(replace(waiting(), report=report(policy=policy, target=target)), now=SINCE + 2 * HOURS)
    assert found is not None
    accept(found.message)
    assert text_chars(found.message.blocks) <= MESSAGE_CHARS


def test_golden() -> None:
    """Exactly what the thread is told."""
    seen = asked(MINA, "S0OWNERS", "channel", escalate_after="6h", escalate_to="S0ONCALL")
    ended = replace(facts(StateType.FAILED, "Expired"), report=report(), card=CARD)
    night = QuietHours(time_zone="UTC", starts=time(0), ends=time(23, 59))
    quiet = replace(ended, report=report(policy=Policy(approvers=(MINA,), reminders=Reminders(quiet=night))))
    found = [due(seen, now=SINCE + HOURS), due(seen, now=SINCE + 6 * HOURS)]
    found += [due(one, now=one.run.since) for one in (ended, quiet)]
    for one in found:
        assert one is not None
        accept(one.message)
    assert_golden("thread_reminders", [as_sent(one.message) for one in found if one])
