"""The roll back: which release was taken back out of production, by whom; and what makes that impossible."""

from datetime import datetime

from flows.contract.base import Frozen
from flows.contract.decision import Decider, Via


class Rollback(Frozen):
    """A release that was taken back. `run` had published it, `by` is the run that took it back.

    `digest` is that of the report under which it had been published. `votes` are all who approved the roll back, in
    that order, where more than one had to; `decider` is the last.
    """

    run: str
    run_name: str
    attempt: int
    digest: str
    by: str
    by_name: str
    via: Via
    decider: Decider
    at: datetime
    votes: tuple[Decider, ...] = ()

    @property
    def deciders(self) -> tuple[Decider, ...]:
        """Everybody who decided; mostly that is one."""
        return self.votes or (self.decider,)


class StagingUse(Frozen):
    """The run that has built into staging since, so that staging holds the release before no more."""

    run: str
    run_name: str
