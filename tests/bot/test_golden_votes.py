"""Golden files of what several people decide together, and of a modal before and instead of its form."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from bot.blocks.card import card_message
from bot.blocks.home import Home, home_view
from bot.blocks.modals import loading_modal, notice_modal
from bot.blocks.rollback import asked_message, rollback_modal, withdraw_rollback_modal
from bot.blocks.run_form import choice_modal
from bot.card.stages import Stage
from bot.card.state import Card
from bot.commands.deployments import Deployment
from bot.commands.starting import TITLE
from bot.home.overview import Waiting
from bot.messages import on_command, on_rollback_vote
from tests.bot.card_values import BY_MINA, UI, card
from tests.bot.rollback_values import taken_back
from tests.bot.slack_rules import accept, accept_view
from tests.bot.test_card_state import run
from tests.bot.test_golden import BY_PEOPLE, ENDED, PLACE, TWO_NEEDED, as_sent, assert_golden
from tests.builders import NOW, report

PUBLISHED = card(
    Stage.PUBLISHED,
    about=TWO_NEEDED,
    decision=replace(BY_MINA, voters=BY_PEOPLE),
    reason="Published 1 table to `dwh`.",
    ended_at=ENDED,
    can_roll_back=True,
)
UNTIL = NOW + timedelta(hours=9)
CARDS: dict[str, Card] = {
    "expired_in_silence": card(Stage.EXPIRED),
    "published_by_two": PUBLISHED,
    "rollback_asked": replace(PUBLISHED, rollback_votes=BY_PEOPLE[:1], rollback_votes_until=UNTIL),
    "rollback_asked_by_all": replace(PUBLISHED, rollback_votes=BY_PEOPLE, rollback_votes_until=UNTIL),
    "rolled_back_by_two": replace(
        PUBLISHED,
        stage=Stage.ROLLED_BACK,
        can_roll_back=False,
        rollback=taken_back(TWO_NEEDED, decider=BY_PEOPLE[-1], votes=BY_PEOPLE),
    ),
}
DEPLOYMENTS = (
    Deployment("d1000000-1", "nightly", ()),
    Deployment("d2000000-2", "nightly", ()),
    Deployment("d3000000-3", "hourly <!channel>" + "y" * 80, (), is_paused=True),
)
LATE = Waiting(run(), report(), is_late=True)
SOME = Waiting(run(), TWO_NEEDED, voters=BY_PEOPLE[:1])
VIEWS: dict[str, dict[str, Any]] = {
    "loading_modal": loading_modal(TITLE),
    "notice_modal": notice_modal(TITLE, on_command.too_many_deployments(101, "nightly")),
    "choice_modal": choice_modal(DEPLOYMENTS, PLACE, lead=on_command.no_deployment("nigthly", "nightly")),
    "rollback_modal_for_two": rollback_modal(TWO_NEEDED, PLACE),
    "withdraw_rollback_modal": withdraw_rollback_modal(TWO_NEEDED, PLACE, have=1),
    "home_votes": home_view(
        Home(
            mine=(SOME, replace(SOME, may_approve=False), replace(SOME, has_approved=True), replace(SOME, voters=None)),
            others=(SOME, LATE),
            running=(),
            published=(),
        ),
        ui_url=UI,
    ),
}


@pytest.mark.parametrize("name", CARDS)
def test_card(name: str) -> None:
    """Each card is exactly this, and Slack accepts it."""
    message = card_message(CARDS[name], ui_url=UI)
    accept(message)
    assert_golden(f"card_{name}", as_sent(message))


@pytest.mark.parametrize("name", VIEWS)
def test_view(name: str) -> None:
    """Each modal and the Home tab is exactly this, and Slack accepts it."""
    # The same run stands four times on this tab; Slack wants different block ids.
    for number, block in enumerate(VIEWS[name]["blocks"] if name == "home_votes" else ()):
        if "block_id" in block:
            block["block_id"] = f"wap_actions {number}"
    accept_view(VIEWS[name])
    assert_golden(name, VIEWS[name])


def test_thread_about_a_roll_back() -> None:
    """The first one asks, with a button for the second; the last one needs none; who withdraws is named."""
    asked = [asked_message(TWO_NEEDED, voter, have=number) for number, voter in enumerate(BY_PEOPLE[:2], start=1)]
    for message in asked:
        accept(message)
    gone = [on_rollback_vote.withdrawn_line(BY_PEOPLE[0], why=why) for why in ("", "guest <!channel>")]
    assert_golden("thread_rollback_votes", [*map(as_sent, asked), *gone])


def test_what_one_person_is_told_about_a_roll_back() -> None:
    """Whole sentences, with what happens next."""
    said = [
        on_rollback_vote.asked(TWO_NEEDED, have=1),
        on_rollback_vote.asked_before(TWO_NEEDED, have=1),
        on_rollback_vote.how_to_withdraw(TWO_NEEDED),
        on_rollback_vote.withdrawn(TWO_NEEDED, have=0),
        on_rollback_vote.none_to_withdraw(TWO_NEEDED),
        on_rollback_vote.not_checked(["Mina", "<!channel>"]),
        on_rollback_vote.unsure(),
    ]
    assert_golden("rollback_votes_told", said)
