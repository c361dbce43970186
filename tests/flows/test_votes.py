"""Several approvals for one run: which votes the flow counts, whoever stored them and whatever the bot says."""

import hashlib
import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flows.contract import Approval, Claims, Decider, Policy, Report, Requester, Vote, approvals, sign_proof, vote_key
from flows.decisions.judgement import AskAgain, Decided, NoAnswer, judge
from tests.flows.values import KEYS, report

REQUESTER = "U0TOMAS"
_NOW = datetime.now(UTC)


def asked(quorum: int = 2, **over: Any) -> Report:
    """A report that needs several approvals; the bot has to know who is in the channel."""
    return report(**{"policy": Policy(approvers=("channel",), quorum=quorum), **over})


def claims(of: Report, name: str, **over: Any) -> Claims:
    """What this person approves."""
    values: dict[str, Any] = {
        "run": of.run,
        "attempt": of.attempt,
        "digest": of.digest,
        "verdict": "Approve",
        "decider": Decider(name=name.capitalize(), user_id=f"U0{name.upper()}", team_id="T1"),
        "nonce": f"nonce of {name}",
        "at": _NOW,
    }
    return Claims.model_validate({**values, **over})


def vote(of: Report, name: str, *, keys: tuple[str, ...] = KEYS, words: str = "", **over: Any) -> str:
    """The stored vote of this person."""
    return Vote(proof=sign_proof(claims(of, name, **over), keys), words=words).model_dump_json()


def decision(of: Report, last: str, *counted: str, **over: Any) -> dict[str, str]:
    """The answer that the bot sends when `last` makes the number full; the proof names the votes of `counted`."""
    nonces = tuple(f"nonce of {name}" for name in counted)
    return {"verdict": "Approve", "reason": "", "proof": sign_proof(claims(of, last, votes=nonces, **over), KEYS)}


def judged(of: Report, answer: object, *votes: str) -> Decided | AskAgain | NoAnswer:
    """Judge now."""
    return judge(answer, of, KEYS, at=_NOW, votes=votes)


def test_judge_with_all_votes_names_everybody_who_approved() -> None:
    """The last one is the decider, and all are kept."""
    of = asked()
    outcome = judged(of, decision(of, "priya", "mina", "priya"), vote(of, "mina"), vote(of, "priya"))
    assert isinstance(outcome, Decided)
    assert outcome.acknowledgement.decider.user_id == "U0PRIYA"
    assert [one.user_id for one in outcome.acknowledgement.deciders] == ["U0MINA", "U0PRIYA"]


@pytest.mark.parametrize(
    "second",
    [
        pytest.param({"keys": ("a stranger's key",)}, id="forged"),
        pytest.param({"digest": "0" * 64}, id="other data"),
        pytest.param({"attempt": 2}, id="another attempt"),
        pytest.param({"run": "another"}, id="another run"),
        pytest.param({"verdict": "Reject"}, id="a rejection"),
        pytest.param({"verdict": "Rollback"}, id="a roll back"),
        pytest.param({"decider": Decider(name="nobody")}, id="nobody"),
        pytest.param({"decider": Decider(name="Tomas", user_id=REQUESTER)}, id="the requester"),
        pytest.param({"decider": Decider(name="Priya", user_id="U0PRIYA", team_id="T2")}, id="the same person"),
        pytest.param({"nonce": "of a vote that the bot did not count"}, id="not named by the bot"),
    ],
)
def test_judge_with_a_second_vote_that_does_not_count_asks_again(second: dict[str, Any]) -> None:
    """Two approvals need two votes that are ours, fit, and are of different people who may approve."""
    of = asked()
    outcome = judged(of, decision(of, "priya", "mina", "priya"), vote(of, "mina", **second), vote(of, "priya"))
    assert isinstance(outcome, AskAgain)
    assert (
        outcome.reason
        == "That decision did not count: this run needs 2 approvals, and only 1 approval could be verified."
    )


@pytest.mark.parametrize(
    "text", ["", "null", "[]", "{", '{"proof": 7}', '{"proof": "x", "more": 1}', json.dumps("x" * 9_000)]
)
def test_approvals_leave_out_what_is_no_vote(text: str) -> None:
    """Anybody with access to Prefect can store anything under such a key; it never stops the others."""
    of = asked()
    assert [one.claims.decider.user_id for one in approvals([text, vote(of, "mina")], of, KEYS)] == ["U0MINA"]


def test_judge_when_a_vote_was_withdrawn_asks_again() -> None:
    """What is not stored any more does not count, also if it was the last one's own vote."""
    of = asked()
    answer = decision(of, "priya", "mina", "priya")
    assert isinstance(judged(of, answer, vote(of, "priya")), AskAgain)
    gone = judged(of, answer, vote(of, "mina"), vote(of, "ines"))
    assert isinstance(gone, AskAgain)
    assert "the approval of Priya is withdrawn" in gone.reason


def test_judge_takes_no_vote_for_the_decision() -> None:
    """A vote's own proof names no votes, so somebody who copies it into Prefect's form approves nothing."""
    of = asked()
    stored = vote(of, "mina"), vote(of, "priya")
    answer = {"verdict": "Approve", "reason": "", "proof": json.loads(stored[1])["proof"]}
    assert isinstance(judged(of, answer, *stored), AskAgain)


