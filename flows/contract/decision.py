"""The decision: what the gate waits for, and how the flow acknowledges it."""

from datetime import datetime
from enum import StrEnum
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from flows.contract.base import Frozen
from flows.contract.texts import Words

Verdict = Literal["Approve", "Reject"]


class Via(StrEnum):
    """Through which door a decision came."""

    SLACK = "slack"
    PREFECT = "prefect"
    RULE = "rule"
    """No door: a rule of wap.toml let the run pass, and nobody was asked."""


class Decision(BaseModel):
    """Review of a data release.

    Three flat fields, so that Prefect's own form stays friendly. `verdict` has NO default: Prefect lets a run
    be resumed without input when every field has one, and a default of "Approve" would then publish. The
    required field is also what makes `resume` exactly-once in Prefect's database.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    verdict: Verdict = Field(title="Verdict", description="Approve publishes staging to production.")
    reason: str = Field(default="", title="Reason", description="Why; please say it when you reject.", max_length=3000)
    proof: str = Field(
        default="",
        title="Proof",
        description="Filled in by the Slack bot; leave empty here.",
        max_length=4000,
    )


class Decider(Frozen):
    """Who decided. `user_id` is empty when the decision came through Prefect itself, which knows no users, and when
    no person decided but a rule, which `name` then names."""

    name: str
    user_id: str = ""
    team_id: str = ""
    enterprise_id: str = ""

    @property
    def is_verified(self) -> bool:
        """Whether a signed proof names this person."""
        return bool(self.user_id)


class Acknowledgement(Frozen):
    """Written by the flow as soon as it has read a decision: somebody is home and acts on it.

    `votes` are all whose approval counted, in that order, where more than one had to approve; `decider` is the last.
    """

    attempt: int
    verdict: Verdict
    reason: Words
    via: Via
    decider: Decider
    at: datetime
    votes: tuple[Decider, ...] = ()

    @property
    def deciders(self) -> tuple[Decider, ...]:
        """Everybody who decided; mostly that is one."""
        return self.votes or (self.decider,)
