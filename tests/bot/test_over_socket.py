"""The real bot over a real socket, with a local Slack and a real Prefect."""

import asyncio
from collections.abc import Awaitable, Callable

import pytest
from slack_bolt.async_app import AsyncApp

from bot.app import create_app
from bot.blocks.buttons import APPROVE, DETAILS, OPEN, REJECT
from bot.blocks.rollback import ROLL_BACK
from bot.payloads import REASON_BLOCK, REASON_INPUT
from flows.contract import Decision, Outcome, Policy
from sandbox.workspace import DATA_RELEASES, GUEST, MINA, PRIYA, TOMAS
from tests.bot.stand import Stand, button_ids, eventually, running_bot
from tests.builders import acknowledgement, receipt, sample, table_diff


async def test_approve_click_resumes_the_run_and_the_card_follows(stand: Stand) -> None:
    """Approve resumes the run with a proof; the one card is edited up to Published."""
    asked = await stand.world.waiting("approved-otter")
    async with running_bot(stand.settings):
        card = await stand.card("approved-otter", "Waiting for a decision")
        clicked = await stand.click(MINA, card, APPROVE, confirmed=True)
        assert clicked["acked"], clicked
        await stand.card("approved-otter", "Approved, publishing")
        assert await stand.world.state_of(asked.run) == "Running"
        assert (await stand.world.response(asked))["verdict"] == "Approve"
        await stand.world.acknowledge(asked.run, acknowledgement())
        await stand.world.publish(asked.run, receipt(Outcome.PUBLISHED, run=asked.run))
        published = await stand.card("approved-otter", "Published")
    assert published["ts"] == card["ts"]
    assert button_ids(published) == [ROLL_BACK, DETAILS, OPEN]
    assert len(stand.cards("approved-otter")) == 1


async def test_reject_modal_records_the_reason(stand: Stand) -> None:
    """Reject asks for a reason, refuses blanks while the form is open, and stores what was typed."""
    asked = await stand.world.waiting("rejected-otter")
    async with running_bot(stand.settings):
        card = await stand.card("rejected-otter", "Waiting")
        await stand.click(MINA, card, REJECT)
        modal = await stand.modal()
        blank = {REASON_BLOCK: {REASON_INPUT: "   "}}
        refused = await asyncio.to_thread(stand.client.submit, MINA, modal["id"], blank)
        assert "Say why" in str(refused)
        reason = {REASON_BLOCK: {REASON_INPUT: "The amounts look doubled <!channel>"}}
        sent = await asyncio.to_thread(stand.client.submit, MINA, modal["id"], reason)
        assert sent["acked"], sent
        rejected = await stand.card("rejected-otter", "Rejected")
    assert (await stand.world.response(asked))["reason"] == "The amounts look doubled <!channel>"
    assert "The amounts look doubled <!channel>" in str(rejected["blocks"])


async def test_click_of_somebody_else_is_refused_and_changes_nothing(stand: Stand) -> None:
    """Only approvers decide: others are told why, alone, and the run keeps waiting."""
    asked = await stand.world.waiting("guarded-otter")
    async with running_bot(stand.settings):
        card = await stand.card("guarded-otter", "Waiting")
        await stand.click(PRIYA, card, APPROVE, confirmed=True)
        told = await stand.whisper(PRIYA, "Not approved.")
        await stand.click(PRIYA, card, REJECT)
        await stand.whisper(PRIYA, "Not rejected.")
    assert told["text"] == (
        f"Not approved. Only `{MINA}` can decide about `dwh`, and you are not one of them. Ask them."
    )
    assert await stand.world.state_of(asked.run) == "Paused"
    assert not stand.whispers(MINA)


async def test_requester_may_reject_but_not_approve(stand: Stand) -> None:
    """Separation of duties guards the yes; everybody may stop an own run."""
    await stand.world.waiting("own-otter", policy=Policy(approvers=(MINA, TOMAS)))
    async with running_bot(stand.settings):
        card = await stand.card("own-otter", "Waiting")
        await stand.click(TOMAS, card, APPROVE, confirmed=True)
        await stand.whisper(TOMAS, "You requested this run")
        await stand.click(TOMAS, card, REJECT)
        assert (await stand.modal(TOMAS))["type"] == "modal"


