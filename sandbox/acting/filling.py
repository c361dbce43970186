"""Filling in inputs: from what a person typed or picked to Slack's `state.values`, one shape per element type."""

from typing import Any

from sandbox.acting.answers import NotPossible
from sandbox.block_kit.selects import options_of

Json = dict[str, Any]

_TYPED = {"plain_text_input", "email_text_input", "url_text_input", "number_input"}

# The field of `state.values` for elements that hold an id, a date or a list of ids, with its initial value's field.
_PICKED = {
    "users_select": ("selected_user", "initial_user"),
    "channels_select": ("selected_channel", "initial_channel"),
    "conversations_select": ("selected_conversation", "initial_conversation"),
    "datepicker": ("selected_date", "initial_date"),
    "timepicker": ("selected_time", "initial_time"),
    "datetimepicker": ("selected_date_time", "initial_date_time"),
    "multi_users_select": ("selected_users", "initial_users"),
    "multi_channels_select": ("selected_channels", "initial_channels"),
    "multi_conversations_select": ("selected_conversations", "initial_conversations"),
}
_ONE_OPTION = {"static_select", "radio_buttons", "overflow"}
_MANY_OPTIONS = {"multi_static_select", "checkboxes"}


def state_value(element: Json, given: Any) -> Json:
    """The fields of one element's state for what was typed or picked. Raises NotPossible for a foreign option.

    Options are given by their value, several as a list; nothing as None.
    """
    kind = element["type"]
    if kind in _TYPED:
        return {"value": given or None}
    if kind in _ONE_OPTION:
        return {"selected_option": None if given is None else _option(element, given)}
    if kind in _MANY_OPTIONS:
        return {"selected_options": [_option(element, value) for value in given or []]}
    if kind in _PICKED:
        empty: Any = [] if kind.startswith("multi_") else None
        return {_PICKED[kind][0]: given or empty}
    raise NotPossible("not_supported_in_sandbox", f"The sandbox cannot fill in a {kind}.")


def initial_state(element: Json) -> Json:
    """What an element holds before anybody touched it."""
    kind = element["type"]
    if kind in _TYPED:
        return state_value(element, element.get("initial_value"))
    if kind in _ONE_OPTION:
        return {"selected_option": element.get("initial_option")}
    if kind in _MANY_OPTIONS:
        return {"selected_options": element.get("initial_options", [])}
    if kind in _PICKED:
        return state_value(element, element.get(_PICKED[kind][1]))
    return state_value(element, None)


def holds_state(element: Json) -> bool:
    """Whether an element appears in `state.values`; buttons, menus and images do not."""
    kinds = _TYPED | _ONE_OPTION | _MANY_OPTIONS | set(_PICKED)
    return element["type"] in kinds - {"overflow"}


def is_empty(state: Json) -> bool:
    """Whether nothing was typed or picked."""
    return not any(value for name, value in state.items() if name != "type")


def _option(element: Json, value: Any) -> Json:
    for option in options_of(element):
        if option["value"] == value:
            chosen: Json = option
            return chosen
    raise NotPossible("no_such_option", f"{element['action_id']!r} does not offer {value!r}.")
