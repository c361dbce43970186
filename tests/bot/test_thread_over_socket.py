"""The thread of a card, over a real socket: filled once, questioned, and handed over with the decision."""

import asyncio
from typing import Any
from uuid import UUID

from bot.blocks.buttons import APPROVE
from bot.listeners.over_http import PATH, OverHttp
from flows.contract import Discussion, Outcome, discussion_key
from sandbox.manifest import asked_for
from sandbox.testing import sandbox_settings, start_sandbox
from sandbox.workspace import DATA_RELEASES, MINA, PRIYA, TOMAS
from tests.bot.conftest import MANIFEST
from tests.bot.prefect_world import PrefectWorld
from tests.bot.stand import Json, Stand, eventually, running_bot, settings_for
from tests.bot.test_charts import STATUS, histogram
from tests.builders import acknowledgement, receipt, sample, table_diff

TABLES = (table_diff("orders", distributions=(histogram(), STATUS)), table_diff("payments", samples=()))


async def say(
    stand: Stand, text: str, card: Json | None = None, *, user: str = MINA, channel: str = DATA_RELEASES
) -> str:
    """Write a message, in the thread of a card or into the channel; its ts."""
    thread_ts = card["ts"] if card else None
    said = await asyncio.to_thread(lambda: stand.client.say(user, text, channel=channel, thread_ts=thread_ts))
    return str(said["ts"])


async def reply(stand: Stand, card: Json, words: str) -> Json:
    """The reply of the bot that says these words."""
    found: Json = await eventually(
        lambda: next((one for one in stand.replies(card) if words in one["text"] and one.get("bot")), None)
    )
    return found


def files(stand: Stand, card: Json) -> list[Json]:
    """The files in the thread of a card."""
    return [file for message in stand.replies(card) for file in message.get("files") or []]


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
    async with running_bot(stand.settings):
        card = await stand.card("filled-otter", "Waiting")
        await eventually(lambda: len(stand.replies(card)) == 4)
    texts = [message["text"] for message in stand.replies(card)]
    assert texts[0].startswith("*`orders`* 1,000 → 1,008 rows")
    assert texts[1].startswith("*`payments`*")
    assert texts[2] == "How `orders.amount`, `orders.status` are spread, production against staging"
    picture, table = files(stand, card)
    assert picture["mimetype"] == "image/png"
    assert (await fetched(stand, picture)).startswith(b"\x89PNG")
    assert b'"orders","changed","1","17","amount","10.00","12.50"' in await fetched(stand, table)
    announced = [call["args"] for call in stand.client.log("files.getUploadURLExternal")]
    assert "paid 10 → 2" in str(announced)


async def fetched(stand: Stand, file: Json) -> bytes:
    """The bytes of a file as the page shows them."""
    http = stand.client._http
    return bytes((await asyncio.to_thread(http.get, file["url"])).content)


async def test_thread_goes_on_where_a_bot_stopped(stand: Stand) -> None:
    """A message whose answer was lost is found in the thread and not posted again."""
    tables = tuple(table_diff(name, samples=(sample(key=(name,)),)) for name in ("orders", "payments", "refunds"))
    await stand.world.waiting("stopped-otter", tables=tables)
    async with running_bot(stand.settings):
        card = await stand.card("stopped-otter", "Waiting")
        stand.client.fault("chat.postMessage", "drop_reply")
        await eventually(lambda: len(stand.replies(card)) >= 1)
    async with running_bot(stand.settings):
        await stand.world.waiting("next-otter")
        await stand.card("next-otter", "Waiting")
    heads = [message["text"].split()[0] for message in stand.replies(card)]
    assert len(heads) == len(set(heads))


async def test_questions_in_the_thread_are_answered(stand: Stand) -> None:
    """Rows, columns, picture, file and why, in public, from the report."""
    await stand.world.waiting("asked-otter", tables=TABLES)
    async with running_bot(stand.settings):
        card = await stand.card("asked-otter", "Waiting")
        await say(stand, "@wap rows orders changed", card)
        found = await reply(stand, card, "`orders`: 1 of 5 changed rows.")
        assert "10.00 → 12.50" in str(found["blocks"])
        await say(stand, "@wap colums orders", card, user=PRIYA)
        await reply(stand, card, "Did you mean `@wap columns orders`?")
        await say(stand, "@wap why", card)
        await reply(stand, card, "`dwh` would change: 2 tables differ")
        before = len(files(stand, card))
        await say(stand, "@wap chart orders status", card)
        await say(stand, "@wap csv orders", card)
        await eventually(lambda: len(files(stand, card)) >= before + 2)


async def test_mention_elsewhere_gets_one_sentence(stand: Stand) -> None:
    """In the channel itself there is no report to answer from."""
    async with running_bot(stand.settings):
        ts = await say(stand, "@wap rows orders")
        found: Any = await eventually(
            lambda: [
                one for one in stand.client.messages(DATA_RELEASES) if one.get("thread_ts") == ts and one["ts"] != ts
            ]
        )
    assert [one["text"][:24] for one in found] == ["Nothing was looked up. I"]


async def test_discussion_is_stored_with_the_decision(stand: Stand) -> None:
    """Edited messages as they are in the end, deleted ones not at all, the bot's own never."""
    asked = await stand.world.waiting("discussed-otter", tables=TABLES)
    async with running_bot(stand.settings):
        card = await stand.card("discussed-otter", "Waiting")
        await say(stand, "Looks doubled <!channel>, @mina?", card, user=TOMAS)
        edited = await say(stand, "No", card)
        deleted = await say(stand, "secret", card, user=PRIYA)
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


async def test_mention_over_signed_http(stand: Stand) -> None:
    """The same question and the same answer, delivered by signed HTTP; delivered again it is answered once."""
    await stand.world.waiting("http-asked-otter", tables=TABLES)
    settings = settings_for(stand.slack, stand.world.url, WAP_SLACK_MODE="http", WAP_HTTP_PORT="0")
    async with running_bot(settings) as bot:
        assert isinstance(bot.transport, OverHttp)
        address = f"http://127.0.0.1:{bot.transport.port}{PATH}"
        card = await stand.card("http-asked-otter", "Waiting")
        await asyncio.to_thread(lambda: stand.client.control("mode", mode="http", request_url=address))
        await say(stand, "@wap why", card)
        await reply(stand, card, "`dwh` would change: 2 tables differ")
        await say(stand, "Look, @tomas: @wap rows orders added", card)
        await reply(stand, card, "holds no example of added rows")
    assert len([one for one in stand.replies(card) if "would change" in one["text"]]) == 1


async def test_thread_keeps_to_the_pace_of_the_channel(world: PrefectWorld) -> None:
    """With Slack's own limit of a message a second, a thread of nine messages is never told to slow down."""
    with start_sandbox(sandbox_settings(**asked_for(MANIFEST))) as slack:
        stand = Stand(slack, world)
        tables = tuple(table_diff(f"t{number}", changed=9 - number) for number in range(8))
        await world.waiting("paced-otter", tables=tables)
        async with running_bot(stand.settings):
            card = await stand.card("paced-otter", "Waiting")
            await eventually(lambda: len(stand.replies(card)) == 9)
        assert [call["status"] for call in slack.client.log("chat.postMessage")] == [200] * 9
        assert [one["text"].split()[0] for one in stand.replies(card)[:8]] == [f"*`t{n}`*" for n in range(8)]
