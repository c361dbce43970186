"""The bot as a process of its own: how it starts, what it says when it cannot, how it stops."""

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from sandbox.testing import RunningSandbox
from sandbox.workspace import DATA_RELEASES, GENERAL
from tests.bot.stand import SIGNING_KEY, Stand, eventually
from tests.bot.test_charts import STATUS, histogram
from tests.bot.unreliable import unreliable
from tests.builders import table_diff
from tests.conftest import free_port

_PATIENCE = 180.0
IDLE_MEGABYTES = 250


def environment(slack: RunningSandbox, prefect_url: str, **changes: str) -> dict[str, str]:
    """What a bot process needs to know, and nothing of ours besides."""
    return {
        "PATH": os.environ["PATH"],
        "HOME": os.environ.get("HOME", "/"),
        "SLACK_BOT_TOKEN": slack.settings.bot_token,
        "SLACK_APP_TOKEN": slack.settings.app_token,
        "SLACK_API_URL": slack.client.api_url,
        "WAP_SLACK_CHANNEL": DATA_RELEASES,
        "WAP_SIGNING_KEYS": SIGNING_KEY,
        "PREFECT_API_URL": prefect_url,
        **changes,
    }


@asynccontextmanager
async def process(env: dict[str, str]) -> AsyncIterator[asyncio.subprocess.Process]:
    """`python -m bot`; nothing of it is left behind."""
    started = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "bot", env=env, stderr=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE
    )
    try:
        yield started
    finally:
        if started.returncode is None:
            started.kill()
            await started.wait()


async def end(env: dict[str, str]) -> tuple[int, str]:
    """Exit code and stderr of a bot that ends by itself."""
    async with process(env) as bot, asyncio.timeout(_PATIENCE):
        _, errors = await bot.communicate()
        assert bot.returncode is not None
        return bot.returncode, errors.decode()


async def test_bot_works_and_stops_on_sigterm(stand: Stand) -> None:
    """It posts the card, stays small, and exits with 0 when it is asked to stop."""
    await stand.world.waiting("process-otter")
    async with process(environment(stand.slack, stand.world.url)) as bot:
        await stand.card("process-otter", "Waiting")
        assert resident_megabytes(bot.pid) < IDLE_MEGABYTES
        bot.send_signal(signal.SIGTERM)
        async with asyncio.timeout(_PATIENCE):
            _, errors = await bot.communicate()
    assert bot.returncode == 0
    assert "bot.stopped" in errors.decode()
    assert "Traceback" not in errors.decode()
    for secret in (stand.slack.settings.bot_token, stand.slack.settings.app_token, SIGNING_KEY):
        assert secret not in errors.decode()


async def test_bot_stays_small_after_it_has_drawn(stand: Stand) -> None:
    """The picture comes out of a process of its own, which takes its memory with it."""
    await stand.world.waiting("drawn-otter", tables=(table_diff(distributions=(histogram(), STATUS)),))
    async with process(environment(stand.slack, stand.world.url)) as bot:
        card = await stand.card("drawn-otter", "Waiting")
        await eventually(lambda: any(message["files"] for message in stand.replies(card)))
        assert resident_megabytes(bot.pid) < IDLE_MEGABYTES
        assert not loads_matplotlib(bot.pid)


async def test_bot_killed_in_the_middle_of_a_thread_posts_nothing_twice(stand: Stand) -> None:
    """The next one goes on behind what is there."""
    tables = tuple(table_diff(f"t{number}", samples=()) for number in range(6))
    await stand.world.waiting("cut-otter", tables=tables)
    env = environment(stand.slack, stand.world.url)
    async with process(env) as bot:
        card = await stand.card("cut-otter", "Waiting")
        await eventually(lambda: len(stand.replies(card)) >= 2)
        bot.kill()
    async with process(env):
        await eventually(lambda: len(stand.replies(card)) >= 5)
    heads = [message["text"].split()[0] for message in stand.replies(card)]
    assert len(heads) == len(set(heads))


