"""The thread of a card: what it holds, in which order, and that a crash neither doubles nor loses a message."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from bot.blocks.thread import TABLES, table_message, thread_messages
from bot.charts.drawing import DrawingFailed
from bot.charts.panels import top_panels
from bot.ports import SlackRefused, SlackUnsure
from bot.runs import Address, Facts
from bot.thread import files
from bot.thread.diffs import Thread, is_complete, parts_of
from bot.thread.postings import TAKE_OVER_AFTER, TRIES
from flows.contract import ColumnCount, ColumnProfile, Concentration, Freshness, Profile, SampleRow, Scope
from tests.bot.fakes import CHANNEL, FakeRuns, FakeSlack, draw
from tests.bot.test_card_state import waiting
from tests.bot.test_charts import STATUS
from tests.builders import NOW, RUN_ID, equal_table, report, sample, schema_change, table_diff

CARD = Address(CHANNEL, "1.0")
TABLES_OF_RUN = (table_diff("a"), table_diff("b"), table_diff("c", distributions=(STATUS,)))


class World:
    """One run with three tables, and bots that come and go."""

    def __init__(self) -> None:
        self.runs, self.slack = FakeRuns(), FakeSlack()
        self.runs.add(replace(waiting(card=CARD), report=report(tables=TABLES_OF_RUN)))
        self.now = NOW

    def bot(self, name: str = "this bot") -> Thread:
        """A bot of this name."""
        return Thread(self.runs, self.slack, draw, name=name, clock=self.clock)

    def clock(self) -> datetime:
        """Moved by hand."""
        return self.now

    @property
    def facts(self) -> Facts:
        """What Prefect knows now."""
        return self.runs.known[RUN_ID]

    async def fill(self, name: str = "this bot") -> None:
        """Let a bot do what is to be done now."""
        await self.bot(name).post_missing(self.facts, CARD)


async def test_thread_is_filled_in_order_and_once() -> None:
    """Tables, picture, file; asked again it does nothing."""
    world = World()
    for _ in range(2):
        await world.fill()
    assert world.slack.history == ["post_reply"] * 3 + ["upload"] * 2
    assert [upload.name[-4:] for upload in world.slack.uploads] == [".png", ".csv"]
    assert is_complete(world.facts)


async def test_two_bots_share_the_work() -> None:
    """A message belongs to the bot that has claimed it."""
    world = World()
    seen = world.facts
    await world.fill("one")
    await world.bot("two").post_missing(seen, CARD)
    assert len(world.slack.history) == 5


async def test_message_whose_answer_was_lost_is_looked_for() -> None:
    """It arrived: its mark is in the thread, and nothing is posted again."""
    world = World()
    world.slack.fail("post_reply", SlackUnsure("chat.postMessage", "TimeoutError"))
    with pytest.raises(SlackUnsure):
        await world.fill()
    world.slack.marks.add(world.facts.parts_claimed[0].part)
    world.now += timedelta(seconds=10)
    await world.fill()
    assert world.slack.history.count("post_reply") == 3
    assert "posted" in world.slack.history
    assert is_complete(world.facts)


async def test_message_that_did_not_arrive_is_posted_again() -> None:
    """After a rest, by the same bot; after a longer one, by another."""
    for name, rest in (("this bot", timedelta(seconds=10)), ("another bot", TAKE_OVER_AFTER)):
        world = World()
        world.slack.fail("post_reply", SlackUnsure("chat.postMessage", "TimeoutError"))
        with pytest.raises(SlackUnsure):
            await world.fill()
        world.now += rest - timedelta(seconds=1)
        await world.fill(name)
        assert not is_complete(world.facts)
        world.now += timedelta(seconds=1)
        await world.fill(name)
        assert is_complete(world.facts)
        assert len(world.slack.replies) == 3


async def test_lost_upload_is_found_by_its_name() -> None:
    """A shared file has no metadata."""
    world = World()
    world.slack.fail("upload", SlackUnsure("files.completeUploadExternal", "TimeoutError"))
    with pytest.raises(SlackUnsure):
        await world.fill()
    world.slack.marks.add("quiet-otter-1-columns.png")
    world.now += timedelta(seconds=10)
    await world.fill()
    assert [upload.name for upload in world.slack.uploads] == ["quiet-otter-1-examples.csv"]


async def test_lost_upload_whose_name_slack_hides_is_found_by_its_words() -> None:
    """A file beyond a plan's limit has no name in the history; it is not shared a second time."""
    world = World()
    world.slack.fail("upload", SlackUnsure("files.completeUploadExternal", "TimeoutError"))
    with pytest.raises(SlackUnsure):
        await world.fill()
    about = report(tables=TABLES_OF_RUN)
    world.slack.marks.add(files.chart(about, top_panels(about), b"").comment)
    world.now += timedelta(seconds=10)
    await world.fill()
    assert [upload.name for upload in world.slack.uploads] == ["quiet-otter-1-examples.csv"]


async def test_message_that_slack_never_takes_is_given_up() -> None:
    """A deleted card has no thread: after a few tries nothing more is sent."""
    world = World()
    refusals = [SlackRefused("chat.postMessage", "thread_not_found")] * 100
    world.slack.fail("post_reply", *refusals)
    world.slack.fail("upload", *refusals)
    for _ in range(30):
        try:
            await world.fill()
        except SlackRefused:
            world.now += timedelta(hours=1)
    assert is_complete(world.facts)
    assert world.slack.history.count("post_reply") == 3 * TRIES
    calls = len(world.slack.history)
    await world.fill()
    assert len(world.slack.history) == calls


