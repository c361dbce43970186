"""Pure: what is wrong with wap.toml in one sentence, which names the key, the value seen and what is accepted."""

from pathlib import Path
from typing import Any

from pydantic import BaseModel, ValidationError

from flows.contract import AskRule, AutoRule, BlockRule
from flows.settings.diff_section import DiffTable

_RULES: dict[object, type[BaseModel]] = {"block": BlockRule, "ask": AskRule, "auto": AutoRule}
Location = tuple[int | str, ...]


def sentence(path: Path, error: ValidationError, settings: type[BaseModel]) -> str:
    """The sentence about the first problem. `settings` is the model of the whole file."""
    # What is missing is often there under a name with a slip of the pen.
    first = min(error.errors(), key=lambda found: found["type"] != "extra_forbidden")
    where, location = _where(path, first["loc"])
    key = ".".join(str(part) for part in location)
    match first["type"]:
        case "extra_forbidden":
            known = ", ".join(f"`{name}`" for name in _known_keys(first["loc"][:-1], settings))
            return f"Not started. {_begin(where)} has a key `{key}` that wap does not know. Known here: {known}."
        case "missing":
            return f"Not started. {_begin(where)} lacks the key `{key}`, which is required. Add it."
        case "union_tag_not_found":
            return f"Not started. {_begin(where)} lacks the key `action`, which is required. Add it."
        case "union_tag_invalid":
            return _not_accepted("action", where, first["input"]["action"], "`block`, `ask` or `auto`")
        case "value_error" if where != f"`{path}`" and not location:  # of a whole rule
            return f"Not started. {_begin(where)} {_said(first['msg'])}."
    accepted = _said(first["msg"])
    return _not_accepted(key, where, first["input"], accepted[:1].lower() + accepted[1:])


def _not_accepted(key: str, where: str, value: Any, accepted: str) -> str:
    return f"Not started. `{key}` in {where} is `{_shown(value)}`, which is not accepted. Accepted: {accepted}."


def _where(path: Path, location: Location) -> tuple[str, Location]:
    """The place that is meant, and the rest of the location. People count rules from 1."""
    match location:
        case ("rules", int(index), *rest):
            inside = rest[1:] if rest and rest[0] in _RULES else rest
            return f"rule {index + 1} of `{path}`", tuple(inside)
    return f"`{path}`", location


def _begin(where: str) -> str:
    return where[:1].upper() + where[1:]


def _said(message: str) -> str:
    for lead in ("Value error, ", "Input should be ", "String should have "):
        message = message.removeprefix(lead)
    return message


def _shown(value: Any) -> str:
    text = str(value)
    return text if len(text) <= 80 else text[:77] + "..."


def _known_keys(location: Location, settings: type[BaseModel]) -> list[str]:
    model: Any = settings
    for part in location:
        if part == "tables":
            return list(DiffTable.model_fields)
        if part in _RULES:
            return list(_RULES[part].model_fields)
        field = getattr(model, "model_fields", {}).get(part)
        model = field.annotation if field else model
    return list(getattr(model, "model_fields", {}))
