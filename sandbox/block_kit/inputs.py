"""Inputs that a person writes into, and pickers of dates, times and choices."""

from typing import Any

from sandbox.block_kit import limits
from sandbox.block_kit.checks import Check, Problems, array, boolean, both, integer, string
from sandbox.block_kit.composition import CHOICE
from sandbox.block_kit.element import ASKS, FOCUS, PICK, WRITE, element, pattern
from sandbox.block_kit.selects import initial_is_offered


def _length_order(value: Any, at: str, problems: Problems) -> None:
    if not isinstance(value, dict):
        return
    low, high = value.get("min_length"), value.get("max_length")
    if isinstance(low, int) and isinstance(high, int) and low > high:
        problems.add(f"{at}/min_length", "must not be more than max_length")
    initial = value.get("initial_value")
    if isinstance(initial, str) and isinstance(high, int) and len(initial) > high:
        problems.add(f"{at}/initial_value", f"must be less than {high + 1} characters")


_DATE = pattern(r"\d{4}-\d{2}-\d{2}", "must be a date such as 2026-01-31")
_TIME = pattern(r"\d{2}:\d{2}", "must be a time such as 09:30")

PICKERS: dict[str, Check] = {
    "datepicker": element("datepicker", None, {"initial_date": _DATE, **PICK}),
    "timepicker": element("timepicker", None, {"initial_time": _TIME, "timezone": string(255), **PICK}),
    "datetimepicker": element(
        "datetimepicker",
        None,
        {"initial_date_time": integer(1_000_000_000, 9_999_999_999), **ASKS, **FOCUS},
    ),
    "checkboxes": both(
        element(
            "checkboxes",
            {"options": array(CHOICE, maximum=limits.CHOICES)},
            {"initial_options": array(CHOICE), **ASKS, **FOCUS},
        ),
        initial_is_offered,
    ),
    "radio_buttons": both(
        element(
            "radio_buttons",
            {"options": array(CHOICE, maximum=limits.CHOICES)},
            {"initial_option": CHOICE, **ASKS, **FOCUS},
        ),
        initial_is_offered,
    ),
}

WRITTEN: dict[str, Check] = {
    "plain_text_input": both(
        element(
            "plain_text_input",
            None,
            {
                "initial_value": string(limits.INPUT_LENGTH, minimum=0),
                "multiline": boolean,
                "min_length": integer(0, limits.INPUT_LENGTH),
                "max_length": integer(1, limits.INPUT_LENGTH),
                **WRITE,
            },
        ),
        _length_order,
    ),
    "email_text_input": element("email_text_input", None, {"initial_value": string(3_000), **WRITE}),
    "url_text_input": element("url_text_input", None, {"initial_value": string(3_000), **WRITE}),
    "number_input": element(
        "number_input",
        {"is_decimal_allowed": boolean},
        {"initial_value": string(255), "min_value": string(255), "max_value": string(255), **WRITE},
    ),
    "file_input": element(
        "file_input",
        None,
        {"filetypes": array(string(20)), "max_files": integer(1, limits.INPUT_FILES)},
    ),
}
