"""Several approvals: how votes are stored, counted, withdrawn and completed, whatever happens in between."""

from dataclasses import replace
from datetime import timedelta
from itertools import count
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.answers import Answers
from bot.blocks.modals import WITHDRAW_MODAL
from bot.decisions.permission import Asked, Permissions
from bot.decisions.policy import Person
from bot.decisions.reviews import FollowUp, Reviews
from bot.modals import Modals
from bot.payloads import Click, Place, Submission, question_about
from bot.ports import AlreadyDecided, NotRecorded, Recorded, Resumption, SlackUnsure
from bot.runs import StateType, StoredDecision
from bot.work.tasks import Tasks
from flows.contract import Decision, Policy, RuleHit, Vote, read_proof, vote_key
from flows.decisions.judgement import Decided, judge
from tests.bot.ballot_box import KEYS, BallotBox
from tests.bot.fake_prefect import FakeDesk
from tests.bot.fakes import CHANNEL, HOME, FakeSlack, person
from tests.bot.test_card_state import waiting
from tests.builders import GATE, MINA, NOW, RUN_ID, TOMAS, report

PRIYA, INES = "U0PRIYA001", "U0INES0001"
OWNERS = "S0OWNERS01"
NAMES = {MINA: "Mina Okafor", PRIYA: "Priya Raman", INES: "Ines Duarte", TOMAS: "Tomas Lindqvist"}


class Room:
    """One waiting run that needs several approvals, and people who press buttons."""

    def __init__(self, quorum: int = 2, **over: Any) -> None:
        self.asked = report(gate=GATE, **{"policy": Policy(approvers=(OWNERS,), quorum=quorum), **over})
        self.runs = BallotBox()
        self.runs.add(replace(waiting(), report=self.asked))
        self.slack = FakeSlack(people={one: person(one, name=name) for one, name in NAMES.items()})
        self.slack.groups[OWNERS] = frozenset({MINA, PRIYA, INES, TOMAS})
        self.tasks, self.at_home = Tasks(), list[str]()
        ticks, nonces = count(), count()
        self.reviews = Reviews(
            self.runs,
            FakeDesk(),
            self.slack,
            permissions=Permissions(self.runs, self.slack, home=HOME, clock=lambda: NOW),
            answers=(answers := Answers(self.slack, self._at_home)),
            modals=Modals(self.slack, answers),
            reconcile=self._reconcile,
            tasks=self.tasks,
            signing_keys=KEYS,
            clock=lambda: NOW + timedelta(seconds=next(ticks)),
            new_nonce=lambda: f"nonce {next(nonces)}",
            follow_up=FollowUp(every=0.001, late_arrival=0.01, at_most=0.03),
        )

    async def _at_home(self, user_id: str, text: str) -> None:
        self.at_home.append(text)

    async def _reconcile(self, run_id: str) -> None:
        self.runs.history.append("reconcile")

    async def approve(self, user_id: str, **place: str) -> None:
        """Press Approve on the card."""
        where = Place(user_id, **(place or {"channel": CHANNEL}))
        await self.reviews.approve(Click(where, "trigger", question_about(self.asked)))

    async def withdraw(self, user_id: str) -> None:
        """Send the Withdraw form."""
        await self.reviews.withdraw(Place(user_id, CHANNEL), RUN_ID)

    async def voters(self) -> list[str]:
        """Whose votes count now."""
        facts = await self.runs.facts(RUN_ID)
        assert facts is not None
        return [vote.claims.decider.user_id for vote in facts.votes]

    def judged(self, decision: Decision) -> Any:
        """What the flow makes of it, with the votes that are stored."""
        stored = [
            Vote.model_validate(value).model_dump_json()
            for key, value in self.runs.inputs.items()
            if key.startswith("wap-vote-")
        ]
        return judge(decision.model_dump(), self.asked, KEYS, at=NOW, votes=stored)

    @property
    def told(self) -> list[tuple[str, str]]:
        """Who was told what alone."""
        return self.slack.whispers