async def test_channel_members_decide_when_the_policy_says_so(stand: Stand) -> None:
    """`channel` stands for the members of the card's channel; a guest among them is still a guest."""
    await stand.world.waiting("open-otter", policy=Policy(approvers=("channel",)))
    async with running_bot(stand.settings):
        card = await stand.card("open-otter", "Waiting")
        await stand.click(GUEST, card, APPROVE, confirmed=True)
        await stand.whisper(GUEST, "Guests of this workspace cannot decide.")
        await stand.click(PRIYA, card, APPROVE, confirmed=True)
        await stand.card("open-otter", "Approved")


async def test_restarted_bot_keeps_the_one_card(stand: Stand) -> None:
    """What happened while no bot ran is shown on the same card by the next one."""
    asked = await stand.world.waiting("restarted-otter")
    async with running_bot(stand.settings):
        card = await stand.card("restarted-otter", "Waiting")
    await stand.world.publish(asked.run, receipt(Outcome.EXPIRED, run=asked.run, reason="Nobody decided."))
    async with running_bot(stand.settings):
        expired = await stand.card("restarted-otter", "Expired")
    assert expired["ts"] == card["ts"]
    assert len(stand.cards("restarted-otter")) == 1


async def test_two_bots_post_one_card(stand: Stand) -> None:
    """Creating the claim is atomic in Prefect, so only one of many bots posts."""
    async with running_bot(stand.settings), running_bot(stand.settings), running_bot(stand.settings):
        for name in ("twin-otter-a", "twin-otter-b", "twin-otter-c"):
            await stand.world.waiting(name)
            await stand.card(name, "Waiting")
    assert [len(stand.cards(f"twin-otter-{letter}")) for letter in "abc"] == [1, 1, 1]


async def test_lost_reply_of_a_post_does_not_lead_to_a_second_card(stand: Stand) -> None:
    """After a post whose answer was lost, the card is found by its metadata instead of being posted again."""
    stand.client.fault("chat.postMessage", "drop_reply")
    await stand.world.waiting("lost-otter")
    async with running_bot(stand.settings):
        card = await stand.card("lost-otter", "Waiting")
        await eventually(lambda: stand.client.log("conversations.history"))
        await eventually(lambda: stand.client.log("chat.update"))
        await stand.click(MINA, card, APPROVE, confirmed=True)
        await stand.card("lost-otter", "Approved")
    assert len(stand.cards("lost-otter")) == 1


async def test_decision_made_in_prefect_is_shown_as_unverified(stand: Stand) -> None:
    """A decision through Prefect's own page has no proof, and the card says so."""
    asked = await stand.world.waiting("native-otter")
    async with running_bot(stand.settings):
        await stand.card("native-otter", "Waiting")
        await stand.world.answer_in_prefect(asked, Decision(verdict="Approve"))
        card = await stand.card("native-otter", "Approved")
    assert "Approved via Prefect, identity unverified." in str(card["blocks"])


async def test_thread_is_filled_once(stand: Stand) -> None:
    """Each changed table has one message in the thread, and the examples one file, also after a restart."""
    tables = tuple(table_diff(name, samples=(sample(key=(name,)),)) for name in ("orders", "payments", "refunds"))
    await stand.world.waiting("sampled-otter", tables=tables)
    async with running_bot(stand.settings):
        card = await stand.card("sampled-otter", "Waiting")
        await eventually(lambda: len(stand.replies(card)) == 4)
    async with running_bot(stand.settings):
        await stand.world.waiting("another-otter")
        await stand.card("another-otter", "Waiting")
    assert len(stand.replies(card)) == 4


async def test_deleted_card_is_not_posted_again_but_can_be_shown(stand: Stand) -> None:
    """Somebody deleted the card on purpose; /wap show gives it back with working buttons, in private."""
    asked = await stand.world.waiting("deleted-otter")
    async with running_bot(stand.settings):
        card = await stand.card("deleted-otter", "Waiting")
        stand.client.control("channel", channel=DATA_RELEASES, do="delete_message", ts=card["ts"])
        await stand.command(MINA, "show deleted")
        shown = await stand.whisper(MINA, "deleted-otter")
        await stand.click(MINA, shown, APPROVE, confirmed=True)
        await eventually(lambda: stand.client.log("chat.update"))
    assert await stand.world.state_of(asked.run) == "Running"
    assert stand.cards("deleted-otter") == []


