"""When approvers are reminded of a run that waits, and when not; it travels in the report, as part of the policy."""

import re
from contextlib import suppress
from datetime import time, timedelta
from typing import Annotated, Self
from zoneinfo import ZoneInfo

from pydantic import BeforeValidator, TypeAdapter, ValidationError, model_validator

from flows.contract.base import Frozen

LEAST = timedelta(minutes=1)

_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}
_ISO = TypeAdapter(timedelta)


def _interval(value: object) -> object:
    """`15m`, `8h`, `2d` or `off`, as people write it; ISO 8601, as it comes back out of the report."""
    if value is None or value == "off":
        return None
    interval = _duration(value)
    if interval is None or interval < LEAST:
        raise ValueError("a duration of at least a minute, such as 15m, 8h or 2d, or the word off")
    return interval


def _duration(value: object) -> timedelta | None:
    """The time meant, however short; None if it is none."""
    if isinstance(value, timedelta):
        return value
    if not isinstance(value, str):
        return None
    if value.startswith("P"):
        with suppress(ValidationError):
            return _ISO.validate_python(value)
        return None
    match = re.fullmatch(r"(\d{1,6})\s*([smhd])", value)
    return timedelta(**{_UNITS[match[2]]: int(match[1])}) if match else None


def _zone(value: object) -> object:
    try:
        ZoneInfo(value if isinstance(value, str) else "")
    except (ValueError, OSError, KeyError):
        raise ValueError("the name of a time zone, such as UTC or America/Toronto") from None
    return value


def _person_or_group(value: object) -> object:
    if not isinstance(value, str) or not re.fullmatch(r"([USW][A-Z0-9]+)?", value):
        raise ValueError("a Slack user id (U... or W...) or a user group id (S...)")
    return value


Interval = Annotated[timedelta | None, BeforeValidator(_interval)]


class QuietHours(Frozen):
    """When nobody is reminded: from `starts` to `ends` in this time zone, past midnight if `ends` is earlier."""

    time_zone: Annotated[str, BeforeValidator(_zone)]
    starts: time
    ends: time
    weekends: bool = True
    """Whether Saturday and Sunday are quiet all day."""


class Reminders(Frozen):
    """`after` the question the first reminder, then after twice the time, and so on up to `longest`."""

    after: Interval = timedelta(hours=1)
    """None (`off`): nobody is reminded."""
    longest: Interval = timedelta(hours=8)
    escalate_after: Interval = None
    """How long after the question `escalate_to` is mentioned, once."""
    escalate_to: Annotated[str, BeforeValidator(_person_or_group)] = ""
    quiet: QuietHours | None = None

    @model_validator(mode="after")
    def _escalation_is_whole(self) -> Self:
        if (self.escalate_after is None) != (not self.escalate_to):
            raise ValueError("`escalate_after` and `escalate_to` together, or neither of them")
        return self
