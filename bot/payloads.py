"""The door: raw Slack dictionaries -> frozen values; nothing deeper sees a dict."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, TypeVar

from bot.runs import SharedLink
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
class Place:
    """Who acted, and where an answer reaches that person.

    In a `channel` if there is one, at `response_url` otherwise or if the bot is not in the channel; on the Home tab
    if there is neither.
    """

    user_id: str
    channel: str = ""
    response_url: str = ""


@dataclass(frozen=True, slots=True)
class Click:
    """Somebody pressed a button that asks about a report."""

    place: Place
    trigger_id: str
    question: Question


@dataclass(frozen=True, slots=True)
class Submission:
    """Somebody sent the Reject or the Approve form. `words` is the reason or the comment."""

    place: Place
    words: str
    question: Question


@dataclass(frozen=True, slots=True)
class SlashCommand:
    """Somebody typed /wap."""

    place: Place
    text: str
    trigger_id: str


def question_about(report: Report) -> Question:
    """The question that the buttons of this report ask."""
    return Question(report.run, report.attempt, report.digest[:DIGEST_CHARS])


def button_value(question: Question) -> str:
    """The value of a button: far below Slack's 2,000 characters."""
    return json.dumps({"v": 1, **asdict(question)})


def modal_metadata(question: Question, place: Place) -> str:
    """What a form carries: far below Slack's 3,000 characters. Who sends it is only known when it is sent."""
    return json.dumps({"v": 1, **place_fields(place), **asdict(question)})


def place_fields(place: Place) -> dict[str, str]:
    """Where the answer to a form belongs, as the form carries it."""
    return {"channel": place.channel, "response_url": place.response_url}


def parse_click(body: Mapping[str, Any]) -> Click:
    """A block_actions payload with one of our buttons. Raises Malformed."""
    return Click(
        place=parse_place(body),
        trigger_id=text_at(body, "trigger_id"),
        question=carried_question(json_object(text_at(only_action(body), "value"))),
    )


def only_action(body: Mapping[str, Any]) -> dict[str, Any]:
    """The one action of a block_actions payload. Raises Malformed."""
    actions = part_at(body, "actions", list)
    if len(actions) != 1 or not isinstance(actions[0], dict):
        raise Malformed(f"expected one action, got {len(actions)}")
    return actions[0]


def parse_place(body: Mapping[str, Any]) -> Place:
    """Where somebody acted: in a message, by a command, or in a view, which has no channel. Raises Malformed."""
    user = part_at(body, "user", dict)
    if "channel" in body:
        channel = text_at(part_at(body, "channel", dict), "id")
    else:
        part_at(body, "view", dict)
        channel = ""
    address = body.get("response_url")
    return Place(text_at(user, "id"), channel, address if isinstance(address, str) else "")


def parse_submission(body: Mapping[str, Any]) -> Submission:
    """A view_submission payload of the Reject or the Approve form. Raises Malformed."""
    carried = metadata_of(body)
    return Submission(place=carried_place(body, carried), words=typed_words(body), question=carried_question(carried))


def parse_withdrawal(body: Mapping[str, Any]) -> tuple[Place, str]:
    """A view_submission payload of the Withdraw form: who, and the id of the run. Raises Malformed."""
    carried = metadata_of(body)
    return carried_place(body, carried), carried_question(carried).run_id


def parse_asked_again(body: Mapping[str, Any]) -> tuple[Place, Question]:
    """A view_submission payload of a form without inputs: who, and what it asked about. Raises Malformed."""
    carried = metadata_of(body)
    return carried_place(body, carried), carried_question(carried)


def metadata_of(body: Mapping[str, Any]) -> dict[str, Any]:
    """What one of our forms carries. Raises Malformed."""
    return json_object(text_at(part_at(body, "view", dict), "private_metadata"))


def carried_place(body: Mapping[str, Any], carried: Mapping[str, Any]) -> Place:
    """Where the answer to a form belongs: who sent it, and where it was opened. Raises Malformed."""
    channel, address = part_at(carried, "channel", str), part_at(carried, "response_url", str)
    return Place(text_at(part_at(body, "user", dict), "id"), channel, address)


def typed_words(body: Mapping[str, Any]) -> str:
    """The reason or comment in a form, without outer blanks; empty if there is none. Raises Malformed."""
    values = part_at(part_at(part_at(body, "view", dict), "state", dict), "values", dict)
    typed = part_at(part_at(values, REASON_BLOCK, dict), REASON_INPUT, dict).get("value")
    return typed.strip() if isinstance(typed, str) else ""


def parse_command(body: Mapping[str, Any]) -> SlashCommand:
    """A slash command. Raises Malformed."""
    text = body.get("text")
    return SlashCommand(
        # Without the channel: a command can be typed where the bot is not, and its own address works everywhere.
        place=Place(text_at(body, "user_id"), response_url=text_at(body, "response_url")),
        text=text if isinstance(text, str) else "",
        trigger_id=text_at(body, "trigger_id"),
    )


def parse_home(event: Mapping[str, Any]) -> str:
    """The id of the person who opened the Home tab. Raises Malformed."""
    return text_at(event, "user")


def parse_link(event: Mapping[str, Any]) -> SharedLink:
    """A link_shared event. Raises Malformed."""
    links = part_at(event, "links", list)
    urls = tuple(text_at(link, "url") for link in links if isinstance(link, dict))
    return SharedLink(urls, text_at(event, "unfurl_id"), text_at(event, "source"))


def carried_question(fields: Mapping[str, Any]) -> Question:
    """What a button or a form of ours asks about. Raises Malformed."""
    attempt = fields.get("attempt")
    if fields.get("v") != 1 or not isinstance(attempt, int) or isinstance(attempt, bool):
        raise Malformed("the button is not one of this version of the bot")
    return Question(text_at(fields, "run_id"), attempt, text_at(fields, "digest"))


def json_object(text: str) -> dict[str, Any]:
    """A JSON object of ours. Raises Malformed."""
    try:
        parsed = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise Malformed("expected JSON") from error
    if not isinstance(parsed, dict):
        raise Malformed("expected a JSON object")
    return parsed


def part_at(body: Mapping[str, Any], name: str, kind: type[Kind]) -> Kind:
    """The part of this name, which must be of this kind. Raises Malformed."""
    found = body.get(name)
    if not isinstance(found, kind):
        raise Malformed(f"expected {kind.__name__} at {name}, got {type(found).__name__}")
    return found


def text_at(body: Mapping[str, Any], name: str) -> str:
    """A text that is not empty. Raises Malformed."""
    found = part_at(body, name, str)
    if not found:
        raise Malformed(f"{name} is empty")
    return found
