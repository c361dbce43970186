"""The loop: woken by hints, guaranteed by its tick, stopped by nothing but wrong credentials."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from bot.card.attention import VOTES_AGAIN_AFTER, VOTES_AT_ONCE, Attention
from bot.card.cards import Cards
from bot.card.chores import Chores
from bot.card.looks import Looks
from bot.card.reconciler import Reconciler
from bot.home.tallies import Tallies
from bot.ports import RunsForbidden, SlackUnsure
from bot.reminders.reminders import Reminding
from bot.rollbacks.news import RollbackNews
from bot.runs import Address, Facts, StateType
from bot.settings import MOST_TICK_SECONDS
from bot.thread.diffs import ENDED_WITHIN, Thread
from bot.thread.transcript import Transcripts
from bot.work.tasks import Tasks
from flows.contract import Approval, Claims, Decider, Outcome, Policy, RuleHit, Via
from tests.bot.card_values import UI
from tests.bot.fakes import CHANNEL, FakeRuns, FakeSlack, clock, draw
from tests.bot.test_card_state import facts, waiting
from tests.builders import MINA, NOW, RUN_ID, acknowledgement, finding, receipt, report, table_diff

_REFUSED = receipt(Outcome.REFUSED)


class World:
    """A Prefect and a Slack in memory, with the loop between them. Its clock for back-offs is moved by hand."""

    def __init__(self, *seen: Facts, tick: float = 0.01) -> None:
        self.runs, self.slack, self.tasks = FakeRuns(), FakeSlack(), Tasks()
        self.now = 0.0
        self.server_now: datetime | None = None
        for one in seen:
            self.runs.add(one)
        cards = Cards(self.runs, self.slack, ui_url=UI, name="this bot", clock=clock)
        thread = Thread(self.runs, self.slack, draw, name="this bot", clock=clock)
        transcripts = Transcripts(self.runs, self.slack, clock=clock)
        self.tallies = Tallies()
        reminding = Reminding(self.runs, self.slack, name="this bot", clock=lambda: self.server_now)
        self.loop = Reconciler(
            self.runs,
            cards,
            Chores(thread, transcripts, reminding, tasks=self.tasks, complete=self._complete),
            RollbackNews(self.runs, self.slack),
            Attention(Looks(lambda: self.server_now), monotonic=lambda: self.now),
            self.tallies,
            tick_seconds=tick,
            monotonic=lambda: self.now,
        )

    async def _complete(self, run_id: str) -> None:
        raise AssertionError("no run here needs several approvals")

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """While the loop runs."""
        task = asyncio.create_task(self.loop.run())
        try:
            yield
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
            await self.tasks.drain(1.0)

    async def until(self, happened: Callable[[], bool]) -> None:
        """Wait until something has happened."""
        async with asyncio.timeout(5):
            while not happened():  # noqa: ASYNC110  nothing in the product announces this
                await asyncio.sleep(0.005)

    async def ticks(self, count: int) -> None:
        """Let the loop look at Prefect so many times more."""
        before = self.runs.history.count("listed")
        await self.until(lambda: self.runs.history.count("listed") >= before + count)


async def test_tick_posts_what_is_there() -> None:
    """Without a single event, every open run has its card after a tick."""
    world = World(waiting())
    async with world.running():
        await world.until(lambda: world.runs.known[RUN_ID].card is not None)


async def test_steady_state_reads_only_the_list() -> None:
    """A run that is settled is not read again until its state changes."""
    world = World(waiting())
    async with world.running():
        await world.until(lambda: len(world.runs.known[RUN_ID].parts_done) == 2)
        await world.ticks(2)
        reads, calls = world.runs.history.count("facts"), list(world.slack.history)
        await world.ticks(5)
    assert world.runs.history.count("facts") == reads
    assert world.slack.history == calls == ["post_card", "post_reply", "upload"]


async def test_hint_is_faster_than_the_tick() -> None:
    """An event makes the loop look at that run at once."""
    world = World(waiting(), tick=5.0)
    async with world.running():
        await world.until(lambda: world.runs.known[RUN_ID].card is not None)
        known = world.runs.known[RUN_ID]
        world.runs.add(replace(facts(StateType.COMPLETED, "Published", receipt=receipt()), card=known.card))
        world.runs.hint(RUN_ID)
        await world.until(lambda: world.slack.shown["1.0"].text.startswith("✅"))
    assert world.runs.history.count("listed") == 1


async def test_reconnected_events_wake_a_whole_look() -> None:
    """What was missed while no events came is looked for at once."""
    world = World(tick=5.0)
    async with world.running():
        await world.ticks(1)
        world.runs.add(waiting())
        world.runs.hint(None)
        await world.until(lambda: world.runs.known[RUN_ID].card is not None)


async def test_unreachable_prefect_is_waited_for() -> None:
    """The loop goes on; nothing is posted from memory."""
    world = World(waiting())
    world.runs.is_down = True
    async with world.running():
        await world.ticks(3)
        assert world.slack.history == []
        world.runs.is_down = False
        await world.until(lambda: world.runs.known[RUN_ID].card is not None)


async def test_failing_slack_is_tried_again_later_and_not_at_every_tick() -> None:
    """A back-off per run: no storm of calls against a Slack that is down."""
    world = World(waiting())
    world.slack.fail("post_card", SlackUnsure("chat.postMessage", "TimeoutError"))
    async with world.running():
        await world.ticks(5)
        assert world.slack.history == ["post_card"]
        world.now = 6.0
        await world.until(lambda: world.runs.known[RUN_ID].card is not None)
    assert world.slack.history[:3] == ["post_card", "find_card", "post_card"]


async def test_one_broken_run_does_not_stop_the_others() -> None:
    """A run that raises something unexpected is put aside and logged."""
    broken = replace(waiting(), run=replace(waiting().run, id="broken"))
    world = World(broken, waiting())
    world.slack.fail("post_card", ValueError("unexpected"))  # type: ignore[arg-type]  # no failure of Slack: a mistake of ours
    async with world.running():
        await world.until(lambda: world.runs.known[RUN_ID].card is not None)


async def test_wrong_credentials_end_the_loop() -> None:
    """Trying for ever would hide a mistake that only a person can put right."""
    world = World(waiting())

    async def refuse(run_id: str) -> Facts | None:
        raise RunsForbidden("401")

    world.runs.facts = refuse  # type: ignore[method-assign]  # Prefect takes no key of ours any more
    with pytest.raises(ExceptionGroup) as caught:
        async with asyncio.timeout(5):
            await world.loop.run()
    assert caught.group_contains(RunsForbidden)


async def test_thread_goes_on_after_a_post_whose_answer_was_lost() -> None:
    """The failed message rests a while, because it may have arrived; nothing is posted twice."""
    tables = (table_diff("a"), table_diff("b"), table_diff("c"))
    world = World(replace(waiting(), report=report(tables=tables)))
    world.slack.fail("post_reply", SlackUnsure("chat.postMessage", "TimeoutError"))
    async with world.running():
        await world.until(lambda: len(world.runs.known[RUN_ID].parts_done) == 3)
        await world.ticks(3)
    assert world.slack.history.count("post_reply") == 3


@pytest.mark.parametrize(("age", "posts"), [(timedelta(), 1), (2 * ENDED_WITHIN, 0)])
async def test_thread_of_a_blocked_run_shows_why(age: timedelta, posts: int) -> None:
    """Nobody was asked, and people see the tables all the same; not those of long ago."""
    blocked = facts(StateType.FAILED, "Refused", report=report(findings=(finding("blocker"),)), receipt=_REFUSED)
    world = World(replace(blocked, run=replace(blocked.run, since=NOW - age)))
    async with world.running():
        await world.until(lambda: world.runs.known[RUN_ID].card is not None)
        await world.until(lambda: len(world.slack.replies) == posts)
        await world.ticks(5)
    assert len(world.slack.replies) == posts
    assert len(world.slack.uploads) == posts


async def test_thread_of_a_run_that_a_rule_let_pass_is_filled_once() -> None:
    """Nobody was asked, and whoever wonders what was published finds the tables under the card."""
    hit = RuleHit(action="auto", rule=1, table="orders", consequence="+10")
    by_rule = acknowledgement(via=Via.RULE, decider=Decider(name="rule 1 of wap.toml"))
    passed = {"report": report(rule_hits=(hit,)), "acknowledgement": by_rule, "receipt": receipt(decision=by_rule)}
    world = World(facts(StateType.COMPLETED, "Published", **passed))
    async with world.running():
        await world.until(lambda: len(world.slack.replies) == 1)
        await world.ticks(5)
    assert len(world.slack.replies) == 1


async def test_thread_of_a_refused_decision_is_not_filled_again() -> None:
    """Data that moved after an approval: its thread was filled while people were asked."""
    world = World(facts(StateType.FAILED, "Refused", report=report(), receipt=_REFUSED))
    async with world.running():
        await world.until(lambda: world.runs.known[RUN_ID].card is not None)
        await world.ticks(5)
    assert world.slack.replies == []


def voted_for(seen: Facts) -> Facts:
    """The same run with one vote more, which changes nothing of its state."""
    asked = seen.report
    assert asked is not None
    by = Decider(name="Mina Okafor", user_id=MINA)
    claims = Claims(
        run=asked.run,
        attempt=asked.attempt,
        digest=asked.digest,
        verdict="Approve",
        decider=by,
        nonce="vote-of-mina",
        at=NOW,
    )
    return replace(seen, votes=(Approval(claims=claims),))


async def test_vote_that_another_bot_stored_shows_within_ten_seconds() -> None:
    """Prefect tells of no vote: a run that collects votes is read again after three seconds, at the next tick."""
    two = report(policy=Policy(approvers=("channel",), quorum=2))
    world = World(replace(waiting(), report=two))
    async with world.running():
        await world.until(lambda: len(world.runs.known[RUN_ID].parts_done) == 2)
        await world.ticks(2)
        world.runs.add(voted_for(world.runs.known[RUN_ID]))
        await world.ticks(3)
        assert "0 of 2 approvals" in str(world.slack.shown["1.0"].blocks)
        world.now = VOTES_AGAIN_AFTER
        await world.until(lambda: "1 of 2 approvals" in str(world.slack.shown["1.0"].blocks))
    assert VOTES_AGAIN_AFTER + MOST_TICK_SECONDS < 10


async def test_thousand_runs_that_collect_votes_are_read_a_few_at_a_time() -> None:
    """Those that were read the longest ago come first; Prefect is not asked for all of them at every tick."""
    two = report(policy=Policy(approvers=("channel",), quorum=2))
    seen = replace(waiting(), report=two)
    runs = [
        replace(
            seen,
            run=replace(seen.run, id=f"{number:036}"),
            report=two.model_copy(update={"run": f"{number:036}"}),
            card=Address(CHANNEL, f"{number}.0"),
        )
        for number in range(50)
    ]
    world = World(*runs, tick=0.05)
    async with world.running():
        await world.until(lambda: world.tallies.counting() == {one.run.id for one in runs})
        await world.ticks(3)
        world.now = 4.0
        before, ticks = world.runs.history.count("facts"), world.runs.history.count("listed")
        await world.ticks(3)
        read = world.runs.history.count("facts") - before
        looked = world.runs.history.count("listed") - ticks
    assert 0 < read <= VOTES_AT_ONCE * (looked + 1)


@pytest.mark.parametrize("steps", range(5))
async def test_loop_ends_although_it_is_woken_at_that_moment(steps: int) -> None:
    """A bot that is told to stop stops, also when Prefect tells of something new just then."""
    world = World(tick=60.0)
    task = asyncio.create_task(world.loop.run())
    await asyncio.sleep(0.05)
    world.runs.hint(None)
    for _ in range(steps):
        await asyncio.sleep(0)
    task.cancel()
    done, _ = await asyncio.wait([task], timeout=60)
    task.cancel()
    assert done
