"""Select menus, single and multiple: options of their own, people, channels, conversations."""

from collections.abc import Mapping
from typing import Any

from sandbox.block_kit import limits
from sandbox.block_kit.checks import Check, Problems, array, boolean, both, integer, one_of, record, string
from sandbox.block_kit.composition import OPTION, OPTION_GROUP
from sandbox.block_kit.element import PICK, element

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


def _options_or_groups(value: Any, at: str, problems: Problems) -> None:
    if isinstance(value, dict) and ("options" in value) == ("option_groups" in value):
        problems.add(at, "must provide exactly one of options and option_groups")


def initial_is_offered(value: Any, at: str, problems: Problems) -> None:
    """An initial option is one of the options: Slack compares whole option objects, not only their values."""
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


_STATIC = {
    "options": array(OPTION, maximum=limits.SELECT_OPTIONS),
    "option_groups": array(OPTION_GROUP, maximum=limits.SELECT_GROUPS),
}

SELECTS: dict[str, Check] = {
    "static_select": both(
        element("static_select", None, {**_STATIC, "initial_option": OPTION, **PICK}),
        _options_or_groups,
        initial_is_offered,
    ),
    "users_select": element("users_select", None, {"initial_user": string(255), **PICK}),
    "channels_select": element(
        "channels_select", None, {"initial_channel": string(255), "response_url_enabled": boolean, **PICK}
    ),
    "conversations_select": element(
        "conversations_select",
        None,
        {
            "initial_conversation": string(255),
            "default_to_current_conversation": boolean,
            "response_url_enabled": boolean,
            "filter": _CONVERSATIONS,
            **PICK,
        },
    ),
    "multi_static_select": both(
        element(
            "multi_static_select",
            None,
            {**_STATIC, "initial_options": array(OPTION), **_MANY, **PICK},
        ),
        _options_or_groups,
        initial_is_offered,
    ),
    "multi_users_select": element("multi_users_select", None, {"initial_users": _IDS, **_MANY, **PICK}),
    "multi_channels_select": element("multi_channels_select", None, {"initial_channels": _IDS, **_MANY, **PICK}),
    "multi_conversations_select": element(
        "multi_conversations_select",
        None,
        {
            "initial_conversations": _IDS,
            "default_to_current_conversation": boolean,
            "filter": _CONVERSATIONS,
            **_MANY,
            **PICK,
        },
    ),
}
