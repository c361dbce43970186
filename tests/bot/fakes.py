"""Fakes of our two ports. Each keeps a history of short strings: asserting it is asserting the order of effects."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any, NoReturn

from bot.charts.panels import Panel
from bot.decisions.policy import Home, Person
from bot.keys import ANSWERED_PREFIX, SHOWN_KEY, THREAD_PREFIX
from bot.ports import Message, OpenView, Recorded, Resumption, RunsUnavailable, Said, SlackFailed, Upload, View
from bot.runs import Address, CardClaim, Facts, PartClaim, Run, SharedLink, Shown
from flows.contract import CARD_CLAIM_KEY, CARD_KEY, Decision, Discussion
from tests.builders import MINA, NOW, TOMAS

HOME = Home("T0HARBOUR")
CHANNEL = "C0RELEASES"


def person(user_id: str = MINA, **changes: Any) -> Person:
    """A full member of the home workspace."""
    return replace(Person(user_id, "Mina Okafor", HOME.team_id), **changes)


@dataclass
class FakeRuns:
    """Prefect in memory: facts by run id, claims that only one caller gets."""

    known: dict[str, Facts] = field(default_factory=dict)
    answers: list[Resumption] = field(default_factory=list)
    is_down: bool = False
    history: list[str] = field(default_factory=list)
    decisions: list[Decision] = field(default_factory=list)
    noted: dict[str, Mapping[str, Any]] = field(default_factory=dict)
    hint: Callable[[str | None], None] = lambda run_id: None

    def add(self, facts: Facts) -> Facts:
        """Let Prefect know a run."""
        self.known[facts.run.id] = facts
        return facts

    async def listed(self, *, ended_within: timedelta) -> tuple[Run, ...]:
        self._answer("listed")
        return tuple(facts.run for facts in self.known.values())

    async def facts(self, run_id: str) -> Facts | None:
        self._answer("facts")
        return self.known.get(run_id)

    async def claim(self, run_id: str, key: str, value: Mapping[str, Any]) -> bool:
        self._answer(f"claim {key}")
        facts = self.known[run_id]
        if key == CARD_KEY:
            if facts.card:
                return False
            self.known[run_id] = replace(facts, card=Address(value["channel"], value["ts"]))
        elif key.startswith(THREAD_PREFIX) and key.endswith("-done"):
            self.known[run_id] = replace(facts, parts_done=facts.parts_done | {key.removesuffix("-done")})
        elif key.startswith(THREAD_PREFIX):
            part, _, number = key.rpartition("-claim-")
            if any((claim.part, claim.number) == (part, int(number)) for claim in facts.parts_claimed):
                return False
            claim = PartClaim(part, int(number), value["by"], datetime.fromisoformat(value["at"]))
            self.known[run_id] = replace(facts, parts_claimed=(*facts.parts_claimed, claim))
        elif key.startswith(("wap-discussion-", ANSWERED_PREFIX)):
            if key in self.noted:
                return False
            self.noted[key] = value
            if not key.startswith(ANSWERED_PREFIX):
                self.known[run_id] = replace(facts, discussion=Discussion.model_validate(value))
        elif key.startswith(CARD_CLAIM_KEY):
            attempt = int(key.removeprefix(CARD_CLAIM_KEY)[1:] or 1)
            if any(claim.number == attempt for claim in facts.claims):
                return False
            made = CardClaim(attempt, value["by"], datetime.fromisoformat(value["at"]))
            self.known[run_id] = replace(facts, claims=(*facts.claims, made))
        return True

    async def release(self, run_id: str, key: str) -> None:
        self._answer(f"release {key}")
        facts = self.known[run_id]
        self.known[run_id] = replace(facts, claims=facts.claims[:-1])

    async def replace(self, run_id: str, key: str, value: Mapping[str, str]) -> None:
        self._answer(f"replace {key}")
        assert key == SHOWN_KEY
        self.known[run_id] = replace(self.known[run_id], shown=Shown(value["digest"], value["made_from"]))

    async def resume(self, run_id: str, gate: str, decision: Decision, *, nonce: str) -> Resumption:
        self._answer(f"resume {decision.verdict}")
        self.decisions.append(decision)
        return self.answers.pop(0) if self.answers else Recorded()

    async def read_back(self, run_id: str, gate: str, *, nonce: str) -> Resumption:
        self._answer("read back")
        return self.answers.pop(0) if self.answers else Recorded()

    async def watch(self, hint: Callable[[str | None], None]) -> NoReturn:
        self.hint = hint
        await asyncio.Event().wait()
        raise AssertionError("nobody sets this event")

    def _answer(self, what: str) -> None:
        self.history.append(what)
        if self.is_down:
            raise RunsUnavailable("TimeoutError")


@dataclass
class FakeSlack:
    """Slack in memory. `failures` maps a method to the errors that its next calls raise."""

    people: dict[str, Person] = field(default_factory=lambda: {MINA: person(), TOMAS: person(TOMAS)})
    groups: dict[str, frozenset[str]] = field(default_factory=dict)
    failures: dict[str, list[SlackFailed]] = field(default_factory=dict)
    history: list[str] = field(default_factory=list)
    shown: dict[str, Message] = field(default_factory=dict)
    whispers: list[tuple[str, str]] = field(default_factory=list)
    answers: list[Message] = field(default_factory=list)
    views: list[View] = field(default_factory=list)
    previews: dict[str, Message] = field(default_factory=dict)
    found: Address | None = None
    replies: list[Message] = field(default_factory=list)
    uploads: list[Upload] = field(default_factory=list)
    marks: set[str] = field(default_factory=set)
    runs_of: dict[str, str] = field(default_factory=dict)
    remarks: list[Said] = field(default_factory=list)

    def fail(self, method: str, *errors: SlackFailed) -> None:
        """Let the next calls of this method fail."""
        self.failures[method] = list(errors)

    async def post_card(self, run_id: str, message: Message) -> Address:
        self._call("post_card")
        address = Address(CHANNEL, f"{len(self.shown) + 1}.0")
        self.shown[address.ts] = message
        return address

    async def find_card(self, run_id: str, *, since: float) -> Address | None:
        self._call("find_card")
        return self.found

    async def post_reply(self, thread: Address, message: Message, *, mark: str = "") -> None:
        self._call("post_reply")
        self.replies.append(message)
        self.marks.add(mark)

    async def run_of(self, thread: Address) -> str:
        self._call("run_of")
        return self.runs_of.get(thread.ts, "")

    async def said(self, thread: Address) -> tuple[Said, ...]:
        self._call("said")
        return tuple(self.remarks)

    async def upload(self, thread: Address, upload: Upload) -> None:
        self._call("upload")
        self.uploads.append(upload)
        self.marks.add(upload.name)

    async def posted(self, thread: Address) -> frozenset[str]:
        self._call("posted")
        return frozenset(self.marks)

    async def edit(self, address: Address, message: Message, *, urgent: bool) -> None:
        self._call("edit")
        self.shown[address.ts] = message

    async def delete(self, address: Address) -> None:
        self._call("delete")
        self.shown.pop(address.ts, None)

    async def whisper(self, user_id: str, channel: str, text: str) -> None:
        self._call("whisper")
        self.whispers.append((user_id, text))

    async def answer(self, response_url: str, message: Message, *, is_public: bool = False) -> None:
        self._call("answer publicly" if is_public else "answer")
        self.answers.append(message)

    async def open_modal(self, trigger_id: str, view: View) -> OpenView:
        self._call("open_modal")
        self.views.append(view)
        return OpenView(f"V{len(self.views)}")

    async def update_modal(self, opened: OpenView, view: View) -> None:
        self._call("update_modal")
        self.views.append(view)

    async def unfurl(self, link: SharedLink, previews: Mapping[str, Message]) -> None:
        self._call("unfurl")
        self.previews.update(previews)

    async def permalink(self, address: Address) -> str:
        self._call("permalink")
        return f"https://example.com/{address.ts}"

    async def publish_home(self, user_id: str, view: View) -> None:
        self._call("publish_home")
        self.views.append(view)

    async def person(self, user_id: str) -> Person:
        self._call("person")
        return self.people[user_id]

    async def group_members(self, group_id: str) -> frozenset[str]:
        self._call("group_members")
        return self.groups[group_id]

    async def channel_members(self) -> frozenset[str]:
        self._call("channel_members")
        return self.groups["channel"]

    def _call(self, method: str) -> None:
        self.history.append(method)
        if self.failures.get(method):
            raise self.failures[method].pop(0)


async def draw(panels: Sequence[Panel]) -> bytes:
    """A picture that costs no process."""
    return b"PNG of " + ", ".join(panel.title for panel in panels).encode()


def clock() -> datetime:
    """Time stands still."""
    return NOW
