"""Buttons and forms that decide, over both doors: who may, what is asked, what is stored."""

import asyncio
from typing import Any

import pytest

from bot.blocks.buttons import APPROVE, COMMENT, REJECT
from bot.payloads import REASON_BLOCK, REASON_INPUT
from flows.contract import Outcome, Policy
from sandbox.workspace import DATA_OWNERS, DATA_RELEASES, GUEST, MINA, PRIYA, STRANGER, TOMAS
from tests.bot.stand import Json, Stand
from tests.builders import receipt

pytestmark = pytest.mark.asyncio(loop_scope="module")

EVERYBODY = Policy(approvers=("channel",))


def words(text: str) -> dict[str, Any]:
    """What somebody types into the form of Reject or of Publish with comment."""
    return {REASON_BLOCK: {REASON_INPUT: text}}


async def change(stand: Stand, user: str, **flags: bool) -> None:
    """Somebody becomes a guest, or a member again."""
    assert (await asyncio.to_thread(lambda: stand.client.control("user", user=user, **flags)))["ok"]


async def test_approve_asks_once_more_and_tells_nobody_in_private(stand: Stand) -> None:
    """Slack's own dialog repeats target and counts before anything is sent; a second click changes nothing."""
    asked = await stand.world.waiting("approved-otter")
    card = await stand.card("approved-otter", "Waiting")
    unsure = await stand.click(MINA, card, APPROVE)
    assert unsure["error"] == "confirm_required"
    assert "dwh" in str(unsure["confirm"])
    assert await stand.world.state_of(asked.run) == "Paused"
    await stand.click(MINA, card, APPROVE, confirmed=True)
    approved = await stand.card("approved-otter", "Approved")
    assert f"Approved by <@{MINA}>" in str(approved["blocks"])
    assert stand.whispers(MINA) == []


async def test_reject_form_records_the_reason(stand: Stand) -> None:
    """It refuses blanks while it is open, and stores what was typed; the card shows it as it is."""
    asked = await stand.world.waiting("rejected-otter")
    card = await stand.card("rejected-otter", "Waiting")
    await stand.click(MINA, card, REJECT)
    modal = await stand.modal()
    nothing = await stand.submit(MINA, modal)
    assert nothing["error"] == "client_validation"
    blank = await stand.submit(MINA, modal, words("   "))
    assert "Say why" in str(blank)
    sent = await stand.submit(MINA, modal, words("The amounts look doubled <!channel>"))
    assert sent["acked"], sent
    rejected = await stand.card("rejected-otter", "Rejected")
    assert (await stand.world.response(asked))["reason"] == "The amounts look doubled <!channel>"
    assert "The amounts look doubled <!channel>" in str(rejected["blocks"])


@pytest.mark.parametrize("comment", ["Looks right.", ""])
async def test_approve_with_a_comment(stand: Stand, comment: str) -> None:
    """The comment may be left out."""
    asked = await stand.world.waiting("commented-otter")
    card = await stand.card("commented-otter", "Waiting")
    await stand.click(MINA, card, COMMENT)
    await stand.submit(MINA, await stand.modal(), words(comment))
    await stand.card("commented-otter", "Approved")
    assert (await stand.world.response(asked))["reason"] == comment


@pytest.mark.parametrize(("button", "done"), [(REJECT, "rejected"), (COMMENT, "approved")])
async def test_rights_are_looked_at_again_when_a_form_is_sent(stand: Stand, button: str, done: str) -> None:
    """Whoever became a guest while the form was open decides nothing."""
    asked = await stand.world.waiting("demoted-otter", policy=EVERYBODY)
    card = await stand.card("demoted-otter", "Waiting")
    await stand.click(PRIYA, card, button)
    modal = await stand.modal(PRIYA)
    await change(stand, PRIYA, is_restricted=True)
    await stand.submit(PRIYA, modal, words("As before."))
    told = await stand.whisper(PRIYA, "Guests of this workspace cannot decide.")
    await change(stand, PRIYA, is_restricted=False)
    assert told["text"].startswith(f"Not {done}. ")
    assert await stand.world.state_of(asked.run) == "Paused"


async def test_form_of_a_run_that_is_decided_meanwhile_decides_nothing(stand: Stand) -> None:
    """The form was open for long; the run has ended since."""
    asked = await stand.world.waiting("late-otter")
    card = await stand.card("late-otter", "Waiting")
    await stand.click(MINA, card, REJECT)
    modal = await stand.modal()
    await stand.world.publish(asked.run, receipt(Outcome.SUPERSEDED, run=asked.run))
    await stand.card("late-otter", "Superseded")
    await stand.submit(MINA, modal, words("Too late."))
    await stand.whisper(MINA, "does not wait for a decision; it is `superseded`")
    assert await stand.world.state_of(asked.run) == "Superseded"


async def test_click_of_somebody_else_is_refused_and_changes_nothing(stand: Stand) -> None:
    """Only approvers decide: others are told why, alone, and the run keeps waiting."""
    asked = await stand.world.waiting("guarded-otter")
    card = await stand.card("guarded-otter", "Waiting")
    await stand.click(PRIYA, card, APPROVE, confirmed=True)
    told = await stand.whisper(PRIYA, "Not approved.")
    await stand.click(PRIYA, card, REJECT)
    await stand.modal_saying(PRIYA, "Not rejected.")
    assert told["text"] == (
        f"Not approved. Only `{MINA}` can decide about `dwh`, and you are not one of them. Ask them."
    )
    assert await stand.world.state_of(asked.run) == "Paused"
    assert stand.whispers(MINA) == []


