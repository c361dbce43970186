"""One card per run: posted once, edited when it says something new, put right after every crash."""

from dataclasses import replace
from datetime import timedelta

import pytest

from bot.card.cards import ANNOUNCE_ENDED_WITHIN, TAKE_OVER_AFTER, Cards
from bot.ports import SlackRefused, SlackUnsure
from bot.runs import Address, CardClaim, Facts, Shown, StateType
from tests.bot.card_values import UI
from tests.bot.fakes import CHANNEL, FakeRuns, FakeSlack, clock
from tests.bot.test_card_state import facts, run, waiting
from tests.builders import NOW, RUN_ID, acknowledgement, receipt, report

FRESH = CardClaim(1, "another bot", NOW)
ABANDONED = CardClaim(1, "a dead bot", NOW - TAKE_OVER_AFTER)
OURS = CardClaim(1, "this bot", NOW)
OLD = Address(CHANNEL, "1700000000.000001")


def world(seen: Facts) -> tuple[Cards, FakeRuns, FakeSlack]:
    """A Prefect that knows this run, a Slack without its card, and the cards between them."""
    runs, slack = FakeRuns(), FakeSlack()
    runs.add(seen)
    return Cards(runs, slack, ui_url=UI, name="this bot", clock=clock), runs, slack


async def show(cards: Cards, runs: FakeRuns) -> Address | None:
    """Show what Prefect knows now."""
    return (await cards.show(runs.known[RUN_ID])).address


async def test_card_is_claimed_then_posted_then_written_down() -> None:
    """The order that lets a crash at any point be healed."""
    cards, runs, slack = world(waiting())
    assert await show(cards, runs)
    assert runs.history == ["claim wap-card-claim", "claim wap-card", "replace wap-card-shown"]
    assert slack.history == ["post_card"]


async def test_unchanged_card_costs_no_call() -> None:
    """In the steady state nothing is sent."""
    cards, runs, slack = world(waiting())
    for _ in range(3):
        await show(cards, runs)
    assert slack.history == ["post_card"]


async def test_changed_run_is_an_edit() -> None:
    """The same message moves with the run."""
    cards, runs, slack = world(waiting())
    await show(cards, runs)
    before = runs.known[RUN_ID]
    published = facts(StateType.COMPLETED, "Published", receipt=receipt())
    runs.add(replace(published, card=before.card, shown=before.shown))
    for _ in range(2):
        await show(cards, runs)
    assert slack.history == ["post_card", "edit"]
    assert slack.shown["1.0"].text.startswith("✅ Published")


async def test_restarted_bot_sends_nothing_that_is_shown_already() -> None:
    """What the card says is written down in Prefect, so a restart with many open runs costs no call."""
    cards, runs, slack = world(waiting())
    await show(cards, runs)
    restarted = Cards(runs, slack, ui_url=UI, name="the next bot", clock=clock)
    await show(restarted, runs)
    assert slack.history == ["post_card"]


async def test_edit_that_was_not_written_down_is_repeated_once() -> None:
    """A crash between the edit and the note costs one needless edit."""
    cards, runs, slack = world(waiting(card=OLD, claims=(FRESH,)))
    await show(cards, runs)
    await show(cards, runs)
    assert slack.history == ["edit"]


async def test_ended_card_is_left_alone_by_a_newer_bot() -> None:
    """A new version words a card differently; cards of ended runs keep what they said."""
    ended = facts(StateType.COMPLETED, "Published", receipt=receipt())
    cards, runs, slack = world(
        replace(ended, card=OLD, shown=Shown("older words", f"{ended.run.state_id} with receipt"))
    )
    assert (await cards.show(runs.known[RUN_ID])).is_current
    assert slack.history == []


async def test_claim_of_another_bot_is_respected() -> None:
    """Somebody else is just posting."""
    cards, runs, slack = world(waiting(claims=(FRESH,)))
    assert await show(cards, runs) is None
    assert slack.history == []


@pytest.mark.parametrize("claim", [ABANDONED, OURS])
async def test_abandoned_claim_is_taken_over_after_a_look(claim: CardClaim) -> None:
    """The dead bot may have posted: look first, then post."""
    cards, runs, slack = world(waiting(claims=(claim,)))
    await show(cards, runs)
    assert slack.history == ["find_card", "post_card"]
    assert runs.history == ["claim wap-card-claim-2", "claim wap-card", "replace wap-card-shown"]


