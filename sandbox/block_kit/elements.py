"""Interactive elements: their fields, their limits, and where each may stand."""

import re
from collections.abc import Mapping
from typing import Any

from sandbox.block_kit import limits
from sandbox.block_kit.checks import (
    Check,
    Problems,
    array,
    boolean,
    both,
    integer,
    one_of,
    record,
    string,
)
from sandbox.block_kit.composition import (
    CHOICE,
    CONFIRM,
    DISPATCH,
    IMAGE_ELEMENT,
    OPTION,
    OPTION_GROUP,
    OVERFLOW_OPTION,
    plain_text,
    url,
)

_ID = {"action_id": string(limits.ACTION_ID)}
_CONFIRM = {"confirm": CONFIRM}
_FOCUS = {"focus_on_load": boolean}
_PLACEHOLDER = {"placeholder": plain_text(limits.PLACEHOLDER)}
_PICK = {**_CONFIRM, **_FOCUS, **_PLACEHOLDER}
_WRITE = {**_FOCUS, **_PLACEHOLDER, "dispatch_action_config": DISPATCH}
_MANY = {"max_selected_items": integer(1, 10_000)}
_IDS = array(string(255))
_CONVERSATIONS = record(
    {},
    {
        "include": array(one_of("im", "mpim", "private", "public")),
        "exclude_external_shared_channels": boolean,
        "exclude_bot_users": boolean,
    },
)


def _element(
    kind: str, required: Mapping[str, Check] | None = None, optional: Mapping[str, Check] | None = None
) -> Check:
    return record({"type": one_of(kind), **(required or {})}, {**_ID, **(optional or {})})


def pattern(expression: str, message: str) -> Check:
    """Text of a fixed form."""

    def check(value: Any, at: str, problems: Problems) -> None:
        if not isinstance(value, str) or not re.fullmatch(expression, value):
            problems.add(at, message)

    return check


def _options_or_groups(value: Any, at: str, problems: Problems) -> None:
    if isinstance(value, dict) and ("options" in value) == ("option_groups" in value):
        problems.add(at, "must provide exactly one of options and option_groups")


def _initial_is_offered(value: Any, at: str, problems: Problems) -> None:
    """Slack compares whole option objects, not only their values."""
    if not isinstance(value, dict):
        return
    offered = options_of(value)
    initial = value.get("initial_options") or ([value["initial_option"]] if "initial_option" in value else [])
    if isinstance(initial, list) and any(option not in offered for option in initial):
        problems.add(at, "initial option does not match any of the options")


def options_of(element: Mapping[str, Any]) -> list[Any]:
    """All options of a select, radio, checkbox or overflow element, groups flattened."""
    options = element.get("options")
    groups = element.get("option_groups")
    listed = list(options) if isinstance(options, list) else []
    for group in groups if isinstance(groups, list) else []:
        if isinstance(group, dict) and isinstance(group.get("options"), list):
            listed += group["options"]
    return listed


def _length_order(value: Any, at: str, problems: Problems) -> None:
    if not isinstance(value, dict):
        return
    low, high = value.get("min_length"), value.get("max_length")
    if isinstance(low, int) and isinstance(high, int) and low > high:
        problems.add(f"{at}/min_length", "must not be more than max_length")
    initial = value.get("initial_value")
    if isinstance(initial, str) and isinstance(high, int) and len(initial) > high:
        problems.add(f"{at}/initial_value", f"must be less than {high + 1} characters")


_STATIC = {
    "options": array(OPTION, maximum=limits.SELECT_OPTIONS),
    "option_groups": array(OPTION_GROUP, maximum=limits.SELECT_GROUPS),
}

BUTTON = _element(
    "button",
    {"text": plain_text(limits.BUTTON_TEXT)},
    {
        "value": string(limits.BUTTON_VALUE),
        "url": url(limits.URL),
        "style": one_of("primary", "danger"),
        "accessibility_label": string(limits.ACCESSIBILITY_LABEL),
        **_CONFIRM,
    },
)

