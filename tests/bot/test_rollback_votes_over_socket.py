"""Roll backs that two people have to ask for, over a real socket with a real Prefect; the flow's part is its judge."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from bot.blocks.buttons import DETAILS, OPEN
from bot.blocks.rollback import ROLL_BACK, WITHDRAW_ROLLBACK_MODAL
from flows.contract import (
    ROLLBACK_VOTE_PREFIX,
    ROLLED_BACK_KEY,
    Claims,
    Decider,
    Outcome,
    Policy,
    Report,
    Target,
    Vote,
    rollback_vote_key,
    sign_proof,
)
from flows.decisions.rollback_judgement import Ballot, Granted, judge_rollback
from sandbox.workspace import GUEST, MINA, PRIYA, TOMAS
from tests.bot.rollback_values import taken_back
from tests.bot.stand import SIGNING_KEY, Json, Stand, button_ids, eventually, running_bot
from tests.builders import acknowledgement, receipt

TWO = Policy(approvers=("channel",), quorum=2)


async def published(stand: Stand, name: str, policy: Policy = TWO) -> Report:
    """A run that has published, to a target of its own."""
    target = Target(production=f"dwh_{uuid4().hex}", staging="develop_dwh", warehouse="duckdb")
    asked = await stand.world.waiting(name, target=target, policy=policy)
    await stand.world.acknowledge(asked.run, acknowledgement())
    await stand.world.publish(asked.run, receipt(run=asked.run, target=asked.target))
    return asked


def run_named_in(told: Json) -> str:
    """The name of the run that takes the release back."""
    return str(told["text"].split("`")[1])


async def votes_of(stand: Stand, asked: Report) -> dict[str, str]:
    """The votes in Prefect by their keys."""
    found = await stand.world.client.filter_flow_run_input(
        UUID(asked.run), ROLLBACK_VOTE_PREFIX, limit=50, exclude_keys=set()
    )
    return {entry.key: entry.value for entry in found}


async def judged(stand: Stand, asked: Report, parameters: dict[str, Any]) -> object:
    """What the flow says to a request."""
    stored = tuple((await votes_of(stand, asked)).values())
    ballot = Ballot(parameters["proof"], datetime.now(UTC), timedelta(hours=8), stored)
    return judge_rollback(ballot, asked, asked.policy, [SIGNING_KEY], asker="")


def label(card: Json) -> str:
    """What the first button of a card says."""
    return str(next(block for block in card["blocks"] if block["type"] == "actions")["elements"][0]["text"]["text"])


async def test_two_people_take_a_release_back(stand: Stand) -> None:
    """The first one asks, and nothing starts; the second one confirms; the flow finds both, and the card names them."""
    asked = await published(stand, "paired-otter")
    await stand.world.rollback_deployment()
    async with running_bot(stand.settings):
        card = await stand.card("paired-otter", "Published")
        assert label(card) == "Ask to roll back"
        await stand.click(MINA, card, ROLL_BACK, confirmed=True)
        await stand.whisper(MINA, "Nothing happens before one more approver confirms it.")
        card = await stand.card_saying("paired-otter", f"Roll back asked for by <@{MINA}>: 1 of 2.")
        assert label(card) == "Confirm roll back"
        reply = await stand.reply(card, f"<@{MINA}> asks to roll back")
        assert list(await votes_of(stand, asked)) == [rollback_vote_key(1, MINA)]
        await stand.click(PRIYA, reply, ROLL_BACK, confirmed=True)
        name = run_named_in(await stand.whisper(PRIYA, "takes back the release of `paired-otter`"))
        await stand.card_saying("paired-otter", f"asked for by <@{MINA}> and <@{PRIYA}>: 2 of 2.")
        run = await stand.world.run_called(name)
        granted = await judged(stand, asked, await stand.world.parameters_of(run))
        assert isinstance(granted, Granted)
        assert [voter.user_id for voter in granted.votes] == [MINA, PRIYA]
        done = taken_back(asked, by=run, by_name=name, decider=granted.decider, votes=granted.votes)
        await stand.world.note(asked.run, ROLLED_BACK_KEY, done.model_dump(mode="json"))
        await stand.world.publish(run, receipt(Outcome.ROLLED_BACK, run=run, rollback=done))
        rolled_back = await stand.card("paired-otter", "Rolled back")
        assert f"Rolled back by <@{MINA}> and <@{PRIYA}>" in str(rolled_back["blocks"])
        assert button_ids(rolled_back) == [DETAILS, OPEN]
        await stand.click(MINA, reply, ROLL_BACK, confirmed=True)
        await stand.whisper(MINA, "The run `paired-otter` was rolled back by")
    assert len([one for one in stand.replies(card) if "asks to roll back" in one["text"]]) == 2


async def test_request_can_be_withdrawn_by_the_button_and_by_name(stand: Stand) -> None:
    """Pressing again offers the way back; what is withdrawn counts for nobody, and the thread says so."""
    asked = await published(stand, "hesitant-otter")
    await stand.world.rollback_deployment()
    async with running_bot(stand.settings):
        card = await stand.card("hesitant-otter", "Published")
        for withdraw_by_name in (False, True):
            await stand.click(MINA, card, ROLL_BACK, confirmed=True)
            await stand.card_saying("hesitant-otter", "1 of 2.")
            if withdraw_by_name:
                await stand.command(MINA, "withdraw hesitant-otter")
            else:
                await stand.click(MINA, card, ROLL_BACK, confirmed=True)
                form = await stand.modal()
                assert form["callback_id"] == WITHDRAW_ROLLBACK_MODAL
                await stand.submit(MINA, form, {})
            await eventually(lambda: label(stand.cards("hesitant-otter")[0]) == "Ask to roll back")
            assert await votes_of(stand, asked) == {}
        gone = "does not ask for the roll back any more"  # the card says it before the thread does
        await eventually(lambda: [gone in one["text"] for one in stand.replies(card)].count(True) == 2)
        await stand.click(PRIYA, card, ROLL_BACK, confirmed=True)
        await stand.card_saying("hesitant-otter", f"asked for by <@{PRIYA}>: 1 of 2.")
    assert len(await votes_of(stand, asked)) == 1


async def test_requester_and_outsiders_do_not_count(stand: Stand) -> None:
    """Separation of duties holds for each of the two, and nothing of theirs is stored."""
    asked = await published(stand, "guarded-otter", policy=Policy(approvers=(MINA, TOMAS, PRIYA), quorum=2))
    await stand.world.rollback_deployment()
    async with running_bot(stand.settings):
        card = await stand.card("guarded-otter", "Published")
        await stand.click(TOMAS, card, ROLL_BACK, confirmed=True)
        await stand.whisper(TOMAS, "Not rolled back. You requested this run")
        await stand.click(GUEST, card, ROLL_BACK, confirmed=True)
        await stand.whisper(GUEST, "Not rolled back. Guests")
    assert await votes_of(stand, asked) == {}


async def test_request_that_is_too_old_counts_no_more(stand: Stand) -> None:
    """As long as a question stood, a request counts; the same person can ask again, and alone starts nothing."""
    asked = await published(stand, "patient-otter")
    await stand.world.rollback_deployment()
    old = Claims(
        run=asked.run,
        attempt=asked.attempt,
        digest=asked.digest,
        verdict="Rollback",
        decider=Decider(name="Mina Okafor", user_id=MINA),
        nonce="of-yesterday",
        at=datetime.now(UTC) - timedelta(hours=9),
    )
    vote = Vote(proof=sign_proof(old, [SIGNING_KEY]))
    await stand.world.note(asked.run, rollback_vote_key(1, MINA), vote.model_dump(mode="json"))
    async with running_bot(stand.settings):
        card = await stand.card("patient-otter", "Published")
        assert label(card) == "Ask to roll back"
        await stand.click(PRIYA, card, ROLL_BACK, confirmed=True)
        await stand.card_saying("patient-otter", f"asked for by <@{PRIYA}>: 1 of 2.")
        await stand.click(MINA, card, ROLL_BACK, confirmed=True)
        name = run_named_in(await stand.whisper(MINA, "takes back the release of `patient-otter`"))
        parameters = await stand.world.parameters_of(await stand.world.run_called(name))
        assert isinstance(await judged(stand, asked, parameters), Granted)


async def test_complete_request_that_nobody_started_is_started_by_pressing_again(stand: Stand) -> None:
    """A bot may stop between the last vote and the start; a roll back that was refused can be tried again."""
    asked = await published(stand, "halted-otter")
    async with running_bot(stand.settings):
        card = await stand.card("halted-otter", "Published")
        for number, (user, name) in enumerate(((MINA, "Mina Okafor"), (PRIYA, "Priya Raman"))):
            one = Claims(
                run=asked.run,
                attempt=asked.attempt,
                digest=asked.digest,
                verdict="Rollback",
                decider=Decider(name=name, user_id=user),
                nonce=f"nonce-{number}",
                at=datetime.now(UTC),
            )
            vote = Vote(proof=sign_proof(one, [SIGNING_KEY]))
            await stand.world.note(asked.run, rollback_vote_key(1, user), vote.model_dump(mode="json"))
    await stand.world.rollback_deployment()
    async with running_bot(stand.settings):
        card = await stand.card_saying("halted-otter", "Press Confirm roll back once more to start it.")
        await stand.click(MINA, card, ROLL_BACK, confirmed=True)
        await stand.whisper(MINA, "takes back the release of `halted-otter`")
