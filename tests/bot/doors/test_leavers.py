"""People whose account ends in the middle of something, over both doors."""

import asyncio

import pytest

from bot.blocks.buttons import APPROVE, REJECT
from flows.contract import Policy, vote_key
from sandbox.workspace import MINA, PRIYA, TOMAS
from tests.bot.stand import Stand
from tests.bot.test_votes_over_socket import CHANNEL_OF_TWO, votes_of

pytestmark = pytest.mark.asyncio(loop_scope="module")


async def test_account_that_ends_while_a_click_is_judged(stand: Stand) -> None:
    """The click was sent in time, and the answer reaches the person by the address that came with it."""
    policy = Policy(approvers=(TOMAS,), separation_of_duties=False)
    asked = await stand.world.waiting("leaving-otter", policy=policy)
    card = await stand.card("leaving-otter", "Waiting")
    await stand.click(TOMAS, card, REJECT)
    form = await stand.modal_saying(TOMAS, "dwh")
    stand.client.fault("users.info", "delay", seconds=0.5)
    await stand.click(TOMAS, card, APPROVE, confirmed=True)
    await asyncio.to_thread(lambda: stand.client.control("user", user=TOMAS, deleted=True))
    late = await stand.submit(TOMAS, form)
    assert late["error"] == "account_inactive"
    await asyncio.sleep(1)
    assert await stand.world.state_of(asked.run) == "Paused"


async def test_deactivated_voter_does_not_count(stand: Stand) -> None:
    """Whoever lost the right before the number was full is named on the card, and the run waits on."""
    asked = await stand.world.waiting("left-otter", policy=CHANNEL_OF_TWO)
    card = await stand.card("left-otter", "Waiting")
    await stand.click(PRIYA, card, APPROVE, confirmed=True)
    await stand.card_saying("left-otter", "1 of 2 approvals")
    await asyncio.to_thread(lambda: stand.client.control("user", user=PRIYA, deleted=True))
    await stand.click(MINA, card, APPROVE, confirmed=True)
    why = f"The approval of <@{PRIYA}> does not count any more: `deactivated`."
    await stand.card_saying("left-otter", why)
    assert await stand.world.state_of(asked.run) == "Paused"
    assert await votes_of(stand, asked) == [vote_key(1, MINA)]
