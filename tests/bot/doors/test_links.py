"""Links to runs, shared anywhere, over both doors."""

import pytest

from sandbox.workspace import DATA_RELEASES, GENERAL, MINA, PRIYA
from tests.bot.stand import Stand, eventually

pytestmark = pytest.mark.asyncio(loop_scope="module")


async def test_link_pasted_anywhere_is_unfurled_and_one_of_another_run_is_not(stand: Stand) -> None:
    """Also in a channel that the bot is not in; runs without our tag are none of ours."""
    asked = await stand.world.waiting("linked-otter")
    foreign = await stand.world.building("foreign-otter")
    await stand.world.client.update_flow_run(foreign, tags=["other"])  # type: ignore[arg-type]  # an id as text will do
    await stand.card("linked-otter", "Waiting")
    address = f"{stand.settings.ui_url}/runs/flow-run"
    await stand.say(f"not ours: {address}/{foreign}", user=MINA, channel=GENERAL)
    for channel in (DATA_RELEASES, GENERAL):
        await stand.say(f"look: {address}/{asked.run}", user=PRIYA, channel=channel)
    found = await eventually(
        lambda: [m for m in stand.client.messages(GENERAL) if "linked-otter" in str(m["attachments"])]
    )
    assert "Waiting for a decision" in str(found[0]["attachments"])
    await eventually(lambda: len(stand.client.log("chat.unfurl")) == 2)
    assert foreign not in str(stand.client.log("chat.unfurl"))
