"""The Home tab: bounded however much there is, fresh for those who look, and an answer where one pressed."""

import asyncio
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from bot.blocks.buttons import APPROVE, COMMENT, DETAILS, OPEN, REJECT, WITHDRAW
from bot.card.stages import LATE_COMMIT, Stage
from bot.card.state import card_of
from bot.decisions.permission import Permissions
from bot.home import homes as homes_module
from bot.home.homes import REMEMBERED, Homes
from bot.home.overview import Overview
from bot.home.tallies import Tallies
from bot.ports import SlackRefused
from bot.runs import Facts, StateType
from bot.work.tasks import Tasks
from flows.contract import Decider, Policy, Requester
from tests.bot.card_values import UI
from tests.bot.fake_prefect import FakeCatalog
from tests.bot.fakes import HOME, FakeRuns, FakeSlack, clock, person
from tests.bot.slack_rules import accept_view
from tests.bot.test_card_state import facts, run, waiting
from tests.builders import MINA, NOW, RUN_ID, TOMAS, acknowledgement, receipt, report


class World:
    """People, runs, and the tabs between them."""

    def __init__(self) -> None:
        self.runs, self.slack, self.tasks = FakeRuns(), FakeSlack(), Tasks()
        self.slack.people["U0PRIYA001"] = person("U0PRIYA001")
        self.slack.people["U0STRANGE1"] = person("U0STRANGE1")
        self.catalog = FakeCatalog(self.runs)
        self.now = 0.0
        self.tallies = Tallies()
        self.server_now = NOW
        self.homes = Homes(
            self.slack,
            overview=Overview(self.catalog, self.tallies, clock=lambda: self.server_now),
            permissions=Permissions(self.runs, self.slack, home=HOME, clock=clock),
            tasks=self.tasks,
            ui_url=UI,
            monotonic=lambda: self.now,
        )

    def add_waiting(self, number: int, policy: Policy | None = None, **changes: Any) -> Facts:
        """A run that waits, the later the higher its number."""
        seen = waiting()
        policy = policy or Policy(approvers=(MINA,))
        made = report(run=f"{number:036}", run_name=f"otter-{number}", policy=policy, **changes)
        return self.runs.add(
            replace(
                seen,
                run=replace(seen.run, id=made.run, name=made.run_name, since=NOW + timedelta(minutes=number)),
                report=made,
            )
        )

    def read(self, seen: Facts, *voters: Decider) -> None:
        """What the reconciler notes when it looks at a run for which these people have voted."""
        self.tallies.note(replace(card_of(seen, now=NOW), votes=voters))

    async def tab(self, user: str) -> dict[str, Any]:
        """What this person sees."""
        await self.homes.open(user)
        view = self.slack.views[-1]
        accept_view(view)
        return view


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


OF_MINA, OF_PRIYA = Decider(name="Mina Okafor", user_id=MINA), Decider(name="Priya Raman", user_id="U0PRIYA001")
TWO = Policy(approvers=(MINA, TOMAS, "U0PRIYA001"), quorum=2)


def buttons(view: dict[str, Any]) -> list[str]:
    """The buttons of the tab, in their order."""
    return [part["action_id"] for block in view["blocks"] if block["type"] == "actions" for part in block["elements"]]


async def test_votes_are_shown_where_several_must_approve() -> None:
    """How many, of how many, and who; before the first look only what is needed."""
    world = World()
    seen = world.add_waiting(1, TWO)
    assert "2 approvals are needed." in str(await world.tab(MINA))
    world.read(seen, OF_PRIYA)
    assert "1 of 2 approvals: <@U0PRIYA001>." in str(await world.tab(MINA))


async def test_buttons_fit_what_this_person_may_still_do() -> None:
    """Approve and reject; the requester rejects only; whoever has approved may take that back."""
    world = World()
    seen = world.add_waiting(1, TWO, requested_by=Requester(name="Tomas", user_id=TOMAS))
    world.read(seen, OF_MINA)
    rest = [REJECT, DETAILS, OPEN]
    assert buttons(await world.tab("U0PRIYA001")) == [APPROVE, REJECT, COMMENT, DETAILS, OPEN]
    assert buttons(await world.tab(TOMAS)) == rest
    assert buttons(await world.tab(MINA)) == [WITHDRAW, *rest]
    assert buttons(await world.tab("U0STRANGE1")) == []


async def test_others_see_the_votes_too() -> None:
    """Who may not decide knows how far it is."""
    world = World()
    world.read(world.add_waiting(1, Policy(approvers=("U0PRIYA001", "U0LENA0001"), quorum=2)), OF_PRIYA)
    assert "1 of 2 approvals: <@U0PRIYA001>." in str(await world.tab(MINA))


async def test_votes_of_an_earlier_attempt_are_not_shown() -> None:
    """They are about other data."""
    world = World()
    seen = world.add_waiting(1, TWO)
    world.read(seen, OF_PRIYA)
    world.add_waiting(1, TWO, attempt=2)
    assert "2 approvals are needed." in str(await world.tab(MINA))


async def test_run_whose_time_is_over_has_no_buttons() -> None:
    """By Prefect's clock nobody can decide any more, whatever state the run is in."""
    world = World()
    seen = world.add_waiting(1, TWO)
    world.read(seen, OF_MINA)
    assert seen.report is not None
    world.server_now = seen.report.expires_at + LATE_COMMIT + timedelta(seconds=1)
    view = await world.tab(MINA)
    assert buttons(view) == []
    assert "expired" in str(view)
    assert "nothing was published" in str(view)


async def test_thousand_runs_with_votes_cost_no_call_more() -> None:
    """The votes are those that the reconciler has read anyway."""
    world = World()
    for number in range(1_000):
        world.read(world.add_waiting(number, TWO), OF_PRIYA)
    assert str(await world.tab(MINA)).count("1 of 2 approvals") == 15
    assert len(world.catalog.calls) == 6
    assert "facts" not in world.runs.history


def test_tally_is_forgotten_with_the_run() -> None:
    """What waits no more is not kept, and the first and the last look are news."""
    tallies = Tallies()
    seen = replace(waiting(), report=report(policy=TWO))
    card = card_of(seen, now=NOW)
    assert tallies.note(card)
    assert not tallies.note(card)
    assert tallies.note(replace(card, votes=(OF_MINA,)))
    assert tallies.counting() == {card.run_id}
    assert tallies.note(replace(card, stage=Stage.APPROVED))
    assert tallies.counting() == frozenset()
