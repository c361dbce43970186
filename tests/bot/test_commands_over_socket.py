"""/wap over a real socket: the same rights as the buttons, private answers, and one place where everything shows."""

import asyncio
from typing import Any

from prefect.states import Running

from bot.blocks.buttons import APPROVE, COMMENT, DETAILS, REJECT
from bot.blocks.details import PICK
from bot.commands.deployments import Kind
from bot.forms import INPUT, parameter_block
from bot.payloads import REASON_BLOCK, REASON_INPUT
from flows.contract import PROGRESS_ARTIFACT, Outcome, Policy
from sandbox.workspace import DATA_RELEASES, GENERAL, GUEST, MINA, PRIYA, TOMAS
from tests.bot.stand import Json, Stand, eventually, running_bot
from tests.builders import acknowledgement, receipt, sample, table_diff

HOSTILE = "*bold* <!channel> \u202eright to left 🦦 `code`"


async def said(stand: Stand, words: str) -> Json:
    """What everybody in the channel reads, as soon as it says these words."""
    found: Json = await eventually(
        lambda: next(
            (m for m in stand.client.messages(DATA_RELEASES) if words in m["text"] and not m["ephemeral"]), None
        )
    )
    return found


async def test_approve_command_with_a_comment(stand: Stand) -> None:
    """What was typed is stored; the card and the channel tell who it was; the comment is inert."""
    asked = await stand.world.waiting("typed-otter")
    async with running_bot(stand.settings):
        await stand.card("typed-otter", "Waiting")
        typed = await stand.command(MINA, f"approve typed-ot {HOSTILE}")
        assert typed["acked"]
        await stand.card("typed-otter", "Approved")
        told = await said(stand, f"<@{MINA}> approved the run `typed-otter`")
    assert (await stand.world.response(asked))["reason"] == HOSTILE
    assert "<!channel>" not in told["text"]
    assert not stand.whispers(MINA)


async def test_reject_command_asks_for_a_reason_that_is_missing(stand: Stand) -> None:
    """Without a reason the form opens; with one the run is rejected at once."""
    asked = await stand.world.waiting("reasoned-otter")
    async with running_bot(stand.settings):
        await stand.card("reasoned-otter", "Waiting")
        await stand.command(MINA, "reject reasoned-otter")
        modal = await stand.modal()
        assert modal["title"]["text"] == "Reject this run"
        reason = {REASON_BLOCK: {REASON_INPUT: HOSTILE}}
        await asyncio.to_thread(stand.client.submit, MINA, modal["id"], reason)
        await stand.card("reasoned-otter", "Rejected")
        await said(stand, f"<@{MINA}> rejected the run `reasoned-otter`")
    assert (await stand.world.response(asked))["reason"] == HOSTILE


async def test_reason_of_four_thousand_characters_is_refused(stand: Stand) -> None:
    """Prefect keeps three thousand; nothing is cut behind anybody's back."""
    asked = await stand.world.waiting("wordy-otter")
    async with running_bot(stand.settings):
        await stand.card("wordy-otter", "Waiting")
        await stand.command(MINA, "reject wordy-otter " + "x" * 4_000)
        await stand.whisper(MINA, "Your text has 4,000 characters, and at most 3,000 are kept.")
    assert await stand.world.state_of(asked.run) == "Paused"


async def test_commands_of_those_who_may_not_change_nothing(stand: Stand) -> None:
    """The policy is the same at every door, and each refusal is private."""
    asked = await stand.world.waiting("closed-otter", policy=Policy(approvers=(MINA, TOMAS)))
    async with running_bot(stand.settings):
        await stand.card("closed-otter", "Waiting")
        await stand.command(PRIYA, "approve closed-otter please")
        await stand.whisper(PRIYA, "Not approved. Only")
        await stand.command(TOMAS, "approve closed-otter")
        await stand.whisper(TOMAS, "You requested this run")
        await stand.command(PRIYA, "cancel closed-otter")
        await stand.whisper(PRIYA, "Not cancelled. The run `closed-otter` can be cancelled by its requester")
        await stand.command(GUEST, "run")
        await stand.whisper(GUEST, "Not started. Guests")
    assert await stand.world.state_of(asked.run) == "Paused"


