"""Several approvals, over both doors."""

import asyncio

import pytest

from bot.blocks.buttons import APPROVE, REJECT
from bot.blocks.modals import WITHDRAW_MODAL
from bot.payloads import REASON_BLOCK, REASON_INPUT
from flows.contract import Policy, vote_key
from sandbox.workspace import MINA, PRIYA, TOMAS
from tests.bot.stand import Json, Stand, eventually
from tests.bot.test_votes_over_socket import CHANNEL_OF_TWO, decision_of, votes_of

pytestmark = pytest.mark.asyncio(loop_scope="module")


async def test_two_people_approve_and_one_takes_it_back_in_between(stand: Stand) -> None:
    """Approve, withdraw, approve again, and a second person: approved by both, with one decision."""
    asked = await stand.world.waiting("paired-otter", policy=CHANNEL_OF_TWO)
    card = await stand.card_saying("paired-otter", "0 of 2 approvals.")
    assert "2 approvals are needed" in str(card["blocks"])
    await stand.click(MINA, card, APPROVE, confirmed=True)
    await stand.card_saying("paired-otter", f"1 of 2 approvals: <@{MINA}>.")
    assert await votes_of(stand, asked) == [vote_key(1, MINA)]
    await stand.click(MINA, card, APPROVE, confirmed=True)
    form = await stand.modal()
    assert form["callback_id"] == WITHDRAW_MODAL
    await stand.submit(MINA, form, {})
    await stand.card_saying("paired-otter", f"<@{MINA}> withdrew the approval.")
    assert await votes_of(stand, asked) == []
    await stand.click(MINA, card, APPROVE, confirmed=True)
    await stand.card_saying("paired-otter", f"1 of 2 approvals: <@{MINA}>.")
    assert await stand.world.state_of(asked.run) == "Paused"
    await stand.click(PRIYA, card, APPROVE, confirmed=True)
    approved = await stand.card("paired-otter", "Approved, publishing")
    assert f"Approved by <@{MINA}> and <@{PRIYA}>" in str(approved["blocks"])
    claims = await decision_of(stand, asked)
    assert (claims.decider.user_id, len(claims.votes)) == (PRIYA, 2)


async def test_all_doors_vote_alike(stand: Stand) -> None:
    """A command, a button on the Home tab and the button of the card are three votes of three people."""
    three = Policy(approvers=("channel",), quorum=3, separation_of_duties=False)
    asked = await stand.world.waiting("three-doors-otter", policy=three)
    card = await stand.card("three-doors-otter", "Waiting")
    await stand.command(MINA, "approve three-doors-otter looks fine")
    await stand.card_saying("three-doors-otter", f"1 of 3 approvals: <@{MINA}>.")
    await asyncio.to_thread(stand.client.home, PRIYA)
    home = await eventually(lambda: _home_with(stand.client.state(PRIYA)["home"], asked.run))
    await asyncio.to_thread(_approve_at_home, stand, home, asked.run)
    await stand.card_saying("three-doors-otter", "2 of 3 approvals")
    await stand.click(TOMAS, card, APPROVE, confirmed=True)
    approved = await stand.card("three-doors-otter", "Approved")
    assert "Mina Okafor: looks fine" in str(approved["blocks"])
    assert len((await decision_of(stand, asked)).votes) == 3


def _home_with(home: Json | None, run_id: str) -> Json | None:
    return home if home and run_id in str(home["blocks"]) else None


def _approve_at_home(stand: Stand, home: Json, run_id: str) -> Json:
    block = next(block["block_id"] for block in home["blocks"] if run_id in block.get("block_id", ""))
    click = {"view_id": home["id"], "action_id": APPROVE, "block_id": block, "confirmed": True}
    return stand.client.act(PRIYA, "modal_action", **click)


async def test_command_withdraws(stand: Stand) -> None:
    """`/wap withdraw` takes back what `/wap approve` gave, and says so."""
    asked = await stand.world.waiting("retracted-otter", policy=CHANNEL_OF_TWO)
    await stand.card("retracted-otter", "Waiting")
    await stand.command(MINA, "approve retracted-otter")
    await stand.card_saying("retracted-otter", "1 of 2 approvals")
    await stand.command(MINA, "withdraw retracted-otter")
    await stand.whisper(MINA, "Withdrawn. The run `retracted-otter` has 0 of 2 approvals now.")
    await stand.card_saying("retracted-otter", "0 of 2 approvals.")
    assert await votes_of(stand, asked) == []


async def test_one_rejection_after_an_approval_stops(stand: Stand) -> None:
    """One no is enough, and the approval given before is not asked."""
    asked = await stand.world.waiting("vetoed-otter", policy=CHANNEL_OF_TWO)
    card = await stand.card("vetoed-otter", "Waiting")
    await stand.click(MINA, card, APPROVE, confirmed=True)
    await stand.card_saying("vetoed-otter", "1 of 2 approvals")
    await stand.click(PRIYA, card, REJECT)
    modal = await stand.modal(PRIYA)
    reason = {REASON_BLOCK: {REASON_INPUT: "The amounts look doubled"}}
    await stand.submit(PRIYA, modal, reason)
    rejected = await stand.card("vetoed-otter", "Rejected")
    assert f"Rejected by <@{PRIYA}>" in str(rejected["blocks"])
    assert (await stand.world.response(asked))["verdict"] == "Reject"
