"""/wap over both doors: the same rights as the buttons, private answers, and one place where everything shows."""

import pytest

from bot.commands.command_line import USAGES
from bot.payloads import REASON_BLOCK, REASON_INPUT
from flows.contract import Outcome, Policy
from sandbox.workspace import GENERAL, GUEST, MINA, PRIYA, TOMAS
from tests.bot.stand import Json, Stand, eventually
from tests.builders import acknowledgement, receipt, sample, table_diff

pytestmark = pytest.mark.asyncio(loop_scope="module")

HOSTILE = "*bold* <!channel> \u202eright to left 🦦 `code`"


def seen_in_general(stand: Stand) -> list[Json]:
    """What Priya alone sees in a channel that the bot is not in."""
    return [message for message in stand.client.messages(GENERAL, PRIYA) if message["ephemeral"]]


async def test_list_help_and_words_that_are_none_answer_in_private(stand: Stand) -> None:
    """What is open, every command, and for each misspelt one the nearest."""
    await stand.world.waiting("listed-otter")
    await stand.world.building("made-otter")
    await stand.card("listed-otter", "Waiting")
    await stand.command(PRIYA, "list")
    await stand.whisper(PRIYA, "`listed-otter` waiting, `dwh`")
    for text in ("help", ""):
        stand.hush()
        await stand.command(PRIYA, text)
        told = await stand.whisper(PRIYA, "RUN is the name of a run")
        assert all(f"/wap {command}" in told["text"] for command in USAGES)
    for command in USAGES:
        await stand.command(PRIYA, f"{command}x listed-otter")
        await stand.whisper(PRIYA, f"Did you mean `/wap {command}`?")
    await stand.command(PRIYA, "show listed-oter")
    await stand.whisper(PRIYA, "Did you mean `/wap show listed-otter`?")
    assert stand.whispers(MINA) == []


async def test_show_gives_a_card_with_working_buttons_in_private(stand: Stand) -> None:
    """By a name, by the beginning of one, by an id."""
    asked = await stand.world.waiting("shown-otter")
    await stand.card("shown-otter", "Waiting")
    for wanted in ("shown-otter", "SHOWN", asked.run[:13]):
        stand.hush()
        await stand.command(MINA, f"show {wanted}")
        shown = await stand.whisper(MINA, "shown-otter")
    await stand.click(MINA, shown, "wap_approve", confirmed=True)
    await stand.card("shown-otter", "Approved")


async def test_approve_command_with_a_comment(stand: Stand) -> None:
    """What was typed is stored; the card and the channel tell who it was; the comment is inert."""
    asked = await stand.world.waiting("typed-otter")
    await stand.card("typed-otter", "Waiting")
    typed = await stand.command(MINA, f"approve typed-ot {HOSTILE}")
    assert typed["acked"]
    await stand.card("typed-otter", "Approved")
    told = await stand.said(f"<@{MINA}> approved the run `typed-otter`")
    assert (await stand.world.response(asked))["reason"] == HOSTILE
    assert "<!channel>" not in told["text"]
    assert not stand.whispers(MINA)


async def test_reject_command_asks_for_a_reason_that_is_missing(stand: Stand) -> None:
    """Without a reason the form opens; with one the run is rejected at once."""
    asked = await stand.world.waiting("reasoned-otter")
    await stand.card("reasoned-otter", "Waiting")
    await stand.command(MINA, "reject reasoned-otter")
    modal = await stand.modal()
    assert modal["title"]["text"] == "Reject this run"
    reason = {REASON_BLOCK: {REASON_INPUT: HOSTILE}}
    await stand.submit(MINA, modal, reason)
    await stand.card("reasoned-otter", "Rejected")
    await stand.said(f"<@{MINA}> rejected the run `reasoned-otter`")
    assert (await stand.world.response(asked))["reason"] == HOSTILE


async def test_reason_of_four_thousand_characters_is_refused(stand: Stand) -> None:
    """Prefect keeps three thousand; nothing is cut behind anybody's back."""
    asked = await stand.world.waiting("wordy-otter")
    await stand.card("wordy-otter", "Waiting")
    await stand.command(MINA, "reject wordy-otter " + "x" * 4_000)
    await stand.whisper(MINA, "Your text has 4,000 characters, and at most 3,000 are kept.")
    assert await stand.world.state_of(asked.run) == "Paused"


async def test_commands_of_those_who_may_not_change_nothing(stand: Stand) -> None:
    """The policy is the same at every door, and each refusal is private."""
    asked = await stand.world.waiting("closed-otter", policy=Policy(approvers=(MINA, TOMAS)))
    await stand.card("closed-otter", "Waiting")
    await stand.command(PRIYA, "approve closed-otter please")
    await stand.whisper(PRIYA, "Not approved. Only")
    await stand.command(TOMAS, "approve closed-otter")
    await stand.whisper(TOMAS, "You requested this run")
    await stand.command(PRIYA, "cancel closed-otter")
    await stand.whisper(PRIYA, "Not cancelled. The run `closed-otter` can be cancelled by its requester")
    await stand.command(GUEST, "run")
    await stand.modal_saying(GUEST, "Not started. Guests")
    assert await stand.world.state_of(asked.run) == "Paused"


async def test_requester_cancels_and_the_card_follows(stand: Stand) -> None:
    """Cancelling goes through Prefect; whoever runs the flow ends it."""
    asked = await stand.world.waiting("stopped-otter")
    await stand.card("stopped-otter", "Waiting")
    await stand.command(TOMAS, "cancel stopped-otter")
    await stand.said(f"<@{TOMAS}> cancelled the run `stopped-otter`")
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
    await stand.card("private-otter", "Waiting")
    stand.client.fault("conversations.members", "error", error="internal_error", times=10)
    await stand.command(PRIYA, "diff private-otter orders", channel=GENERAL)
    await eventually(lambda: [m for m in seen_in_general(stand) if "members of the release channel" in m["text"]])
    assert "secret-value" not in str(seen_in_general(stand))


async def test_history_owners_and_stats(stand: Stand) -> None:
    """What ended, who decides, how it went: read from what the runs left in Prefect."""
    asked = await stand.world.waiting("past-otter")
    said_yes = acknowledgement()
    await stand.world.publish(
        asked.run, receipt(run=asked.run, decision=said_yes, seconds={"gate": 1_800.0, "write": 12.0})
    )
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
