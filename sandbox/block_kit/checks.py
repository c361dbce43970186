"""Small composable checks; each notes what is wrong and where, in the words of Slack's validator."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

Check = Callable[[Any, str, "Problems"], None]


@dataclass(slots=True)
class Problems:
    """What is wrong with one payload, in the order found."""

    messages: list[str] = field(default_factory=list)

    def add(self, at: str, message: str) -> None:
        """Note a problem at a JSON pointer."""
        self.messages.append(f"{message} [json-pointer:{at}]")


def string(maximum: int, *, minimum: int = 1) -> Check:
    """Text of `minimum` to `maximum` characters."""

    def check(value: Any, at: str, problems: Problems) -> None:
        if not isinstance(value, str):
            problems.add(at, "must provide a string")
        elif len(value) < minimum:
            problems.add(at, f"must be more than {minimum - 1} characters")
        elif len(value) > maximum:
            problems.add(at, f"must be less than {maximum + 1} characters")

    return check


def integer(minimum: int, maximum: int) -> Check:
    """A whole number between both, inclusive; a boolean is none."""

    def check(value: Any, at: str, problems: Problems) -> None:
        if not isinstance(value, int) or isinstance(value, bool):
            problems.add(at, "must provide an integer")
        elif not minimum <= value <= maximum:
            problems.add(at, f"must be between {minimum} and {maximum}")

    return check


def number(value: Any, at: str, problems: Problems) -> None:
    """Any JSON number."""
    if not isinstance(value, int | float) or isinstance(value, bool):
        problems.add(at, "must provide a number")


def boolean(value: Any, at: str, problems: Problems) -> None:
    """True or false."""
    if not isinstance(value, bool):
        problems.add(at, "must provide a boolean")


def one_of(*accepted: Any) -> Check:
    """One of the listed values."""

    def check(value: Any, at: str, problems: Problems) -> None:
        if value not in accepted:
            problems.add(at, f"must be one of {', '.join(map(repr, accepted))}")

    return check


def array(of: Check, *, minimum: int = 1, maximum: int = 10_000) -> Check:
    """A list of `minimum` to `maximum` items that all pass `of`."""

    def check(value: Any, at: str, problems: Problems) -> None:
        if not isinstance(value, list):
            problems.add(at, "must provide an array")
            return
        if len(value) < minimum:
            problems.add(at, f"no less than {minimum} items allowed")
        if len(value) > maximum:
            problems.add(at, f"no more than {maximum} items allowed")
            return
        for index, item in enumerate(value):
            of(item, f"{at}/{index}", problems)

    return check


def record(required: Mapping[str, Check], optional: Mapping[str, Check] | None = None) -> Check:
    """An object with these fields and no others."""
    known = {**required, **(optional or {})}

    def check(value: Any, at: str, problems: Problems) -> None:
        if not isinstance(value, dict):
            problems.add(at, "must provide an object")
            return
        for name in required:
            if name not in value:
                problems.add(at, f"missing required field: {name}")
        for name, item in value.items():
            if name not in known:
                problems.add(at, f"invalid additional property: {name}")
            else:
                known[name](item, f"{at}/{name}", problems)

    return check


def tagged(kinds: Mapping[str, Check]) -> Check:
    """An object whose `type` chooses the check; other types are not allowed at this place."""

    def check(value: Any, at: str, problems: Problems) -> None:
        if not isinstance(value, dict):
            problems.add(at, "must provide an object")
        elif "type" not in value:
            problems.add(at, "missing required field: type")
        elif not isinstance(value["type"], str) or value["type"] not in kinds:
            problems.add(f"{at}/type", f"unsupported type: {value['type']}")
        else:
            kinds[value["type"]](value, at, problems)

    return check


def both(*checks: Check) -> Check:
    """All of the checks, one after the other."""

    def check(value: Any, at: str, problems: Problems) -> None:
        for one in checks:
            one(value, at, problems)

    return check


def anything(value: Any, at: str, problems: Problems) -> None:
    """No rule."""
