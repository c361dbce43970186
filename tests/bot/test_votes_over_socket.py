"""Several approvals over a real socket, with a local Slack and a real Prefect: every door, and what can happen."""

import asyncio
from datetime import UTC, datetime
from uuid import UUID

from bot.blocks.buttons import APPROVE
from flows.contract import Claims, Decider, Policy, Report, Vote, read_proof, sign_proof, vote_key
from sandbox.workspace import MINA, PRIYA
from tests.bot.stand import SIGNING_KEY, Stand, running_bot

CHANNEL_OF_TWO = Policy(approvers=("channel",), quorum=2)


async def decision_of(stand: Stand, asked: Report) -> Claims:
    """What the stored decision of a run proves."""
    return read_proof((await stand.world.response(asked))["proof"], [SIGNING_KEY])


async def votes_of(stand: Stand, asked: Report) -> list[str]:
    """The keys of the votes in Prefect."""
    found = await stand.world.client.filter_flow_run_input(UUID(asked.run), "wap-vote-", limit=50, exclude_keys=set())
    return sorted(entry.key for entry in found)


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


async def test_votes_outlive_the_bot(stand: Stand) -> None:
    """They lie in Prefect: another bot shows them and counts on."""
    asked = await stand.world.waiting("patient-pair-otter", policy=CHANNEL_OF_TWO)
    async with running_bot(stand.settings):
        card = await stand.card("patient-pair-otter", "Waiting")
        await stand.click(MINA, card, APPROVE, confirmed=True)
        await stand.card_saying("patient-pair-otter", "1 of 2 approvals")
    async with running_bot(stand.settings):
        await stand.click(PRIYA, card, APPROVE, confirmed=True)
        approved = await stand.card("patient-pair-otter", "Approved")
    assert f"Approved by <@{MINA}> and <@{PRIYA}>" in str(approved["blocks"])
    assert len((await decision_of(stand, asked)).votes) == 2


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
