"""Reading and claiming in a real Prefect."""

import asyncio
from collections.abc import Coroutine
from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from prefect import flow
from prefect.states import Running

from bot.card.stages import Stage, stage_of
from bot.keys import SHOWN_KEY
from bot.ports import RunsUnavailable
from bot.prefect_runs.door import once
from bot.runs import Address, Run, Shown, StateType
from flows.contract import CARD_KEY, RECEIPT_ARTIFACT, REPORT_ARTIFACT, ROLLED_BACK_KEY, Outcome
from tests.bot.prefect_world import PrefectWorld
from tests.bot.rollback_values import taken_back
from tests.bot.test_answering import door
from tests.builders import NOW, acknowledgement, receipt, report
from tests.conftest import free_port


@flow
def _unrelated() -> None:
    """A flow of somebody else."""


async def test_facts_of_a_building_run(world: PrefectWorld) -> None:
    """Before there is a report, target and requester are known."""
    run_id = await world.building("facts-otter")
    async with door(world.url) as runs:
        facts = await runs.facts(run_id)
    assert facts is not None
    assert facts.run.state_type is StateType.RUNNING
    assert facts.build is not None
    assert (facts.build.target, facts.build.requested_by) == (report().target, report().requested_by)


async def test_facts_of_a_published_run(world: PrefectWorld) -> None:
    """Report, acknowledgement and receipt come back as they were written; the newest report counts."""
    first = await world.waiting()
    asked = await world.ask(first.run, attempt=2)
    await world.acknowledge(asked.run, acknowledgement(attempt=2))
    await world.publish(asked.run, receipt(Outcome.PUBLISHED, run=asked.run, attempt=2))
    async with door(world.url) as runs:
        facts = await runs.facts(asked.run)
    assert facts is not None
    assert facts.report == asked
    assert facts.acknowledgement == acknowledgement(attempt=2)
    assert facts.receipt == receipt(Outcome.PUBLISHED, run=asked.run, attempt=2)
    assert (facts.run.state_type, facts.run.state_name) == (StateType.COMPLETED, "Published")


async def test_roll_back_of_an_earlier_attempt_is_not_of_this_release(world: PrefectWorld) -> None:
    """The run was retried after its release had been taken back, and has published again."""
    first = await world.waiting()
    await world.note(first.run, ROLLED_BACK_KEY, taken_back(first).model_dump(mode="json"))
    asked = await world.ask(first.run, attempt=2)
    await world.acknowledge(asked.run, acknowledgement(attempt=2))
    await world.publish(asked.run, receipt(Outcome.PUBLISHED, run=asked.run, attempt=2))
    async with door(world.url) as runs:
        facts = await runs.facts(asked.run)
    assert facts is not None
    assert facts.rollback is None
    assert stage_of(facts, now=NOW) is Stage.PUBLISHED


async def test_report_may_be_text(world: PrefectWorld) -> None:
    """An artifact's data is a JSON object or its text; both are read."""
    run_id = await world.building()
    asked = report(run=run_id)
    await world.artifact(run_id, REPORT_ARTIFACT, asked.model_dump_json())
    async with door(world.url) as runs:
        facts = await runs.facts(run_id)
    assert facts is not None
    assert facts.report == asked


async def test_unreadable_documents_are_named(world: PrefectWorld) -> None:
    """A report of another version is not guessed at."""
    run_id = await world.building()
    await world.artifact(run_id, REPORT_ARTIFACT, {"version": 99})
    await world.artifact(run_id, RECEIPT_ARTIFACT, "not json")
    async with door(world.url) as runs:
        facts = await runs.facts(run_id)
    assert facts is not None
    assert facts.report is None
    assert facts.unreadable == (REPORT_ARTIFACT, RECEIPT_ARTIFACT)


async def test_claim_has_one_winner(world: PrefectWorld) -> None:
    """Eight at once create the same key; one gets it."""
    run_id = await world.building()
    async with door(world.url) as runs:
        won = await asyncio.gather(*(_claimed(runs.claim(run_id, "wap-card-claim", {})) for _ in range(8)))
    assert won.count(True) == 1


async def _claimed(claim: Coroutine[Any, Any, bool]) -> bool:
    try:
        return await claim
    except RunsUnavailable:  # a busy SQLite answers 503 to some of them, which claims nothing
        return False


