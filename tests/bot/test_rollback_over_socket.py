"""Taking a release back from Slack, over the real socket and with a real Prefect; the flow's part is played by hand."""

from typing import Any
from uuid import uuid4

from prefect.states import Running

from bot.blocks.buttons import DETAILS, OPEN
from bot.blocks.rollback import ROLL_BACK
from flows.contract import (
    PREDECESSOR_KEY,
    ROLLED_BACK_KEY,
    STAGING_USED_KEY,
    Outcome,
    Report,
    StagingUse,
    Target,
    read_proof,
)
from sandbox.workspace import MINA
from tests.bot.rollback_values import taken_back
from tests.bot.stand import SIGNING_KEY, Json, Stand, button_ids, eventually, running_bot
from tests.builders import acknowledgement, receipt, table_diff


async def published(stand: Stand, name: str, **changes: Any) -> Report:
    """A run that has published, to a target of its own."""
    target = Target(production=f"dwh_{uuid4().hex}", staging="develop_dwh", warehouse="duckdb")
    asked = await stand.world.waiting(name, **{"target": target, **changes})
    await stand.world.acknowledge(asked.run, acknowledgement())
    await stand.world.publish(asked.run, receipt(run=asked.run, target=asked.target))
    return asked


def run_named_in(told: Json) -> str:
    """The name of the run that takes the release back."""
    return str(told["text"].split("`")[1])


async def test_roll_back_button_starts_one_run_and_card_and_thread_tell_its_end(stand: Stand) -> None:
    """A signed request, once however often it is pressed; the roll back has no card, and the release's card says it."""
    asked = await published(stand, "taken-otter")
    await stand.world.rollback_deployment()
    async with running_bot(stand.settings):
        card = await stand.card("taken-otter", "Published")
        assert button_ids(card) == [ROLL_BACK, DETAILS, OPEN]
        await stand.click(MINA, card, ROLL_BACK, confirmed=True)
        name = run_named_in(await stand.whisper(MINA, "takes back the release of `taken-otter`"))
        await stand.click(MINA, card, ROLL_BACK, confirmed=True)
        await eventually(lambda: len([one for one in stand.whispers(MINA) if name in one["text"]]) == 2)
        run = await stand.world.run_called(name)
        parameters = await stand.world.parameters_of(run)
        claims = read_proof(parameters["proof"], [SIGNING_KEY])
        assert (parameters["run"], parameters["requester_user_id"]) == (asked.run, MINA)
        assert (claims.run, claims.digest, claims.verdict, claims.decider.user_id) == (
            asked.run,
            asked.digest,
            "Rollback",
            MINA,
        )
        done = taken_back(asked, by=run, by_name=name)
        await stand.world.set_state(run, Running())
        await stand.world.note(asked.run, ROLLED_BACK_KEY, done.model_dump(mode="json"))
        ended = receipt(Outcome.ROLLED_BACK, run=run, reason="Rolled back by Mina: the release before.", rollback=done)
        await stand.world.publish(run, ended)
        rolled_back = await stand.card("taken-otter", "Rolled back")
        assert rolled_back["ts"] == card["ts"]
        assert button_ids(rolled_back) == [DETAILS, OPEN]
        assert f"Rolled back by <@{MINA}>" in str(rolled_back["blocks"])
        await eventually(lambda: stand.replies(card))
        await stand.click(MINA, card, DETAILS)
        await stand.command(MINA, f"rollback {asked.target.production}")
        await stand.modal_saying(MINA, "The run `taken-otter` was rolled back by")
    assert len([one for one in stand.replies(card) if "the release before" in one["text"]]) == 1
    assert stand.cards(name) == []


async def test_roll_back_after_a_newer_build_is_refused_and_its_button_goes(stand: Stand) -> None:
    """The build that has used staging names the release before; its card is edited, a stale button changes nothing."""
    asked = await published(stand, "older-otter")
    async with running_bot(stand.settings):
        card = await stand.card("older-otter", "Published")
        newer = await stand.world.building("newer-otter")
        use = StagingUse(run=newer, run_name="newer-otter")
        await stand.world.note(asked.run, STAGING_USED_KEY, use.model_dump(mode="json"))
        await stand.world.note(newer, PREDECESSOR_KEY, {"run": asked.run})
        await stand.click(MINA, card, ROLL_BACK, confirmed=True)
        await stand.whisper(MINA, "Run `newer-otter` has built into `develop_dwh` since")
        await eventually(lambda: button_ids(stand.cards("older-otter")[0]) == [DETAILS, OPEN])


async def test_first_release_has_no_roll_back(stand: Stand) -> None:
    """There is nothing before it."""
    first = table_diff(status="added", production=None, removed=0, changed=0, samples=())
    asked = await published(stand, "first-otter", tables=(first,))
    async with running_bot(stand.settings):
        card = await stand.card("first-otter", "Published")
        assert ROLL_BACK not in button_ids(card)
        await stand.command(MINA, f"rollback {asked.target.production}")
        await stand.modal_saying(MINA, "was empty")


async def test_refused_roll_back_is_told_in_the_thread(stand: Stand) -> None:
    """The flow looks at the data itself; its sentence reaches those who discuss the release, and the card stays."""
    asked = await published(stand, "stubborn-otter")
    await stand.world.rollback_deployment()
    async with running_bot(stand.settings):
        card = await stand.card("stubborn-otter", "Published")
        await stand.click(MINA, card, ROLL_BACK, confirmed=True)
        name = run_named_in(await stand.whisper(MINA, "takes back the release of"))
        run = await stand.world.run_called(name)
        reason = "Not rolled back. `dwh` was changed after run `stubborn-otter` was published (`orders`)."
        await stand.world.publish(run, receipt(Outcome.REFUSED, run=run, reason=reason, target=asked.target))
        await eventually(lambda: any("was changed after run" in one["text"] for one in stand.replies(card)))
        await stand.click(MINA, card, ROLL_BACK, confirmed=True)
        others = await eventually(lambda: [one for one in stand.whispers(MINA) if name not in one["text"]])
        await stand.world.run_called(run_named_in(others[0]))
    assert ROLL_BACK in button_ids(stand.cards("stubborn-otter")[0])
