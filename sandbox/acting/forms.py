"""The values of a whole view, and the checks of Slack's client before a modal may be submitted."""

from typing import Any

from sandbox.acting.answers import NotPossible
from sandbox.acting.filling import holds_state, initial_state, is_empty, state_value
from sandbox.block_kit.rules import elements_of, nested

Json = dict[str, Any]


def fill(blocks: list[Json], kept: Json, given: Json) -> Json:
    """`state.values` of a view: what is given now, else what was filled in before, else the initial values.

    `given` is {block_id: {action_id: value}}. Raises NotPossible for a field that the view does not have.
    """
    values: Json = {}
    for block, _ in nested(blocks):
        for element in elements_of(block):
            if not holds_state(element):
                continue
            block_id, action_id = block["block_id"], element["action_id"]
            state = _state(element, kept.get(block_id, {}).get(action_id), given.get(block_id, {}))
            values.setdefault(block_id, {})[action_id] = {"type": element["type"], **state}
    _refuse_unknown(given, values)
    return values


def _state(element: Json, kept: Json | None, given: Json) -> Json:
    if element["action_id"] in given:
        return state_value(element, given[element["action_id"]])
    if kept is not None and kept["type"] == element["type"]:
        return kept
    return initial_state(element)


def _refuse_unknown(given: Json, values: Json) -> None:
    for block_id, fields in given.items():
        for action_id in fields:
            if action_id not in values.get(block_id, {}):
                raise NotPossible("no_such_input", f"There is no input {block_id}/{action_id} to fill in.")


def refuse_invalid(blocks: list[Json], values: Json) -> None:
    """Stop a submission as Slack's client does: empty required inputs, too short or too long texts.

    Raises NotPossible `client_validation` with `errors` by block_id.
    """
    errors = {}
    for block, _ in nested(blocks):
        if block["type"] == "input":
            problem = _problem(block, values[block["block_id"]][block["element"]["action_id"]])
            if problem:
                errors[block["block_id"]] = problem
    if errors:
        raise NotPossible("client_validation", "Not sent: " + " ".join(errors.values()), errors=errors)


def _problem(block: Json, state: Json) -> str | None:
    element = block["element"]
    if is_empty(state):
        return None if block.get("optional") else "Please complete this required field."
    match element["type"]:
        case "plain_text_input":
            return _length_problem(element, state["value"])
        case "number_input":
            return _number_problem(element, state["value"])
        case "email_text_input" if "@" not in state["value"]:
            return "Enter an email address."
        case "url_text_input" if "://" not in state["value"]:
            return "Enter a link with http:// or https://."
        case _:
            return None


def _length_problem(element: Json, text: str) -> str | None:
    low, high = element.get("min_length", 0), element.get("max_length", 3000)
    if len(text) < low:
        return f"Enter at least {low} characters; there are {len(text)}."
    if len(text) > high:
        return f"Enter at most {high} characters; there are {len(text)}."
    return None


def _number_problem(element: Json, text: str) -> str | None:
    try:
        number = float(text) if element["is_decimal_allowed"] else int(text)
    except ValueError:
        return f"Enter a number; {text!r} is none."
    low, high = element.get("min_value"), element.get("max_value")
    if (low is not None and number < float(low)) or (high is not None and number > float(high)):
        return f"Enter a number between {low} and {high}."
    return None
