"""Deciding: what is checked, in which order things happen, and what each outcome tells the person."""

from dataclasses import replace
from typing import Any

import pytest

from bot.answers import Answers
from bot.decisions.permission import Permissions
from bot.decisions.reviews import FollowUp, Reviews
from bot.modals import Modals
from bot.payloads import Click, Place, Question, Submission, question_about
from bot.ports import (
    AlreadyDecided,
    NotRecorded,
    Recorded,
    Resumption,
    RunsUnavailable,
    SlackFailed,
    SlackRefused,
    SlackUnsure,
    Unsure,
)
from bot.runs import Facts, StateType, StoredDecision
from bot.work.tasks import Tasks
from flows.contract import Decider, Policy, read_proof
from tests.bot.fake_prefect import FakeDesk
from tests.bot.fakes import CHANNEL, HOME, FakeRuns, FakeSlack, clock, person
from tests.bot.test_card_state import facts, waiting
from tests.builders import GATE, MINA, NOW, RUN_ID, TOMAS, acknowledgement, report

KEYS = ("an-older-key-of-ours", "the-key-that-signs")
OWNERS = "S0OWNERS01"
IN_CHANNEL = Place(MINA, CHANNEL)
THEIRS = AlreadyDecided(StoredDecision("Reject", "", Decider(name="Tomas Lindqvist", user_id=TOMAS), "other"))


class World:
    """One waiting run, a Slack, and the use cases between them."""

    def __init__(self, seen: Facts | None = None) -> None:
        self.runs = FakeRuns()
        self.slack = FakeSlack()
        self.tasks = Tasks()
        self.slack_is_down = False
        self.seen = self.runs.add(seen or waiting())
        self.desk = FakeDesk()
        self.at_home: list[str] = []
        self.reviews = Reviews(
            self.runs,
            self.desk,
            self.slack,
            permissions=Permissions(self.runs, self.slack, home=HOME, clock=clock),
            answers=(answers := Answers(self.slack, self._answer_at_home)),
            modals=Modals(self.slack, answers),
            reconcile=self._reconcile,
            tasks=self.tasks,
            signing_keys=KEYS,
            clock=clock,
            new_nonce=lambda: "nonce",
            follow_up=FollowUp(every=0.001, late_arrival=0.01, at_most=0.03),
        )

    async def _answer_at_home(self, user_id: str, text: str) -> None:
        self.at_home.append(text)

    async def _reconcile(self, run_id: str) -> None:
        self.runs.history.append("reconcile")
        if self.slack_is_down:
            raise SlackUnsure("chat.update", "TimeoutError")

    def click(self, user_id: str = MINA, **changes: Any) -> Click:
        """A click on the card of this run."""
        question = question_about(self.seen.report) if self.seen.report else Question(RUN_ID, 1, "0" * 16)
        return replace(Click(Place(user_id, CHANNEL), "trigger", question), **changes)

    @property
    def told(self) -> list[str]:
        """What was whispered."""
        return [text for _, text in self.slack.whispers]


async def test_approval_is_resumed_with_a_proof_and_then_shown() -> None:
    """Prefect first, the card afterwards; the proof binds person, attempt, data and verdict."""
    world = World()
    await world.reviews.approve(world.click())
    assert world.runs.history == ["facts", "resume Approve", "reconcile"]
    assert world.told == []
    claims = read_proof(world.runs.decisions[0].proof, KEYS)
    expected = report()
    assert (claims.run, claims.attempt, claims.digest) == (expected.run, expected.attempt, expected.digest)
    assert (claims.verdict, claims.decider.user_id, claims.nonce, claims.at) == ("Approve", MINA, "nonce", NOW)


async def test_rejection_carries_its_reason() -> None:
    """The reason is stored as it was typed."""
    world = World()
    await world.reviews.submit("Reject", Submission(IN_CHANNEL, "{{ 7*7 }}", world.click().question))
    assert world.runs.decisions[0].verdict == "Reject"
    assert world.runs.decisions[0].reason == "{{ 7*7 }}"


async def test_person_is_looked_up_afresh_for_every_decision() -> None:
    """Somebody deactivated a minute ago decides nothing, also in a form that was open already."""
    world = World()
    await world.reviews.ask_reason(world.click())
    world.slack.people[MINA] = person(is_deleted=True)
    await world.reviews.submit("Reject", Submission(IN_CHANNEL, "Doubled.", world.click().question))
    assert world.slack.views[-1]["callback_id"] == "wap_reject_modal"
    assert "resume Reject" not in world.runs.history
    assert world.told == ["Not rejected. Your Slack account is deactivated. Ask an administrator of this workspace."]