async def test_requester_may_reject_but_not_approve(stand: Stand) -> None:
    """Separation of duties guards the yes, at every button; everybody may stop an own run."""
    asked = await stand.world.waiting("own-otter", policy=Policy(approvers=(MINA, TOMAS)))
    card = await stand.card("own-otter", "Waiting")
    await stand.click(TOMAS, card, APPROVE, confirmed=True)
    await stand.whisper(TOMAS, "You requested this run")
    await stand.click(TOMAS, card, COMMENT)
    await stand.modal_saying(TOMAS, "You requested this run")
    await stand.click(TOMAS, card, REJECT)
    await stand.submit(TOMAS, await stand.modal_saying(TOMAS, "dwh"), words("My mistake."))
    await stand.card("own-otter", "Rejected")
    assert (await stand.world.response(asked))["verdict"] == "Reject"


async def test_requester_may_approve_where_the_policy_says_so(stand: Stand) -> None:
    """A team of one."""
    await stand.world.waiting("alone-otter", policy=Policy(approvers=(TOMAS,), separation_of_duties=False))
    card = await stand.card("alone-otter", "Waiting")
    await stand.click(TOMAS, card, APPROVE, confirmed=True)
    await stand.card("alone-otter", "Approved")


async def test_channel_members_decide_and_guests_and_others_among_them_do_not(stand: Stand) -> None:
    """`channel` stands for the members of the card's channel; a guest or an external among them never decides."""
    await stand.world.waiting("open-otter", policy=EVERYBODY)
    card = await stand.card("open-otter", "Waiting")
    for user, why in ((GUEST, "Guests of this workspace cannot decide."), (STRANGER, "you belong to another one.")):
        await stand.click(user, card, APPROVE, confirmed=True)
        assert (await stand.whisper(user, why))["text"].startswith("Not approved. ")
        await stand.click(user, card, REJECT)
        await stand.modal_saying(user, why)
    await stand.click(PRIYA, card, APPROVE, confirmed=True)
    await stand.card("open-otter", "Approved")


async def test_members_of_a_user_group_decide(stand: Stand) -> None:
    """And if Slack does not say who is in it, nobody is taken for a member."""
    await stand.world.waiting("grouped-otter", policy=Policy(approvers=(DATA_OWNERS,)))
    card = await stand.card("grouped-otter", "Waiting")
    await stand.click(PRIYA, card, APPROVE, confirmed=True)
    await stand.whisper(PRIYA, f"Not approved. Only `{DATA_OWNERS}` can decide")
    stand.client.fault("usergroups.users.list", "error", error="missing_scope")
    await stand.click(MINA, card, APPROVE, confirmed=True)
    await stand.whisper(MINA, "Slack did not say who is in the approver groups")
    await stand.click(MINA, card, APPROVE, confirmed=True)
    await stand.card("grouped-otter", "Approved")


@pytest.mark.parametrize(
    ("flag", "why"), [("is_bot", "you are signed in as a bot"), ("is_restricted", "Guests of this workspace")]
)
async def test_person_is_looked_at_when_it_counts(stand: Stand, flag: str, why: str) -> None:
    """What Slack says while the click is being judged decides, not what it said before."""
    asked = await stand.world.waiting("changed-otter", policy=EVERYBODY)
    card = await stand.card("changed-otter", "Waiting")
    stand.client.fault("users.info", "delay", seconds=0.5)
    await stand.click(PRIYA, card, APPROVE, confirmed=True)
    await change(stand, PRIYA, **{flag: True})
    await stand.whisper(PRIYA, why)
    await change(stand, PRIYA, **{flag: False})
    assert await stand.world.state_of(asked.run) == "Paused"


async def test_person_whom_slack_does_not_know_decides_nothing(stand: Stand) -> None:
    """Rights that could not be checked are none."""
    asked = await stand.world.waiting("nameless-otter", policy=EVERYBODY)
    card = await stand.card("nameless-otter", "Waiting")
    stand.client.fault("users.info", "error", error="user_not_found")
    await stand.click(PRIYA, card, APPROVE, confirmed=True)
    await stand.whisper(PRIYA, "Nothing was decided. Slack did not say who you are")
    assert await stand.world.state_of(asked.run) == "Paused"


async def test_channel_is_not_told_what_one_person_is_told(stand: Stand) -> None:
    """A refusal is nobody else's business."""
    await stand.world.waiting("quiet-otter")
    card = await stand.card("quiet-otter", "Waiting")
    before = _outside_of_threads(stand, TOMAS)
    await stand.click(PRIYA, card, APPROVE, confirmed=True)
    await stand.whisper(PRIYA, "Not approved.")
    assert _outside_of_threads(stand, TOMAS) == before


def _outside_of_threads(stand: Stand, user: str) -> list[Json]:
    """The channel as this person reads it. Threads may still be filling, and the cards count their replies."""
    seen = stand.client.messages(DATA_RELEASES, user)
    return [{**one, "reply_count": None} for one in seen if not one.get("thread_ts")]