async def test_requester_cancels_and_the_card_follows(stand: Stand) -> None:
    """Cancelling goes through Prefect; whoever runs the flow ends it."""
    asked = await stand.world.waiting("stopped-otter")
    async with running_bot(stand.settings):
        await stand.card("stopped-otter", "Waiting")
        await stand.command(TOMAS, "cancel stopped-otter")
        await said(stand, f"<@{TOMAS}> cancelled the run `stopped-otter`")
        card = await stand.card("stopped-otter", "Cancelled")
        assert "The run is being stopped." in str(card["blocks"])
        await stand.command(MINA, "approve stopped-otter")
        await stand.whisper(MINA, "does not wait for a decision; it is `cancelled`")
    assert await stand.world.state_of(asked.run) == "Cancelling"


async def test_decided_and_finished_runs_are_not_decided_again(stand: Stand) -> None:
    """A run that has ended, one that nobody knows, and several that fit: precise, private answers."""
    asked = await stand.world.waiting("done-otter")
    await stand.world.building("twofold-a")
    await stand.world.building("twofold-b")
    async with running_bot(stand.settings):
        await stand.card("done-otter", "Waiting")
        await stand.world.publish(asked.run, receipt(Outcome.EXPIRED, run=asked.run))
        await stand.card("done-otter", "Expired")
        for text, words in (
            ("approve done-otter", "it is `expired`"),
            ("cancel done-otter", "has ended; it is `expired`"),
            ("approve no-such-run", "No open or recent run is called `no-such-run`"),
            ("approve twofold", "Several runs fit `twofold`"),
            ("aprove done-otter", "Did you mean `/wap approve`?"),
            ("show", "It is written `/wap show RUN`"),
            ("diff twofold-a", "has no report yet"),
        ):
            await stand.command(MINA, text)
            await stand.whisper(MINA, words)


async def test_diff_command_shows_tables_and_examples(stand: Stand) -> None:
    """All tables, one table, a typo; values only to members of the release channel."""
    await stand.world.waiting("diffed-otter", tables=(table_diff(samples=(sample(staging="secret-value"),)),))
    async with running_bot(stand.settings):
        await stand.card("diffed-otter", "Waiting")
        await stand.command(MINA, "diff diffed-otter")
        await stand.whisper(MINA, "1 table differs of 1")
        await stand.command(MINA, "diff diffed-otter orders")
        await eventually(lambda: any("secret-value" in str(m["blocks"]) for m in stand.whispers(MINA)))
        await stand.command(MINA, "diff diffed-otter ordres")
        await stand.whisper(MINA, "Did you mean `/wap diff diffed-otter orders`?")


async def test_values_are_not_shown_to_those_who_are_not_known_to_be_in_the_channel(stand: Stand) -> None:
    """Where the members of the release channel cannot be read, nobody is taken for one: counts, and no values."""
    await stand.world.waiting("private-otter", tables=(table_diff(samples=(sample(staging="secret-value"),)),))
    async with running_bot(stand.settings):
        await stand.card("private-otter", "Waiting")
        stand.client.fault("conversations.members", "error", error="internal_error", times=10)
        await asyncio.to_thread(lambda: stand.client.command(PRIYA, "diff private-otter orders", channel=GENERAL))
        await eventually(lambda: [m for m in seen_in_general(stand) if "members of the release channel" in m["text"]])
    assert "secret-value" not in str(seen_in_general(stand))


def seen_in_general(stand: Stand) -> list[Json]:
    """What Priya alone sees in a channel that the bot is not in."""
    return [message for message in stand.client.messages(GENERAL, PRIYA) if message["ephemeral"]]


