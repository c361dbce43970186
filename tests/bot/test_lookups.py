"""What /wap shows, and to whom values are shown."""

from dataclasses import replace
from typing import Any

import pytest

from bot.answers import Answers, words
from bot.commands.lookups import Lookups
from bot.decisions.permission import Permissions
from bot.home.overview import Overview
from bot.home.tallies import Tallies
from bot.modals import Modals
from bot.payloads import Click, Place, question_about
from bot.ports import SlackRefused
from bot.runs import Facts
from flows.contract import Concentration, Freshness
from tests.bot.card_values import UI
from tests.bot.fake_prefect import FakeCatalog
from tests.bot.fakes import CHANNEL, HOME, FakeRuns, FakeSlack, clock
from tests.bot.slack_rules import accept
from tests.bot.test_card_state import waiting
from tests.builders import MINA, RUN_ID, TOMAS, acknowledgement, equal_table, receipt, report, sample, table_diff

SECRET = "a value that is nobody else's business"
TABLES = (
    table_diff(
        samples=(sample(staging=SECRET),),
        concentration=Concentration(kind="changed", column="region", value=SECRET, rows=5, of=5, usual=0.1),
        fresh=Freshness(column="at", until=SECRET, rows=3),
    ),
    equal_table(),
)
TYPED = Place(MINA, response_url="https://example.com/response")


class World:
    """One waiting run, a Slack whose channel has one member, and the lookups between them."""

    def __init__(self, seen: Facts | None = None) -> None:
        self.runs, self.slack = FakeRuns(), FakeSlack()
        self.seen = self.runs.add(seen or replace(waiting(), report=report(tables=TABLES)))
        self.slack.groups["channel"] = frozenset({MINA})
        self.catalog = FakeCatalog(self.runs)
        self.at_home: list[str] = []
        self.lookups = Lookups(
            self.runs,
            overview=Overview(self.catalog, Tallies(), clock=lambda: None),
            permissions=Permissions(self.runs, self.slack, home=HOME, clock=clock),
            modals=Modals(self.slack, Answers(self.slack, self._at_home)),
            ui_url=UI,
            clock=clock,
        )

    async def _at_home(self, user_id: str, text: str) -> None:
        self.at_home.append(text)

    def click(self, **changes: Any) -> Click:
        """A click on Details."""
        assert self.seen.report
        return replace(Click(Place(MINA, CHANNEL), "trigger", question_about(self.seen.report)), **changes)


@pytest.mark.parametrize(("who", "sees"), [(MINA, True), (TOMAS, False)])
async def test_values_are_for_members_of_the_release_channel(who: str, sees: bool) -> None:
    """The card, the table and the details show the same people the same."""
    world = World()
    place = replace(TYPED, user_id=who)
    shown = [await world.lookups.show(place, RUN_ID), *await world.lookups.diff(place, RUN_ID, "orders")]
    await world.lookups.details(world.click(place=Place(who, CHANNEL)))
    for part in (shown[0].blocks, shown[1].blocks, world.slack.views[-1]["blocks"]):
        assert (SECRET in str(part)) == sees
        assert "orders" in str(part)
    for message in shown:
        accept(message)


async def test_members_that_cannot_be_read_are_nobody() -> None:
    """Slack not answering opens nothing."""
    world = World()
    world.slack.fail("channel_members", SlackRefused("conversations.members", "channel_not_found"))
    assert SECRET not in str((await world.lookups.show(TYPED, RUN_ID)).blocks)


@pytest.mark.parametrize(
    ("table", "sentence"),
    [
        ("customers", "`customers` is the same in staging and in production: 100 rows, every value equal."),
        ("ORDERS", "*`orders`*"),
        ("ordres", "has no table `ordres`. Did you mean `/wap diff quiet-otter orders`?"),
        ("zzz", "has no table `zzz`."),
    ],
)
async def test_diff_of_one_table(table: str, sentence: str) -> None:
    """Equal, by another spelling, misspelt, unknown."""
    messages = await World().lookups.diff(TYPED, RUN_ID, table)
    assert sentence in messages[0].text


async def test_details_of_a_report_that_was_replaced_are_not_shown() -> None:
    """The button belongs to older data."""
    world = World()
    await world.lookups.details(world.click(question=replace(world.click().question, attempt=7)))
    loading, said = world.slack.views
    assert "Asking Prefect" in str(loading)
    assert "belongs to an older report" in str(said)


async def test_details_that_slack_does_not_open_are_said_at_home() -> None:
    """Pressed on the Home tab, answered on the Home tab."""
    world = World()
    world.slack.fail("open_modal", SlackRefused("views.open", "expired_trigger_id"))
    await world.lookups.details(world.click(place=Place(MINA)))
    assert world.at_home == ["Nothing is shown. Slack did not open the details in time. Press the button again."]


async def test_runs_that_are_gone_are_said() -> None:
    """Deleted between the list and the look."""
    world = World()
    world.runs.known.clear()
    assert "does not know the run" in (await world.lookups.show(TYPED, RUN_ID)).text
    assert "does not know the run" in (await world.lookups.diff(TYPED, RUN_ID, ""))[0].text


async def test_history_names_the_newest_and_counts_the_rest() -> None:
    """Fifteen lines, and how many there were before them."""
    world = World()
    world.catalog.receipts = [receipt(run=RUN_ID, decision=acknowledgement())] * 40
    message = await world.lookups.history("")
    accept(message)
    assert message.text.count("published, `dwh`") == 15
    assert message.text.endswith("and 25 before these, in Prefect.")


def test_long_answers_are_split_at_lines() -> None:
    """Slack takes three thousand characters a section; no line is broken and none is lost."""
    lines = [f"line {number} " + "x" * 200 for number in range(40)]
    message = words("\n".join(lines))
    accept(message)
    shown = "\n".join(block["text"]["text"] for block in message.blocks)
    assert shown.split("\n") == lines
