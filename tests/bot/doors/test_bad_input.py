"""What nobody should do and somebody does, over both doors: a private, precise answer, and nothing changes."""

import pytest
from prefect.states import Running

from bot.blocks.buttons import APPROVE, COMMENT, DETAILS, REJECT
from bot.payloads import REASON_BLOCK, REASON_INPUT
from flows.contract import Outcome
from sandbox.workspace import DATA_RELEASES, GENERAL, MINA, PRIYA
from tests.bot.stand import Stand, eventually
from tests.builders import receipt

pytestmark = pytest.mark.asyncio(loop_scope="module")

HOSTILE = (
    "*bold* _it_ > quote\n```fence``` <!channel> <@U0TOMAS001> "
    "\u202eright to left \u0645\u0631\u062d\u0628\u0627 🦦 &amp;"
)
UNKNOWN = "00000000-0000-0000-0000-000000000000"


async def test_command_about_a_run_that_is_none(stand: Stand) -> None:
    """Unknown, somebody else's, without a report: every command says so, with something to type next."""
    foreign = await stand.world.building("foreign-otter")
    await stand.world.client.update_flow_run(foreign, tags=["other"])  # type: ignore[arg-type]  # an id as text will do
    await stand.world.building("bare-otter")
    await stand.card("bare-otter", "Building")
    verbs = ("show", "diff", "approve", "withdraw", "cancel")
    commands = [*(f"{verb} no-such-run" for verb in verbs), "reject no-such-run The amounts look doubled."]
    names = [f"approve {wanted}" for wanted in (UNKNOWN, "foreign-otter", foreign, "🦦", "*bold*", "x" * 300)]
    for text in commands + names:
        stand.hush()
        await stand.command(PRIYA, text)
        told = await stand.whisper(PRIYA, "Nothing was done. No open or recent run is called")
        assert len(told["text"]) < 1_000
    await stand.command(PRIYA, "approve bare-otter")
    await stand.whisper(PRIYA, "The run `bare-otter` does not wait for a decision; it is `building`.")
    await stand.command(PRIYA, "diff bare-otter")
    await stand.whisper(PRIYA, "Nothing is shown. The run `bare-otter` has no report yet")
    assert await stand.world.state_of(foreign) == "Running"


async def test_text_of_any_kind_is_no_command_and_no_markup(stand: Stand) -> None:
    """Markdown, emoji, right to left, line breaks, a mention of everybody: shown as data."""
    for text in (HOSTILE, "🦦", "\u0645\u0631\u062d\u0628\u0627", "<!here>", "show\nme", "x" * 3_000):
        stand.hush()
        await stand.command(PRIYA, text)
        told = await stand.whisper(PRIYA, "is not a command.")
        assert "<!" not in told["text"].partition("\n")[0]
    for text in ("owners", "rollback", "show a b", "withdraw", "diff", "list all", "stats now"):
        stand.hush()
        await stand.command(PRIYA, text)
        await stand.whisper(PRIYA, f"Nothing was done. It is written `/wap {text.split()[0]}")


async def test_reason_is_kept_as_it_was_typed(stand: Stand) -> None:
    """Nothing of it becomes markup, in the card or in the channel."""
    asked = await stand.world.waiting("hostile-otter")
    card = await stand.card("hostile-otter", "Waiting")
    await stand.click(MINA, card, REJECT)
    await stand.submit(MINA, await stand.modal_saying(MINA, "dwh"), {REASON_BLOCK: {REASON_INPUT: HOSTILE}})
    rejected = await stand.card("hostile-otter", "Rejected")
    assert (await stand.world.response(asked))["reason"] == HOSTILE
    assert "mrkdwn" not in str([block for block in rejected["blocks"] if "quote" in str(block)])


async def test_too_long_a_reason_is_refused_wherever_it_is_typed(stand: Stand) -> None:
    """3,000 characters are kept: Slack stops the form there, and the bot the commands."""
    asked = await stand.world.waiting("wordy-otter")
    card = await stand.card("wordy-otter", "Waiting")
    for verdict in ("reject", "approve"):
        stand.hush()
        await stand.command(MINA, f"{verdict} wordy-otter " + "🦦" * 4_000)
        await stand.whisper(MINA, "Your text has 4,000 characters, and at most 3,000 are kept.")
    for button in (REJECT, COMMENT):
        await stand.click(MINA, card, button)
        form = await stand.modal_saying(MINA, REASON_INPUT)
        sent = await stand.submit(MINA, form, {REASON_BLOCK: {REASON_INPUT: "x" * 4_000}})
        assert sent["error"] == "client_validation"
    assert await stand.world.state_of(asked.run) == "Paused"