async def test_first_approval_is_a_vote_and_the_second_decides() -> None:
    """The run goes on once, with a proof that names both votes and that the flow accepts."""
    room = Room()
    await room.approve(MINA)
    assert room.runs.decisions == []
    assert await room.voters() == [MINA]
    await room.approve(PRIYA)
    [decision] = room.runs.decisions
    claims = read_proof(decision.proof, KEYS)
    assert (claims.decider.user_id, claims.votes) == (PRIYA, ("nonce 0", "nonce 1"))
    outcome = room.judged(decision)
    assert isinstance(outcome, Decided)
    assert [one.user_id for one in outcome.acknowledgement.deciders] == [MINA, PRIYA]
    assert room.told == []
    assert room.runs.history[-1] == "reconcile"


async def test_rule_can_ask_for_more_approvals_than_the_policy() -> None:
    """The report knows how many, whoever asked for them."""
    hit = RuleHit(action="ask", rule=1, table="orders", consequence="grows", approvals=2)
    room = Room(quorum=1, rule_hits=(hit,))
    await room.approve(MINA)
    assert room.runs.decisions == []
    await room.approve(PRIYA)
    assert len(room.runs.decisions) == 1


async def test_same_person_counts_once_and_is_offered_the_way_back() -> None:
    """Approve pressed again opens a form that withdraws; without a trigger the command is named."""
    room = Room()
    await room.approve(MINA)
    await room.approve(MINA)
    [form] = room.slack.views
    assert form["callback_id"] == WITHDRAW_MODAL
    assert "1 of 2 approvals, 1 more is needed" in str(form)
    assert await room.voters() == [MINA]
    await room.reviews.decide(Asked(Place(MINA, CHANNEL), "Approve", RUN_ID), words="")
    assert room.told[-1][1].endswith("To take your approval back, type `/wap withdraw quiet-otter`.")
    assert room.runs.decisions == []


async def test_withdrawn_approval_does_not_count() -> None:
    """It is gone from Prefect, the person is told how many are left, and may approve again."""
    room = Room()
    await room.approve(MINA)
    await room.withdraw(MINA)
    assert await room.voters() == []
    assert room.told[-1] == (
        MINA,
        "Withdrawn. The run `quiet-otter` has 0 of 2 approvals now. You can approve it again as long as it waits.",
    )
    facts = await room.runs.facts(RUN_ID)
    assert facts is not None
    assert [(one.user_id, one.why) for one in facts.withdrawn] == [(MINA, "")]
    await room.approve(PRIYA)
    assert room.runs.decisions == []
    await room.approve(MINA)
    assert len(room.runs.decisions) == 1
    facts = await room.runs.facts(RUN_ID)
    assert facts is not None
    assert facts.withdrawn == ()


async def test_withdraw_without_a_vote_changes_nothing() -> None:
    """Nobody takes back what somebody else has given."""
    room = Room()
    await room.approve(MINA)
    await room.withdraw(PRIYA)
    assert room.told[-1][1] == "Nothing changed. You have not approved the run `quiet-otter`."
    assert await room.voters() == [MINA]


async def test_withdraw_after_the_decision_changes_nothing() -> None:
    """A run that goes on is not stopped by taking an approval back."""
    room = Room()
    await room.approve(MINA)
    waits = room.runs.known[RUN_ID]
    room.runs.add(replace(waits, run=replace(waits.run, state_type=StateType.COMPLETED)))
    await room.withdraw(MINA)
    assert room.told[-1][1].startswith("Nothing changed.")
    assert vote_key(1, MINA) in room.runs.inputs


