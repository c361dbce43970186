"""What the use cases need from Prefect and from Slack, and how both can fail."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, NoReturn, Protocol

from bot.policy import Person
from bot.runs import Address, Facts, Run, StoredDecision
from flows.contract import Decision

Blocks = tuple[dict[str, Any], ...]
View = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Message:
    """A Slack message: blocks, and the plain text that notifications and screen readers show instead."""

    text: str
    blocks: Blocks


class RunsUnavailable(Exception):
    """Prefect did not answer in time, or could not. Nothing is known about the effect of the call."""


class RunsUnreached(RunsUnavailable):
    """Not even a connection could be made, so the call certainly had no effect."""


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

    async def claim(self, run_id: str, key: str, value: Mapping[str, str]) -> bool:
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


class Slack(Protocol):
    """Slack's Web API, as the use cases see it. Every method may raise SlackRefused or SlackUnsure."""

    async def post_card(self, run_id: str, message: Message) -> Address:
        """Post to the channel. Never repeated by itself: after SlackUnsure look with `find_card`."""

    async def find_card(self, run_id: str, *, since: float) -> Address | None:
        """The card of a run that is already in the channel, posted after `since` (Unix seconds)."""

    async def post_reply(self, thread: Address, message: Message) -> None:
        """Post into the thread of a message. Never repeated by itself."""

    async def edit(self, address: Address, message: Message, *, urgent: bool) -> None:
        """Show this instead. Safe to repeat. `urgent` does not queue behind edits that nobody waits for."""

    async def delete(self, address: Address) -> None:
        """Take a message of ours away."""

    async def whisper(self, user_id: str, channel: str, text: str) -> None:
        """Say something that only this person sees."""

    async def answer(self, response_url: str, message: Message) -> None:
        """Answer a slash command; only the person who typed it sees it."""

    async def open_modal(self, trigger_id: str, view: View) -> None:
        """Open a modal. A trigger lives 3 s and works once."""

    async def publish_home(self, user_id: str, view: View) -> None:
        """Show the Home tab of a person."""

    async def person(self, user_id: str) -> Person:
        """The person as Slack knows them now."""

    async def group_members(self, group_id: str) -> frozenset[str]:
        """User ids of a user group now."""

    async def channel_members(self) -> frozenset[str]:
        """User ids of the card channel now."""