async def test_buttons_of_a_superseded_card(stand: Stand) -> None:
    """A copy that somebody still sees in private decides nothing, and shows nothing that is not so."""
    asked = await stand.world.waiting("older-otter")
    await stand.card("older-otter", "Waiting")
    await stand.command(MINA, "show older-otter")
    copy = await stand.whisper(MINA, "older-otter")
    await stand.world.publish(asked.run, receipt(Outcome.SUPERSEDED, run=asked.run))
    await stand.card("older-otter", "Superseded")
    await stand.click(MINA, copy, APPROVE, confirmed=True)
    await stand.whisper(
        MINA, "Nothing changed. The run `older-otter` does not wait for a decision; it is `superseded`."
    )
    for button in (REJECT, COMMENT):
        await stand.click(MINA, copy, button)
        await stand.modal_saying(MINA, "it is `superseded`.")
    assert await stand.world.state_of(asked.run) == "Superseded"


async def test_buttons_of_a_run_that_was_deleted_in_prefect(stand: Stand) -> None:
    """The card stays in Slack; what it asks about is gone."""
    await stand.world.waiting("gone-otter")
    card = await stand.card("gone-otter", "Waiting")
    await stand.world.forget_all()
    await stand.click(MINA, card, APPROVE, confirmed=True)
    await stand.whisper(MINA, "Nothing changed. Prefect does not know the run")
    for button in (REJECT, COMMENT, DETAILS):
        await stand.click(MINA, card, button)
        await stand.modal_saying(MINA, "Prefect does not know the run")
    await stand.command(MINA, "approve gone-otter")
    await stand.whisper(MINA, "No open or recent run is called `gone-otter`")


async def test_details_of_an_older_audit_are_not_shown_as_the_newest(stand: Stand) -> None:
    """The data was audited again after the copy was made."""
    asked = await stand.world.waiting("twice-otter")
    await stand.card("twice-otter", "Waiting")
    await stand.command(PRIYA, "show twice-otter")
    copy = await stand.whisper(PRIYA, "twice-otter")
    await stand.world.set_state(asked.run, Running())
    await stand.world.ask(asked.run, attempt=2)
    await stand.card_saying("twice-otter", '"attempt": 2')
    await stand.click(PRIYA, copy, DETAILS)
    await stand.modal_saying(PRIYA, "This button belongs to an older report of this run")


async def test_deleted_card_is_not_posted_again_but_can_be_shown(stand: Stand) -> None:
    """Somebody deleted the card on purpose; /wap show gives it back with working buttons, in private."""
    asked = await stand.world.waiting("deleted-otter")
    card = await stand.card("deleted-otter", "Waiting")
    stand.client.control("channel", channel=DATA_RELEASES, do="delete_message", ts=card["ts"])
    await stand.command(MINA, "show deleted")
    shown = await stand.whisper(MINA, "deleted-otter")
    before = len(stand.client.log("chat.update"))
    await stand.click(MINA, shown, APPROVE, confirmed=True)
    await eventually(lambda: len(stand.client.log("chat.update")) > before)
    assert await stand.world.state_of(asked.run) == "Running"
    assert stand.cards("deleted-otter") == []


@pytest.mark.parametrize("code", ["channel_not_found", "is_archived"])
async def test_channel_that_is_gone_takes_no_answer_away(stand: Stand, code: str) -> None:
    """The click carries an address of its own; the card cannot be edited any more, and the decision is stored."""
    name = f"homeless-otter-{code[:2]}"
    asked = await stand.world.waiting(name)
    card = await stand.card(name, "Waiting")
    await eventually(lambda: len(stand.replies(card)) == 2)
    for method in ("chat.postEphemeral", "chat.update", "chat.postMessage", "conversations.replies"):
        stand.client.fault(method, "error", error=code, times=50)
    await stand.click(PRIYA, card, APPROVE, confirmed=True)
    await stand.whisper(PRIYA, "Not approved. Only")
    await stand.command(MINA, f"approve {name}", channel=GENERAL)
    await stand.said(f"<@{MINA}> approved the run `{name}`", channel=GENERAL)
    assert await stand.world.state_of(asked.run) == "Running"


async def test_bot_that_was_removed_from_the_channel_still_answers(stand: Stand) -> None:
    """Slack refuses everything but the address that came with the click."""
    await stand.world.waiting("removed-otter")
    card = await stand.card("removed-otter", "Waiting")
    stand.client.control("channel", channel=DATA_RELEASES, do="remove_bot")
    await stand.click(PRIYA, card, APPROVE, confirmed=True)
    await stand.whisper(PRIYA, "Not approved. Only")
    stand.client.control("channel", channel=DATA_RELEASES, do="add_bot")
