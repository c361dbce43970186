"""What can be started from Slack: frozen values read from Prefect, only the fields that a form needs."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Any

NEVER_ASKED = frozenset({"config", "requested_by", "requester_user_id"})
"""`config` names the file that holds the policy: who could choose it could choose who approves. The other two are
filled in by the bot."""


class Kind(StrEnum):
    """What a parameter takes. The values stand in block ids."""

    TEXT = "text"
    INTEGER = "integer"
    NUMBER = "number"
    YES_NO = "yes-no"
    CHOICE = "choice"
    JSON = "json"


@dataclass(frozen=True, slots=True)
class Parameter:
    """One parameter of a deployment. `default` is what is used if nobody fills it in; None if there is nothing."""

    name: str
    kind: Kind
    title: str
    description: str = ""
    is_required: bool = False
    default: Any = None
    choices: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Deployment:
    """A flow that a worker can run. `parameters` are those that a person may fill in."""

    id: str
    name: str
    parameters: tuple[Parameter, ...]
    is_paused: bool = False
    config: str = ""
    """The settings file that its runs read, as the deployment names it."""


def read_parameters(schema: dict[str, Any], defaults: dict[str, Any]) -> tuple[Parameter, ...]:
    """The parameters of an OpenAPI schema, as Prefect stores it, in the order of the flow's signature.

    What is more than a plain value (a list, an object, a union) is asked for as JSON.
    """
    properties = schema.get("properties") or {}
    required = schema.get("required") or ()
    definitions = schema.get("definitions") or {}
    asked = [(name, found) for name, found in properties.items() if name not in NEVER_ASKED and isinstance(found, dict)]
    return tuple(
        _parameter(name, _resolved(found, definitions), is_required=name in required, given=defaults)
        for name, found in sorted(asked, key=_position)
    )


def _position(pair: tuple[str, dict[str, Any]]) -> int:
    found = pair[1].get("position", 0)
    return found if isinstance(found, int) else 0


def _parameter(name: str, found: dict[str, Any], *, is_required: bool, given: dict[str, Any]) -> Parameter:
    choices = found.get("enum") or ()
    are_texts = bool(choices) and all(isinstance(choice, str) for choice in choices)
    return Parameter(
        name=name,
        kind=Kind.CHOICE if are_texts else _KINDS.get(str(found.get("type")), Kind.JSON),
        title=str(found.get("title") or name),
        description=str(found.get("description") or ""),
        is_required=is_required and name not in given,
        default=given.get(name, found.get("default")),
        choices=tuple(choices) if are_texts else (),
    )


def _resolved(found: dict[str, Any], definitions: dict[str, Any]) -> dict[str, Any]:
    """An enum is a reference to its definition, alone or as the only one of `allOf`."""
    parts = found.get("allOf")
    alone = parts[0] if isinstance(parts, list) and len(parts) == 1 and isinstance(parts[0], dict) else found
    reference = alone.get("$ref", "")
    target = definitions.get(str(reference).rpartition("/")[2])
    return {**target, **found} if isinstance(target, dict) else found


_KINDS = {"string": Kind.TEXT, "integer": Kind.INTEGER, "number": Kind.NUMBER, "boolean": Kind.YES_NO}
