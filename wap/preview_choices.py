"""What `wap preview` can show; apart from the rendering, which takes longer to import than to name."""

from enum import StrEnum


class State(StrEnum):
    """The states that a run can be shown in."""

    BUILDING = "building"
    WAITING = "waiting"
    APPROVED = "approved"
    PUBLISHED = "published"
    REJECTED = "rejected"
    EXPIRED = "expired"
    SUPERSEDED = "superseded"
    REFUSED = "refused"
    FAILED = "failed"
    CANCELLED = "cancelled"
    STUCK = "stuck"
    ROLLED_BACK = "rolled_back"


class Surface(StrEnum):
    """Where in Slack."""

    MESSAGE = "message"
    THREAD = "thread"
    HOME = "home"
    MODAL = "modal"


class Form(StrEnum):
    """Which modal."""

    DETAILS = "details"
    APPROVE = "approve"
    REJECT = "reject"
