"""How a run can end; each member is the name of the Prefect state that the run ends in."""

from enum import StrEnum


class Outcome(StrEnum):
    """The named end of a run. Only PUBLISHED has changed production."""

    PUBLISHED = "Published"
    REJECTED = "Rejected"
    EXPIRED = "Expired"  # nobody decided in time
    REFUSED = "Refused"  # a safety rule said no, before or after the question
    FAILED = "Failed"  # something broke; nothing was published
    CANCELLED = "Cancelled"
    SUPERSEDED = "Superseded"  # a newer run of the same target took its place
