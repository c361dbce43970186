"""Who may decide and what may be published; it travels in the report, so that bot and flow apply the same."""

from typing import Literal

from pydantic import Field

from flows.contract.base import Frozen


class Policy(Frozen):
    """The rules of one target, as wap.toml gave them when the run was audited."""

    approvers: tuple[str, ...] = Field(min_length=1)
    """Slack user ids (U...), user group ids (S...), or the word `channel` for the members of the card's channel."""

    separation_of_duties: bool = True
    """The requester cannot approve an own run; rejecting it is always allowed."""

    quorum: int = Field(default=1, ge=1)
    """How many different approvers must approve."""

    prefect_ui: Literal["allow", "deny"] = "allow"
    """Whether a decision without proof (made in Prefect itself, identity unverified) counts."""

    vanish: Literal["block", "allow"] = "block"
    """Whether a table or column that production has and staging lacks may be published."""
