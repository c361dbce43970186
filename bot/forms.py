"""The door for forms: what people filled in or picked in our modals -> frozen values."""

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from bot.commands.deployments import Deployment, Kind
from bot.payloads import (
    Malformed,
    Place,
    Question,
    carried_place,
    carried_question,
    metadata_of,
    only_action,
    part_at,
    place_fields,
    text_at,
)

INPUT = "value"
YES, NO = "true", "false"

_PREFIX = "parameter"
_FILLED_IN_BY_PREFECT = "__prefect_kind"
"""Prefect takes an object with this key for a template and puts what it asks for in its place (3.8): the value of any
Variable, or what a Jinja text gives. Whoever may start a run could read there what only Prefect's own users may."""

_BLOCK_ID_CHARS = 255


class FormInvalid(Exception):
    """Something filled in is not of its kind. `problems` by the block in which Slack shows them."""

    def __init__(self, problems: Mapping[str, str]) -> None:
        super().__init__("; ".join(problems))
        self.problems = problems


class _Template(Exception):
    """A value that Prefect would replace by another one."""


@dataclass(frozen=True, slots=True)
class RunForm:
    """Somebody sent the run form. `values` are those that were filled in; `view_id` names this form."""

    place: Place
    deployment_id: str
    view_id: str
    values: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class TablePick:
    """Somebody picked a table in the details of a run, by its position there."""

    place: Place
    view_id: str
    question: Question
    position: int


@dataclass(frozen=True, slots=True)
class DeploymentPick:
    """Somebody picked what to start."""

    place: Place
    view_id: str
    deployment_id: str


def run_form_metadata(deployment: Deployment, place: Place) -> str:
    """What the run form carries."""
    return json.dumps({"v": 1, **place_fields(place), "deployment": deployment.id})


def choice_metadata(place: Place) -> str:
    """What the choice of deployments carries."""
    return json.dumps({"v": 1, **place_fields(place)})


def parameter_block(kind: Kind, name: str) -> str:
    """The block id of a parameter's input. It carries the kind, so that a sent form is checked without Prefect.

    Raises ValueError for a name that Slack has no room for.
    """
    block = f"{_PREFIX}:{kind.value}:{name}"
    if len(block) > _BLOCK_ID_CHARS:
        raise ValueError(name)
    return block


def parse_run_form(body: Mapping[str, Any]) -> RunForm:
    """A view_submission payload of the run form. Raises Malformed or FormInvalid."""
    view, carried = part_at(body, "view", dict), metadata_of(body)
    return RunForm(
        place=carried_place(body, carried),
        deployment_id=text_at(carried, "deployment"),
        view_id=text_at(view, "id"),
        values=_filled_in(part_at(part_at(view, "state", dict), "values", dict)),
    )


def parse_table_pick(body: Mapping[str, Any]) -> TablePick:
    """A block_actions payload of the table picker. Raises Malformed."""
    carried = metadata_of(body)
    chosen = text_at(part_at(only_action(body), "selected_option", dict), "value")
    if not (chosen.isascii() and chosen.isdigit() and len(chosen) < 6):
        raise Malformed("a table is picked by its position")
    return TablePick(
        place=carried_place(body, carried),
        view_id=text_at(part_at(body, "view", dict), "id"),
        question=carried_question(carried),
        position=int(chosen),
    )


def parse_deployment_pick(body: Mapping[str, Any]) -> DeploymentPick:
    """A block_actions payload of the choice of deployments. Raises Malformed."""
    chosen = text_at(part_at(only_action(body), "selected_option", dict), "value")
    view_id = text_at(part_at(body, "view", dict), "id")
    return DeploymentPick(carried_place(body, metadata_of(body)), view_id, chosen)


def _filled_in(blocks: Mapping[str, Any]) -> dict[str, Any]:
    values: dict[str, Any] = {}
    problems: dict[str, str] = {}
    for block in blocks:
        prefix, _, kind_and_name = block.partition(":")
        kind, _, name = kind_and_name.partition(":")
        if prefix != _PREFIX or kind not in set(Kind):
            raise Malformed(f"an input of ours is not called {block!r}")
        typed = _typed(part_at(part_at(blocks, block, dict), INPUT, dict))
        if typed is None:
            continue
        try:
            values[name] = _value(Kind(kind), typed)
        except _Template:
            problems[block] = (
                f"Not taken: `{_FILLED_IN_BY_PREFECT}` asks Prefect for something else. Write the value itself."
            )
        except (ValueError, KeyError, RecursionError):
            problems[block] = _EXPECTED[Kind(kind)]
    if problems:
        raise FormInvalid(problems)
    return values


def _typed(field: Mapping[str, Any]) -> str | None:
    option = field.get("selected_option")
    given = option.get("value") if isinstance(option, dict) else field.get("value")
    return given if isinstance(given, str) and given else None


def _value(kind: Kind, text: str) -> Any:
    """Raises ValueError, KeyError or RecursionError; _Template for what Prefect would not take as it is."""
    match kind:
        case Kind.TEXT | Kind.CHOICE:
            return text
        case Kind.INTEGER:
            return int(text)
        case Kind.NUMBER:
            return _finite(float(text))
        case Kind.YES_NO:
            return {YES: True, NO: False}[text]
        case Kind.JSON:
            return _as_it_is(json.loads(text))


def _as_it_is(parsed: Any) -> Any:
    if is_template(parsed):
        raise _Template
    return parsed


def is_template(value: Any) -> bool:
    """Whether Prefect would put something else in the place of this value, or of a part of it."""
    if isinstance(value, dict):
        return _FILLED_IN_BY_PREFECT in value or any(map(is_template, value.values()))
    return isinstance(value, list) and any(map(is_template, value))


def _finite(number: float) -> float:
    if not math.isfinite(number):
        raise ValueError(number)
    return number


_EXPECTED = {
    Kind.TEXT: "Not a text.",
    Kind.CHOICE: "Not one of the list.",
    Kind.INTEGER: "Not a whole number; write digits only, such as 12.",
    Kind.NUMBER: "Not a number; write it such as 12.5.",
    Kind.YES_NO: "Neither yes nor no.",
    Kind.JSON: 'Not JSON; a list is written ["a", "b"], an object {"name": "value"}, a text "in quotes".',
}