async def test_killed_bot_keeps_the_one_card(stand: Stand) -> None:
    """kill -9 and start again: the same card, brought up to date."""
    await stand.world.waiting("killed-otter")
    env = environment(stand.slack, stand.world.url)
    async with process(env) as bot:
        card = await stand.card("killed-otter", "Waiting")
        bot.kill()
    async with process(env):
        await stand.world.waiting("after-the-kill")
        await stand.card("after-the-kill", "Waiting")
        again = await stand.card("killed-otter", "Waiting")
    assert again["ts"] == card["ts"]
    assert len(stand.cards("killed-otter")) == 1


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"SLACK_BOT_TOKEN": "xoxb-wrong"}, "Slack refused SLACK_BOT_TOKEN (invalid_auth)."),
        ({"SLACK_APP_TOKEN": "xapp-wrong"}, "Slack refused SLACK_APP_TOKEN (invalid_auth)."),
        ({"WAP_SLACK_CHANNEL": "C0NOWHERE1"}, "WAP_SLACK_CHANNEL=C0NOWHERE1 (channel_not_found)."),
        ({"WAP_SLACK_CHANNEL": GENERAL}, f"WAP_SLACK_CHANNEL={GENERAL} (not_in_channel). Invite the bot"),
        ({"WAP_SLACK_CHANNEL": "general"}, "WAP_SLACK_CHANNEL is 'general'; expected a channel id"),
    ],
)
async def test_mistake_ends_the_start_with_a_sentence(
    local_slack: RunningSandbox, changes: dict[str, str], sentence: str
) -> None:
    """Exit code 1, one sentence with the remedy, no traceback."""
    code, errors = await end(environment(local_slack, f"http://127.0.0.1:{free_port()}/api", **changes))
    assert code == 1
    assert sentence in errors
    assert errors.startswith("The bot did not start.")
    assert "Traceback" not in errors


async def test_unreachable_slack_ends_the_start(local_slack: RunningSandbox) -> None:
    """The address is named, because it is the likely mistake."""
    url = f"http://127.0.0.1:{free_port()}/api/"
    code, errors = await end(environment(local_slack, "http://127.0.0.1:9/api", SLACK_API_URL=url))
    assert code == 1
    assert f"Slack did not answer at {url}" in errors


async def test_unreachable_prefect_is_waited_for(local_slack: RunningSandbox, tmp_path: Path) -> None:
    """The bot starts before Prefect does: it says so once and keeps trying."""
    env = environment(local_slack, f"http://127.0.0.1:{free_port()}/api", WAP_TICK_SECONDS="0.1")
    async with process(env) as bot, asyncio.timeout(_PATIENCE):
        assert bot.stderr is not None
        while b"prefect.unreachable" not in await bot.stderr.readline():
            assert bot.returncode is None
        bot.send_signal(signal.SIGTERM)
        rest = await bot.stderr.read()
        await bot.wait()
    assert bot.returncode == 0
    assert b"prefect.unreachable" not in rest


async def test_refused_credentials_end_the_bot(local_slack: RunningSandbox) -> None:
    """Prefect answers, but not to us: only a person can put that right."""
    async with unreliable("http://127.0.0.1:9/api") as proxy:
        proxy.forbid = True
        code, errors = await end(environment(local_slack, proxy.url))
    assert code == 1
    assert f"The bot stopped. Prefect at {proxy.url} refused its credentials." in errors
    assert "Traceback" not in errors


def loads_matplotlib(pid: int) -> bool:
    """Whether one of its libraries is in the memory of this process."""
    return "matplotlib" in Path(f"/proc/{pid}/maps").read_text(encoding="utf-8")


def resident_megabytes(pid: int) -> float:
    """Resident memory of a process."""
    status = Path(f"/proc/{pid}/status").read_text(encoding="utf-8")
    line = next(line for line in status.splitlines() if line.startswith("VmRSS:"))
    return int(line.split()[1]) / 1024