@pytest.mark.parametrize(
    ("outcome", "words"),
    [
        (THEIRS, f"<@{TOMAS}> rejected this run first."),
        (NotRecorded(still_waiting=True, detail="x"), "press again"),
        (NotRecorded(still_waiting=False), "no longer waits"),
    ],
)
async def test_every_outcome_but_ours_is_told(outcome: Resumption, words: str) -> None:
    """Only the read-back decides what the person hears."""
    world = World()
    world.runs.answers = [outcome]
    await world.reviews.approve(world.click())
    assert len(world.told) == 1
    assert words in world.told[0]
    assert world.runs.history[-1] == "reconcile"


@pytest.mark.parametrize(
    ("later", "words"),
    [
        ([Unsure(), Recorded()], "Approved. Your decision is stored in Prefect."),
        ([Unsure(), THEIRS], "rejected this run first"),
        ([NotRecorded(still_waiting=True), Recorded()], "Approved. Your decision is stored in Prefect."),
        ([NotRecorded(still_waiting=True)] * 99, "press again"),
        ([Unsure()] * 99, "It is still not known"),
    ],
)
async def test_lost_answer_is_followed_up(later: list[Resumption], words: str) -> None:
    """Not knowing is said at once, and the truth as soon as Prefect can be read; a late arrival is waited for."""
    world = World()
    world.runs.answers = [Unsure(), *later]
    await world.reviews.approve(world.click())
    await world.tasks.drain(5.0)
    assert "It is not known yet" in world.told[0]
    assert words in world.told[1]
    assert len(world.told) == 2


async def test_stale_button_decides_nothing() -> None:
    """Approve exactly what was shown: the button of an older report is refused."""
    world = World()
    stale = replace(world.click(), question=question_about(report(tables=())))
    await world.reviews.approve(stale)
    assert world.told == [
        "Nothing changed. This button belongs to an older report of this run; the data was audited again since. "
        "Look at the newest card, or type `/wap show` with the name of the run."
    ]
    assert world.runs.decisions == []


async def test_decided_run_is_not_resumed_again() -> None:
    """A click on a card that was not yet edited hears who decided, and the card is brought up to date."""
    world = World(facts(StateType.RUNNING, report=report(), acknowledgement=acknowledgement()))
    await world.reviews.approve(world.click())
    assert world.told[0].startswith(f"Nothing changed. <@{MINA}> approved the run `quiet-otter`")
    assert world.runs.history == ["facts", "reconcile"]


async def test_deleted_run_is_said() -> None:
    """Prefect does not know the run any more."""
    world = World()
    world.runs.known.clear()
    await world.reviews.approve(world.click())
    assert "Prefect does not know the run" in world.told[0]


@pytest.mark.parametrize(
    "error", [SlackRefused("users.info", "user_not_found"), SlackUnsure("users.info", "TimeoutError")]
)
async def test_person_who_cannot_be_looked_up_decides_nothing(error: SlackFailed) -> None:
    """A policy that cannot be evaluated denies."""
    world = World()
    world.slack.fail("person", error)
    await world.reviews.approve(world.click())
    assert world.runs.decisions == []
    assert world.told[0].startswith("Nothing was decided. Slack did not say who you are")


async def test_unreadable_group_decides_nothing() -> None:
    """The same for the members of a group."""
    world = World(replace(waiting(), report=report(gate=GATE, policy=Policy(approvers=(OWNERS,)))))
    world.slack.fail("group_members", SlackRefused("usergroups.users.list", "missing_scope"))
    await world.reviews.approve(world.click())
    assert world.runs.decisions == []
    assert "may lack the scope `usergroups:read`" in world.told[0]


async def test_group_member_approves() -> None:
    """A user group is looked up when it matters."""
    world = World(replace(waiting(), report=report(gate=GATE, policy=Policy(approvers=(OWNERS,)))))
    world.slack.groups[OWNERS] = frozenset({MINA})
    await world.reviews.approve(world.click())
    assert world.runs.decisions


async def test_unreachable_prefect_reaches_the_boundary() -> None:
    """Nothing was tried, so nothing can have been decided: the caller may say so."""
    world = World()
    world.runs.is_down = True
    with pytest.raises(RunsUnavailable):
        await world.reviews.approve(world.click())
    assert world.runs.decisions == []


async def test_modal_that_does_not_open_is_said() -> None:
    """A trigger lives three seconds."""
    world = World()
    world.slack.fail("open_modal", SlackRefused("views.open", "expired_trigger_id"))
    await world.reviews.ask_reason(world.click())
    assert world.told == ["Nothing was decided. Slack did not open the form in time. Press the button again."]


async def test_card_that_cannot_be_edited_does_not_unsay_the_decision() -> None:
    """After the decision is stored, a failing Slack must not make the person believe that nothing happened."""
    world = World()
    world.slack_is_down = True
    await world.reviews.approve(world.click())
    assert world.told == []
    assert len(world.runs.decisions) == 1
