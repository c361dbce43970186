"""Somebody mentions the bot: who is answered, where, and how often."""

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.charts.drawing import DrawingFailed
from bot.payloads import Malformed
from bot.ports import SlackRefused
from bot.runs import Address
from bot.thread.mentions import ANSWERS, Mentions
from bot.thread.payloads import Mention, parse_mention, plain_text
from tests.bot.fakes import CHANNEL, FakeRuns, FakeSlack, draw
from tests.bot.test_card_state import waiting
from tests.bot.test_charts import STATUS
from tests.builders import MINA, RUN_ID, report, table_diff

CARD = Address(CHANNEL, "1.0")
EVENT: dict[str, Any] = {
    "type": "app_mention",
    "user": MINA,
    "text": "<@U0WAP00001> why",
    "ts": "5.0",
    "channel": CHANNEL,
    "thread_ts": CARD.ts,
}


def body(*, event_id: str = "Ev1", **changes: Any) -> dict[str, Any]:
    """The event in its envelope."""
    return {"event_id": event_id, "event": {**EVENT, **changes}}


class World:
    """A card in a channel, and the bot that hears what is said in its thread."""

    def __init__(self, **changes: Any) -> None:
        self.runs, self.slack = FakeRuns(), FakeSlack()
        self.runs.add(replace(waiting(card=CARD), **changes))
        self.slack.runs_of[CARD.ts] = RUN_ID
        self.mentions = Mentions(self.runs, self.slack, draw)

    async def hear(self, words: str = "why", **changes: Any) -> list[str]:
        """What the bot posts when this is said."""
        before = len(self.slack.replies)
        await self.mentions.hear(parse_mention(body(text=f"<@U0WAP00001> {words}", **changes)))
        return [message.text for message in self.slack.replies[before:]]


async def test_question_in_a_cards_thread_is_answered_there() -> None:
    """From the report of the run whose card it is."""
    world = World()
    (said,) = await world.hear("why")
    assert said.startswith("`dwh` would change")
    assert world.slack.history == ["run_of", "post_reply"]


async def test_repeated_event_is_answered_once() -> None:
    """By its id within one process, by a claim in Prefect across processes."""
    world = World()
    assert len(await world.hear()) == 1
    assert await world.hear() == []
    again = Mentions(world.runs, world.slack, draw)
    await again.hear(parse_mention(body(event_id="Ev2")))
    assert len(world.slack.replies) == 1


@pytest.mark.parametrize(
    "changes",
    [
        {"bot_id": "B0OTHER001"},
        {"bot_profile": {"id": "B0OTHER001"}},
        {"subtype": "bot_message"},
        {"subtype": "message_changed"},
        {"subtype": "message_deleted"},
        {"edited": {"user": MINA, "ts": "6.0"}},
        {"hidden": True},
        {"user": ""},
        {"user": None},
    ],
)
async def test_what_no_person_has_just_typed_is_ignored(changes: dict[str, Any]) -> None:
    """Bots, edits and deletions are not answered."""
    world = World()
    assert await world.hear(**changes) == []
    assert world.slack.history == []


async def test_mention_outside_a_cards_thread_gets_one_sentence() -> None:
    """In the channel, in the thread of another message, under a card that Prefect does not know as one."""
    world = World()
    (said,) = await world.hear(thread_ts=None)
    assert said.startswith("Nothing was looked up. I answer about a data release in the thread of its card")
    assert await world.hear(thread_ts="9.0", event_id="Ev2") == [said]
    world.slack.runs_of["8.0"] = RUN_ID
    assert await world.hear(thread_ts="8.0", event_id="Ev3") == [said]
    world.slack.fail("run_of", SlackRefused("conversations.replies", "thread_not_found"))
    assert await world.hear(thread_ts="7.0", event_id="Ev4") == [said]


async def test_run_without_a_report_says_so() -> None:
    """There is nothing to tell before the audit has ended."""
    (said,) = await World(report=None).hear("rows orders")
    assert said.startswith("Nothing to tell yet.")


