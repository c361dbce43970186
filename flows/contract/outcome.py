"""How a run can end; each member is the name of the Prefect state that the run ends in."""

from enum import StrEnum


class Outcome(StrEnum):
    """The named end of a run. Only PUBLISHED and ROLLED_BACK are known to have changed production.

    A FAILED run whose marker could not be read says in its reason that it is not known."""

    PUBLISHED = "Published"
    ROLLED_BACK = "Rolled back"  # of a roll back: production holds the release before again
    REJECTED = "Rejected"
    EXPIRED = "Expired"  # nobody decided in time
    REFUSED = "Refused"  # a safety rule said no, before or after the question
    FAILED = "Failed"  # something broke
    CANCELLED = "Cancelled"
    SUPERSEDED = "Superseded"  # a newer run of the same target took its place