async def test_commands_answer_in_private(stand: Stand) -> None:
    """/wap list, help, an unknown word and an unknown run are answered to the person alone."""
    await stand.world.waiting("listed-otter")
    async with running_bot(stand.settings):
        await stand.card("listed-otter", "Waiting")
        await stand.command(PRIYA, "list")
        await stand.whisper(PRIYA, "`listed-otter` waiting, `dwh`")
        await stand.command(PRIYA, "lsit")
        await stand.whisper(PRIYA, "Did you mean `/wap list`?")
        await stand.command(PRIYA, "show listed-oter")
        await stand.whisper(PRIYA, "Did you mean `/wap show listed-otter`?")


async def test_home_lists_the_open_runs(stand: Stand) -> None:
    """The Home tab names what waits."""
    await stand.world.waiting("homely-otter")
    async with running_bot(stand.settings):
        await asyncio.to_thread(stand.client.home, MINA)
        await eventually(lambda: "homely-otter" in str(stand.client.state(MINA)["home"]))


async def test_nobody_acting_on_an_approval_is_said(stand: Stand) -> None:
    """A run that crashed after its approval, without a receipt, never reads as published."""
    asked = await stand.world.waiting("crashed-otter")
    async with running_bot(stand.settings):
        card = await stand.card("crashed-otter", "Waiting")
        await stand.click(MINA, card, APPROVE, confirmed=True)
        await stand.card("crashed-otter", "Approved")
        await stand.world.crash(asked.run)
        await stand.card("crashed-otter", "Approved, but nobody is running it")


async def test_no_click_is_lost_while_a_connection_is_replaced(stand: Stand) -> None:
    """Slack replaces connections every few hours; of two, one always listens."""
    asked = await stand.world.waiting("refreshed-otter")
    async with running_bot(stand.settings):
        card = await stand.card("refreshed-otter", "Waiting")
        await eventually(lambda: stand.client.connections() == 2)
        await asyncio.to_thread(stand.client.refresh, "one")
        clicked = await stand.click(MINA, card, APPROVE, confirmed=True)
        assert clicked["acked"], clicked
        await stand.card("refreshed-otter", "Approved")
        await eventually(lambda: stand.client.connections() == 2)
    assert await stand.world.state_of(asked.run) == "Running"


async def test_ghost_connections_are_warned_of(stand: Stand, caplog: pytest.LogCaptureFixture) -> None:
    """Connections that only Slack believes in swallow clicks; the log says so."""
    stand.client.control("ghosts", count=3)
    async with running_bot(stand.settings):
        await eventually(lambda: "slack.socket.ghosts" in caplog.text)


async def test_rate_limit_is_waited_for(stand: Stand) -> None:
    """Slack says when to come back, and the card comes once."""
    stand.client.fault("chat.postMessage", "status", status=429, retry_after=1)
    await stand.world.waiting("patient-otter")
    async with running_bot(stand.settings):
        await stand.card("patient-otter", "Waiting")
    assert len(stand.cards("patient-otter")) == 1
    assert not stand.client.log("conversations.history")


async def test_click_that_was_begun_is_answered_before_the_socket_closes(stand: Stand) -> None:
    """A bot that is told to stop in the middle of an answer gives the answer first."""
    begun, go_on = asyncio.Event(), asyncio.Event()

    async def slowly(next: Callable[[], Awaitable[None]]) -> None:
        begun.set()
        await go_on.wait()
        await next()

    bot = await create_app(stand.settings)
    assert isinstance(bot.app, AsyncApp)
    bot.app.middleware(slowly)
    await bot.start()
    asking = asyncio.create_task(stand.command(MINA, "help"))
    await begun.wait()
    stopping = asyncio.create_task(bot.stop())
    await asyncio.sleep(0.2)
    assert not stopping.done()
    go_on.set()
    assert (await asking)["acked"]
    await stopping
