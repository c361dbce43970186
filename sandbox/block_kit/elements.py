"""Buttons and menus, and where each interactive element may stand."""

from sandbox.block_kit import limits
from sandbox.block_kit.checks import Check, array, one_of, record, string
from sandbox.block_kit.composition import IMAGE_ELEMENT, OVERFLOW_OPTION, plain_text, url
from sandbox.block_kit.element import ASKS, element
from sandbox.block_kit.inputs import PICKERS, WRITTEN
from sandbox.block_kit.selects import SELECTS

BUTTON = element(
    "button",
    {"text": plain_text(limits.BUTTON_TEXT)},
    {
        "value": string(limits.BUTTON_VALUE),
        "url": url(limits.URL),
        "style": one_of("primary", "danger"),
        "accessibility_label": string(limits.ACCESSIBILITY_LABEL),
        **ASKS,
    },
)

_OVERFLOW = element("overflow", {"options": array(OVERFLOW_OPTION, maximum=limits.OVERFLOW_OPTIONS)}, ASKS)

_FEEDBACK_BUTTON = record(
    {"text": plain_text(limits.BUTTON_TEXT), "value": string(limits.BUTTON_VALUE)},
    {"accessibility_label": string(limits.ACCESSIBILITY_LABEL)},
)

# Where each element may stand: docs.slack.dev/reference/block-kit/block-elements, "Works in".
IN_ACTIONS: dict[str, Check] = {"button": BUTTON, "overflow": _OVERFLOW, **SELECTS, **PICKERS}
IN_SECTION: dict[str, Check] = {**IN_ACTIONS, "image": IMAGE_ELEMENT}
del IN_SECTION["datetimepicker"]
IN_INPUT: dict[str, Check] = {**SELECTS, **PICKERS, **WRITTEN}
IN_CONTEXT_ACTIONS: dict[str, Check] = {
    "feedback_buttons": element(
        "feedback_buttons", {"positive_button": _FEEDBACK_BUTTON, "negative_button": _FEEDBACK_BUTTON}
    ),
    "icon_button": element(
        "icon_button",
        {"icon": one_of("trash"), "text": plain_text(limits.BUTTON_TEXT)},
        {
            "value": string(limits.BUTTON_VALUE),
            "accessibility_label": string(limits.ACCESSIBILITY_LABEL),
            "visible_to_user_ids": array(string(255)),
            **ASKS,
        },
    ),
}
