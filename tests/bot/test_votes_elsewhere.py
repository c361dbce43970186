"""Votes that another bot has stored, over a real socket with a real Prefect, which sends no event for them."""

import asyncio
from datetime import UTC, datetime

from bot.blocks.buttons import APPROVE, WITHDRAW
from flows.contract import Claims, Decider, Policy, Report, Vote, sign_proof, vote_key
from sandbox.workspace import MINA, PRIYA
from tests.bot.stand import SIGNING_KEY, Json, Stand, eventually, running_bot

TWO = Policy(approvers=("channel",), quorum=2)


async def store_vote(stand: Stand, asked: Report, user: str, name: str) -> None:
    """What a bot does that stops before it can show it."""
    claims = Claims(
        run=asked.run,
        attempt=asked.attempt,
        digest=asked.digest,
        verdict="Approve",
        decider=Decider(name=name, user_id=user),
        nonce=f"vote of {name}",
        at=datetime.now(UTC),
    )
    vote = Vote(proof=sign_proof(claims, [SIGNING_KEY]), gate=asked.gate)
    await stand.world.note(asked.run, vote_key(asked.attempt, user), vote.model_dump(mode="json"))


def buttons_at_home(stand: Stand, user: str) -> list[str]:
    """The buttons of the Home tab of this person."""
    home: Json = stand.client.state(user)["home"]
    return [part["action_id"] for block in home["blocks"] if block["type"] == "actions" for part in block["elements"]]


async def test_votes_of_a_bot_that_stopped_are_shown_and_complete_the_number(stand: Stand) -> None:
    """Nobody presses anything here: the card and the Home tab follow, and the second vote lets the run go on."""
    asked = await stand.world.waiting("distant-otter", policy=TWO)
    async with running_bot(stand.settings):
        await stand.card_saying("distant-otter", "0 of 2 approvals.")
        await asyncio.to_thread(stand.client.home, MINA)
        await stand.home(MINA, "0 of 2 approvals.")
        await store_vote(stand, asked, MINA, "Mina Okafor")
        await stand.card_saying("distant-otter", f"1 of 2 approvals: <@{MINA}>.")
        await stand.home(MINA, f"1 of 2 approvals: <@{MINA}>.")
        await store_vote(stand, asked, PRIYA, "Priya Raman")
        await stand.card("distant-otter", "Approved")
    assert (await stand.world.response(asked))["verdict"] == "Approve"


async def test_approval_is_withdrawn_on_the_home_tab(stand: Stand) -> None:
    """Each person sees their own buttons there; who takes the approval back can give it again."""
    asked = await stand.world.waiting("homely-otter", policy=TWO)
    async with running_bot(stand.settings):
        await stand.card_saying("homely-otter", "0 of 2 approvals.")
        await store_vote(stand, asked, MINA, "Mina Okafor")
        await stand.card_saying("homely-otter", "1 of 2 approvals")
        await asyncio.to_thread(stand.client.home, MINA)
        home = await stand.home(MINA, "1 of 2 approvals")
        assert buttons_at_home(stand, MINA)[0] == WITHDRAW
        click = {"view_id": home["id"], "action_id": WITHDRAW, "block_id": f"wap_actions {asked.run}"}
        await asyncio.to_thread(lambda: stand.client.act(MINA, "modal_action", **click))
        await stand.home(MINA, "Withdrawn. The run `homely-otter` has 0 of 2 approvals now.")
        await eventually(lambda: buttons_at_home(stand, MINA)[0] == APPROVE)
        await stand.card_saying("homely-otter", "withdrew the approval.")
