"""Several approvals over a real socket, with a local Slack and a real Prefect: every door, and what can happen."""

import asyncio
from datetime import UTC, datetime
from uuid import UUID

from bot.blocks.buttons import APPROVE, REJECT
from bot.blocks.modals import WITHDRAW_MODAL
from bot.payloads import REASON_BLOCK, REASON_INPUT
from flows.contract import Claims, Decider, Policy, Report, Vote, read_proof, sign_proof, vote_key
from sandbox.workspace import MINA, PRIYA, TOMAS
from tests.bot.stand import SIGNING_KEY, Json, Stand, eventually, running_bot

CHANNEL_OF_TWO = Policy(approvers=("channel",), quorum=2)


async def decision_of(stand: Stand, asked: Report) -> Claims:
    """What the stored decision of a run proves."""
    return read_proof((await stand.world.response(asked))["proof"], [SIGNING_KEY])


async def votes_of(stand: Stand, asked: Report) -> list[str]:
    """The keys of the votes in Prefect."""
    found = await stand.world.client.filter_flow_run_input(UUID(asked.run), "wap-vote-", limit=50, exclude_keys=set())
    return sorted(entry.key for entry in found)


async def card_saying(stand: Stand, run_name: str, words: str) -> Json:
    """The card as soon as its blocks say this."""
    found: Json = await eventually(
        lambda: next((card for card in stand.cards(run_name) if words in str(card["blocks"])), None)
    )
    return found


async def test_two_people_approve_and_one_takes_it_back_in_between(stand: Stand) -> None:
    """Approve, withdraw, approve again, and a second person: approved by both, with one decision."""
    asked = await stand.world.waiting("paired-otter", policy=CHANNEL_OF_TWO)
    async with running_bot(stand.settings):
        card = await card_saying(stand, "paired-otter", "0 of 2 approvals.")
        assert "2 approvals are needed" in str(card["blocks"])
        await stand.click(MINA, card, APPROVE, confirmed=True)
        await card_saying(stand, "paired-otter", f"1 of 2 approvals: <@{MINA}>.")
        assert await votes_of(stand, asked) == [vote_key(1, MINA)]
        await stand.click(MINA, card, APPROVE, confirmed=True)
        form = await stand.modal()
        assert form["callback_id"] == WITHDRAW_MODAL
        await asyncio.to_thread(stand.client.submit, MINA, form["id"], {})
        await card_saying(stand, "paired-otter", f"<@{MINA}> withdrew the approval.")
        assert await votes_of(stand, asked) == []
        await stand.click(MINA, card, APPROVE, confirmed=True)
        await card_saying(stand, "paired-otter", f"1 of 2 approvals: <@{MINA}>.")
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
    async with running_bot(stand.settings):
        card = await stand.card("three-doors-otter", "Waiting")
        await stand.command(MINA, "approve three-doors-otter looks fine")
        await card_saying(stand, "three-doors-otter", f"1 of 3 approvals: <@{MINA}>.")
        await asyncio.to_thread(stand.client.home, PRIYA)
        home = await eventually(lambda: _home_with(stand.client.state(PRIYA)["home"], asked.run))
        await asyncio.to_thread(_approve_at_home, stand, home, asked.run)
        await card_saying(stand, "three-doors-otter", "2 of 3 approvals")
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
    async with running_bot(stand.settings):
        await stand.card("retracted-otter", "Waiting")
        await stand.command(MINA, "approve retracted-otter")
        await card_saying(stand, "retracted-otter", "1 of 2 approvals")
        await stand.command(MINA, "withdraw retracted-otter")
        await stand.whisper(MINA, "Withdrawn. The run `retracted-otter` has 0 of 2 approvals now.")
        await card_saying(stand, "retracted-otter", "0 of 2 approvals.")
    assert await votes_of(stand, asked) == []


async def test_two_last_votes_at_the_same_moment_decide_once(stand: Stand) -> None:
    """Both complete the number: one decision is stored, and neither hears that the other was first."""
    asked = await stand.world.waiting("photo-finish-otter", policy=CHANNEL_OF_TWO)
    async with running_bot(stand.settings), running_bot(stand.settings):
        card = await stand.card("photo-finish-otter", "Waiting")
        await asyncio.gather(*(stand.click(user, card, APPROVE, confirmed=True) for user in (MINA, PRIYA)))
        approved = await stand.card("photo-finish-otter", "Approved, publishing")
    text = str(approved["blocks"])
    assert f"<@{MINA}>" in text
    assert f"<@{PRIYA}>" in text
    assert len((await decision_of(stand, asked)).votes) == 2
    assert stand.whispers(MINA) == stand.whispers(PRIYA) == []


