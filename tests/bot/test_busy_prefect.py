"""A Prefect that is too busy for a moment, or for longer: what is done in the end, and what the person reads."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any
from uuid import UUID

import pytest
from prefect.client.schemas.filters import FlowRunFilter, FlowRunFilterDeploymentId

from bot.commands.deployments import Kind
from bot.forms import INPUT, parameter_block
from bot.ports import Refused, RunsUnavailable
from bot.prefect_runs import PrefectCatalog, PrefectDesk, PrefectRuns
from bot.prefect_runs.connection import Connection
from bot.runs import Run
from flows.contract import CARD_KEY, Policy
from sandbox.workspace import MINA, PRIYA
from tests.bot.prefect_world import PrefectWorld
from tests.bot.stand import Stand, running_bot, settings_for
from tests.bot.test_answering import KEYS
from tests.bot.unreliable import Unreliable, unreliable

LONG = 1_000_000
UNREACHABLE = "Nothing was done. Prefect did not answer in time. Try again in a minute."
MINE, THEIRS = {"channel": "C0RELEASES", "ts": "1.0"}, {"channel": "C0RELEASES", "ts": "2.0"}


class Doors:
    """All our doors to a Prefect that can be made busy."""

    def __init__(self, proxy: Unreliable, connection: Connection) -> None:
        self.proxy = proxy
        self.runs = PrefectRuns(connection, KEYS)
        self.desk, self.catalog = PrefectDesk(connection), PrefectCatalog(connection)

    def busy(self, at: str, times: int) -> None:
        """Answer 503 so many times to paths that end like this."""
        self.proxy.at, self.proxy.busy = at, times

    def lose(self, at: str) -> None:
        """Do the next call of a path that ends like this, and cut the connection off instead of answering."""
        self.proxy.at, self.proxy.lose_reply = at, 1


@pytest.fixture
async def doors(world: PrefectWorld) -> AsyncIterator[Doors]:
    """Our doors to a real Prefect behind an unreliable proxy."""
    async with unreliable(world.url) as proxy:
        connection = Connection(proxy.url)
        await connection.open()
        yield Doors(proxy, connection)
        await connection.close()


Call = Callable[[Doors, str], Awaitable[Any]]
CALLS: dict[str, Call] = {
    "facts": lambda doors, run: doors.runs.facts(run),
    "claim": lambda doors, run: doors.runs.claim(run, CARD_KEY, MINE),
    "release": lambda doors, run: doors.runs.release(run, CARD_KEY),
    "deployments": lambda doors, run: doors.desk.deployments(),
    "cancel": lambda doors, run: doors.desk.cancel(run, "Cancelled in Slack by Mina Okafor."),
    "runs_of": lambda doors, run: doors.catalog.runs_of([run]),
    "newest_receipts": lambda doors, run: doors.catalog.newest_receipts(at_most=3),
}


@pytest.mark.parametrize("call", CALLS.values(), ids=CALLS.keys())
async def test_busy_prefect_is_asked_again(world: PrefectWorld, doors: Doors, call: Call) -> None:
    """What a person waits for survives a 503 that is over in a moment; one that stays is raised, not waited for."""
    run_id = await world.building()
    doors.busy("", 3)
    await call(doors, run_id)
    assert doors.proxy.busy == 0
    doors.busy("", LONG)
    with pytest.raises(RunsUnavailable):
        await call(doors, run_id)


@pytest.mark.parametrize("call", ["facts", "claim", "cancel"])
async def test_prefect_that_hangs_is_asked_once(world: PrefectWorld, doors: Doors, call: str) -> None:
    """Whoever has waited for a timeout has waited long enough."""
    run_id = await world.building()
    doors.proxy.hang = True
    with pytest.raises(RunsUnavailable):
        await CALLS[call](doors, run_id)
    assert len(doors.proxy.seen) == 1


async def test_claim_whose_answer_was_lost_is_still_ours(world: PrefectWorld, doors: Doors) -> None:
    """The second try finds the key taken, by what the first one wrote."""
    run_id = await world.building()
    doors.lose("/input")
    assert await doors.runs.claim(run_id, CARD_KEY, MINE)
    assert not await doors.runs.claim(run_id, CARD_KEY, MINE)


async def test_claim_of_somebody_else_is_not_ours_after_a_second_try(world: PrefectWorld, doors: Doors) -> None:
    """Another bot was faster while Prefect was too busy for this one."""
    run_id = await world.building()
    await world.note(run_id, CARD_KEY, THEIRS)
    doors.busy("/input", 2)
    assert not await doors.runs.claim(run_id, CARD_KEY, MINE)


async def test_start_whose_answer_was_lost_starts_one_run(world: PrefectWorld, doors: Doors) -> None:
    """The second try is answered with the run that the first one made."""
    deployment = await world.deployment("harbour", {})
    doors.lose("/create_flow_run")
    made = await doors.desk.start(deployment, {}, once="form")
    assert isinstance(made, Run)
    assert await doors.desk.start(deployment, {}, once="form") == made
    await world.run_called(made.name)


async def test_cancel_whose_answer_was_lost_is_stored(world: PrefectWorld, doors: Doors) -> None:
    """Prefect refuses a second cancellation; the message of the stored one tells that it is the same."""
    run_id = await world.building()
    doors.lose("/set_state")
    assert await doors.desk.cancel(run_id, "Cancelled in Slack by Mina Okafor.") is None
    assert isinstance(await doors.desk.cancel(run_id, "Cancelled in Slack by Tomas Lindqvist."), Refused)
    assert await world.state_of(run_id) == "Cancelling"


async def test_cancel_of_another_is_refused_after_a_second_try(world: PrefectWorld, doors: Doors) -> None:
    """Nobody is called the one who cancelled a run that somebody else had cancelled."""
    run_id = await world.building()
    await doors.desk.cancel(run_id, "Cancelled in Slack by Tomas Lindqvist.")
    doors.busy("/set_state", 2)
    assert isinstance(await doors.desk.cancel(run_id, "Cancelled in Slack by Mina Okafor."), Refused)


async def test_run_that_nobody_has_begun_is_cancelled_at_once(world: PrefectWorld, doors: Doors) -> None:
    """Prefect calls that a rejection; a run that had ended already is not cancelled by anybody."""
    made = await doors.desk.start(await world.deployment("harbour", {}), {}, once="form")
    assert isinstance(made, Run)
    assert await doors.desk.cancel(made.id, "Cancelled in Slack by Mina Okafor.") is None
    assert await world.state_of(await world.run_called(made.name)) == "Cancelled"
    assert isinstance(await doors.desk.cancel(made.id, "Cancelled in Slack by Mina Okafor."), Refused)


@asynccontextmanager
async def bot_on(stand: Stand) -> AsyncIterator[Unreliable]:
    """A bot whose Prefect can be made busy."""
    async with unreliable(stand.world.url) as prefect, running_bot(settings_for(stand.slack, prefect.url)):
        yield prefect


async def sent_form(stand: Stand, prefect: Unreliable, *, busy: int = 0, lost: int = 0) -> str:
    """Mina types /wap run and sends the form; Prefect is busy for what it asks for, or its answers are lost. The
    deployment's id."""
    deployment = await stand.world.deployment("harbour", {"day": {"type": "string", "title": "day", "position": 0}})
    prefect.at, prefect.busy = "/deployments/filter", 2
    await stand.command(MINA, "run harbour")
    modal = await stand.modal_saying(MINA, "day")
    prefect.at, prefect.busy, prefect.lose_reply = "/create_flow_run", busy, lost
    assert (await stand.submit(MINA, modal, {parameter_block(Kind.TEXT, "day"): {INPUT: "2026-03-02"}}))["acked"]
    return deployment


