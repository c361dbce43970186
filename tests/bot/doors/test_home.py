"""The Home tab and the table picker, over both doors."""

import asyncio
from typing import Any

import pytest

from bot.blocks.buttons import APPROVE, DETAILS, REJECT
from bot.blocks.details import PICK
from bot.payloads import REASON_BLOCK, REASON_INPUT
from flows.contract import Policy
from sandbox.workspace import GUEST, MINA, PRIYA
from tests.bot.stand import Json, Stand, eventually
from tests.builders import table_diff

pytestmark = pytest.mark.asyncio(loop_scope="module")


async def test_home_decides_and_answers_at_its_top(stand: Stand) -> None:
    """What waits for me comes with working buttons; the answer stands where I pressed."""
    mine = await stand.world.waiting("home-otter")
    await stand.world.waiting("others-otter", policy=Policy(approvers=(PRIYA,)))
    await stand.card("others-otter", "Waiting")
    await asyncio.to_thread(stand.client.home, MINA)
    home = await eventually(lambda: stand.client.state(MINA)["home"])
    assert "Waits for your decision (1)" in str(home["blocks"])
    assert "Waits for others" in str(home["blocks"])
    block = f"wap_actions {mine.run}"
    await asyncio.to_thread(_press, stand, home, block, APPROVE)
    await eventually(lambda: "Approved: `home-otter`" in str(stand.client.state(MINA)["home"]["blocks"][0]))
    await stand.card("home-otter", "Approved")
    assert await stand.world.state_of(mine.run) == "Running"


def _press(stand: Stand, home: Json, block: str, action_id: str) -> Any:
    pressed = {"view_id": home["id"], "action_id": action_id, "block_id": block, "confirmed": True}
    return stand.client.act(MINA, "modal_action", **pressed)


async def test_home_is_refreshed_when_something_changes(stand: Stand) -> None:
    """Whoever looked at it lately sees a new run without opening it again."""
    await asyncio.to_thread(stand.client.home, MINA)
    await eventually(lambda: "Nothing waits for you." in str(stand.client.state(MINA)["home"]))
    await stand.world.waiting("newcomer-otter")
    await eventually(lambda: "newcomer-otter" in str(stand.client.state(MINA)["home"]))


async def test_home_rejects_with_a_form_and_says_so_at_its_top(stand: Stand) -> None:
    """The form that a button of the tab opens has no channel to answer in."""
    mine = await stand.world.waiting("unwanted-otter")
    await stand.card("unwanted-otter", "Waiting")
    await asyncio.to_thread(stand.client.home, MINA)
    home = await stand.home(MINA, mine.run)
    await asyncio.to_thread(_press, stand, home, f"wap_actions {mine.run}", REJECT)
    await stand.submit(MINA, await stand.modal_saying(MINA, "dwh"), {REASON_BLOCK: {REASON_INPUT: "Doubled."}})
    await stand.home(MINA, "Rejected: `unwanted-otter`")
    await stand.card("unwanted-otter", "Rejected")


async def test_home_of_those_who_may_not_decide_has_no_buttons(stand: Stand) -> None:
    """They see that something waits, for others."""
    await stand.world.waiting("guarded-otter", policy=Policy(approvers=("channel",)))
    await stand.card("guarded-otter", "Waiting")
    await asyncio.to_thread(stand.client.home, GUEST)
    home = await stand.home(GUEST, "guarded-otter")
    assert "Waits for others" in str(home["blocks"])
    assert APPROVE not in str(home["blocks"])


async def test_details_show_the_table_that_is_picked(stand: Stand) -> None:
    """Everybody may look; another table is one pick away."""
    tables = (table_diff("orders"), table_diff("payments", changed=1))
    await stand.world.waiting("detailed-otter", tables=tables)
    card = await stand.card("detailed-otter", "Waiting")
    await stand.click(PRIYA, card, DETAILS)
    modal = await stand.modal(PRIYA)
    assert "*`orders`*" in str(modal["blocks"])
    await asyncio.to_thread(
        lambda: stand.client.act(PRIYA, "modal_action", view_id=modal["id"], action_id=PICK, value="1")
    )
    await eventually(lambda: "*`payments`*" in str(stand.client.state(PRIYA)["modal"]["blocks"]))
