"""The small machines of the loop: pace, work queue, background tasks."""

import asyncio
import logging

import pytest

from bot.work.pace import Pace
from bot.work.queue import WorkQueue
from bot.work.tasks import Tasks


def test_pace_lets_a_burst_through_and_then_one_by_one() -> None:
    """Three at once, then one a second, counted from the clock and not from the callers."""
    now = [100.0]
    pace = Pace(1.0, burst=3, clock=lambda: now[0])
    assert [pace.reserve() for _ in range(5)] == [0.0, 0.0, 0.0, 1.0, 2.0]
    now[0] += 10.0
    assert pace.reserve() == 0.0


async def test_queue_gives_a_key_once() -> None:
    """Many requests before the work begins are one."""
    queue = WorkQueue()
    for key in ("a", "b", "a", "a"):
        queue.add(key)
    assert [await queue.get(), await queue.get()] == ["a", "b"]
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(queue.get(), 0.01)


async def test_queue_lets_the_urgent_go_first() -> None:
    """What has just changed overtakes what is only looked at again."""
    queue = WorkQueue()
    for key in ("a", "b"):
        queue.add(key)
    queue.add("b", first=True)
    assert [await queue.get(), await queue.get()] == ["b", "a"]


async def test_queue_gives_a_busy_key_again_afterwards() -> None:
    """What changed during the work is looked at again, but never by two workers at a time."""
    queue = WorkQueue()
    queue.add("a")
    await queue.get()
    queue.add("a")
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(queue.get(), 0.01)
    queue.done("a")
    assert await queue.get() == "a"


async def test_drain_waits_for_tasks_and_cancels_the_late() -> None:
    """What was begun is finished, up to a limit."""
    tasks, finished = Tasks(), []

    async def work(seconds: float, name: str) -> None:
        await asyncio.sleep(seconds)
        finished.append(name)

    tasks.spawn(work(0.01, "short"), name="short")
    tasks.spawn(work(60, "long"), name="long")
    await tasks.drain(0.2)
    assert finished == ["short"]
    await tasks.drain(0.0)


async def test_failing_task_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    """No failure is silent."""
    tasks = Tasks()

    async def fail() -> None:
        raise ValueError("on purpose")

    with caplog.at_level(logging.ERROR, "wap.bot"):
        tasks.spawn(fail(), name="doomed")
        await tasks.drain(1.0)
    assert "task.failed task=doomed" in caplog.text


async def test_pause_ends_with_the_bot() -> None:
    """What may as well not be done keeps nobody from stopping; before the end the pause is as long as it says."""
    tasks, went_on = Tasks(), []

    async def wait(seconds: float) -> None:
        went_on.append(await tasks.pause(seconds))

    await wait(0.01)
    tasks.spawn(wait(60), name="long")
    await asyncio.sleep(0.01)
    tasks.end()
    await tasks.drain(5.0)
    assert went_on == [True, False]
