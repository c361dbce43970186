"""The discussion: what people said in the thread of a card before the decision; it goes into the receipt."""

from datetime import datetime
from typing import Literal

from flows.contract.base import Frozen

REMARKS = 200
"""Most remarks kept: the last ones, because they are nearest to the decision."""

REMARK_CHARS = 2_000
"""Most characters of one remark; a longer one says how many are missing."""

DISCUSSION_CHARS = 60_000
"""Most characters of all remarks together."""


class Remark(Frozen):
    """One message of a person, in its last version. `text` is plain text: names instead of ids, no markup."""

    user_id: str
    name: str
    at: datetime
    text: str
    permalink: str = ""


class Discussion(Frozen):
    """What was said about one attempt, oldest first. `left_out` counts older remarks that were too many to keep."""

    version: Literal[1] = 1
    attempt: int
    remarks: tuple[Remark, ...] = ()
    left_out: int = 0

    @property
    def people(self) -> int:
        """How many different people are in the remarks that were kept."""
        return len({remark.user_id for remark in self.remarks})

    @property
    def messages(self) -> int:
        """How many remarks there were, with those that are left out."""
        return len(self.remarks) + self.left_out