async def test_history_owners_and_stats(stand: Stand) -> None:
    """What ended, who decides, how it went: read from what the runs left in Prefect."""
    asked = await stand.world.waiting("past-otter")
    said_yes = acknowledgement()
    await stand.world.publish(
        asked.run, receipt(run=asked.run, decision=said_yes, seconds={"gate": 1_800.0, "write": 12.0})
    )
    async with running_bot(stand.settings):
        await stand.command(PRIYA, "history dwh")
        await stand.whisper(PRIYA, f"`past-otter` published, `dwh`, approved by <@{MINA}>")
        await stand.command(PRIYA, "history nowhere")
        await stand.whisper(PRIYA, "No run of `nowhere` has ended yet")
        await stand.command(PRIYA, "owners dwh")
        await stand.whisper(PRIYA, f"May decide: <@{MINA}>")
        await stand.command(PRIYA, "owners nowhere")
        await stand.whisper(PRIYA, "Nothing is known of a target `nowhere`")
        await stand.command(PRIYA, "stats")
        await stand.whisper(PRIYA, "Median until a decision:")


async def test_run_form_starts_a_run_with_its_card_at_once(stand: Stand) -> None:
    """The requester is recorded, the card comes before any worker, shows progress, and becomes the review."""
    await stand.world.deployment("harbour", {"day": {"type": "string", "title": "day", "position": 0}})
    async with running_bot(stand.settings):
        await stand.command(PRIYA, "run harbour")
        modal = await stand.modal(PRIYA)
        filled = {parameter_block(Kind.TEXT, "day"): {INPUT: "2026-03-02"}}
        sent = await asyncio.to_thread(stand.client.submit, PRIYA, modal["id"], filled)
        assert sent["acked"], sent
        told = await stand.whisper(PRIYA, "Started `")
        name = told["text"].split("`")[1]
        queued = await stand.card(name, "Building")
        assert "Queued in Prefect." in str(queued["blocks"])
        assert f"<@{PRIYA}>" in str(queued["blocks"])
        run_id = await stand.world.run_called(name)
        assert await stand.world.parameters_of(run_id) == {
            "config": "wap.toml",
            "day": "2026-03-02",
            "requested_by": "Priya Raman",
            "requester_user_id": PRIYA,
        }
        await stand.world.set_state(run_id, Running())
        await stand.world.artifact(run_id, PROGRESS_ARTIFACT, {"done": 3, "of": 12})
        await eventually(lambda: "3 of 12 models built" in str(stand.cards(name)[0]["blocks"]))
        await stand.world.ask(run_id)
        review = await stand.card(name, "Waiting")
    assert review["ts"] == queued["ts"]


async def test_form_with_a_wrong_number_stays_open(stand: Stand) -> None:
    """What cannot be is said under its input, and nothing is started."""
    await stand.world.deployment("counted", {"rows": {"type": "integer", "title": "rows", "position": 0}})
    async with running_bot(stand.settings):
        await stand.command(PRIYA, "run counted")
        modal = await stand.modal(PRIYA)
        wrong = {parameter_block(Kind.INTEGER, "rows"): {INPUT: "twelve"}}
        refused = await asyncio.to_thread(stand.client.submit, PRIYA, modal["id"], wrong)
    assert "Not a whole number" in str(refused)


async def test_approve_with_a_comment_from_the_card(stand: Stand) -> None:
    """The comment is optional; rights are looked at again when the form is sent."""
    asked = await stand.world.waiting("commented-otter")
    async with running_bot(stand.settings):
        card = await stand.card("commented-otter", "Waiting")
        await stand.click(MINA, card, COMMENT)
        modal = await stand.modal()
        values = {REASON_BLOCK: {REASON_INPUT: "Looks right."}}
        await asyncio.to_thread(stand.client.submit, MINA, modal["id"], values)
        await stand.card("commented-otter", "Approved")
    assert (await stand.world.response(asked))["reason"] == "Looks right."


async def test_form_of_a_run_that_is_decided_meanwhile_decides_nothing(stand: Stand) -> None:
    """The form was open for long; the run has ended since."""
    asked = await stand.world.waiting("late-otter")
    async with running_bot(stand.settings):
        card = await stand.card("late-otter", "Waiting")
        await stand.click(MINA, card, REJECT)
        modal = await stand.modal()
        await stand.world.publish(asked.run, receipt(Outcome.SUPERSEDED, run=asked.run))
        await stand.card("late-otter", "Superseded")
        values = {REASON_BLOCK: {REASON_INPUT: "Too late."}}
        await asyncio.to_thread(stand.client.submit, MINA, modal["id"], values)
        await stand.whisper(MINA, "does not wait for a decision; it is `superseded`")
    assert await stand.world.state_of(asked.run) == "Superseded"


