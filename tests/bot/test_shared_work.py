"""Sharing work: few runs of it for many who ask, never an answer older than the question."""

import asyncio
import gc

import pytest

from bot.work.sharing import SharedWork


class Source:
    """A value that changes, read slowly."""

    def __init__(self) -> None:
        self.value = 0
        self.reads = 0
        self.at_once = 0
        self.most_at_once = 0

    async def read(self, key: str) -> int:
        self.reads += 1
        self.at_once += 1
        self.most_at_once = max(self.most_at_once, self.at_once)
        seen = self.value
        await asyncio.sleep(0.01)
        self.at_once -= 1
        if key == "broken":
            raise ValueError(key)
        return seen


async def test_two_hundred_askers_cost_one_read() -> None:
    """All of them asked before it began."""
    source = Source()
    shared = SharedWork(source.read, at_once=4)
    assert await asyncio.gather(*(shared.get("run") for _ in range(200))) == [0] * 200
    assert source.reads == 1


async def test_answer_is_never_older_than_the_question() -> None:
    """Who asks while a read is under way gets the next one, shared with all who asked meanwhile."""
    source = Source()
    shared = SharedWork(source.read, at_once=4)
    first = asyncio.create_task(shared.get("run"))
    await asyncio.sleep(0.005)
    source.value = 1
    later = [asyncio.create_task(shared.get("run")) for _ in range(50)]
    assert await first == 0
    assert await asyncio.gather(*later) == [1] * 50
    assert source.reads == 2


async def test_keys_do_not_wait_for_each_other_up_to_a_limit() -> None:
    """Twenty runs, four at a time."""
    source = Source()
    shared = SharedWork(source.read, at_once=4)
    await asyncio.gather(*(shared.get(str(key)) for key in range(20)))
    assert (source.reads, source.most_at_once) == (20, 4)


async def test_failure_reaches_everybody_and_is_not_kept() -> None:
    """The next question is asked anew."""
    source = Source()
    shared = SharedWork(source.read, at_once=4)
    answers = await asyncio.gather(*(shared.get("broken") for _ in range(3)), return_exceptions=True)
    assert [type(answer) for answer in answers] == [ValueError] * 3
    with pytest.raises(ValueError, match="broken"):
        await shared.get("broken")
    assert source.reads == 2


async def test_cancelled_asker_takes_the_answer_from_nobody() -> None:
    """One of two gives up."""
    source = Source()
    shared = SharedWork(source.read, at_once=4)
    impatient, patient = asyncio.create_task(shared.get("run")), asyncio.create_task(shared.get("run"))
    await asyncio.sleep(0.001)
    impatient.cancel()
    assert await patient == 0


async def test_failure_that_nobody_waits_for_is_no_noise() -> None:
    """The bot stops, the asker is gone, and the read fails: asyncio has nothing to complain about."""
    complaints: list[object] = []
    asyncio.get_running_loop().set_exception_handler(lambda _, context: complaints.append(context))
    asker = asyncio.create_task(SharedWork(Source().read, at_once=4).get("broken"))
    await asyncio.sleep(0.001)
    asker.cancel()
    await asyncio.wait([asker])
    del asker  # it knows the frames that know the task
    await asyncio.sleep(0.05)
    gc.collect()
    assert complaints == []
