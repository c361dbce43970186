"""A run whose process died while it waited, over a real socket with a real Prefect, by the clock of its server."""

import asyncio
from datetime import UTC, datetime, timedelta
from uuid import UUID

from prefect.states import Paused

from bot.card.stages import LATE_COMMIT, NEVER_RESUMED
from sandbox.workspace import MINA
from tests.bot.prefect_world import PrefectWorld
from tests.bot.stand import Stand, button_ids, eventually, running_bot, settings_for
from tests.bot.unreliable import unreliable

EIGHT_HOURS = timedelta(hours=8)


async def test_run_that_nobody_ends_expires_in_slack(stand: Stand) -> None:
    """Until the end it waits, after it a click is refused, and when no answer can turn up any more the card says that
    nothing was published. Prefect still calls the run paused, and holds no answer."""
    asked = await stand.world.waiting("orphaned-otter")
    async with unreliable(stand.world.url) as prefect:
        settings = settings_for(stand.slack, prefect.url)
        async with running_bot(settings), running_bot(settings):
            card = await stand.card("orphaned-otter", "Waiting")
            prefect.ahead = EIGHT_HOURS + timedelta(seconds=5)
            heard = len(prefect.seen)
            await eventually(lambda: len(prefect.seen) >= heard + 10)  # both bots have heard the clock
            await stand.click(MINA, card, "wap_approve", confirmed=True)
            await stand.whisper(MINA, "could be decided until")
            assert "Waiting" in (await stand.card("orphaned-otter", "Waiting"))["text"]
            prefect.ahead = EIGHT_HOURS + LATE_COMMIT + timedelta(seconds=5)
            expired = await stand.card("orphaned-otter", "Expired")
            assert expired["ts"] == card["ts"]
            assert button_ids(expired) == ["wap_details", "wap_open_in_prefect"]
            told = await eventually(lambda: [r for r in stand.replies(card) if "nobody decided" in r["text"]])
            assert len(told) == 1
    assert await stand.world.state_of(asked.run) == "Paused"
    assert "POST resume" not in prefect.seen


async def test_command_after_the_end_is_refused(stand: Stand) -> None:
    """Every door asks the same: a decision by its name comes too late, too."""
    now = datetime.now(UTC)
    asked = await stand.world.waiting("tardy-otter", created_at=now - EIGHT_HOURS, expires_at=now - timedelta(hours=1))
    async with running_bot(stand.settings):
        await stand.card("tardy-otter", "Expired")
        await stand.command(MINA, "approve tardy-otter")
        await stand.whisper(MINA, "could be decided until")
    assert await stand.world.state_of(asked.run) == "Paused"


async def test_prefects_own_word_for_a_pause_that_nobody_ended(world: PrefectWorld) -> None:
    """What the card goes by is what this version of Prefect says (its service looks every five seconds)."""
    run_id = await world.building("given-up-otter")
    await world.set_state(run_id, Paused(timeout_seconds=1, pause_key="over"))
    async with asyncio.timeout(180):
        while (state := (await world.client.read_flow_run(UUID(run_id))).state) and state.is_paused():  # noqa: ASYNC110
            await asyncio.sleep(0.5)  # nothing of ours announces it
    assert state is not None
    assert (state.name, state.message) == ("Failed", NEVER_RESUMED)
