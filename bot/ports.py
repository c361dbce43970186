"""What the use cases need from Prefect and from Slack, and how both can fail."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, NoReturn, Protocol

from bot.commands.deployments import Deployment
from bot.decisions.policy import Person
from bot.runs import Address, Facts, Run, SharedLink, StateType, StoredDecision
from flows.contract import Decision, Receipt, Report

Blocks = tuple[dict[str, Any], ...]
View = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Message:
    """A Slack message: blocks, and the plain text that notifications and screen readers show instead."""

    text: str
    blocks: Blocks


@dataclass(frozen=True, slots=True)
class Upload:
    """A file for a thread. `alt_text` says what a picture shows, to those who cannot see it."""

    name: str
    title: str
    content: bytes
    comment: str
    alt_text: str = ""


@dataclass(frozen=True, slots=True)
class OpenView:
    """A modal that is open. `version` is what Slack calls its hash: an update of a view that has changed is refused."""

    id: str
    version: str = ""


@dataclass(frozen=True, slots=True)
class Said:
    """A message of a person. `text` is as Slack stores it, with its markup."""

    user_id: str
    ts: str
    text: str


class RunsUnavailable(Exception):
    """Prefect did not answer in time, or could not. Nothing is known about the effect of the call."""


class RunsUnreached(RunsUnavailable):
    """Not even a connection could be made, so the call certainly had no effect."""


class RunsUnsure(RunsUnavailable):
    """What was asked for may be done or may come to be: the person must look before asking again."""


class RunsForbidden(Exception):
    """Prefect refused our credentials."""


class SlackFailed(Exception):
    """A call of Slack's Web API did not succeed. `code` is Slack's word, or ours when there was no answer."""

    def __init__(self, method: str, code: str) -> None:
        super().__init__(f"{method}: {code}")
        self.method = method
        self.code = code


class SlackRefused(SlackFailed):
    """Slack said no: the call had no effect."""


class SlackUnsure(SlackFailed):
    """The answer was lost or unusable: the call may or may not have had its effect."""


TOO_LONG = "too_long"
"""The code of a SlackUnsure: there are more messages than are read."""


@dataclass(frozen=True, slots=True)
class Recorded:
    """Our decision is the one that is stored."""


@dataclass(frozen=True, slots=True)
class AlreadyDecided:
    """Another decision is stored."""

    decision: StoredDecision


@dataclass(frozen=True, slots=True)
class NotRecorded:
    """Nothing is stored. `still_waiting` tells whether pressing again can help; `detail` is Prefect's reason."""

    still_waiting: bool
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Unsure:
    """Prefect could not be read back: it is not known what is stored."""


Resumption = Recorded | AlreadyDecided | NotRecorded | Unsure


class Runs(Protocol):
    """Prefect, as the use cases see it. Every method may raise RunsUnavailable or RunsForbidden."""

    async def listed(self, *, ended_within: timedelta) -> tuple[Run, ...]:
        """All open runs, then those that ended lately; newest first."""

    async def facts(self, run_id: str) -> Facts | None:
        """Everything about a run; None if Prefect does not know it."""

    async def claim(self, run_id: str, key: str, value: Mapping[str, Any]) -> bool:
        """Create a run input. False if the key was there: only one caller ever gets True."""

    async def release(self, run_id: str, key: str) -> None:
        """Delete a run input; nothing happens if it is gone."""

    async def replace(self, run_id: str, key: str, value: Mapping[str, str]) -> None:
        """Write a run input whether or not the key was there. Not atomic."""

    async def resume(self, run_id: str, gate: str, decision: Decision, *, nonce: str) -> Resumption:
        """Answer the gate. Never raises RunsUnavailable: what is not known comes back as Unsure."""

    async def read_back(self, run_id: str, gate: str, *, nonce: str) -> Resumption:
        """What is stored at the gate, seen by the owner of the nonce."""

    async def watch(self, hint: Callable[[str | None], None]) -> NoReturn:
        """Call `hint` with the id of a run that changed, and with None when anything may have. For ever."""


@dataclass(frozen=True, slots=True)
class Refused:
    """Prefect answered and did not do it; `detail` is its reason."""

    detail: str


