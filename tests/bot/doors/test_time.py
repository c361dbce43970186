"""Time, over both doors: reminders, escalation, quiet hours, expiry."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, time, timedelta
from typing import Any

import pytest
import pytest_asyncio
from prefect.states import Failed

from bot.blocks.buttons import APPROVE, DETAILS, OPEN
from flows.contract import RECEIPT_ARTIFACT, Outcome, Policy, QuietHours, Reminders
from sandbox.workspace import DATA_OWNERS, MINA, TOMAS
from tests.bot.doors.conftest import opened
from tests.bot.stand import Json, Stand, button_ids, eventually
from tests.bot.unreliable import Unreliable, unreliable
from tests.builders import receipt

pytestmark = pytest.mark.asyncio(loop_scope="module")

REMINDED = "has waited for a decision since"
ALL_DAY = QuietHours(time_zone="UTC", starts=time.min, ends=time.max)
SOON = Reminders(
    after=timedelta(hours=1), longest=timedelta(hours=8), escalate_after=timedelta(hours=2), escalate_to=DATA_OWNERS
)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def prefect(prefect_url: str) -> AsyncIterator[Unreliable]:
    """Prefect as the bot sees it, with a clock that a test sets."""
    async with unreliable(prefect_url) as made:
        yield made


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def office(prefect_url: str, door: str, prefect: Unreliable) -> AsyncIterator[Stand]:
    """The stand of this module."""
    async with opened(prefect_url, door, seen_at=prefect.url) as stand:
        yield stand


def today(reminders: Reminders) -> dict[str, Any]:
    """A question of now, which nobody has to answer for eight hours."""
    now = datetime.now(UTC)
    policy = Policy(approvers=(MINA, "channel"), reminders=reminders)
    return {"created_at": now, "expires_at": now + timedelta(hours=8), "policy": policy}


def told(stand: Stand, card: Json, words: str) -> list[str]:
    """What the thread of a card says with these words in it."""
    return [reply["text"] for reply in stand.replies(card) if words in reply["text"]]


async def test_approvers_are_reminded_others_told_and_the_quiet_left_alone(stand: Stand, prefect: Unreliable) -> None:
    """By Prefect's clock, in the thread; the button still decides after it, and then nothing more is said."""
    asked = await stand.world.waiting("patient-otter", **today(SOON))
    await stand.world.waiting("quiet-otter", **today(SOON.model_copy(update={"quiet": ALL_DAY})))
    card, other = await stand.card("patient-otter", "Waiting"), await stand.card("quiet-otter", "Waiting")
    prefect.ahead = timedelta(minutes=61)
    [first] = await eventually(lambda: told(stand, card, REMINDED))
    assert first.startswith(f"<@{MINA}> `develop_dwh` ")
    prefect.ahead = timedelta(minutes=121)
    [escalated] = await eventually(lambda: told(stand, card, "Nobody has decided yet"))
    assert escalated.startswith(f"<!subteam^{DATA_OWNERS}>")
    await stand.click(MINA, card, APPROVE, confirmed=True)
    await stand.card("patient-otter", "Approved")
    prefect.ahead = timedelta()
    assert await stand.world.state_of(asked.run) == "Running"
    assert told(stand, other, REMINDED) == []


async def test_expiry_is_told_on_the_card_and_in_the_thread(stand: Stand) -> None:
    """Not published, said where people talk, once, to the requester; a copy of the buttons decides nothing."""
    asked = await stand.world.waiting("late-otter", **today(Reminders()))
    why = "Not published. Nobody decided before 2026-03-02 17:30 UTC."
    card = await stand.card("late-otter", "Waiting")
    await stand.command(MINA, "show late-otter")
    copy = await stand.whisper(MINA, "late-otter")
    left = receipt(Outcome.EXPIRED, run=asked.run, reason=why)
    await stand.world.artifact(asked.run, RECEIPT_ARTIFACT, left.model_dump(mode="json"))
    await stand.world.set_state(asked.run, Failed(name="Expired", message=why))
    expired = await stand.card("late-otter", "Expired")
    assert button_ids(expired) == [DETAILS, OPEN]
    assert why in str(expired["blocks"])
    [said] = await eventually(lambda: told(stand, card, "nobody decided on"))
    assert said.startswith(f"<@{TOMAS}> Not published: ")
    await stand.click(MINA, copy, APPROVE, confirmed=True)
    await stand.whisper(MINA, "it is `expired`")
