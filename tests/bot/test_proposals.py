"""Asking for a roll back that needs several people, on fakes: what can happen in between."""

import asyncio
from dataclasses import replace
from itertools import count
from typing import Any

import pytest

from bot.answers import Answers
from bot.commands.deployments import Deployment
from bot.decisions.permission import Permissions
from bot.home.overview import Overview
from bot.home.tallies import Tallies
from bot.modals import Modals
from bot.payloads import Click, Place, question_about
from bot.ports import SlackRefused
from bot.rollbacks.news import RollbackNews
from bot.rollbacks.proposals import Proposals
from bot.rollbacks.rollbacks import Rollbacks
from bot.runs import Address, StateType
from flows.contract import Policy, SchemaPair, StagingUse, read_proof
from tests.bot.ballot_box import KEYS, BallotBox
from tests.bot.fake_prefect import FakeCatalog, FakeDesk
from tests.bot.fakes import CHANNEL, HOME, FakeSlack, person
from tests.bot.rollback_values import taken_back
from tests.bot.test_card_state import facts, run
from tests.builders import MINA, NOW, RUN_ID, receipt, report

PRIYA, LENA, OWNERS = "U0PRIYA001", "U0LENA0001", "S0OWNERS01"


class Room:
    """One published release that two people can take back, and people who press the button."""

    def __init__(self) -> None:
        self.runs, self.slack = BallotBox(), FakeSlack()
        self.catalog = FakeCatalog(self.runs)
        self.desk = FakeDesk(can_roll_back=(Deployment("d1", "wap-rollback", ()),))
        self.desk.makes = replace(run(StateType.SCHEDULED, "Scheduled"), name="steady-heron", id="9" * 8)
        self.asked = report(policy=Policy(approvers=(OWNERS,), quorum=2))
        ended = facts(StateType.COMPLETED, "Published", receipt=receipt(), report=self.asked)
        self.runs.add(replace(ended, card=Address(CHANNEL, "1.0")))
        names = {MINA: "Mina Okafor", PRIYA: "Priya Raman", LENA: "Lena Frost"}
        self.slack.people = {user: person(user, name=name) for user, name in names.items()}
        self.slack.groups[OWNERS] = frozenset(names)
        self.now, nonces = NOW, count()
        permissions = Permissions(self.runs, self.slack, home=HOME, clock=lambda: self.now)
        answers = Answers(self.slack, self._at_home)
        common: dict[str, Any] = {"signing_keys": KEYS, "clock": lambda: self.now}
        common["new_nonce"] = lambda: f"nonce-{next(nonces)}"
        self.rollbacks = Rollbacks(
            self.runs,
            self.desk,
            self.slack,
            overview=Overview(self.catalog, Tallies(), clock=lambda: None),
            permissions=permissions,
            answers=answers,
            modals=Modals(self.slack, answers),
            proposals=Proposals(self.runs, permissions, RollbackNews(self.runs, self.slack), **common),
            reconcile=self._reconcile,
            **common,
        )

    async def press(self, *users: str) -> list[str]:
        """These people press at the same moment; what is whispered in the end."""
        question = question_about(self.asked)
        clicks = [Click(Place(user, CHANNEL), "trigger", question) for user in users]
        await asyncio.gather(*(self.rollbacks.press(click) for click in clicks))
        return [text for _, text in self.slack.whispers]

    async def _at_home(self, user_id: str, text: str) -> None:
        raise AssertionError("nobody was at home")

    async def _reconcile(self, run_id: str) -> None:
        assert run_id == RUN_ID


async def test_two_who_press_at_the_same_moment_start_one_run() -> None:
    """Whoever counts both votes starts it; Prefect knows it by the same name however many do."""
    room = Room()
    await room.press(MINA, PRIYA)
    assert {once for _, _, once in room.desk.started} == {f"wap-rollback-{RUN_ID}-1"}
    proofs = {read_proof(parameters["proof"], KEYS).votes for _, parameters, _ in room.desk.started}
    assert [sorted(votes) for votes in proofs] == [["nonce-0", "nonce-1"]]


async def test_one_person_starts_nothing_however_often() -> None:
    """The second time a form offers to withdraw."""
    room = Room()
    await room.press(MINA)
    await room.press(MINA)
    assert room.desk.started == []
    assert [view["callback_id"] for view in room.slack.views] == ["wap_withdraw_rollback_modal"]


