"""Taking a release back, over both doors: by the button and by the command."""

import pytest
from prefect.states import Running

from bot.blocks.buttons import DETAILS, OPEN
from bot.blocks.rollback import ROLL_BACK
from flows.contract import ROLLED_BACK_KEY, Outcome, Policy
from sandbox.workspace import GUEST, MINA, PRIYA, TOMAS
from tests.bot.rollback_values import taken_back
from tests.bot.stand import Stand, button_ids, eventually
from tests.bot.test_rollback_over_socket import published, run_named_in
from tests.builders import receipt

pytestmark = pytest.mark.asyncio(loop_scope="module")


async def test_roll_back_button_asks_once_more_and_card_and_thread_tell_its_end(stand: Stand) -> None:
    """Slack's dialog first; a run with a proof; the release's card says what became of it."""
    asked = await published(stand, "taken-otter")
    await stand.world.rollback_deployment()
    card = await stand.card("taken-otter", "Published")
    assert (await stand.click(MINA, card, ROLL_BACK))["error"] == "confirm_required"
    await stand.click(MINA, card, ROLL_BACK, confirmed=True)
    name = run_named_in(await stand.whisper(MINA, "takes back the release of `taken-otter`"))
    run = await stand.world.run_called(name)
    assert (await stand.world.parameters_of(run))["requester_user_id"] == MINA
    done = taken_back(asked, by=run, by_name=name)
    await stand.world.set_state(run, Running())
    await stand.world.note(asked.run, ROLLED_BACK_KEY, done.model_dump(mode="json"))
    ended = receipt(Outcome.ROLLED_BACK, run=run, reason="Rolled back by Mina: the release before.", rollback=done)
    await stand.world.publish(run, ended)
    rolled_back = await stand.card("taken-otter", "Rolled back")
    assert button_ids(rolled_back) == [DETAILS, OPEN]
    await eventually(lambda: [one for one in stand.replies(card) if "the release before" in one["text"]])
    assert stand.cards(name) == []


async def test_roll_back_command_asks_in_a_form_first(stand: Stand) -> None:
    """The form repeats target and counts the other way round; rights are looked at again when it is sent."""
    asked = await published(stand, "typed-otter", policy=Policy(approvers=(MINA, PRIYA)))
    await stand.world.rollback_deployment()
    await stand.card("typed-otter", "Published")
    await stand.command(PRIYA, f"rollback {asked.target.production}")
    form = await stand.modal_saying(PRIYA, "Rows: 2 return, 10 go, 5 get their old values.")
    stand.client.control("user", user=PRIYA, is_restricted=True)
    await stand.submit(PRIYA, form)
    await stand.whisper(PRIYA, "Not rolled back. Guests")
    stand.client.control("user", user=PRIYA, is_restricted=False)
    await stand.command(MINA, f"rollback {asked.target.production}")
    await stand.submit(MINA, await stand.modal_saying(MINA, "Rows: 2 return"))
    name = run_named_in(await stand.whisper(MINA, "takes back the release of `typed-otter`"))
    await stand.world.run_called(name)


async def test_roll_back_is_refused_to_whoever_may_not(stand: Stand) -> None:
    """Not an approver, a guest, the requester, an unknown target, no deployment: told alone, and nothing is started."""
    asked = await published(stand, "kept-otter", policy=Policy(approvers=(MINA, TOMAS)))
    card = await stand.card("kept-otter", "Published")
    for user, why in ((PRIYA, "Only"), (GUEST, "Guests"), (TOMAS, "You requested this run")):
        await stand.click(user, card, ROLL_BACK, confirmed=True)
        await stand.whisper(user, f"Not rolled back. {why}")
    await stand.command(MINA, "rollback nowhere")
    await stand.modal_saying(MINA, "No run has published to `nowhere` lately")
    await stand.click(MINA, card, ROLL_BACK, confirmed=True)
    await stand.whisper(MINA, "Prefect has no deployment with the tag `wap-rollback`")
    assert await stand.world.state_of(asked.run) == "Published"