async def test_one_rejection_after_an_approval_stops(stand: Stand) -> None:
    """One no is enough, and the approval given before is not asked."""
    asked = await stand.world.waiting("vetoed-otter", policy=CHANNEL_OF_TWO)
    async with running_bot(stand.settings):
        card = await stand.card("vetoed-otter", "Waiting")
        await stand.click(MINA, card, APPROVE, confirmed=True)
        await card_saying(stand, "vetoed-otter", "1 of 2 approvals")
        await stand.click(PRIYA, card, REJECT)
        modal = await stand.modal(PRIYA)
        reason = {REASON_BLOCK: {REASON_INPUT: "The amounts look doubled"}}
        await asyncio.to_thread(stand.client.submit, PRIYA, modal["id"], reason)
        rejected = await stand.card("vetoed-otter", "Rejected")
    assert f"Rejected by <@{PRIYA}>" in str(rejected["blocks"])
    assert (await stand.world.response(asked))["verdict"] == "Reject"


async def test_votes_outlive_the_bot(stand: Stand) -> None:
    """They lie in Prefect: another bot shows them and counts on."""
    asked = await stand.world.waiting("patient-pair-otter", policy=CHANNEL_OF_TWO)
    async with running_bot(stand.settings):
        card = await stand.card("patient-pair-otter", "Waiting")
        await stand.click(MINA, card, APPROVE, confirmed=True)
        await card_saying(stand, "patient-pair-otter", "1 of 2 approvals")
    async with running_bot(stand.settings):
        await stand.click(PRIYA, card, APPROVE, confirmed=True)
        approved = await stand.card("patient-pair-otter", "Approved")
    assert f"Approved by <@{MINA}> and <@{PRIYA}>" in str(approved["blocks"])
    assert len((await decision_of(stand, asked)).votes) == 2


async def test_deactivated_voter_does_not_count(stand: Stand) -> None:
    """Whoever lost the right before the number was full is named on the card, and the run waits on."""
    asked = await stand.world.waiting("left-otter", policy=CHANNEL_OF_TWO)
    async with running_bot(stand.settings):
        card = await stand.card("left-otter", "Waiting")
        await stand.click(PRIYA, card, APPROVE, confirmed=True)
        await card_saying(stand, "left-otter", "1 of 2 approvals")
        stand.client.control("user", user=PRIYA, deleted=True)
        await stand.click(MINA, card, APPROVE, confirmed=True)
        await card_saying(stand, "left-otter", f"The approval of <@{PRIYA}> does not count any more: `deactivated`.")
    assert await stand.world.state_of(asked.run) == "Paused"
    assert await votes_of(stand, asked) == [vote_key(1, MINA)]


async def test_bot_that_starts_after_the_last_vote_lets_the_run_go_on(stand: Stand) -> None:
    """A bot that was killed between the last vote and the decision is made up for by the next one."""
    asked = await stand.world.waiting("finished-otter", policy=CHANNEL_OF_TWO)
    for user in (MINA, PRIYA):
        await store_vote(stand, asked, user)
    async with running_bot(stand.settings):
        await stand.card("finished-otter", "Approved, publishing")
    claims = await decision_of(stand, asked)
    assert len(claims.votes) == 2


async def store_vote(stand: Stand, asked: Report, user: str) -> None:
    """What a bot stores first of all when somebody approves."""
    claims = Claims(
        run=asked.run,
        attempt=asked.attempt,
        digest=asked.digest,
        verdict="Approve",
        decider=Decider(name=user, user_id=user),
        nonce=f"nonce of {user}",
        at=datetime.now(UTC),
    )
    vote = Vote(proof=sign_proof(claims, [SIGNING_KEY]), gate=asked.gate)
    key = vote_key(asked.attempt, user)
    await stand.world.client.create_flow_run_input(UUID(asked.run), key, vote.model_dump_json())
