"""Links to runs: which ones are ours, and what they become."""

import pytest

from bot.ports import SlackRefused
from bot.runs import Address, SharedLink
from bot.unfurls import Unfurls, run_of
from tests.bot.card_values import UI
from tests.bot.fakes import CHANNEL, FakeRuns, FakeSlack, clock
from tests.bot.test_card_state import waiting
from tests.builders import RUN_ID

OURS = f"{UI}/runs/flow-run/{RUN_ID}"


@pytest.mark.parametrize(
    ("url", "run_id"),
    [
        (OURS, RUN_ID),
        (OURS + "?tab=logs", RUN_ID),
        (f"{UI}/flow-runs/flow-run/{RUN_ID}", RUN_ID),
        (f"{UI}/runs/flow-run/{RUN_ID}/", RUN_ID),
        (f"{UI}/runs/task-run/{RUN_ID}", None),
        (f"{UI}/runs/flow-run/not-a-run", None),
        (f"https://example.com/runs/flow-run/{RUN_ID}", None),
        (f"{UI}.example.com/runs/flow-run/{RUN_ID}", None),
        ("", None),
    ],
)
def test_run_of(url: str, run_id: str | None) -> None:
    """Only addresses of our Prefect, and only runs."""
    assert run_of(url, UI) == run_id


async def shared(*urls: str, runs: FakeRuns | None = None, slack: FakeSlack | None = None) -> FakeSlack:
    """Share links where one waiting run with a card is known."""
    known, told = runs or FakeRuns(), slack or FakeSlack()
    known.add(waiting(card=Address(CHANNEL, "1.0")))
    await Unfurls(known, told, ui_url=UI, clock=clock).shared(SharedLink(urls, "unfurl", "composer"))
    return told


async def test_link_becomes_a_small_card_without_values() -> None:
    """State, size and a way to the card; no table, no cell."""
    slack = await shared(OURS, "https://example.com/other")
    assert set(slack.previews) == {OURS}
    shown = str(slack.previews[OURS].blocks)
    assert "Waiting for a decision: dwh" in shown
    assert "https://example.com/1.0" in shown
    assert "'table'" not in shown
    assert "orders" not in shown


async def test_links_to_nothing_of_ours_cost_no_call() -> None:
    """Other runs, other hosts, runs that are gone."""
    slack = await shared("https://example.com/x", OURS.replace("1111", "9999"))
    assert slack.history == []


async def test_message_that_is_gone_is_no_error() -> None:
    """It was deleted before the preview came."""
    slack = FakeSlack()
    slack.fail("unfurl", SlackRefused("chat.unfurl", "cannot_find_message"))
    await shared(OURS, slack=slack)
    assert slack.previews == {}
