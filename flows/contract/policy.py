"""Who may decide and what may be published; it travels in the report, so that bot and flow apply the same."""

import re
from typing import Annotated, Literal

from pydantic import BeforeValidator, Field

from flows.contract.base import Frozen
from flows.contract.reminders import Reminders

MOST_APPROVALS = 50
"""A decision names its votes in 4,000 characters of proof, and so many fit."""

_APPROVER = re.compile(r"channel|[USW][A-Z0-9]+")
"""Slack's ids: of a person U, on Enterprise Grid also W; of a user group S."""


def _approver(entry: object) -> object:
    if not isinstance(entry, str) or not _APPROVER.fullmatch(entry):
        raise ValueError("a Slack user id (U... or W...), a user group id (S...) or the word channel")
    return entry


def _approvers(entries: object) -> object:
    if not isinstance(entries, list | tuple) or not entries:
        raise ValueError("a list with at least one Slack user id, user group id or the word channel")
    return entries


Approver = Annotated[str, BeforeValidator(_approver)]


class Policy(Frozen):
    """The rules of one target, as wap.toml gave them when the run was audited."""

    approvers: Annotated[tuple[Approver, ...], BeforeValidator(_approvers)]
    """Slack user ids (U... or W...), user group ids (S...), or the word `channel` for the card's channel members."""

    separation_of_duties: bool = True
    """The requester cannot approve an own run; rejecting it is always allowed."""

    quorum: int = Field(default=1, ge=1, le=MOST_APPROVALS)
    """How many different approvers must approve."""

    prefect_ui: Literal["allow", "deny"] = "allow"
    """Whether a decision without proof (made in Prefect itself, identity unverified) counts."""

    vanish: Literal["block", "allow"] = "block"
    """Whether a table or column that production has and staging lacks may be published."""

    reminders: Reminders = Reminders()
    """When the approvers are reminded, who is told if that does not help, and when it is quiet."""