async def test_form_that_came_too_late_is_told_in_words() -> None:
    """Prefect was asked before, so the trigger may be dead: the way back does not depend on it."""
    room = Room()
    await room.press(MINA)
    room.slack.fail("open_modal", SlackRefused("views.open", "expired_trigger_id"))
    told = (await room.press(MINA))[-1]
    assert told.startswith("You have asked already to roll back `dwh`: 1 of 2.")
    assert told.endswith("To take that back, type `/wap withdraw quiet-otter`.")


async def test_person_who_left_does_not_count() -> None:
    """Rights are looked up again when the number is full; the thread says whose request is gone."""
    room = Room()
    await room.press(MINA)
    room.slack.groups[OWNERS] = frozenset({PRIYA, LENA})
    await room.press(PRIYA)
    assert room.desk.started == []
    assert "does not count that person any more" in room.slack.replies[-1].text
    await room.press(LENA)
    assert len(room.desk.started) == 1


async def test_request_lives_as_long_as_the_question_did() -> None:
    """Two who never wanted it at the same time take nothing back."""
    room = Room()
    await room.press(MINA)
    room.now = NOW + (room.asked.expires_at - room.asked.created_at) * 1.01
    await room.press(PRIYA)
    assert room.desk.started == []
    await room.press(MINA)
    assert len(room.desk.started) == 1


@pytest.mark.parametrize("others", [{"staging_used": True}, {"rollback": True}])
async def test_request_is_refused_where_nothing_can_come_back(others: dict[str, bool]) -> None:
    """Nobody collects votes for what cannot happen any more."""
    room = Room()
    known = room.runs.known[RUN_ID]
    use = StagingUse(run="2", run_name="newer-otter") if "staging_used" in others else None
    done = taken_back(room.asked) if "rollback" in others else None
    room.runs.add(replace(known, staging_used=use, rollback=done))
    [told] = await room.press(MINA)
    assert "newer-otter" in told or "was rolled back" in told
    assert room.runs.inputs == {}


async def test_request_that_was_fulfilled_is_not_withdrawn() -> None:
    """What has happened is said; the thread does not read as if it could still be stopped."""
    room = Room()
    await room.press(MINA)
    known = room.runs.known[RUN_ID]
    room.runs.add(replace(known, rollback=taken_back(room.asked)))
    assert await room.rollbacks.withdraw(Place(MINA, CHANNEL), RUN_ID)
    assert "was rolled back" in room.slack.whispers[-1][1]
    assert room.slack.replies == []


_OTHERS: list[dict[str, Any]] = [
    {"further": (SchemaPair(production="dwh_marts", staging="develop_dwh_marts"),)},
    {"staging": "build_dwh"},
]


@pytest.mark.parametrize("since", _OTHERS)
async def test_target_whose_schemas_became_more_is_still_one(since: dict[str, Any]) -> None:
    """Only schemas of one name in several databases leave it open which is meant."""
    room = Room()
    older = receipt()
    target = older.target.model_copy(update=since)
    room.catalog.receipts = [older.model_copy(update={"target": target}), older.model_copy(update={"run": "2" * 36})]
    await room.rollbacks.ask(Place(MINA, CHANNEL), "dwh", "trigger")
    assert room.slack.views[-1]["callback_id"] == "wap_rollback_modal"
    elsewhere = older.target.model_copy(update={"database": "elsewhere"})
    room.catalog.receipts.append(older.model_copy(update={"run": "3" * 36, "target": elsewhere}))
    await room.rollbacks.ask(Place(MINA, CHANNEL), "dwh", "trigger")
    assert "Several databases have a" in str(room.slack.views[-1])


async def test_unreachable_prefect_leaves_it_open_what_is_stored() -> None:
    """Neither a yes nor a no: pressing again counts once."""
    room = Room()
    claim = room.runs.claim

    async def lose(run_id: str, key: str, value: Any) -> bool:
        await claim(run_id, key, value)
        room.runs.is_down = True
        return True

    room.runs.claim = lose  # type: ignore[method-assign]  # the reply is lost, and everything after it
    told = await room.press(MINA)
    assert told[-1].startswith("Not rolled back. It is not known whether your request was stored")
    room.runs.claim, room.runs.is_down = claim, False  # type: ignore[method-assign]
    await room.press(PRIYA)
    assert len(room.desk.started) == 1
