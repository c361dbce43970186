"""The thread of a card, over a real socket: filled once, at Slack's pace."""

from sandbox.manifest import asked_for
from sandbox.testing import sandbox_settings, start_sandbox
from tests.bot.conftest import MANIFEST
from tests.bot.prefect_world import PrefectWorld
from tests.bot.stand import Stand, eventually, running_bot
from tests.builders import sample, table_diff


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