async def test_form_starts_its_run_in_spite_of_a_busy_prefect(stand: Stand) -> None:
    """The person reads of the run, and of nothing that went wrong."""
    async with bot_on(stand) as prefect:
        await sent_form(stand, prefect, busy=3)
        told = await stand.whisper(MINA, "Started `")
        await stand.world.run_called(told["text"].split("`")[1])
        assert [one["text"] for one in stand.whispers(MINA)] == [told["text"]]


async def test_form_whose_answers_are_all_lost_is_not_called_undone(stand: Stand) -> None:
    """The run is there, and nobody has heard of it: the person is told where to look before sending it again."""
    async with bot_on(stand) as prefect:
        deployment = await sent_form(stand, prefect, lost=LONG)
        told = await stand.whisper(MINA, "It is not known whether that was done")
        assert "/wap list" in told["text"]
        started = FlowRunFilter(deployment_id=FlowRunFilterDeploymentId(any_=[UUID(deployment)]))
        assert len(await stand.world.client.read_flow_runs(flow_run_filter=started)) == 1


async def test_form_that_prefect_stays_too_busy_for_is_not_known_to_be_done(stand: Stand) -> None:
    """Nobody can tell a server that had no time from one whose answer was lost."""
    async with bot_on(stand) as prefect:
        await sent_form(stand, prefect, busy=LONG)
        await stand.whisper(MINA, "It is not known whether that was done")


async def test_vote_is_counted_in_spite_of_a_busy_prefect(stand: Stand) -> None:
    """Both the read before the vote and the vote itself are asked for again."""
    asked = await stand.world.waiting("busy-otter", policy=Policy(approvers=("channel",), quorum=2))
    async with bot_on(stand) as prefect:
        card = await stand.card("busy-otter", "Waiting")
        prefect.at, prefect.busy = f"/flow_runs/{asked.run}", 3
        await stand.click(MINA, card, "wap_approve", confirmed=True)
        await stand.card_saying("busy-otter", "1 of 2")
        prefect.at, prefect.busy = "/input", 3
        await stand.click(PRIYA, card, "wap_approve", confirmed=True)
        await stand.card("busy-otter", "Approved")


async def test_click_that_prefect_stays_too_busy_for_changes_nothing(stand: Stand) -> None:
    """The person is told that nothing was done; a moment later the same button works."""
    asked = await stand.world.waiting("calm-otter")
    async with bot_on(stand) as prefect:
        card = await stand.card("calm-otter", "Waiting")
        prefect.at, prefect.busy = f"/flow_runs/{asked.run}", LONG
        await stand.click(MINA, card, "wap_approve", confirmed=True)
        told = await stand.whisper(MINA, "Nothing was done")
        assert told["text"] == UNREACHABLE
        assert await stand.world.state_of(asked.run) == "Paused"
        prefect.busy = 0
        await stand.click(MINA, card, "wap_approve", confirmed=True)
        await stand.card("calm-otter", "Approved")