def test_judge_with_two_of_three_asks_again_and_with_three_decides() -> None:
    """The number is the report's, whatever the answer claims."""
    of = asked(3)
    two = vote(of, "mina"), vote(of, "priya")
    assert isinstance(judged(of, decision(of, "priya", "mina", "priya", "ines"), *two), AskAgain)
    three = judged(of, decision(of, "ines", "mina", "priya", "ines"), *two, vote(of, "ines"))
    assert isinstance(three, Decided)
    assert len(three.acknowledgement.deciders) == 3


def test_judge_without_proof_never_approves_for_several() -> None:
    """Prefect's own form says nothing of who answered, so any number of stored votes changes nothing."""
    of = asked()
    bare = {"verdict": "Approve"}
    assert isinstance(judged(of, bare, vote(of, "mina"), vote(of, "priya")), AskAgain)


def test_judge_when_one_rejects_needs_no_votes() -> None:
    """One no stops, however many have approved."""
    of = asked()
    rejected = sign_proof(claims(of, "ines", verdict="Reject"), KEYS)
    outcome = judged(of, {"verdict": "Reject", "reason": "Doubled.", "proof": rejected}, vote(of, "mina"))
    assert isinstance(outcome, Decided)
    assert outcome.acknowledgement.votes == ()


def test_approvals_come_in_the_order_in_which_they_were_made() -> None:
    """With the words of each; of two votes of one person only the first is left."""
    of = asked()
    later = vote(of, "mina", words=" fine ", at=_NOW + timedelta(seconds=1))
    found = approvals([later, vote(of, "priya"), vote(of, "mina", nonce="x", at=_NOW + timedelta(2))], of, KEYS)
    assert [(one.claims.decider.name, one.words) for one in found] == [("Priya", ""), ("Mina", "fine")]
    assert isinstance(found[0], Approval)


def test_vote_key_is_one_per_person_and_attempt() -> None:
    """Prefect takes only lower case in a key; the team of the person is not in it."""
    assert vote_key(1, "U0MINA") == "wap-vote-1-u0mina"
    assert vote_key(2, "U0MINA") != vote_key(1, "U0MINA")


def test_proof_of_a_decision_has_room_for_many_votes() -> None:
    """A decision is stored with at most 4,000 characters of proof; fifty votes are far more than anybody asks for."""
    of = asked(50)
    nonces = tuple(hashlib.sha256(bytes([number])).hexdigest()[:32] for number in range(50))
    long = Decider(name="N" * 200, user_id="U" * 15, team_id="T" * 15, enterprise_id="E" * 15)
    assert len(sign_proof(claims(of, "mina", decider=long, votes=nonces), KEYS)) < 4_000


_PEOPLE = st.sampled_from(["mina", "priya", "ines", "tomas"])
_STORED = st.tuples(
    _PEOPLE,
    st.sampled_from(["fits", "fits", "fits", "forged", "other data", "another attempt", "another run", "a rejection"]),
    st.sampled_from(["T1", "T2"]),
)
_CHANGES: dict[str, dict[str, Any]] = {
    "fits": {},
    "forged": {"keys": ("a stranger's key",)},
    "other data": {"digest": "0" * 64},
    "another attempt": {"attempt": 7},
    "another run": {"run": "another"},
    "a rejection": {"verdict": "Reject"},
}


@given(
    stored=st.lists(_STORED, max_size=8),
    named=st.lists(_PEOPLE, max_size=4),
    last=_PEOPLE,
    quorum=st.integers(2, 4),
    named_only=st.booleans(),
    duties=st.booleans(),
)
def test_no_votes_ever_approve_without_enough_entitled_people(
    stored: list[tuple[str, str, str]], named: list[str], last: str, quorum: int, *, named_only: bool, duties: bool
) -> None:
    """Whatever is stored and whatever the answer names: an approval has as many verified, different, entitled people
    as the policy asks for, each named by the bot."""
    approvers = ("U0MINA", "U0PRIYA", "U0TOMAS") if named_only else ("channel",)
    policy = Policy(approvers=approvers, quorum=quorum, separation_of_duties=duties)
    of = asked(policy=policy, requested_by=Requester(name="Tomas", user_id=REQUESTER))
    votes = []
    for who, kind, team in stored:
        decider = Decider(name=who, user_id=f"U0{who.upper()}", team_id=team)
        votes.append(vote(of, who, decider=decider, **_CHANGES[kind]))
    outcome = judged(of, decision(of, last, *named), *votes)
    entitled = (
        {"mina", "priya", "ines", "tomas"} - ({"tomas"} if duties else set()) - ({"ines"} if named_only else set())
    )
    counting = {who for who, kind, _ in stored if kind == "fits"} & entitled & set(named)
    assert isinstance(outcome, Decided) == (len(counting) >= quorum and last in counting)
    if isinstance(outcome, Decided):
        assert {one.user_id for one in outcome.acknowledgement.deciders} == {f"U0{who.upper()}" for who in counting}
