"""The real bot over a real socket, with a local Slack and a real Prefect."""

import asyncio
from collections.abc import Awaitable, Callable

import pytest
from slack_bolt.async_app import AsyncApp

from bot.app import create_app
from bot.blocks.buttons import APPROVE
from flows.contract import Outcome
from sandbox.workspace import MINA
from tests.bot.stand import Stand, eventually, running_bot
from tests.builders import receipt, sample, table_diff


async def test_restarted_bot_keeps_the_one_card(stand: Stand) -> None:
    """What happened while no bot ran is shown on the same card by the next one."""
    asked = await stand.world.waiting("restarted-otter")
    async with running_bot(stand.settings):
        card = await stand.card("restarted-otter", "Waiting")
    await stand.world.publish(asked.run, receipt(Outcome.EXPIRED, run=asked.run, reason="Nobody decided."))
    async with running_bot(stand.settings):
        expired = await stand.card("restarted-otter", "Expired")
    assert expired["ts"] == card["ts"]
    assert len(stand.cards("restarted-otter")) == 1


async def test_two_bots_post_one_card(stand: Stand) -> None:
    """Creating the claim is atomic in Prefect, so only one of many bots posts."""
    async with running_bot(stand.settings), running_bot(stand.settings), running_bot(stand.settings):
        for name in ("twin-otter-a", "twin-otter-b", "twin-otter-c"):
            await stand.world.waiting(name)
            await stand.card(name, "Waiting")
    assert [len(stand.cards(f"twin-otter-{letter}")) for letter in "abc"] == [1, 1, 1]


async def test_lost_reply_of_a_post_does_not_lead_to_a_second_card(stand: Stand) -> None:
    """After a post whose answer was lost, the card is found by its metadata instead of being posted again."""
    stand.client.fault("chat.postMessage", "drop_reply")
    await stand.world.waiting("lost-otter")
    async with running_bot(stand.settings):
        card = await stand.card("lost-otter", "Waiting")
        await eventually(lambda: stand.client.log("conversations.history"))
        await eventually(lambda: stand.client.log("chat.update"))
        await stand.click(MINA, card, APPROVE, confirmed=True)
        await stand.card("lost-otter", "Approved")
    assert len(stand.cards("lost-otter")) == 1


async def test_thread_is_filled_once(stand: Stand) -> None:
    """Each changed table has one message in the thread, and the examples one file, also after a restart."""
    tables = tuple(table_diff(name, samples=(sample(key=(name,)),)) for name in ("orders", "payments", "refunds"))
    await stand.world.waiting("sampled-otter", tables=tables)
    async with running_bot(stand.settings):
        card = await stand.card("sampled-otter", "Waiting")
        await eventually(lambda: len(stand.replies(card)) == 4)
    async with running_bot(stand.settings):
        await stand.world.waiting("another-otter")
        await stand.card("another-otter", "Waiting")
    assert len(stand.replies(card)) == 4


async def test_no_click_is_lost_while_a_connection_is_replaced(stand: Stand) -> None:
    """Slack replaces connections every few hours; of two, one always listens."""
    asked = await stand.world.waiting("refreshed-otter")
    async with running_bot(stand.settings):
        card = await stand.card("refreshed-otter", "Waiting")
        await eventually(lambda: stand.client.connections() == 2)
        await asyncio.to_thread(stand.client.refresh, "one")
        clicked = await stand.click(MINA, card, APPROVE, confirmed=True)
        assert clicked["acked"], clicked
        await stand.card("refreshed-otter", "Approved")
        await eventually(lambda: stand.client.connections() == 2)
    assert await stand.world.state_of(asked.run) == "Running"


async def test_ghost_connections_are_warned_of(stand: Stand, caplog: pytest.LogCaptureFixture) -> None:
    """Connections that only Slack believes in swallow clicks; the log says so."""
    stand.client.control("ghosts", count=3)
    async with running_bot(stand.settings):
        await eventually(lambda: "slack.socket.ghosts" in caplog.text)


async def test_rate_limit_is_waited_for(stand: Stand) -> None:
    """Slack says when to come back, and the card comes once."""
    stand.client.fault("chat.postMessage", "status", status=429, retry_after=1)
    await stand.world.waiting("patient-otter")
    async with running_bot(stand.settings):
        await stand.card("patient-otter", "Waiting")
    assert len(stand.cards("patient-otter")) == 1
    assert not stand.client.log("conversations.history")


async def test_click_that_was_begun_is_answered_before_the_socket_closes(stand: Stand) -> None:
    """A bot that is told to stop in the middle of an answer gives the answer first."""
    begun, go_on = asyncio.Event(), asyncio.Event()

    async def slowly(next: Callable[[], Awaitable[None]]) -> None:
        begun.set()
        await go_on.wait()
        await next()

    bot = await create_app(stand.settings)
    assert isinstance(bot.app, AsyncApp)
    bot.app.middleware(slowly)
    await bot.start()
    asking = asyncio.create_task(stand.command(MINA, "help"))
    await begun.wait()
    stopping = asyncio.create_task(bot.stop())
    await asyncio.sleep(0.2)
    assert not stopping.done()
    go_on.set()
    assert (await asking)["acked"]
    await stopping
