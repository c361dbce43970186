"""Every modal over a real socket while Prefect hangs: it opens all the same, and says so."""

import asyncio
from collections.abc import Awaitable, Callable

import pytest

from bot.blocks.buttons import COMMENT, DETAILS, REJECT
from bot.messages import to_person
from sandbox.workspace import MINA
from tests.bot.stand import Json, Stand, eventually, running_bot, settings_for
from tests.bot.unreliable import unreliable

Ask = Callable[[Stand, Json], Awaitable[Json]]


def pressing(action_id: str) -> Ask:
    """Somebody who presses this button of the card."""
    return lambda stand, card: stand.click(MINA, card, action_id)


def typing(text: str) -> Ask:
    """Somebody who types this after /wap."""
    return lambda stand, card: stand.command(MINA, text)


@pytest.mark.parametrize(
    "ask",
    [
        pressing(REJECT),
        pressing(COMMENT),
        pressing(DETAILS),
        typing("reject hanging-otter"),
        typing("run"),
        typing("rollback dwh"),
    ],
    ids=["reject", "comment", "details", "reject by name", "run", "rollback"],
)
async def test_modal_opens_while_prefect_hangs(stand: Stand, ask: Ask) -> None:
    """Slack's trigger is used before Prefect is asked; that Prefect does not answer stands in the modal."""
    await stand.world.waiting("hanging-otter")
    async with unreliable(stand.world.url) as prefect, running_bot(settings_for(stand.slack, prefect.url)):
        card = await stand.card("hanging-otter", "Waiting")
        prefect.hang = True
        await ask(stand, card)
        assert to_person.prefect_unreachable() in str((await stand.modal())["blocks"])


async def test_choice_of_deployments_becomes_the_form(stand: Stand) -> None:
    """Picked in the modal that the command opened, and sent from there: one run of that deployment."""
    await stand.world.deployment("harbour", {"day": {"type": "string", "title": "day", "position": 0}})
    await stand.world.deployment("quay", {"rows": {"type": "integer", "title": "rows", "position": 0}})
    async with running_bot(stand.settings):
        await stand.command(MINA, "run")
        choice = await stand.modal()
        [select] = [part for block in choice["blocks"] if block["type"] == "actions" for part in block["elements"]]
        assert [option["text"]["text"] for option in select["options"]] == ["harbour", "quay"]
        picked = {"action_id": select["action_id"], "value": select["options"][1]["value"]}
        await asyncio.to_thread(lambda: stand.client.act(MINA, "modal_action", view_id=choice["id"], **picked))
        await eventually(lambda: "rows" in str(stand.client.state(MINA)["modal"]["blocks"]))
        form = await stand.modal()
        assert form["id"] == choice["id"]
        assert (await stand.submit(MINA, form, {"parameter:integer:rows": {"value": "12"}}))["acked"]
        told = await stand.whisper(MINA, "Started `")
        run_id = await stand.world.run_called(told["text"].split("`")[1])
        assert (await stand.world.parameters_of(run_id))["rows"] == 12