class Catalog(Protocol):
    """Lists over many runs, each in one call. Every method may raise RunsUnavailable or RunsForbidden."""

    async def in_state(self, kind: StateType, *, at_most: int) -> tuple[Run, ...]:
        """Our runs in this state, those that started first before all others."""

    async def runs_of(self, run_ids: Collection[str]) -> dict[str, Run]:
        """These runs by their id; what Prefect does not know is not there."""

    async def reports_of(self, run_ids: Collection[str]) -> dict[str, Report]:
        """The newest report of each of these runs that has one, by the run's id."""

    async def newest_reports(self, *, at_most: int) -> tuple[Report, ...]:
        """The reports that were saved last, newest first."""

    async def newest_receipts(self, *, at_most: int) -> tuple[Receipt, ...]:
        """The receipts that were left last, newest first; of each run only the newest."""


class Desk(Protocol):
    """Starting and stopping runs. Every method may raise RunsUnavailable or RunsForbidden."""

    async def deployments(self) -> tuple[Deployment, ...]:
        """What can be started, by name."""

    async def rollbacks(self) -> tuple[Deployment, ...]:
        """What can take a release back; not among `deployments`, because nobody fills in a form for it."""

    async def start(self, deployment_id: str, parameters: Mapping[str, Any], *, once: str) -> Run | Refused:
        """Create a run of this deployment, at most one for the same `once`. Raises RunsUnsure."""

    async def cancel(self, run_id: str, message: str) -> Refused | None:
        """Ask for this run to be cancelled; None when that is stored. Raises RunsUnsure."""


class Slack(Protocol):
    """Slack's Web API, as the use cases see it. Every method may raise SlackRefused or SlackUnsure."""

    async def post_card(self, run_id: str, message: Message) -> Address:
        """Post to the channel. Never repeated by itself: after SlackUnsure look with `find_card`."""

    async def find_card(self, run_id: str, *, since: float) -> Address | None:
        """The card of a run that is already in the channel, posted after `since` (Unix seconds)."""

    async def post_reply(self, thread: Address, message: Message, *, mark: str = "") -> None:
        """Post into the thread of a message. Never repeated by itself; `posted` finds it again by its mark."""

    async def run_of(self, thread: Address) -> str:
        """The id of the run that the message at the top of this thread says it is the card of; empty if of none."""

    async def said(self, thread: Address) -> tuple[Said, ...]:
        """What people have said in a thread, oldest first: no bots, edits as they are now, nothing deleted."""

    async def upload(self, thread: Address, upload: Upload) -> None:
        """Share a file in the thread of a message. Never repeated by itself; `posted` finds its name."""

    async def posted(self, thread: Address) -> frozenset[str]:
        """The marks and file names of what the bot has posted into this thread."""

    async def edit(self, address: Address, message: Message, *, urgent: bool) -> None:
        """Show this instead. Safe to repeat. `urgent` does not queue behind edits that nobody waits for."""

    async def delete(self, address: Address) -> None:
        """Take a message of ours away."""

    async def whisper(self, user_id: str, channel: str, text: str) -> None:
        """Say something that only this person sees."""

    async def answer(self, response_url: str, message: Message, *, is_public: bool = False) -> None:
        """Answer a slash command or a click; only that person sees it, unless it `is_public`."""

    async def open_modal(self, trigger_id: str, view: View) -> OpenView:
        """Open a modal. A trigger lives 3 s and works once."""

    async def update_modal(self, opened: OpenView, view: View) -> None:
        """Show this in a modal that is open, unless it has changed since; SlackRefused then says `hash_conflict`."""

    async def unfurl(self, link: SharedLink, previews: Mapping[str, Message]) -> None:
        """Attach a preview to a message of somebody's, per link in it."""

    async def permalink(self, address: Address) -> str:
        """Where people find this message."""

    async def publish_home(self, user_id: str, view: View) -> None:
        """Show the Home tab of a person."""

    async def person(self, user_id: str) -> Person:
        """The person as Slack knows them now."""

    async def group_members(self, group_id: str) -> frozenset[str]:
        """User ids of a user group now."""

    async def channel_members(self) -> frozenset[str]:
        """User ids of the card channel now."""
