"""The run form, over both doors."""

import asyncio

import pytest
from prefect.client.schemas.actions import VariableCreate
from prefect.states import Running

from bot.commands.deployments import Kind
from bot.forms import INPUT, parameter_block
from flows.contract import PROGRESS_ARTIFACT
from sandbox.workspace import GUEST, MINA, PRIYA, STRANGER
from tests.bot.stand import Stand, eventually

pytestmark = pytest.mark.asyncio(loop_scope="module")


async def test_run_form_starts_a_run_with_its_card_at_once(stand: Stand) -> None:
    """The requester is recorded, the card comes before any worker, shows progress, and becomes the review."""
    await stand.world.deployment("harbour", {"day": {"type": "string", "title": "day", "position": 0}})
    await stand.command(PRIYA, "run harbour")
    modal = await stand.modal(PRIYA)
    filled = {parameter_block(Kind.TEXT, "day"): {INPUT: "2026-03-02"}}
    sent = await stand.submit(PRIYA, modal, filled)
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
    await stand.command(PRIYA, "run counted")
    modal = await stand.modal(PRIYA)
    wrong = {parameter_block(Kind.INTEGER, "rows"): {INPUT: "twelve"}}
    refused = await stand.submit(PRIYA, modal, wrong)
    assert "Not a whole number" in str(refused)


@pytest.mark.parametrize("nested", ["{}", "[1, {}]", '{{"day": {}}}'])
async def test_form_reads_no_variable_of_prefect(stand: Stand, nested: str) -> None:
    """Prefect would put the value of a Variable in the place of such an object, and tell it whoever sent the form."""
    await stand.world.client.create_variable(VariableCreate(name="somebody_elses", value="a quiet harbour"))
    await stand.world.deployment("open", {"any": {"title": "any", "position": 0}})
    await stand.command(PRIYA, "run open")
    modal = await stand.modal(PRIYA)
    asked = nested.format('{"__prefect_kind": "workspace_variable", "variable_name": "somebody_elses"}')
    refused = await stand.submit(PRIYA, modal, {parameter_block(Kind.JSON, "any"): {INPUT: asked}})
    await stand.world.client.delete_variable_by_name("somebody_elses")
    assert "Write the value itself." in str(refused)
    assert stand.whispers(PRIYA) == []


async def test_choice_of_deployments_becomes_the_form(stand: Stand) -> None:
    """A name that is none is said above the choice; picked in the modal, and sent from there."""
    await stand.world.deployment("harbour", {"day": {"type": "string", "title": "day", "position": 0}})
    await stand.world.deployment("quay", {"rows": {"type": "integer", "title": "rows", "position": 0}})
    await stand.command(MINA, "run harbor")
    choice = await stand.modal_saying(MINA, "There is no deployment `harbor`. Did you mean `harbour`?")
    [select] = [part for block in choice["blocks"] if block["type"] == "actions" for part in block["elements"]]
    picked = {"action_id": select["action_id"], "value": select["options"][1]["value"]}
    await asyncio.to_thread(lambda: stand.client.act(MINA, "modal_action", view_id=choice["id"], **picked))
    form = await stand.modal_saying(MINA, "rows")
    assert (await stand.submit(MINA, form, {parameter_block(Kind.INTEGER, "rows"): {INPUT: "12"}}))["acked"]
    told = await stand.whisper(MINA, "Started `")
    run_id = await stand.world.run_called(told["text"].split("`")[1])
    assert (await stand.world.parameters_of(run_id))["rows"] == 12


async def test_those_who_may_not_start_are_told_in_the_form(stand: Stand) -> None:
    """Guests and people of other workspaces; and rights are looked at again when the form is sent."""
    await stand.world.deployment("harbour", {})
    await stand.command(GUEST, "run")
    await stand.modal_saying(GUEST, "Not started. Guests")
    await stand.command(STRANGER, "run")
    await stand.modal_saying(STRANGER, "Not started. Only members of the workspace")
    await stand.command(PRIYA, "run harbour")
    form = await stand.modal(PRIYA)
    stand.client.control("user", user=PRIYA, is_restricted=True)
    await stand.submit(PRIYA, form)
    await stand.whisper(PRIYA, "Not started. Guests")
    stand.client.control("user", user=PRIYA, is_restricted=False)


async def test_nothing_to_start_is_said(stand: Stand) -> None:
    """With what to do about it."""
    await stand.command(PRIYA, "run")
    await stand.modal_saying(PRIYA, "Nothing was started. Prefect has no deployment with the tag `wap`.")