async def test_details_show_the_table_that_is_picked(stand: Stand) -> None:
    """Everybody may look; another table is one pick away."""
    tables = (table_diff("orders"), table_diff("payments", changed=1))
    await stand.world.waiting("detailed-otter", tables=tables)
    async with running_bot(stand.settings):
        card = await stand.card("detailed-otter", "Waiting")
        await stand.click(PRIYA, card, DETAILS)
        modal = await stand.modal(PRIYA)
        assert "*`orders`*" in str(modal["blocks"])
        await asyncio.to_thread(
            lambda: stand.client.act(PRIYA, "modal_action", view_id=modal["id"], action_id=PICK, value="1")
        )
        await eventually(lambda: "*`payments`*" in str(stand.client.state(PRIYA)["modal"]["blocks"]))


async def test_bot_that_was_removed_from_the_channel_still_answers(stand: Stand) -> None:
    """The click carries an address of its own; Slack refuses everything else there."""
    await stand.world.waiting("removed-otter")
    async with running_bot(stand.settings):
        card = await stand.card("removed-otter", "Waiting")
        stand.client.control("channel", channel=DATA_RELEASES, do="remove_bot")
        await stand.click(PRIYA, card, APPROVE, confirmed=True)
        await stand.whisper(PRIYA, "Not approved. Only")


async def test_home_decides_and_answers_at_its_top(stand: Stand) -> None:
    """What waits for me comes with working buttons; the answer stands where I pressed."""
    mine = await stand.world.waiting("home-otter")
    await stand.world.waiting("others-otter", policy=Policy(approvers=(PRIYA,)))
    async with running_bot(stand.settings):
        await stand.card("others-otter", "Waiting")
        await asyncio.to_thread(stand.client.home, MINA)
        home = await eventually(lambda: stand.client.state(MINA)["home"])
        assert "Waits for your decision (1)" in str(home["blocks"])
        assert "Waits for others" in str(home["blocks"])
        block = f"wap_actions {mine.run}"
        await asyncio.to_thread(_press, stand, home, block)
        await eventually(lambda: "Approved: `home-otter`" in str(stand.client.state(MINA)["home"]["blocks"][0]))
        await stand.card("home-otter", "Approved")
    assert await stand.world.state_of(mine.run) == "Running"


def _press(stand: Stand, home: Json, block: str) -> Any:
    return stand.client.act(MINA, "modal_action", view_id=home["id"], action_id=APPROVE, block_id=block, confirmed=True)


async def test_home_is_refreshed_when_something_changes(stand: Stand) -> None:
    """Whoever looked at it lately sees a new run without opening it again."""
    async with running_bot(stand.settings):
        await asyncio.to_thread(stand.client.home, MINA)
        await eventually(lambda: "Nothing waits for you." in str(stand.client.state(MINA)["home"]))
        await stand.world.waiting("newcomer-otter")
        await eventually(lambda: "newcomer-otter" in str(stand.client.state(MINA)["home"]))


async def test_archived_channel_takes_no_decision_away(stand: Stand) -> None:
    """The card cannot be edited any more; a command from elsewhere still decides, and says so."""
    asked = await stand.world.waiting("archived-otter")
    async with running_bot(stand.settings):
        await stand.card("archived-otter", "Waiting")
        stand.client.control("channel", channel=DATA_RELEASES, do="archive")
        await asyncio.to_thread(lambda: stand.client.command(MINA, "approve archived-otter", channel=GENERAL))
        told = f"<@{MINA}> approved the run `archived-otter`"
        await eventually(lambda: any(told in message["text"] for message in stand.client.messages(GENERAL, MINA)))
    assert await stand.world.state_of(asked.run) == "Running"
