"""What the bot knows of a run: frozen values read from Prefect, only the fields it uses."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from flows.contract import (
    Acknowledgement,
    Approval,
    Decider,
    Discussion,
    Progress,
    Receipt,
    Report,
    Requester,
    Rollback,
    StagingUse,
    Target,
    Verdict,
)


class StateType(StrEnum):
    """Prefect's state types, as its API spells them."""

    SCHEDULED = "SCHEDULED"
    PENDING = "PENDING"
    RUNNING = "RUNNING"
    PAUSED = "PAUSED"
    CANCELLING = "CANCELLING"
    COMPLETED = "COMPLETED"
    FAILED = "FAILED"
    CANCELLED = "CANCELLED"
    CRASHED = "CRASHED"


OPEN = (StateType.RUNNING, StateType.PAUSED, StateType.CANCELLING)
"""Worth a card. Scheduled runs are not: a schedule creates them days ahead."""

OVER = (StateType.COMPLETED, StateType.FAILED, StateType.CANCELLED, StateType.CRASHED)


@dataclass(frozen=True, slots=True)
class Run:
    """A Prefect flow run under review. `since` is when it entered its state, by the server's clock.

    `requested_by` is what it was started with; the flow's own word is in `Build` and in the report. `takes_back` is the
    run whose release a roll back was asked to take back, empty for every other run; `config` names its settings.
    """

    id: str
    name: str
    state_id: str
    state_type: StateType
    state_name: str
    since: datetime
    message: str = ""
    pause_key: str = ""
    has_started: bool = True
    requested_by: Requester | None = None
    takes_back: str = ""
    config: str = ""

    @property
    def is_over(self) -> bool:
        """Whether Prefect will do nothing more with this run by itself."""
        return self.state_type in OVER


@dataclass(frozen=True, slots=True)
class Build:
    """What is known of a run before there is a report."""

    target: Target
    requested_by: Requester


@dataclass(frozen=True, slots=True)
class StoredDecision:
    """The decision that lies in Prefect. `decider` is None when no valid proof names somebody; `votes` are the nonces
    of the votes that it was made of, if several people had to approve."""

    verdict: Verdict
    reason: str
    decider: Decider | None
    nonce: str = ""
    votes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Withdrawn:
    """A vote that is there no more. `why` is empty if the person took it back, else what keeps it from counting."""

    user_id: str
    name: str
    why: str = ""


@dataclass(frozen=True, slots=True)
class Address:
    """Where a message is in Slack."""

    channel: str
    ts: str


@dataclass(frozen=True, slots=True)
class SharedLink:
    """Links in a message of somebody's, as Slack told of them; `unfurl_id` and `source` say where that is."""

    urls: tuple[str, ...]
    unfurl_id: str
    source: str


@dataclass(frozen=True, slots=True)
class Shown:
    """What a card was last made to say: a digest of the message, and what it was made from."""

    digest: str
    made_from: str


@dataclass(frozen=True, slots=True)
class CardClaim:
    """A bot's right to post the card. A higher `number` takes over from a bot that died in between."""

    number: int
    by: str
    at: datetime


@dataclass(frozen=True, slots=True)
class PartClaim:
    """A bot's right to post one message of a card's thread; `part` is the message's key."""

    part: str
    number: int
    by: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Facts:
    """Everything that a card shows, read from Prefect in one go.

    `unreadable` names the documents that are there and could not be understood; `parts_claimed` and `parts_done`
    are about the messages of the card's thread, `answers` counts those to mentions. `votes`, `withdrawn` and
    `discussion` are of the report's attempt; only votes that count are there, and of a person at most one of the two.
    `was_asked` is false if the report was never put to anybody.
    `rollback_votes` are for taking the release back, also those that are too old to count.
    `rollback` says that the release was taken back, `staging_used` why it no longer can be; `predecessor` is the run
    that was in production when this one began to build.
    `read_at` is when the reading began, by the clock of Prefect's server; None if that was not known.
    """

    run: Run
    build: Build | None = None
    report: Report | None = None
    decision: StoredDecision | None = None
    acknowledgement: Acknowledgement | None = None
    receipt: Receipt | None = None
    card: Address | None = None
    claims: tuple[CardClaim, ...] = ()
    parts_claimed: tuple[PartClaim, ...] = ()
    parts_done: frozenset[str] = frozenset()
    answers: int = 0
    discussion: Discussion | None = None
    shown: Shown | None = None
    progress: Progress | None = None
    is_from_slack: bool = False
    votes: tuple[Approval, ...] = ()
    withdrawn: tuple[Withdrawn, ...] = ()
    was_asked: bool = True
    rollback_votes: tuple[Approval, ...] = ()
    rollback: Rollback | None = None
    staging_used: StagingUse | None = None
    predecessor: str = ""
    unreadable: tuple[str, ...] = ()
    read_at: datetime | None = None
