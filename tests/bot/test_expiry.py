"""A question whose time is over, when the flow does not say so: its process may be gone, or be about to."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.blocks.card import card_message
from bot.card.stages import LATE_COMMIT, NEVER_RESUMED, Stage, stage_of
from bot.card.state import card_of
from bot.runs import Facts, StateType
from flows.contract import Decision
from flows.decisions.judgement import Decided, judge
from tests.bot.card_values import UI
from tests.bot.stand import button_ids
from tests.bot.test_card_state import APPROVED, run, waiting
from tests.builders import GATE, NOW, acknowledgement, report

END = report().expires_at


def read(after: timedelta, **changes: Any) -> Facts:
    """A run that waits, read this long after the end by the clock of Prefect's server."""
    return replace(waiting(), read_at=END + after, **changes)


@pytest.mark.parametrize(
    ("seen", "stage"),
    [
        (read(timedelta()), Stage.WAITING),
        (read(LATE_COMMIT), Stage.WAITING),
        (read(LATE_COMMIT + timedelta(seconds=1)), Stage.EXPIRED),
        (read(timedelta(days=3)), Stage.EXPIRED),
        (read(timedelta(days=3), decision=APPROVED), Stage.WAITING),
        (read(timedelta(days=3), acknowledgement=acknowledgement()), Stage.WAITING),
        (read(timedelta(days=3), report=report(gate="f" * 32)), Stage.BUILDING),
        (replace(waiting(), read_at=None), Stage.WAITING),
    ],
)
def test_run_that_still_waits_after_its_end_has_expired(seen: Facts, stage: Stage) -> None:
    """Only by Prefect's clock, only of the present question, and never beside an answer that is stored."""
    assert stage_of(seen, now=NOW + timedelta(days=30)) is stage


@settings(deadline=None)
@given(read_after=st.integers(-3_600, 3_600), dated_before_read=st.integers(0, int(LATE_COMMIT.total_seconds())))
def test_what_is_shown_as_expired_is_never_published(read_after: int, dated_before_read: int) -> None:
    """Whatever answer turns up after such a reading: Prefect has dated it at most LATE_COMMIT before, and the flow
    refuses it, from Slack or from Prefect's own form."""
    seen = read(timedelta(seconds=read_after))
    if stage_of(seen, now=NOW) is not Stage.EXPIRED:
        return
    at = END + timedelta(seconds=read_after - dated_before_read)
    answer = Decision(verdict="Approve").model_dump()
    assert not isinstance(judge(answer, report(), ("key",), at=at), Decided)


def test_run_that_prefect_gave_up_itself_has_expired() -> None:
    """Prefect ends a paused run whose flow did not; with an answer stored it is no expiry."""
    ended = Facts(run(StateType.FAILED, "Failed", message=NEVER_RESUMED, pause_key=GATE), report=report())
    assert stage_of(ended, now=NOW) is Stage.EXPIRED
    assert stage_of(replace(ended, decision=APPROVED), now=NOW) is Stage.FAILED


def test_card_of_a_run_that_expired_in_silence_says_so_and_asks_nothing() -> None:
    """No button decides any more, and nobody has to guess whether something was published."""
    shown = card_message(card_of(read(timedelta(hours=1)), now=NOW), ui_url=UI)
    assert shown.text.startswith("⌛ Expired")
    assert "Not published. Nobody decided before 2026-03-02 17:30 UTC" in str(shown.blocks)
    assert button_ids({"blocks": shown.blocks}) == ["wap_details", "wap_open_in_prefect"]
