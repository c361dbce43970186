"""Arguments of a Web API call: form fields or JSON, with structures as JSON text or as themselves."""

import json
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl

from starlette.requests import Request

from sandbox.errors import Refusal


@dataclass(frozen=True, slots=True)
class Arguments:
    """The arguments of one call, without its token."""

    values: dict[str, Any]

    def text(self, name: str) -> str | None:
        """A string argument; empty counts as absent."""
        value = self.values.get(name)
        return None if value is None or value == "" else str(value)

    def required(self, name: str) -> str:
        """A string argument that must be there. Raises Refusal `invalid_arguments`."""
        value = self.text(name)
        if value is None:
            raise Refusal("invalid_arguments", (f"missing required field: {name}",))
        return value

    def flag(self, name: str) -> bool:
        """A boolean argument: true, 1 or "true"."""
        return str(self.values.get(name, "")).lower() in {"1", "true", "t"}

    def number(self, name: str, default: int, *, maximum: int) -> int:
        """A whole number up to `maximum`. Raises Refusal `invalid_arguments`."""
        value = self.text(name)
        if value is None:
            return default
        if not value.isdigit() or int(value) > maximum:
            raise Refusal("invalid_arguments", (f"must be a number up to {maximum}: {name}",))
        return int(value)

    def structure(self, name: str, *, error: str) -> Any:
        """An object or list, given as itself or as JSON text; None when absent. Raises Refusal `error`."""
        value = self.values.get(name)
        if value is None or value == "":
            return None
        if not isinstance(value, str):
            return value
        try:
            return json.loads(value)
        except ValueError:
            raise Refusal(error) from None


async def read_arguments(request: Request) -> tuple[str | None, Arguments]:
    """The token and the arguments of one request.

    The token comes from the Authorization header, else from the form; JSON bodies cannot carry it. Raises
    Refusal `invalid_json`, `json_not_object` or `invalid_post_type`.
    """
    scheme, _, bearer = request.headers.get("authorization", "").partition(" ")
    token = bearer.strip() if scheme.lower() == "bearer" else None
    values: dict[str, Any] = dict(request.query_params)
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    body = await request.body()
    match kind:
        case "application/json":
            values |= _json_object(body)
        case "application/x-www-form-urlencoded" | "":
            values |= dict(parse_qsl(body.decode(), keep_blank_values=True))
            token = token or values.get("token")
        case "multipart/form-data":
            form = await request.form()
            values |= {name: value for name, value in form.items() if isinstance(value, str)}
            token = token or values.get("token")
        case _:
            raise Refusal("invalid_post_type")
    values.pop("token", None)
    return token, Arguments(values)


def _json_object(body: bytes) -> dict[str, Any]:
    try:
        decoded = json.loads(body or b"{}")
    except ValueError:
        raise Refusal("invalid_json") from None
    if not isinstance(decoded, dict):
        raise Refusal("json_not_object")
    return decoded