async def test_claim_of_a_run_that_was_deleted_is_nobodys(world: PrefectWorld) -> None:
    """Somebody deleted the run in Prefect while the bot was at it; nothing is left to write to."""
    run_id = await world.building()
    await world.forget_all()
    async with door(world.url) as runs:
        assert not await runs.claim(run_id, "wap-card-claim", {})
        await runs.replace(run_id, SHOWN_KEY, {"digest": "d", "made_from": "state"})
        assert await runs.facts(run_id) is None


async def test_replace_and_release(world: PrefectWorld) -> None:
    """A marker can be written again; a key that is gone can be released."""
    run_id = await world.building()
    async with door(world.url) as runs:
        for state in ("first", "second"):
            await runs.replace(run_id, SHOWN_KEY, {"digest": "d", "made_from": state})
        await runs.claim(run_id, CARD_KEY, {"channel": "C0RELEASES", "ts": "1.0"})
        await runs.release(run_id, "wap-never-written")
        facts = await runs.facts(run_id)
    assert facts is not None
    assert facts.shown == Shown("d", "second")
    assert facts.card == Address("C0RELEASES", "1.0")


async def test_run_with_very_many_notes_is_read_whole(world: PrefectWorld) -> None:
    """Prefect gives 500 at once and the oldest first: votes, the answer and the card are the newest."""
    asked = await world.waiting()
    for number in range(500):
        await world.note(asked.run, f"wap-thread-1-reminder-{number}-done", {})
    await world.note(asked.run, CARD_KEY, {"channel": "C1", "ts": "1.0"})
    async with door(world.url) as runs:
        facts = await runs.facts(asked.run)
    assert facts is not None
    assert facts.card == Address("C1", "1.0")
    assert len(facts.parts_done) == 500


def test_run_that_ends_between_two_questions_is_listed_once() -> None:
    """As what it is by now: twice it would make its name ambiguous."""
    waiting = Run("r1", "calm-otter", "s1", StateType.PAUSED, "Waiting", NOW)
    ended = replace(waiting, state_type=StateType.COMPLETED, state_name="Published")
    other = replace(waiting, id="r2", name="other-otter")
    assert once([waiting, other], [ended]) == (other, ended)


async def test_listed_are_only_our_runs(world: PrefectWorld) -> None:
    """Runs without the tag are none of ours, neither in the list nor by their id."""
    ours = await world.building()
    other = await world.client.create_flow_run(_unrelated, state=Running())
    async with door(world.url) as runs:
        listed = {run.id for run in await runs.listed(ended_within=timedelta(hours=1))}
        assert await runs.facts(str(other.id)) is None
    assert ours in listed
    assert str(other.id) not in listed


async def test_listed_has_open_runs_and_those_that_ended_lately(world: PrefectWorld) -> None:
    """A run that ended is listed as long as asked for."""
    asked = await world.waiting()
    await world.publish(asked.run, receipt(run=asked.run))
    async with door(world.url) as runs:
        lately = {run.id for run in await runs.listed(ended_within=timedelta(hours=1))}
        not_any_more = {run.id for run in await runs.listed(ended_within=timedelta(0))}
    assert asked.run in lately
    assert asked.run not in not_any_more


async def test_watch_hints_at_changed_runs(world: PrefectWorld) -> None:
    """After a connect everything may have changed; after that, each change names its run."""
    run_id = await world.building()
    hints: list[str | None] = []
    async with door(world.url) as runs:
        task = asyncio.create_task(runs.watch(hints.append))
        async with asyncio.timeout(10):
            while None not in hints:  # noqa: ASYNC110  only the stream knows when it is connected
                await asyncio.sleep(0.01)
            await world.ask(run_id)
            while run_id not in hints:  # noqa: ASYNC110
                await asyncio.sleep(0.01)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
    assert hints[0] is None


async def test_unreachable_prefect_is_said_in_time(world: PrefectWorld) -> None:
    """No endless retries: a person may be waiting."""
    async with door(f"http://127.0.0.1:{free_port()}/api") as runs, asyncio.timeout(10):
        with pytest.raises(RunsUnavailable):
            await runs.facts(str(UUID(int=1)))
