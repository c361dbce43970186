"""Finds the element a person uses and builds the `actions[0]` entry that Slack sends for it."""

from typing import Any

from sandbox.acting.answers import NotPossible
from sandbox.acting.filling import state_value
from sandbox.block_kit.rules import elements_of, nested

Json = dict[str, Any]

# What Slack repeats from the element itself, besides its ids and the new value.
_REPEATED = ("text", "value", "style", "placeholder", "confirm", "accessibility_label")


def find_element(blocks: list[Json], request: Json) -> tuple[Json, Json]:
    """The block and the element with the asked action_id. Raises NotPossible when it is not there (any more)."""
    action_id, block_id = request.get("action_id"), request.get("block_id")
    found = [
        (block, element)
        for block, _ in nested(blocks)
        for element in elements_of(block)
        if element.get("action_id") == action_id and block_id in {None, block["block_id"]}
    ]
    if not found:
        raise NotPossible("no_such_element", f"There is nothing called {action_id!r} to use here (any more).")
    if len(found) > 1:
        raise NotPossible("ambiguous_element", f"Several elements are called {action_id!r}: give block_id.")
    return found[0]


def require_confirmation(element: Json, request: Json) -> None:
    """Show the confirmation dialog first, unless the person already said yes to it. Raises NotPossible."""
    if "confirm" in element and request.get("confirmed") is not True:
        raise NotPossible(
            "confirm_required",
            "Nothing was sent yet: the dialog asks for a confirmation first.",
            confirm=element["confirm"],
        )


def action_entry(block: Json, element: Json, request: Json, *, now: str) -> Json:
    """One entry of `actions`. Raises NotPossible for a value the element does not offer."""
    entry: Json = {
        "action_id": element["action_id"],
        "block_id": block["block_id"],
        "type": element["type"],
        "action_ts": now,
    }
    entry |= {name: element[name] for name in _REPEATED if name in element}
    match element["type"]:
        case "button" | "workflow_button" | "icon_button":
            return entry
        case "feedback_buttons":
            return entry | _feedback(element, request.get("value"))
        case _:
            return entry | state_value(element, request.get("value"))


def _feedback(element: Json, value: Any) -> Json:
    for name in ("positive_button", "negative_button"):
        if element[name]["value"] == value:
            return {"value": value, "text": element[name]["text"]}
    raise NotPossible("no_such_option", f"The buttons do not offer {value!r}.")
