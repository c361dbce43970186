"""The card of a run through all its states, over both doors."""

import pytest
from prefect.states import Cancelling, Failed, Running

from bot.blocks.buttons import APPROVE, COMMENT, DETAILS, OPEN, REJECT
from bot.blocks.rollback import ROLL_BACK
from flows.contract import PROGRESS_ARTIFACT, ROLLED_BACK_KEY, Decision, Outcome
from sandbox.workspace import MINA
from tests.bot.rollback_values import taken_back
from tests.bot.stand import Stand, button_ids, eventually
from tests.builders import acknowledgement, receipt

pytestmark = pytest.mark.asyncio(loop_scope="module")


async def test_card_builds_waits_is_approved_published_and_rolled_back(stand: Stand) -> None:
    """One message: live progress, then the buttons, then a proof in Prefect, then the release, then its end."""
    run = await stand.world.building("whole-otter")
    card = await stand.card("whole-otter", "Building")
    assert button_ids(card) == [OPEN]
    await stand.world.artifact(run, PROGRESS_ARTIFACT, {"done": 3, "of": 12})
    await stand.card_saying("whole-otter", "3 of 12 models built")
    await stand.world.artifact(run, PROGRESS_ARTIFACT, {"done": 12, "of": 12})
    await stand.card_saying("whole-otter", "12 of 12 models built")
    asked = await stand.world.ask(run)
    waiting = await stand.card("whole-otter", "Waiting for a decision")
    assert button_ids(waiting) == [APPROVE, REJECT, COMMENT, DETAILS, OPEN]
    clicked = await stand.click(MINA, waiting, APPROVE, confirmed=True)
    assert clicked["acked"], clicked
    await stand.card("whole-otter", "Approved, publishing")
    assert await stand.world.state_of(run) == "Running"
    assert (await stand.world.response(asked))["verdict"] == "Approve"
    await stand.world.acknowledge(run, acknowledgement())
    await stand.world.publish(run, receipt(Outcome.PUBLISHED, run=run))
    published = await stand.card("whole-otter", "Published")
    assert button_ids(published) == [ROLL_BACK, DETAILS, OPEN]
    await stand.world.note(run, ROLLED_BACK_KEY, taken_back(asked).model_dump(mode="json"))
    by = await stand.world.building("taking-otter")
    await stand.world.publish(by, receipt(Outcome.ROLLED_BACK, run=by, rollback=taken_back(asked)))
    rolled_back = await stand.card("whole-otter", "Rolled back")
    assert button_ids(rolled_back) == [DETAILS, OPEN]
    assert {one["ts"] for one in (card, waiting, published, rolled_back)} == {card["ts"]}
    assert len(stand.cards("whole-otter")) == 1


@pytest.mark.parametrize(
    ("outcome", "headline"),
    [
        (Outcome.REJECTED, "Rejected"),
        (Outcome.EXPIRED, "Expired"),
        (Outcome.SUPERSEDED, "Superseded"),
        (Outcome.REFUSED, "Refused"),
        (Outcome.FAILED, "Failed"),
        (Outcome.CANCELLED, "Cancelled"),
    ],
)
async def test_card_of_a_run_that_was_not_published(stand: Stand, outcome: Outcome, headline: str) -> None:
    """The same message says how it ended and why, and nothing can be decided on it any more."""
    asked = await stand.world.waiting("ended-otter")
    waiting = await stand.card("ended-otter", "Waiting")
    await stand.world.publish(asked.run, receipt(outcome, run=asked.run, reason="Not published. Told by the flow."))
    ended = await stand.card("ended-otter", headline)
    assert ended["ts"] == waiting["ts"]
    assert "Told by the flow." in str(ended["blocks"])
    assert button_ids(ended) == [DETAILS, OPEN]
    stale = await stand.click(MINA, waiting, APPROVE, confirmed=True)
    assert stale["error"] == "no_such_element"


async def test_card_of_a_build_that_broke_off(stand: Stand) -> None:
    """It never had a report: the flow's own sentence, or none where its process is gone."""
    failed, crashed = await stand.world.building("broken-otter"), await stand.world.building("lost-otter")
    await stand.card("broken-otter", "Building")
    await stand.card("lost-otter", "Building")
    await stand.world.set_state(failed, Failed(message="Not published. dbt exited with code 1."))
    await stand.world.crash(crashed)
    await stand.card_saying("broken-otter", "Not published. dbt exited with code 1.")
    await stand.card_saying("lost-otter", "Not published. The run broke off; its log in Prefect says why.")


async def test_nobody_acting_on_an_approval_is_said(stand: Stand) -> None:
    """A run that crashed after its approval, without a receipt, never reads as published."""
    asked = await stand.world.waiting("crashed-otter")
    card = await stand.card("crashed-otter", "Waiting")
    await stand.click(MINA, card, APPROVE, confirmed=True)
    await stand.card("crashed-otter", "Approved")
    await stand.world.crash(asked.run)
    await stand.card("crashed-otter", "Approved, but nobody is running it")


@pytest.mark.parametrize(("verdict", "shown"), [("Approve", "Approved"), ("Reject", "Rejected")])
async def test_decision_made_in_prefect_is_shown_as_unverified(stand: Stand, verdict: str, shown: str) -> None:
    """A decision through Prefect's own page has no proof; the card says so, and a click that comes too late is told."""
    asked = await stand.world.waiting("native-otter")
    await stand.card("native-otter", "Waiting")
    await stand.command(MINA, "show native-otter")
    copy = await stand.whisper(MINA, "native-otter")
    await stand.world.answer_in_prefect(asked, Decision.model_validate({"verdict": verdict, "reason": "Seen there."}))
    card = await stand.card("native-otter", shown)
    assert f"{shown} via Prefect, identity unverified." in str(card["blocks"])
    await stand.click(MINA, copy, APPROVE, confirmed=True)
    await stand.whisper(MINA, f"Nothing changed. Somebody in Prefect {shown.lower()} the run `native-otter`")


async def test_run_that_is_cancelled_in_prefect_shows(stand: Stand) -> None:
    """On its way to an end, and then at it."""
    asked = await stand.world.waiting("other-otter")
    card = await stand.card("other-otter", "Waiting")
    await stand.world.set_state(asked.run, Cancelling())
    await stand.card_saying("other-otter", "Not published. The run is being stopped.")
    await stand.world.publish(asked.run, receipt(Outcome.CANCELLED, run=asked.run, reason="Not published. Cancelled."))
    await stand.card_saying("other-otter", "Not published. Cancelled.")
    assert len(stand.cards("other-otter")) == 1
    assert button_ids(card) != button_ids(stand.cards("other-otter")[0])


async def test_run_that_was_started_again_asks_again(stand: Stand) -> None:
    """A question of an older audit is not answered by a button of it."""
    asked = await stand.world.waiting("again-otter")
    await stand.card("again-otter", "Waiting")
    await stand.command(MINA, "show again-otter")
    copy = await stand.whisper(MINA, "again-otter")
    await stand.world.set_state(asked.run, Running())
    await stand.world.ask(asked.run, attempt=2)
    await eventually(lambda: '"attempt": 2' in str(stand.cards("again-otter")[0]["blocks"]))
    await stand.click(MINA, copy, APPROVE, confirmed=True)
    await stand.whisper(MINA, "Nothing changed. This button belongs to an older report of this run")
    assert await stand.world.state_of(asked.run) == "Paused"