async def test_picture_is_drawn_and_shared() -> None:
    """With words for those who cannot see it; when drawing fails, that is said."""
    about = report(tables=(table_diff(distributions=(STATUS,)),))
    world = World(report=about)
    await world.hear("chart orders status")
    (upload,) = world.slack.uploads
    assert upload.content == b"PNG of orders.status"
    assert "paid 10 → 2" in upload.alt_text

    async def fail(panels: object) -> bytes:
        raise DrawingFailed("exit code 1")

    await Mentions(world.runs, world.slack, fail).hear(parse_mention(body(text="chart", ts="6.0")))
    assert world.slack.replies[-1].text.startswith("No picture. Drawing it failed")


async def test_unreachable_prefect_is_said() -> None:
    """Nobody is left waiting for an answer that does not come."""
    world = World()
    world.runs.is_down = True
    (said,) = await world.hear()
    assert "Prefect did not answer" in said


async def test_thread_has_an_end() -> None:
    """Answers share the pace of the channel: after a hundred in one thread the person alone is told."""
    world = World(answers=ANSWERS)
    assert await world.hear() == []
    assert world.slack.whispers == [
        (MINA, "Not answered. This thread has had 100 answers; `/wap diff` answers in private.")
    ]


def test_mention_is_parsed() -> None:
    """Mentions and Slack's markup are taken off; an address that Slack made of a name is the name again."""
    text = "<@U0WAP00001|wap> rows <http://orders.id|orders.id> &lt;a&gt; &amp;amp; <#C1|data>"
    assert parse_mention(body(text=text)) == Mention(
        event_id="Ev1",
        user_id=MINA,
        at=Address(CHANNEL, "5.0"),
        thread=CARD,
        is_in_thread=True,
        words="rows orders.id <a> &amp; data",
        is_ours_to_answer=True,
    )


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("<@U0WAP00001> rows orders", "rows orders"),
        ("Look, <@U0MINA0001>: <@U0WAP00001|wap> rows orders <@U0TOMAS001>", "rows orders"),
        ("why <@U0WAP00001>", "why"),
        ("<@U0WAP00001>", ""),
        (None, ""),
    ],
)
def test_words_after_the_bots_name_are_for_it(text: str | None, words: str) -> None:
    """What people say to each other in the same message is not part of the question."""
    envelope = body(text=text) | {"authorizations": [{"user_id": "U0WAP00001", "is_bot": True}]}
    assert parse_mention(envelope).words == words
    for broken in (None, [], [1], [{}], [{"user_id": 1}]):
        assert isinstance(parse_mention(body(text=text) | {"authorizations": broken}).words, str)


@pytest.mark.parametrize("broken", [{"channel": None}, {"channel": ""}, {"ts": None}, {"ts": 5}])
def test_mention_without_a_place_is_refused(broken: dict[str, Any]) -> None:
    """An event that Slack would not send is not guessed at."""
    with pytest.raises(Malformed):
        parse_mention(body(**broken))
    for envelope in ({}, {"event": 1, "event_id": "Ev"}, {"event": EVENT}, {"event": EVENT, "event_id": 1}):
        with pytest.raises(Malformed):
            parse_mention(envelope)


def test_plain_text_is_what_people_read() -> None:
    """Names for ids, no escapes; a link keeps its address beside other words for it."""
    text = "<@U1> <@U2> <!here> <!subteam^S1|@owners> <#C1|data> 1 &lt; 2"
    assert plain_text(text, {"U1": "Mina Okafor"}) == "@Mina Okafor @U2 @here @owners #data 1 < 2"
    links = "<https://example.com/a|docs> <https://example.com> <http://orders.id|orders.id>"
    assert plain_text(links, {}) == "docs (https://example.com/a) https://example.com http://orders.id"


@given(st.text(max_size=200))
def test_any_text_is_parsed(text: str) -> None:
    """Nothing that people write is an error."""
    parse_mention(body(text=text))
    plain_text(text, {})
