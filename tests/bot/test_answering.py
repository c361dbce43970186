"""Answering a gate of a real Prefect: exactly one decision is stored, and everybody hears which."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from uuid import UUID

import pytest
from prefect.client.schemas.responses import SetStateStatus
from prefect.states import Cancelled

from bot.ports import AlreadyDecided, NotRecorded, Recorded, Resumption, RunsUnavailable, Unsure
from bot.prefect_runs import PrefectRuns
from bot.prefect_runs.connection import Connection
from flows.contract import Claims, Decider, Decision, Report, Verdict, sign_proof
from tests.bot.prefect_world import PrefectWorld
from tests.bot.unreliable import unreliable
from tests.builders import MINA, NOW, TOMAS
from tests.conftest import free_port

KEYS = ("a-key-for-tests-only",)


@asynccontextmanager
async def door(url: str) -> AsyncIterator[PrefectRuns]:
    """Our door to the Prefect at this address."""
    connection = Connection(url)
    await connection.open()
    try:
        yield PrefectRuns(connection, KEYS)
    finally:
        await connection.close()


def decision(asked: Report, verdict: Verdict = "Approve", *, nonce: str = "mine", user: str = MINA) -> Decision:
    """A signed decision about this report."""
    claims = Claims(
        run=asked.run,
        attempt=asked.attempt,
        digest=asked.digest,
        verdict=verdict,
        decider=Decider(name=user, user_id=user),
        nonce=nonce,
        at=NOW,
    )
    return Decision(verdict=verdict, proof=sign_proof(claims, KEYS))


async def send(runs: PrefectRuns, asked: Report, *, nonce: str = "mine", user: str = MINA) -> Resumption:
    """Approve."""
    return await runs.resume(asked.run, asked.gate, decision(asked, nonce=nonce, user=user), nonce=nonce)


async def test_accepted_answer_is_recorded(world: PrefectWorld) -> None:
    """The run goes on, and the stored response carries the proof."""
    asked = await world.waiting()
    async with door(world.url) as runs:
        assert await send(runs, asked) == Recorded()
        facts = await runs.facts(asked.run)
    assert facts is not None
    assert facts.decision is not None
    assert facts.decision.decider == Decider(name=MINA, user_id=MINA)
    assert await world.state_of(asked.run) == "Running"


async def test_race_of_two_has_one_winner(world: PrefectWorld) -> None:
    """Two people at once: one decision is stored, the loser hears the winner's name. Prefect decides, not we."""
    async with door(world.url) as left, door(world.url) as right:
        for _ in range(5):
            asked = await world.waiting()
            outcomes = await asyncio.gather(
                send(left, asked, nonce="mina", user=MINA), send(right, asked, nonce="tomas", user=TOMAS)
            )
            winner = [MINA, TOMAS][outcomes.index(Recorded())]
            loser = next(outcome for outcome in outcomes if outcome != Recorded())
            assert isinstance(loser, AlreadyDecided)
            assert loser.decision.decider == Decider(name=winner, user_id=winner)


async def test_lost_reply_is_recorded(world: PrefectWorld) -> None:
    """The answer was stored and its reply was lost: the nonce tells that it is ours."""
    asked = await world.waiting()
    async with unreliable(world.url) as proxy, door(proxy.url) as runs:
        proxy.lose_reply = 1
        assert await send(runs, asked) == Recorded()
    assert proxy.seen.count("POST resume") == 1


async def test_lost_reply_and_then_no_server_behind_the_proxy_is_unsure(world: PrefectWorld) -> None:
    """What only a proxy says (404, while its Prefect restarts) is no word about what is stored."""
    asked = await world.waiting()
    async with unreliable(world.url) as proxy, door(proxy.url) as runs:
        proxy.absent, proxy.lose_reply = True, 1
        assert await send(runs, asked) == Unsure()
        with pytest.raises(RunsUnavailable):
            await runs.facts(asked.run)


