"""The door: raw Slack dictionaries -> frozen values; nothing deeper sees a dict."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, TypeVar

from flows.contract import Report

DIGEST_CHARS = 16
"""How much of a digest a button carries: enough to tell two reports apart; the proof binds the whole."""

REASON_BLOCK = "reason"
REASON_INPUT = "reason_text"

Kind = TypeVar("Kind")


class Malformed(ValueError):
    """A payload that is not what Slack or our own card sends. Nothing is done with it."""


@dataclass(frozen=True, slots=True)
class Question:
    """What a button asks about: exactly one attempt of one run, with the data that was shown."""

    run_id: str
    attempt: int
    digest: str

    def is_about(self, report: Report) -> bool:
        """Whether this is still what the report asks."""
        return self.attempt == report.attempt and report.digest[:DIGEST_CHARS] == self.digest


@dataclass(frozen=True, slots=True)
class Click:
    """Somebody pressed Approve or Reject."""

    user_id: str
    channel: str
    trigger_id: str
    question: Question


@dataclass(frozen=True, slots=True)
class Submission:
    """Somebody sent the Reject modal. `channel` is where the button was pressed."""

    user_id: str
    channel: str
    reason: str
    question: Question


@dataclass(frozen=True, slots=True)
class SlashCommand:
    """Somebody typed /wap."""

    user_id: str
    channel: str
    text: str
    response_url: str


def question_about(report: Report) -> Question:
    """The question that the buttons of this report ask."""
    return Question(report.run, report.attempt, report.digest[:DIGEST_CHARS])


def button_value(question: Question) -> str:
    """The value of a button: far below Slack's 2,000 characters."""
    return json.dumps({"v": 1, **asdict(question)})


def modal_metadata(question: Question, channel: str) -> str:
    """What the Reject modal carries: far below Slack's 3,000 characters."""
    return json.dumps({"v": 1, "channel": channel, **asdict(question)})


def parse_click(body: Mapping[str, Any]) -> Click:
    """A block_actions payload with one of our buttons. Raises Malformed."""
    actions = _at(body, "actions", list)
    if len(actions) != 1 or not isinstance(actions[0], dict):
        raise Malformed(f"expected one action, got {len(actions)}")
    return Click(
        user_id=_text(_at(body, "user", dict), "id"),
        channel=_text(_at(body, "channel", dict), "id"),
        trigger_id=_text(body, "trigger_id"),
        question=_question(_json(_text(actions[0], "value"))),
    )


def parse_submission(body: Mapping[str, Any]) -> Submission:
    """A view_submission payload of the Reject modal. Raises Malformed."""
    view = _at(body, "view", dict)
    carried = _json(_text(view, "private_metadata"))
    return Submission(
        user_id=_text(_at(body, "user", dict), "id"),
        channel=_text(carried, "channel"),
        reason=typed_reason(body),
        question=_question(carried),
    )


def typed_reason(body: Mapping[str, Any]) -> str:
    """The reason in a Reject modal, without outer blanks; empty if there is none. Raises Malformed."""
    values = _at(_at(_at(body, "view", dict), "state", dict), "values", dict)
    typed = _at(_at(values, REASON_BLOCK, dict), REASON_INPUT, dict).get("value")
    return typed.strip() if isinstance(typed, str) else ""


def parse_command(body: Mapping[str, Any]) -> SlashCommand:
    """A slash command. Raises Malformed."""
    text = body.get("text")
    return SlashCommand(
        user_id=_text(body, "user_id"),
        channel=_text(body, "channel_id"),
        text=text if isinstance(text, str) else "",
        response_url=_text(body, "response_url"),
    )


def parse_home(event: Mapping[str, Any]) -> str:
    """The id of the person who opened the Home tab. Raises Malformed."""
    return _text(event, "user")


def _question(fields: Mapping[str, Any]) -> Question:
    attempt = fields.get("attempt")
    if fields.get("v") != 1 or not isinstance(attempt, int) or isinstance(attempt, bool):
        raise Malformed("the button is not one of this version of the bot")
    return Question(_text(fields, "run_id"), attempt, _text(fields, "digest"))


def _json(text: str) -> dict[str, Any]:
    try:
        parsed = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise Malformed("expected JSON") from error
    if not isinstance(parsed, dict):
        raise Malformed("expected a JSON object")
    return parsed


def _at(body: Mapping[str, Any], name: str, kind: type[Kind]) -> Kind:
    found = body.get(name)
    if not isinstance(found, kind):
        raise Malformed(f"expected {kind.__name__} at {name}, got {type(found).__name__}")
    return found


def _text(body: Mapping[str, Any], name: str) -> str:
    found = _at(body, name, str)
    if not found:
        raise Malformed(f"{name} is empty")
    return found