@pytest.mark.parametrize(
    ("changed", "why"),
    [
        ({"is_deleted": True}, "deactivated"),
        ({"is_guest": True}, "guest"),
        ({"team_id": "T0QUAYSIDE"}, "outsider"),
    ],
)
async def test_vote_of_somebody_who_lost_the_right_does_not_count(changed: dict[str, Any], why: str) -> None:
    """When the number would be full everybody is looked up afresh; the vote goes, and the card says whose and why."""
    room = Room()
    await room.approve(MINA)
    room.slack.people[MINA] = replace(room.slack.people[MINA], **changed)
    await room.approve(PRIYA)
    assert room.runs.decisions == []
    assert await room.voters() == [PRIYA]
    facts = await room.runs.facts(RUN_ID)
    assert facts is not None
    assert [(one.user_id, one.why) for one in facts.withdrawn] == [(MINA, why)]
    await room.approve(INES)
    assert len(room.runs.decisions) == 1


async def test_vote_of_somebody_who_left_the_group_does_not_count() -> None:
    """The members of a group are those of now."""
    room = Room()
    await room.approve(MINA)
    room.slack.groups[OWNERS] = frozenset({PRIYA})
    await room.approve(PRIYA)
    assert room.runs.decisions == []
    assert await room.voters() == [PRIYA]


async def test_vote_of_somebody_whom_slack_does_not_know_is_kept_and_does_not_count_yet() -> None:
    """Not knowing denies, and takes nothing away: the same click helps a minute later."""
    room = Room()
    await room.approve(MINA)
    known = room.slack.people.pop(MINA)

    class Gone(dict[str, Person]):
        def __missing__(self, user_id: str) -> Person:
            raise SlackUnsure("users.info", "TimeoutError")

    room.slack.people = Gone(room.slack.people)
    await room.approve(PRIYA)
    assert room.runs.decisions == []
    assert "Slack did not say whether `Mina Okafor` still may" in room.told[-1][1]
    assert await room.voters() == [MINA, PRIYA]
    room.slack.people[MINA] = known
    await room.approve(PRIYA)
    assert len(room.runs.decisions) == 1


async def test_requester_cannot_vote() -> None:
    """Separation of duties holds for each of several approvals."""
    room = Room()
    await room.approve(TOMAS)
    assert await room.voters() == []
    assert "You requested this run" in room.told[-1][1]


async def test_claim_that_counts_for_nothing_keeps_nobody_out() -> None:
    """Whoever stored something under a person's key cannot vote for them, nor keep them from voting."""
    room = Room()
    room.runs.inputs[vote_key(1, MINA)] = {"proof": "made up"}
    assert await room.voters() == []
    await room.approve(MINA)
    assert await room.voters() == [MINA]


async def test_one_rejection_stops_at_once() -> None:
    """However many have approved, a no needs nobody else."""
    room = Room(3)
    await room.approve(MINA)
    await room.reviews.submit("Reject", Submission(Place(PRIYA, CHANNEL), "Doubled.", question_about(room.asked)))
    [decision] = room.runs.decisions
    assert (decision.verdict, decision.reason) == ("Reject", "Doubled.")
    assert isinstance(room.judged(decision), Decided)


async def test_comments_of_all_are_kept_with_their_names() -> None:
    """Each vote may carry one."""
    room = Room()
    await room.reviews.submit("Approve", Submission(Place(MINA, CHANNEL), "fine", question_about(room.asked)))
    await room.reviews.submit("Approve", Submission(Place(PRIYA, CHANNEL), "checked", question_about(room.asked)))
    assert room.runs.decisions[0].reason == "Mina Okafor: fine\nPriya Raman: checked"


@pytest.mark.parametrize(
    ("stored_votes", "is_told"), [(("nonce 0", "nonce 1"), False), (("nonce 0", "of somebody else"), True)]
)
async def test_loser_of_a_race_hears_only_what_is_true(stored_votes: tuple[str, ...], *, is_told: bool) -> None:
    """Whose vote is part of the stored decision has approved; whose is not hears who was first."""
    room = Room()
    await room.approve(MINA)
    theirs = StoredDecision("Approve", "", None, "another nonce", stored_votes)
    room.runs.answers = [AlreadyDecided(theirs)]
    await room.approve(PRIYA)
    assert [text for _, text in room.told if "first" in text] == (
        ["Nothing changed. Somebody in Prefect approved this run first."] if is_told else []
    )