async def test_busy_server_is_asked_again(world: PrefectWorld) -> None:
    """A 503 stored nothing, and sending the same answer again is safe."""
    asked = await world.waiting()
    async with unreliable(world.url) as proxy, door(proxy.url) as runs:
        proxy.busy = 1
        assert await send(runs, asked) == Recorded()
    assert proxy.seen.count("POST resume") == 2


async def test_server_that_stays_busy_is_unsure(world: PrefectWorld) -> None:
    """Without a usable answer nobody is told that nothing was stored; looking again later tells."""
    asked = await world.waiting()
    async with unreliable(world.url) as proxy, door(proxy.url) as runs:
        proxy.busy = 1_000
        assert await send(runs, asked) == Unsure()
        assert await runs.read_back(asked.run, asked.gate, nonce="mine") == NotRecorded(still_waiting=True)


async def test_slow_answer_is_unsure_and_then_found(world: PrefectWorld) -> None:
    """A request that outlives our patience may still be stored, so nobody is told that it was not."""
    asked = await world.waiting()
    async with unreliable(world.url) as proxy, door(proxy.url) as runs:
        proxy.delay_resume = 3.0
        first = await send(runs, asked)
        assert first in (Unsure(), Recorded())
        await world.answer_in_prefect(asked, decision(asked))
        assert await runs.read_back(asked.run, asked.gate, nonce="mine") == Recorded()


async def test_hanging_server_is_unsure_in_time(world: PrefectWorld) -> None:
    """Nobody waits for ever; every call has its end."""
    asked = await world.waiting()
    async with unreliable(world.url) as proxy, door(proxy.url) as runs:
        proxy.hang = True
        async with asyncio.timeout(10):
            assert await send(runs, asked) == Unsure()


async def test_unreachable_server_is_certain(world: PrefectWorld) -> None:
    """Without a connection nothing can have been stored."""
    asked = await world.waiting()
    async with door(f"http://127.0.0.1:{free_port()}/api") as runs:
        assert await send(runs, asked) == NotRecorded(still_waiting=True, detail="no connection to Prefect")


async def test_cancelled_run_takes_no_answer(world: PrefectWorld) -> None:
    """A run that ended meanwhile no longer waits, and pressing again cannot help."""
    asked = await world.waiting()
    await world.set_state(asked.run, Cancelled())
    async with door(world.url) as runs:
        assert await send(runs, asked) == NotRecorded(still_waiting=False)


async def test_answer_of_an_older_gate_is_not_taken_for_this_one(world: PrefectWorld) -> None:
    """Each question has its own key: what was stored for an older one is not the answer to this one."""
    first = await world.waiting()
    async with door(world.url) as runs:
        await send(runs, first)
        second = await world.ask(first.run)
        assert await runs.read_back(first.run, second.gate, nonce="mine") == NotRecorded(still_waiting=True)
        assert await runs.read_back(first.run, first.gate, nonce="mine") == Recorded()


async def test_deleted_run_takes_no_answer(world: PrefectWorld) -> None:
    """Prefect does not know the run."""
    asked = await world.waiting()
    await world.client.delete_flow_run(UUID(asked.run))
    async with door(world.url) as runs:
        assert await send(runs, asked) == NotRecorded(still_waiting=False)


async def test_prefect_answers_200_to_a_late_resume(world: PrefectWorld) -> None:
    """Characterisation: the HTTP code does not tell a loser, only the status does (Prefect 3.8)."""
    asked = await world.waiting()
    await world.answer_in_prefect(asked, decision(asked))
    late = await world.client.resume_flow_run(UUID(asked.run), run_input=decision(asked).model_dump())
    assert late.status is SetStateStatus.ABORT


@pytest.mark.parametrize("run_id", ["not-a-uuid", "11111111-2222-3333-4444-555555555555"])
async def test_unknown_run_has_no_facts(world: PrefectWorld, run_id: str) -> None:
    """A run that Prefect does not know is None, not an error."""
    async with door(world.url) as runs:
        assert await runs.facts(run_id) is None