async def test_picture_that_cannot_be_drawn_is_tried_again() -> None:
    """What comes before it is there; what comes after it follows."""
    world = World()

    async def fail(panels: object) -> bytes:
        raise DrawingFailed("exit code 1")

    with pytest.raises(DrawingFailed):
        await Thread(world.runs, world.slack, fail, name="this bot", clock=world.clock).post_missing(world.facts, CARD)
    assert len(world.slack.replies) == 3
    await world.fill()
    assert [upload.name[-4:] for upload in world.slack.uploads] == [".csv"]


async def test_another_attempt_has_a_thread_of_its_own() -> None:
    """The data was audited again: its differences are posted below those of the first attempt."""
    world = World()
    await world.fill()
    world.runs.add(replace(world.facts, report=report(tables=TABLES_OF_RUN[:1], attempt=2)))
    assert not is_complete(world.facts)
    await world.fill()
    assert len(world.slack.replies) == 4


def test_many_tables_are_counted() -> None:
    """Ten are shown, the rest is named, and where to see it."""
    about = report(tables=tuple(table_diff(f"t{number:02}", changed=100 - number) for number in range(17)))
    messages = list(thread_messages(about))
    assert len(messages) == TABLES + 1
    assert messages[0].text.startswith("*`t00`*")
    assert messages[-1].text == (
        "and 7 more: `t10`, `t11`, `t12`, `t13` and 3 more. One of them: `/wap diff quiet-otter TABLE`"
    )
    assert len(parts_of(about)) == TABLES + 2


def test_equal_report_has_no_thread() -> None:
    """Where nothing differs there is nothing to show."""
    assert parts_of(report(tables=(equal_table(),))) == ()


def rows_of(diff_samples: tuple[SampleRow, ...], **changes: object) -> list[list[str]]:
    """The table of examples as it is shown."""
    message = table_message(table_diff(samples=diff_samples, **changes))
    (table,) = [block for block in message.blocks if block["type"] == "table"]
    return [[cell["text"] for cell in row] for row in table["rows"]]


def test_examples_show_the_columns_that_changed_most() -> None:
    """The key first, three columns of their own, all others in the last one: five in all."""
    row = sample().model_copy(
        update={"cells": tuple(sample(column=name).cells[0] for name in ("a", "b", "c", "d", "e"))}
    )
    counts = tuple(ColumnCount(column=name, rows=n) for n, name in enumerate(("a", "b", "c", "d", "e")))
    assert rows_of((row,), changed_columns=counts) == [
        ["id", "e", "d", "c", "Other columns"],
        ["~ 17", "10.00 → 12.50", "10.00 → 12.50", "10.00 → 12.50", "a 10.00 → 12.50; b 10.00 → 12.50"],
    ]


def test_difference_of_long_texts_is_visible() -> None:
    """Not their common beginning, but the place where they differ."""
    (_, (_, cell)) = rows_of((sample(production="x" * 300 + "old end", staging="x" * 300 + "new end"),))
    assert cell == "…xxxxxxxxold end → …xxxxxxxxnew end"


def test_without_examples_the_profile_is_shown() -> None:
    """What moved between the sides, in a table of its own; with examples, in words."""
    before, after = Profile(nulls=0, distinct=100, mean="1.5"), Profile(nulls=7, distinct=103, mean="3.0")
    moved = ColumnProfile(column="amount", production=before, staging=after)
    same = ColumnProfile(column="id", production=before, staging=before)
    alone = table_message(table_diff(samples=(), profile=(same, moved)))
    (table,) = [block for block in alone.blocks if block["type"] == "table"]
    assert [[cell["text"] for cell in row] for row in table["rows"][1:]] == [
        ["amount DECIMAL(18,2)", "5", "0 → 7", "100 → 103", "mean 1.5 → mean 3.0"],
    ]
    beside = table_message(table_diff(profile=(same, moved)))
    assert "`amount` NULLs `0 → 7` · mean `1.5 → 3.0`" in str(beside.blocks)


def test_surroundings_are_told() -> None:
    """Concentration, fresh rows, scope, schema: what a reviewer asks first."""
    message = table_message(
        table_diff(
            concentration=Concentration(kind="changed", column="region", value="north", rows=90, of=100, usual=0.123),
            fresh=Freshness(column="created_at", until="2026-03-01", rows=1),
            scope=Scope(condition="day > '2026'", sampled=0.1, production_rows=10, staging_rows=11),
            schema_changes=(schema_change("note"), schema_change("old", "removed"), schema_change("kind", "retyped")),
        )
    )
    said = str([block for block in message.blocks if block["type"] != "table"])
    for words in (
        "90 of 100 changed rows have `north` in `region`; of all rows 12 % have.",
        "1 row in staging is newer than production (`created_at` after `2026-03-01`): fresh, not counted as added.",
        "Compared only rows where `day > '2026'` and only 10 % of the keys, chosen by hash: 10 rows of production",
        "Columns: new `note` `TEXT`, *gone* `old`, `kind` `TEXT` → `TEXT`",
    ):
        assert words.replace(">", "&gt;").replace("'", "\\'") in said.replace("'", "\\'").replace("\\\\'", "\\'")
