"""Roll backs that several people have to ask for: which requests the flow takes, whoever stored what."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from flows.contract import Claims, Policy, Report, Requester, Rollback, Via, Vote, rollback_vote_key, sign_proof
from flows.decisions.rollback_judgement import Ballot, Denied, Granted, judge_rollback
from tests.flows.project import Project
from tests.flows.reviewed import Reviewed, approve
from tests.flows.reviewer import Api
from tests.flows.test_rollback import AFTER, BEFORE, RolledBack
from tests.flows.test_votes import REQUESTER, asked, claims, vote
from tests.flows.values import KEYS

NOW = datetime.now(UTC)
HOUR = timedelta(hours=1)
ONE = Policy(approvers=("channel",))


def request(of: Report, last: str, *counted: str, **over: Any) -> str:
    """What the bot sends when `last` makes the number full; the proof names the votes of `counted`."""
    nonces = tuple(f"nonce of {name}" for name in counted)
    return sign_proof(claims(of, last, **{"verdict": "Rollback", "votes": nonces, **over}), KEYS)


def ask(of: Report, name: str, **over: Any) -> str:
    """The stored vote of this person for a roll back."""
    return vote(of, name, **{"verdict": "Rollback", **over})


def judged(of: Report, proof: str, *stored: str, policy: Policy = ONE, at: datetime = NOW) -> Granted | Denied:
    """Judge with the settings of now in `policy`."""
    return judge_rollback(Ballot(proof, at, HOUR, stored), of, policy, KEYS, asker="")


def test_two_people_take_a_release_back_and_both_are_named() -> None:
    """The last one is the decider, and all are kept."""
    of = asked()
    outcome = judged(of, request(of, "priya", "mina", "priya"), ask(of, "priya"), ask(of, "mina"))
    assert isinstance(outcome, Granted)
    assert (outcome.via, outcome.decider.name) == (Via.SLACK, "Priya")
    assert [voter.name for voter in outcome.votes] == ["Mina", "Priya"]


def test_one_person_is_enough_where_one_is_asked_for() -> None:
    """As before votes existed: nothing has to be stored, and no votes are on record."""
    of = asked(quorum=1)
    outcome = judged(of, request(of, "mina"))
    assert isinstance(outcome, Granted)
    assert outcome.votes == ()


@pytest.mark.parametrize(
    ("proof", "stored", "words"),
    [
        (("mina",), (), "needs 2 approvals, and only 1 approval could be verified"),
        (("priya", "mina", "priya"), (), "the approval of Priya is withdrawn or could not be verified"),
        (("priya", "mina", "priya"), ("priya",), "only 1 approval could be verified"),
        (("priya", "mina", "priya"), ("mina",), "the approval of Priya is withdrawn"),
        (("priya", "priya"), ("mina", "priya"), "only 1 approval could be verified"),
    ],
)
def test_too_few_votes_take_nothing_back(proof: tuple[str, ...], stored: tuple[str, ...], words: str) -> None:
    """Alone, withdrawn, not stored, not named by the bot: the flow counts for itself."""
    of = asked()
    outcome = judged(of, request(of, *proof), *(ask(of, name) for name in stored))
    assert isinstance(outcome, Denied)
    assert words in outcome.reason


@pytest.mark.parametrize(
    "over",
    [
        {"verdict": "Approve"},
        {"verdict": "Reject"},
        {"run": "another"},
        {"attempt": 2},
        {"digest": "0" * 64},
        {"at": NOW - timedelta(hours=2)},
        {"keys": ("a stranger's key",)},
    ],
    ids=["approval", "rejection", "other run", "other attempt", "other data", "too old", "forged"],
)
def test_vote_that_is_no_vote_for_this_roll_back_does_not_count(over: dict[str, Any]) -> None:
    """An approval of the release is none of its roll back, and the other way round."""
    of = asked()
    outcome = judged(of, request(of, "priya", "mina", "priya"), ask(of, "mina", **over), ask(of, "priya"))
    assert isinstance(outcome, Denied)


def test_requester_is_none_of_the_two() -> None:
    """Separation of duties holds for each of them, whatever is stored."""
    of = asked(requested_by=Requester(name="Tomas", user_id=REQUESTER))
    outcome = judged(of, request(of, "priya", "tomas", "priya"), ask(of, "tomas"), ask(of, "priya"))
    assert isinstance(outcome, Denied)
    both = (ask(of, "mina"), ask(of, "priya"))
    assert isinstance(judged(of, request(of, "priya", "mina", "priya"), *both), Granted)


def test_higher_number_of_both_policies_counts() -> None:
    """What was asked for when it was published, or what wap.toml asks for now."""
    of = asked(quorum=1)
    two = Policy(approvers=("channel",), quorum=2)
    assert isinstance(judged(of, request(of, "mina"), policy=two), Denied)
    both = (ask(of, "mina"), ask(of, "priya"))
    assert isinstance(judged(of, request(of, "priya", "mina", "priya"), *both, policy=two), Granted)
    named = Policy(approvers=("U0PRIYA",))
    refused = judged(asked(), request(asked(), "priya", "mina", "priya"), *both, policy=named)
    assert isinstance(refused, Denied)


def test_request_without_proof_never_counts_as_several() -> None:
    """Prefect knows no users."""
    refused = judged(asked(), "")
    assert isinstance(refused, Denied)
    assert refused.reason == "taking this release back needs 2 approvals with proof"


@settings(deadline=None)
@given(
    stored=st.lists(st.tuples(st.sampled_from(["mina", "priya", "tomas", "lena"]), st.integers(0, 90)), max_size=6),
    named=st.lists(st.sampled_from(["mina", "priya", "tomas", "lena"]), min_size=1, max_size=4, unique=True),
    quorum=st.integers(2, 3),
)
def test_only_enough_different_people_in_time_take_a_release_back(
    stored: list[tuple[str, int]], named: list[str], quorum: int
) -> None:
    """Whatever lies in Prefect: different people, not the requester, each named and not older than the limit."""
    of = asked(quorum, requested_by=Requester(name="Tomas", user_id=REQUESTER))
    found: dict[str, int] = {}
    for name, minutes in stored:
        found[name] = max(minutes, found.get(name, 0))  # of two votes of a person the earlier one counts
    documents = [ask(of, name, at=NOW - timedelta(minutes=minutes)) for name, minutes in stored]
    outcome = judged(of, request(of, named[-1], *named), *documents)
    counting = {name for name, minutes in found.items() if name in named and minutes <= 60 and name != "tomas"}
    is_enough = len(counting) >= quorum and named[-1] in counting
    assert isinstance(outcome, Granted) == is_enough


def store(api: Api, run: str, one: Claims) -> None:
    """What the bot stores when this person asks."""
    body = {
        "key": rollback_vote_key(one.attempt, one.decider.user_id),
        "value": Vote(proof=sign_proof(one, KEYS)).model_dump_json(),
    }
    api.http.post(f"/flow_runs/{run}/input", json=body).raise_for_status()


def test_two_people_take_a_release_back_on_the_whole_flow(
    prefect: str, project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With one request production stays as it is; with two the release before is back, and both are on record."""
    monkeypatch.setenv("WAP_SIGNING_KEYS", ",".join(KEYS))
    project.config.write_text(project.config.read_text().replace('["U0MINA"]', '["channel"]'))
    assert Reviewed(prefect, project, approve).ended_as("Published")
    project.rows((1, 10), (2, 200))
    published = Reviewed(prefect, project, approve)
    assert published.report is not None
    project.config.write_text(project.config.read_text().replace("[policy]", "[policy]\nquorum = 2"))
    api = Api(prefect)
    two = [claims(published.report, name, verdict="Rollback", at=datetime.now(UTC)) for name in ("mina", "priya")]
    last = two[1].model_copy(update={"votes": tuple(one.nonce for one in two)})
    store(api, published.run, two[1])
    alone = RolledBack(prefect, project, published.run, proof=sign_proof(last, KEYS))
    assert "it needs 2 approvals, and only 1 approval could be verified" in alone.sentence
    assert project.contents("dwh") == AFTER
    store(api, published.run, two[0])
    done = RolledBack(prefect, project, published.run, proof=sign_proof(last, KEYS))
    assert done.sentence.startswith("Rolled back: Rolled back by Mina and Priya: `dwh` holds the release before")
    assert project.contents("dwh") == BEFORE
    assert isinstance(done.receipt.rollback, Rollback)
    assert [one.name for one in done.receipt.rollback.deciders] == ["Mina", "Priya"]
