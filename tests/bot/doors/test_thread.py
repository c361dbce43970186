"""The thread of a card, over both doors: filled once, questioned, and handed over with the decision."""

import asyncio
from typing import Any
from uuid import UUID

import pytest

from bot.blocks.buttons import APPROVE
from flows.contract import Discussion, Outcome, discussion_key
from sandbox.workspace import DATA_RELEASES, MINA, PRIYA, TOMAS
from tests.bot.stand import Json, Stand, eventually
from tests.bot.test_charts import STATUS, histogram
from tests.builders import acknowledgement, receipt, table_diff

pytestmark = pytest.mark.asyncio(loop_scope="module")

TABLES = (table_diff("orders", distributions=(histogram(), STATUS)), table_diff("payments", samples=()))


async def discussion(stand: Stand, run_id: str) -> Discussion:
    """The discussion as it lies in Prefect."""
    for _ in range(200):
        found = await stand.world.client.filter_flow_run_input(
            UUID(run_id), key_prefix=discussion_key(1), limit=1, exclude_keys=set()
        )
        if found:
            return Discussion.model_validate_json(found[0].value)
        await asyncio.sleep(0.1)
    raise AssertionError("no discussion was stored")


async def test_thread_has_tables_picture_and_file(stand: Stand) -> None:
    """In this order, each once; the picture is a PNG with words for those who cannot see it."""
    await stand.world.waiting("filled-otter", tables=TABLES)
    card = await stand.card("filled-otter", "Waiting")
    await eventually(lambda: len(stand.replies(card)) == 4)
    texts = [message["text"] for message in stand.replies(card)]
    assert texts[0].startswith("*`orders`* 1,000 → 1,008 rows")
    assert texts[1].startswith("*`payments`*")
    assert texts[2] == "How `orders.amount`, `orders.status` are spread, production against staging"
    picture, table = stand.files(card)
    assert picture["mimetype"] == "image/png"
    assert (await fetched(stand, picture)).startswith(b"\x89PNG")
    assert b'"orders","changed","1","17","amount","10.00","12.50"' in await fetched(stand, table)
    announced = [call["args"] for call in stand.client.log("files.getUploadURLExternal")]
    assert "paid 10 → 2" in str(announced)


async def fetched(stand: Stand, file: Json) -> bytes:
    """The bytes of a file as the page shows them."""
    http = stand.client._http
    return bytes((await asyncio.to_thread(http.get, file["url"])).content)


async def test_questions_in_the_thread_are_answered(stand: Stand) -> None:
    """Rows, columns, picture, file and why, in public, from the report."""
    await stand.world.waiting("asked-otter", tables=TABLES)
    card = await stand.card("asked-otter", "Waiting")
    await stand.say("@wap rows orders changed", card)
    found = await stand.reply(card, "`orders`: 1 of 5 changed rows.")
    assert "10.00 → 12.50" in str(found["blocks"])
    await stand.say("@wap colums orders", card, user=PRIYA)
    await stand.reply(card, "Did you mean `@wap columns orders`?")
    await stand.say("@wap why", card)
    await stand.reply(card, "`dwh` would change: 2 tables differ")
    before = len(stand.files(card))
    await stand.say("@wap chart orders status", card)
    await stand.say("@wap csv orders", card)
    await eventually(lambda: len(stand.files(card)) >= before + 2)


async def test_every_kind_of_question_is_answered(stand: Stand) -> None:
    """Help, a misspelt word, a table that is none, a decision, words to somebody else, text of any kind."""
    asked = await stand.world.waiting("curious-otter", tables=TABLES)
    card = await stand.card("curious-otter", "Waiting")
    for text, words in (
        ("@wap help", "In the thread of a card, from its report:"),
        ("@wap", "In the thread of a card, from its report:"),
        ("Look, @tomas: @wap rows orders added", "holds no example of added rows"),
        ("@wap rows ordrs", "Near: `orders`."),
        ("@wap columns payments", "production → staging"),
        ("@wap chart orders nothing", "No picture."),
        ("@wap approve", "Nothing was decided. A thread does not take `approve`"),
        ("@wap *bold* <!channel> \u202e🦦 `code`", "is not something to ask here."),
    ):
        await stand.say(text, card)
        found = await stand.reply(card, words)
        assert "<!channel>" not in found["text"]
    assert await stand.world.state_of(asked.run) == "Paused"


async def test_mention_elsewhere_gets_one_sentence(stand: Stand) -> None:
    """In the channel itself there is no report to answer from."""
    ts = await stand.say("@wap rows orders")
    found: Any = await eventually(
        lambda: [one for one in stand.client.messages(DATA_RELEASES) if one.get("thread_ts") == ts and one["ts"] != ts]
    )
    assert [one["text"][:24] for one in found] == ["Nothing was looked up. I"]


async def test_discussion_is_stored_with_the_decision(stand: Stand) -> None:
    """Edited messages as they are in the end, deleted ones not at all, the bot's own never."""
    asked = await stand.world.waiting("discussed-otter", tables=TABLES)
    card = await stand.card("discussed-otter", "Waiting")
    await stand.say("Looks doubled <!channel>, @mina?", card, user=TOMAS)
    edited = await stand.say("No", card)
    deleted = await stand.say("secret", card, user=PRIYA)
    await asyncio.to_thread(
        lambda: stand.client.act(MINA, "edit", channel=DATA_RELEASES, ts=edited, text="It is a backfill")
    )
    await asyncio.to_thread(lambda: stand.client.act(PRIYA, "delete", channel=DATA_RELEASES, ts=deleted))
    await stand.click(MINA, card, APPROVE, confirmed=True)
    stored = await discussion(stand, asked.run)
    await stand.world.acknowledge(asked.run, acknowledgement())
    await stand.world.publish(asked.run, receipt(Outcome.PUBLISHED, run=asked.run))
    await stand.card("discussed-otter", "Published")
    await eventually(lambda: "Discussed by 2 people in 2 messages" in str(stand.cards("discussed-otter")))
    assert [(one.name, one.text) for one in stored.remarks] == [
        ("Tomas Lindqvist", "Looks doubled <!channel>, @Mina Okafor?"),
        ("Mina Okafor", "It is a backfill"),
    ]
    assert stored.remarks[0].permalink.endswith(f"?thread_ts={card['ts']}&cid={DATA_RELEASES}")
    assert (stored.people, stored.messages, stored.left_out) == (2, 2, 0)
