"""Time and the other door, over a real socket with a real Prefect: reminders, and ends that nobody in Slack caused."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from prefect.client.schemas.objects import State
from prefect.states import Cancelled, Cancelling, Failed

from bot.settings import Settings
from flows.contract import RECEIPT_ARTIFACT, Decision, Outcome, Policy
from sandbox.workspace import MINA, TOMAS
from tests.bot.stand import Stand, eventually, running_bot, settings_for
from tests.bot.unreliable import unreliable
from tests.builders import receipt

REMINDED = "has waited for a decision since"


def today() -> dict[str, Any]:
    """A question of now, which nobody has to answer for eight hours; by whom."""
    now = datetime.now(UTC)
    policy = Policy(approvers=(MINA, "channel"))
    return {"created_at": now, "expires_at": now + timedelta(hours=8), "policy": policy}


def told(stand: Stand, card: dict[str, Any], words: str) -> list[str]:
    """What the thread of a card says with these words in it."""
    return [reply["text"] for reply in stand.replies(card) if words in reply["text"]]


async def test_reminder_comes_once_by_prefects_clock_and_never_after_the_decision(stand: Stand) -> None:
    """Two bots whose own clocks say that it is early: what Prefect's server says counts."""
    asked = await stand.world.waiting("patient-otter", **today())
    async with unreliable(stand.world.url) as prefect:
        settings = settings_for(stand.slack, prefect.url)
        async with running_bot(settings), running_bot(settings):
            card = await stand.card("patient-otter", "Waiting")
            await eventually(lambda: len(stand.replies(card)) >= 2)
            assert told(stand, card, REMINDED) == []
            prefect.ahead = timedelta(minutes=61)
            [first] = await eventually(lambda: told(stand, card, REMINDED))
            assert first.startswith(f"<@{MINA}> `develop_dwh` ")
            await stand.world.answer_in_prefect(asked, Decision(verdict="Approve"))
            prefect.ahead = timedelta(hours=4)
            await stand.card("patient-otter", "Approved")
        assert told(stand, card, REMINDED) == [first]


@asynccontextmanager
async def events(stand: Stand, *, are_lost: bool) -> AsyncIterator[Settings]:
    """Settings of a bot that hears Prefect's events, or of one that only looks again and again."""
    if not are_lost:
        yield stand.settings
        return
    async with unreliable(stand.world.url) as prefect:
        yield settings_for(stand.slack, prefect.url)


@pytest.mark.parametrize("are_lost", [False, True])
@pytest.mark.parametrize(
    ("state", "shown"),
    [
        (Cancelled(message="Cancelled by a person in Prefect."), "Cancelled"),
        (Cancelling(), "Cancelled"),
        (Failed(name="Expired", message="Not published. Nobody decided in time."), "Expired"),
    ],
    ids=["cancelled", "cancelling", "expired"],
)
async def test_end_through_the_other_door_shows(stand: Stand, state: State[Any], shown: str, are_lost: bool) -> None:
    """A run that ends or is cancelled in Prefect's UI or by its API is shown so, with events and without."""
    asked = await stand.world.waiting("other-otter", **today())
    async with events(stand, are_lost=are_lost) as settings, running_bot(settings):
        card = await stand.card("other-otter", "Waiting")
        await stand.world.set_state(asked.run, state)
        assert (await stand.card("other-otter", shown))["ts"] == card["ts"]


async def test_expiry_is_told_on_the_card_and_in_the_thread(stand: Stand) -> None:
    """Not published, said where people talk, once, to the requester."""
    asked = await stand.world.waiting("late-otter", **today())
    why = "Not published. Nobody decided before 2026-03-02 17:30 UTC."
    async with running_bot(stand.settings), running_bot(stand.settings):
        card = await stand.card("late-otter", "Waiting")
        left = receipt(Outcome.EXPIRED, run=asked.run, reason=why)
        await stand.world.artifact(asked.run, RECEIPT_ARTIFACT, left.model_dump(mode="json"))
        await stand.world.set_state(asked.run, Failed(name="Expired", message=why))
        expired = await stand.card("late-otter", "Expired")
        [said] = await eventually(lambda: told(stand, card, "nobody decided on"))
    assert why in str(expired["blocks"])
    assert said.startswith(f"<@{TOMAS}> Not published: ")
    assert told(stand, card, "nobody decided on") == [said]


@pytest.mark.parametrize("verdict", ["Approve", "Reject"])
async def test_decision_in_prefect_shows_when_events_are_lost(stand: Stand, verdict: Any) -> None:
    """The tick alone finds it."""
    asked = await stand.world.waiting("formal-otter", **today())
    async with events(stand, are_lost=True) as settings, running_bot(settings):
        await stand.card("formal-otter", "Waiting")
        await stand.world.answer_in_prefect(asked, Decision(verdict=verdict, reason="Seen in Prefect."))
        await stand.card("formal-otter", "Approved" if verdict == "Approve" else "Rejected")