async def test_orphaned_card_is_adopted_and_brought_up_to_date() -> None:
    """A card that was posted and not written down becomes the card."""
    cards, runs, slack = world(waiting(claims=(ABANDONED,)))
    slack.found = OLD
    assert await show(cards, runs) == OLD
    assert slack.history == ["find_card", "edit"]


async def test_unreadable_history_posts_nothing() -> None:
    """Rather no card for now than a second one."""
    cards, runs, slack = world(waiting(claims=(ABANDONED,)))
    slack.fail("find_card", SlackRefused("conversations.history", "missing_scope"))
    with pytest.raises(SlackRefused):
        await show(cards, runs)
    assert slack.history == ["find_card"]


async def test_lost_reply_is_looked_for_before_posting_again() -> None:
    """The post may have arrived."""
    cards, runs, slack = world(waiting())
    slack.fail("post_card", SlackUnsure("chat.postMessage", "TimeoutError"))
    with pytest.raises(SlackUnsure):
        await show(cards, runs)
    slack.found = OLD
    assert await show(cards, runs) == OLD
    assert slack.history == ["post_card", "find_card", "edit"]


async def test_refused_post_gives_the_claim_back() -> None:
    """Nothing was posted, so the next try starts afresh and needs no history."""
    cards, runs, slack = world(waiting())
    slack.fail("post_card", SlackRefused("chat.postMessage", "not_in_channel"))
    with pytest.raises(SlackRefused):
        await show(cards, runs)
    assert await show(cards, runs)
    assert slack.history == ["post_card", "post_card"]


async def test_second_card_of_a_slow_bot_is_taken_away() -> None:
    """A bot that was believed dead posts after all: the card that Prefect knows stays."""
    cards, runs, slack = world(waiting())
    seen = runs.known[RUN_ID]
    runs.known[RUN_ID] = replace(seen, card=OLD)
    assert (await cards.show(seen)).address is None
    assert slack.history == ["post_card", "delete"]


async def test_deleted_card_is_not_posted_again() -> None:
    """Deleting it was somebody's wish; it is not tried again and again."""
    cards, runs, slack = world(waiting(card=OLD))
    slack.fail("edit", SlackRefused("chat.update", "message_not_found"))
    for _ in range(3):
        await show(cards, runs)
    assert slack.history == ["edit"]


async def test_receipt_that_comes_after_the_end_is_shown() -> None:
    """A cancelled run may have published all the same: its receipt decides, whenever it comes."""
    cancelled = facts(StateType.CANCELLED, "Cancelled", report=report(), acknowledgement=acknowledgement())
    cards, runs, slack = world(replace(cancelled, card=OLD))
    assert not (await cards.show(runs.known[RUN_ID])).card.is_settled
    assert "it is not known here whether production changed" in str(slack.shown[OLD.ts].blocks)
    runs.add(replace(runs.known[RUN_ID], receipt=receipt()))
    assert (await cards.show(runs.known[RUN_ID])).card.is_settled
    assert slack.shown[OLD.ts].text.startswith("✅ Published")


async def test_runs_that_ended_long_ago_are_not_announced() -> None:
    """The first start of a bot does not flood the channel with history; a short outage loses nothing."""
    ended = facts(StateType.FAILED, "Refused")
    old = replace(ended, run=replace(ended.run, since=NOW - ANNOUNCE_ENDED_WITHIN))
    cards, runs, slack = world(old)
    assert await show(cards, runs) is None
    recent = replace(ended, run=replace(ended.run, since=NOW - timedelta(hours=1)))
    assert await show(cards, FakeRuns({RUN_ID: recent}))
    assert slack.history == ["post_card"]


async def test_run_that_never_started_is_not_announced() -> None:
    """A scheduled run that was cancelled in time concerns nobody."""
    never = replace(facts(StateType.CANCELLED, "Cancelled"), run=run(StateType.CANCELLED, has_started=False))
    cards, runs, slack = world(never)
    await show(cards, runs)
    assert slack.history == []
