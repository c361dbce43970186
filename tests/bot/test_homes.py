"""The Home tab: bounded however much there is, fresh for those who look, and an answer where one pressed."""

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest

from bot.decisions.permission import Permissions
from bot.home import homes as homes_module
from bot.home.homes import REMEMBERED, Homes
from bot.home.overview import Overview
from bot.ports import SlackRefused
from bot.runs import StateType
from bot.work.tasks import Tasks
from flows.contract import Policy
from tests.bot.card_values import UI
from tests.bot.fake_prefect import FakeCatalog
from tests.bot.fakes import HOME, FakeRuns, FakeSlack, clock
from tests.bot.slack_rules import accept_view
from tests.bot.test_card_state import facts, run, waiting
from tests.builders import MINA, NOW, RUN_ID, TOMAS, acknowledgement, receipt, report


class World:
    """People, runs, and the tabs between them."""

    def __init__(self) -> None:
        self.runs, self.slack, self.tasks = FakeRuns(), FakeSlack(), Tasks()
        self.catalog = FakeCatalog(self.runs)
        self.now = 0.0
        self.homes = Homes(
            self.slack,
            overview=Overview(self.catalog),
            permissions=Permissions(self.runs, self.slack, home=HOME, clock=clock),
            tasks=self.tasks,
            ui_url=UI,
            monotonic=lambda: self.now,
        )

    def add_waiting(self, number: int, policy: Policy | None = None) -> None:
        """A run that waits, the later the higher its number."""
        seen = waiting()
        made = report(run=f"{number:036}", run_name=f"otter-{number}", policy=policy or Policy(approvers=(MINA,)))
        self.runs.add(
            replace(
                seen,
                run=replace(seen.run, id=made.run, name=made.run_name, since=NOW + timedelta(minutes=number)),
                report=made,
            )
        )


@pytest.fixture(autouse=True)
def _no_pause(monkeypatch: pytest.MonkeyPatch) -> None:
    """The pause between two refreshes is not what these tests are about."""
    monkeypatch.setattr(homes_module, "_PAUSE", 0.0)


async def test_mine_comes_first_and_oldest_first() -> None:
    """What I may decide has buttons; what others decide is named below."""
    world = World()
    for number in (3, 1, 2):
        world.add_waiting(number)
    world.add_waiting(0, Policy(approvers=("U0OTHER001",)))
    await world.homes.open(MINA)
    [view] = world.slack.views
    accept_view(view)
    text = str(view)
    assert "Waits for your decision (3)" in text
    assert text.index("otter-1") < text.index("otter-2") < text.index("otter-3") < text.index("otter-0")
    assert text.count("'wap_approve'") == 3


async def test_thousand_runs_cost_as_many_calls_as_one() -> None:
    """One call a list, no call a run; what is not shown is counted."""
    calls = []
    for count in (1, 1_000):
        world = World()
        for number in range(count):
            world.add_waiting(number)
            running = replace(run(StateType.RUNNING), id=f"r{number}", name=f"heron-{number}")
            world.runs.add(replace(facts(), run=running))
        world.catalog.receipts = [receipt(run=RUN_ID, decision=acknowledgement())] * count
        await world.homes.open(MINA)
        accept_view(world.slack.views[0])
        calls.append(sorted(world.catalog.calls))
        assert ("There are more open runs than these" in str(world.slack.views[0])) == (count == 1_000)
    assert calls[0] == calls[1]
    assert len(calls[0]) == 6
    assert "facts" not in world.runs.history


async def test_group_of_approvers_is_read_once_for_all_runs() -> None:
    """Twenty runs of one group are one question to Slack."""
    world = World()
    world.slack.groups["S0OWNERS01"] = frozenset({MINA})
    for number in range(20):
        world.add_waiting(number, Policy(approvers=("S0OWNERS01",)))
    await world.homes.open(MINA)
    assert world.slack.history.count("group_members") == 1
    assert "Waits for your decision (20)" in str(world.slack.views[0])


async def test_tabs_are_refreshed_once_for_many_changes() -> None:
    """Everybody who looked lately, once; the lists are read once for all of them."""
    world = World()
    for user in (MINA, TOMAS):
        await world.homes.open(user)
    world.slack.views.clear()
    world.catalog.calls.clear()
    for _ in range(10):
        world.homes.changed()
    await world.tasks.drain(5.0)
    assert len(world.slack.views) == 2
    assert world.catalog.calls.count("in_state PAUSED") == 1


async def test_nobody_looking_costs_nothing() -> None:
    """Neither before anybody has looked, nor when the last look was long ago."""
    world = World()
    world.homes.changed()
    await world.homes.open(MINA)
    world.now = homes_module.FRESH_SECONDS + 1
    world.slack.views.clear()
    world.homes.changed()
    await world.tasks.drain(5.0)
    assert world.slack.views == []


async def test_tabs_of_the_last_fifty_are_kept_fresh() -> None:
    """A workspace of thousands does not make every change a thousand calls."""
    world = World()
    world.slack.people |= {f"U0PERSON{number:03}": world.slack.people[MINA] for number in range(REMEMBERED + 10)}
    for number in range(REMEMBERED + 10):
        await world.homes.open(f"U0PERSON{number:03}")
    world.slack.views.clear()
    world.homes.changed()
    await world.tasks.drain(5.0)
    assert len(world.slack.views) == REMEMBERED


async def test_one_tab_that_cannot_be_shown_keeps_no_other_from_it() -> None:
    """Slack refuses the tab of somebody who left."""
    world = World()
    await world.homes.open(TOMAS)
    await world.homes.open(MINA)
    world.slack.views.clear()
    world.slack.fail("publish_home", SlackRefused("views.publish", "user_not_found"))
    world.homes.changed()
    await world.tasks.drain(5.0)
    assert len(world.slack.views) == 1


async def test_answer_is_shown_although_prefect_does_not_answer() -> None:
    """The answer stands alone then, and does not claim that nothing waits."""
    world = World()
    world.runs.is_down = True
    await world.homes.answer(MINA, "Nothing was decided.")
    assert "Nothing was decided." in str(world.slack.views[0])
    assert "Nothing waits" not in str(world.slack.views[0])


async def test_changes_during_a_refresh_lead_to_another() -> None:
    """What happened while the tabs were drawn is not forgotten."""
    world = World()
    await world.homes.open(MINA)
    world.slack.views.clear()
    world.homes.changed()
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    world.homes.changed()
    await world.tasks.drain(5.0)
    assert len(world.slack.views) == 2