_SELECTS: dict[str, Check] = {
    "static_select": both(
        _element("static_select", None, {**_STATIC, "initial_option": OPTION, **_PICK}),
        _options_or_groups,
        _initial_is_offered,
    ),
    "users_select": _element("users_select", None, {"initial_user": string(255), **_PICK}),
    "channels_select": _element(
        "channels_select", None, {"initial_channel": string(255), "response_url_enabled": boolean, **_PICK}
    ),
    "conversations_select": _element(
        "conversations_select",
        None,
        {
            "initial_conversation": string(255),
            "default_to_current_conversation": boolean,
            "response_url_enabled": boolean,
            "filter": _CONVERSATIONS,
            **_PICK,
        },
    ),
    "multi_static_select": both(
        _element(
            "multi_static_select",
            None,
            {**_STATIC, "initial_options": array(OPTION), **_MANY, **_PICK},
        ),
        _options_or_groups,
        _initial_is_offered,
    ),
    "multi_users_select": _element(
        "multi_users_select", None, {"initial_users": _IDS, **_MANY, **_PICK}
    ),
    "multi_channels_select": _element(
        "multi_channels_select", None, {"initial_channels": _IDS, **_MANY, **_PICK}
    ),
    "multi_conversations_select": _element(
        "multi_conversations_select",
        None,
        {
            "initial_conversations": _IDS,
            "default_to_current_conversation": boolean,
            "filter": _CONVERSATIONS,
            **_MANY,
            **_PICK,
        },
    ),
}

_DATE = pattern(r"\d{4}-\d{2}-\d{2}", "must be a date such as 2026-01-31")
_TIME = pattern(r"\d{2}:\d{2}", "must be a time such as 09:30")

_PICKERS: dict[str, Check] = {
    "datepicker": _element("datepicker", None, {"initial_date": _DATE, **_PICK}),
    "timepicker": _element(
        "timepicker", None, {"initial_time": _TIME, "timezone": string(255), **_PICK}
    ),
    "datetimepicker": _element(
        "datetimepicker",
        None,
        {"initial_date_time": integer(1_000_000_000, 9_999_999_999), **_CONFIRM, **_FOCUS},
    ),
    "checkboxes": both(
        _element(
            "checkboxes",
            {"options": array(CHOICE, maximum=limits.CHOICES)},
            {"initial_options": array(CHOICE), **_CONFIRM, **_FOCUS},
        ),
        _initial_is_offered,
    ),
    "radio_buttons": both(
        _element(
            "radio_buttons",
            {"options": array(CHOICE, maximum=limits.CHOICES)},
            {"initial_option": CHOICE, **_CONFIRM, **_FOCUS},
        ),
        _initial_is_offered,
    ),
}

_OVERFLOW = _element(
    "overflow", {"options": array(OVERFLOW_OPTION, maximum=limits.OVERFLOW_OPTIONS)}, _CONFIRM
)

_WRITTEN: dict[str, Check] = {
    "plain_text_input": both(
        _element(
            "plain_text_input",
            None,
            {
                "initial_value": string(limits.INPUT_LENGTH, minimum=0),
                "multiline": boolean,
                "min_length": integer(0, limits.INPUT_LENGTH),
                "max_length": integer(1, limits.INPUT_LENGTH),
                **_WRITE,
            },
        ),
        _length_order,
    ),
    "email_text_input": _element("email_text_input", None, {"initial_value": string(3_000), **_WRITE}),
    "url_text_input": _element("url_text_input", None, {"initial_value": string(3_000), **_WRITE}),
    "number_input": _element(
        "number_input",
        {"is_decimal_allowed": boolean},
        {"initial_value": string(255), "min_value": string(255), "max_value": string(255), **_WRITE},
    ),
    "file_input": _element(
        "file_input",
        None,
        {"filetypes": array(string(20)), "max_files": integer(1, limits.INPUT_FILES)},
    ),
}

_FEEDBACK_BUTTON = record(
    {"text": plain_text(limits.BUTTON_TEXT), "value": string(limits.BUTTON_VALUE)},
    {"accessibility_label": string(limits.ACCESSIBILITY_LABEL)},
)

# Where each element may stand: docs.slack.dev/reference/block-kit/block-elements, "Works in".
IN_ACTIONS: dict[str, Check] = {"button": BUTTON, "overflow": _OVERFLOW, **_SELECTS, **_PICKERS}
IN_SECTION: dict[str, Check] = {**IN_ACTIONS, "image": IMAGE_ELEMENT}
del IN_SECTION["datetimepicker"]
IN_INPUT: dict[str, Check] = {**_SELECTS, **_PICKERS, **_WRITTEN}
IN_CONTEXT_ACTIONS: dict[str, Check] = {
    "feedback_buttons": _element(
        "feedback_buttons", {"positive_button": _FEEDBACK_BUTTON, "negative_button": _FEEDBACK_BUTTON}
    ),
    "icon_button": _element(
        "icon_button",
        {"icon": one_of("trash"), "text": plain_text(limits.BUTTON_TEXT)},
        {
            "value": string(limits.BUTTON_VALUE),
            "accessibility_label": string(limits.ACCESSIBILITY_LABEL),
            "visible_to_user_ids": _IDS,
            **_CONFIRM,
        },
    ),
}
