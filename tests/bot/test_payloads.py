"""The door: what comes from Slack is parsed or refused, never half understood."""

import copy
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.payloads import (
    Click,
    Malformed,
    Place,
    Submission,
    button_value,
    modal_metadata,
    parse_click,
    parse_command,
    parse_home,
    parse_submission,
    question_about,
    typed_words,
)
from tests.builders import MINA, report

QUESTION = question_about(report())
CLICK: dict[str, Any] = {
    "user": {"id": MINA},
    "channel": {"id": "C0RELEASES"},
    "trigger_id": "1.2.3",
    "actions": [{"action_id": "wap_approve", "value": button_value(QUESTION)}],
}
SUBMISSION: dict[str, Any] = {
    "user": {"id": MINA},
    "view": {
        "private_metadata": modal_metadata(QUESTION, Place("U0OTHER001", "C0RELEASES")),
        "state": {"values": {"reason": {"reason_text": {"type": "plain_text_input", "value": "  Doubled. "}}}},
    },
}


def test_click_comes_back_as_it_was_sent() -> None:
    """A button carries exactly one question through Slack."""
    assert parse_click(CLICK) == Click(Place(MINA, "C0RELEASES"), "1.2.3", QUESTION)


def test_submission_comes_back_as_it_was_sent() -> None:
    """The modal carries the question and the channel; the reason loses its outer blanks."""
    assert parse_submission(SUBMISSION) == Submission(Place(MINA, "C0RELEASES"), "Doubled.", QUESTION)


def test_button_is_about_one_report_only() -> None:
    """Another attempt or other data is another question."""
    assert QUESTION.is_about(report())
    assert not QUESTION.is_about(report(attempt=2))
    assert not QUESTION.is_about(report(tables=()))


@pytest.mark.parametrize(
    "value",
    [
        "",
        "nonsense",
        "[]",
        "{}",
        "null",
        '{"v": 2}',
        json.dumps({"v": 1, "run_id": "r", "attempt": "1", "digest": "d"}),
        json.dumps({"v": 1, "run_id": "r", "attempt": True, "digest": "d"}),
        json.dumps({"v": 1, "run_id": "", "attempt": 1, "digest": "d"}),
        json.dumps({"v": 1, "attempt": 1, "digest": "d"}),
        "[" * 100_000,
    ],
)
def test_button_of_another_app_or_version_is_refused(value: str) -> None:
    """What we did not write is not guessed at."""
    body = copy.deepcopy(CLICK)
    body["actions"][0]["value"] = value
    with pytest.raises(Malformed):
        parse_click(body)


@pytest.mark.parametrize("part", list(CLICK))
@pytest.mark.parametrize("broken", [None, "", 7, [], {}])
def test_click_with_a_broken_part_is_refused(part: str, broken: object) -> None:
    """Every part is needed, in its own shape."""
    with pytest.raises(Malformed):
        parse_click({**CLICK, part: broken})


def test_click_with_two_actions_is_refused() -> None:
    """Slack sends one action a click; anything else is not from our card."""
    with pytest.raises(Malformed):
        parse_click({**CLICK, "actions": CLICK["actions"] * 2})


def test_reason_is_empty_when_nothing_was_typed() -> None:
    """Slack sends null for an empty input."""
    body = copy.deepcopy(SUBMISSION)
    body["view"]["state"]["values"]["reason"]["reason_text"]["value"] = None
    assert typed_words(body) == ""


@pytest.mark.parametrize("event", [{}, {"user": None}, {"user": ""}, {"user": {"id": MINA}}])
def test_home_event_without_a_person_is_refused(event: dict[str, Any]) -> None:
    """Events name a person by id."""
    with pytest.raises(Malformed):
        parse_home(event)


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
)


@given(st.dictionaries(st.sampled_from(["user", "channel", "actions", "view", "trigger_id", "user_id"]), _JSON))
def test_nonsense_is_malformed_and_nothing_else(body: dict[str, Any]) -> None:
    """Whatever arrives, the door raises Malformed and no other error."""
    for parse in (parse_click, parse_submission, parse_command):
        with pytest.raises(Malformed):
            parse(body)