async def test_vote_by_command_and_on_the_home_tab_is_answered_there() -> None:
    """On the card it shows by itself; elsewhere the person is told how far it is."""
    room = Room(3)
    await room.approve(MINA, response_url="https://example.com/answer")
    assert f"<@{MINA}> approved the run `quiet-otter`, 1 of 3." in room.slack.answers[0].text
    await room.reviews.approve(Click(Place(PRIYA), "trigger", question_about(room.asked)))
    assert room.at_home == ["Your approval of the run `quiet-otter` is stored: 2 of 3."]


async def test_prefect_that_does_not_answer_leaves_the_vote_unsure() -> None:
    """Nothing is claimed that is not known; pressing again counts once."""
    room = Room()
    permitted = room.runs.facts

    async def then_down(run_id: str) -> Any:
        found = await permitted(run_id)
        room.runs.is_down = True
        return found

    room.runs.facts = then_down  # type: ignore[method-assign]  # Prefect goes away after the first read
    await room.approve(MINA)
    assert "It is not known whether your approval was stored" in room.told[-1][1]


@pytest.mark.parametrize("outcome", [Recorded(), NotRecorded(still_waiting=True)])
async def test_votes_that_are_complete_let_the_run_go_on_by_themselves(outcome: Resumption) -> None:
    """A bot that stops between the last vote and the decision: the next one sends the same decision."""
    room = Room()
    await room.approve(MINA)
    await room.approve(PRIYA)
    sent = room.runs.decisions.pop()
    room.runs.answers = [outcome]
    before = room.runs.history.count("reconcile")
    await room.reviews.complete(RUN_ID)
    assert read_proof(room.runs.decisions[0].proof, KEYS) == read_proof(sent.proof, KEYS)
    # Shown only if something changed, because showing a complete run leads here again.
    assert room.runs.history.count("reconcile") == before + isinstance(outcome, Recorded)


async def test_question_that_was_put_again_waits_for_a_person() -> None:
    """What the flow did not accept is not sent for ever; any of those who approved may press again."""
    room = Room()
    await room.approve(MINA)
    await room.approve(PRIYA)
    again = room.asked.model_copy(update={"gate": "another gate"})
    waits = room.runs.known[RUN_ID]
    room.runs.add(replace(waits, report=again, run=replace(waits.run, pause_key="another gate")))
    await room.reviews.complete(RUN_ID)
    assert len(room.runs.decisions) == 1
    await room.approve(MINA)
    assert len(room.runs.decisions) == 2


_STEPS = st.lists(
    st.tuples(
        st.sampled_from(["approve", "withdraw", "leave", "return", "complete"]),
        st.sampled_from([MINA, PRIYA, INES, TOMAS]),
    ),
    max_size=12,
)


@settings(deadline=None)
@given(steps=_STEPS, quorum=st.integers(2, 4))
async def test_no_order_of_clicks_publishes_without_enough_people(steps: list[tuple[str, str]], quorum: int) -> None:
    """Whatever people press in whatever order: a decision is sent only with the votes of so many different people who
    may approve at that moment, and the flow agrees with each that is sent."""
    room = Room(quorum)
    members, votes = {MINA, PRIYA, INES, TOMAS}, set[str]()
    for what, who in steps:
        match what:
            case "approve":
                await room.approve(who)
                votes |= {who} & members - {TOMAS}
            case "withdraw":
                await room.withdraw(who)
                votes.discard(who)
            case "leave":
                members.discard(who)
            case "return":
                members.add(who)
            case _:
                await room.reviews.complete(RUN_ID)
        room.slack.groups[OWNERS] = frozenset(members)
        for decision in room.runs.decisions:
            outcome = room.judged(decision)
            assert isinstance(outcome, Decided)
            deciders = {one.user_id for one in outcome.acknowledgement.deciders}
            assert len(deciders) >= quorum
            assert deciders <= votes & members
        if room.runs.decisions:
            return
