"""What findings about policies and tags have in common: names, reasons, remedies."""

from collections.abc import Sequence
from typing import Literal

from flows.contract import Finding
from flows.warehouse.base import WarehouseError
from flows.warehouse.snowflake.policies.attached import Attachment
from flows.warehouse.snowflake.policies.texts import TAG


def finding(severity: Literal["blocker", "warning"], code: str, name: str, consequence: str, remedy: str) -> Finding:
    """A finding; `name` is its object."""
    return Finding(severity=severity, code=code, object=name, consequence=consequence, remedy=remedy)


def listed(some: Sequence[Attachment]) -> str:
    """The first of them, and how many more."""
    more = f", and {len(some) - 1} more" if len(some) > 1 else ""
    return f"{some[0].text}{more}"


def what(one: Attachment) -> str:
    """The policy or tag in a sentence."""
    value = f" = {one.arguments[0]}" if one.kind == TAG else ""
    return f"the {one.kind.lower()} `{'.'.join(one.name)}`{value}"


def said(error: WarehouseError) -> str:
    """What Snowflake said, without what to do next."""
    text = str(error)
    return (text.partition(": ")[2] or text).partition(". ")[0].rstrip(".")


def grant_remedy(kind: str) -> str:
    """What lets the role see and attach it."""
    on = "APPLY ON TAG ..." if kind == TAG else f"APPLY ON {kind} ..."
    return f"GRANT {on} to the role that publishes, and USAGE on the schema that it lies in"
