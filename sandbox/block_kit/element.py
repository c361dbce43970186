"""What interactive elements have in common, and the field groups that several of them share."""

import re
from collections.abc import Mapping
from typing import Any

from sandbox.block_kit import limits
from sandbox.block_kit.checks import Check, Problems, boolean, one_of, record, string
from sandbox.block_kit.composition import CONFIRM, DISPATCH, plain_text

ID: Mapping[str, Check] = {"action_id": string(limits.ACTION_ID)}
ASKS: Mapping[str, Check] = {"confirm": CONFIRM}
FOCUS: Mapping[str, Check] = {"focus_on_load": boolean}
PLACEHOLDER: Mapping[str, Check] = {"placeholder": plain_text(limits.PLACEHOLDER)}
PICK: Mapping[str, Check] = {**ASKS, **FOCUS, **PLACEHOLDER}
WRITE: Mapping[str, Check] = {**FOCUS, **PLACEHOLDER, "dispatch_action_config": DISPATCH}


def element(
    kind: str, required: Mapping[str, Check] | None = None, optional: Mapping[str, Check] | None = None
) -> Check:
    """An interactive element of one type; `action_id` is always allowed."""
    return record({"type": one_of(kind), **(required or {})}, {**ID, **(optional or {})})


def pattern(expression: str, message: str) -> Check:
    """Text of a fixed form."""

    def check(value: Any, at: str, problems: Problems) -> None:
        if not isinstance(value, str) or not re.fullmatch(expression, value):
            problems.add(at, message)

    return check
