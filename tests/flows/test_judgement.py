"""The flow's own judgement of an answer: what opens the gate, what asks again, what closes it."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from pydantic import ValidationError

from flows.contract import (
    AskRule,
    Claims,
    DbtSummary,
    Decider,
    Finding,
    Policy,
    Report,
    Requester,
    RuleHit,
    Via,
    sign_proof,
)
from flows.decisions.judgement import AskAgain, Decided, NoAnswer, by_rule, judge
from tests.flows.values import APPROVER, KEYS, report

MINA = Decider(name="Mina", user_id=APPROVER, team_id="T1")


def answer(of: Report, *, verdict: str = "Approve", keys: tuple[str, ...] = KEYS, **claims: Any) -> dict[str, str]:
    """An answer with a proof that fits, except for what a test changes."""
    values = {
        "run": of.run,
        "attempt": of.attempt,
        "digest": of.digest,
        "verdict": verdict,
        "decider": MINA,
        "nonce": "n1",
        "at": datetime.now(UTC),
    }
    proof = sign_proof(Claims.model_validate({**values, **claims}), keys)
    return {"verdict": verdict, "reason": " fine ", "proof": proof}


def judged(response: object, of: Report, **over: Any) -> Decided | AskAgain | NoAnswer:
    """Judge now, with the flow's keys."""
    return judge(response, of, over.get("keys", KEYS), at=over.get("at", datetime.now(UTC)))


@pytest.mark.parametrize("verdict", ["Approve", "Reject"])
def test_judge_with_a_fitting_proof_records_who_decided(verdict: str) -> None:
    """A signed decision counts, and is recorded under the person that the proof names."""
    of = report()
    outcome = judged(answer(of, verdict=verdict), of)
    assert isinstance(outcome, Decided)
    assert outcome.acknowledgement.decider == MINA
    assert (outcome.acknowledgement.verdict, outcome.acknowledgement.via) == (verdict, Via.SLACK)
    assert outcome.acknowledgement.reason == "fine"


def test_judge_with_an_older_key_still_counts() -> None:
    """Keys rotate: a proof signed with the previous key is still read."""
    of = report()
    assert isinstance(judged(answer(of, keys=KEYS[:1]), of), Decided)


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"run": "another"}, "another run"),
        ({"attempt": 2}, "attempt 2"),
        ({"digest": "0" * 64}, "other data"),
        ({"decider": Decider(name="nobody")}, "no Slack user"),
        ({"decider": Decider(name="Priya", user_id="U0PRIYA")}, "not among the approvers"),
        ({"decider": Decider(name="Tomas", user_id="U0TOMAS")}, "cannot approve"),
    ],
)
def test_judge_with_a_proof_that_does_not_fit_asks_again(change: dict[str, Any], says: str) -> None:
    """A proof for another run, attempt, data or person never opens the gate, and never closes it for good."""
    of = report()
    outcome = judged(answer(of, **change), of)
    assert isinstance(outcome, AskAgain)
    assert says in outcome.reason


def test_judge_with_a_proof_of_the_other_verdict_asks_again() -> None:
    """A proof of a rejection cannot be turned into an approval."""
    of = report()
    forged = {**answer(of, verdict="Reject"), "verdict": "Approve"}
    assert isinstance(judged(forged, of), AskAgain)


@pytest.mark.parametrize("keys", [(), ("a stranger's key",)])
def test_judge_with_a_proof_of_a_strange_key_asks_again(keys: tuple[str, ...]) -> None:
    """A proof that the flow cannot check does not count."""
    of = report()
    assert isinstance(judged(answer(of), of, keys=keys), AskAgain)


def test_judge_when_the_requester_rejects_counts() -> None:
    """Separation of duties keeps the requester from approving, never from rejecting."""
    of = report(requested_by=Requester(name="Mina", user_id=APPROVER))
    assert isinstance(judged(answer(of, verdict="Reject"), of), Decided)
    assert isinstance(judged(answer(of), of), AskAgain)


def test_judge_without_proof_follows_the_policy() -> None:
    """A decision made in Prefect itself counts unverified, or asks again where the policy denies that door."""
    bare = {"verdict": "Approve"}
    allowed = judged(bare, report())
    assert isinstance(allowed, Decided)
    assert allowed.acknowledgement.via is Via.PREFECT
    assert not allowed.acknowledgement.decider.is_verified
    denied = report(policy=Policy(approvers=(APPROVER,), prefect_ui="deny"))
    assert isinstance(judged(bare, denied), AskAgain)


def test_judge_with_a_quorum_never_passes_on_one_proof() -> None:
    """Where two must approve, one signed approval is not enough."""
    of = report(policy=Policy(approvers=(APPROVER,), quorum=2))
    assert isinstance(judged(answer(of), of), AskAgain)
    assert isinstance(judged({"verdict": "Approve"}, of), AskAgain)
    assert isinstance(judged({"verdict": "Reject"}, of), Decided)


def test_judge_counts_the_approvals_that_a_rule_asks_for() -> None:
    """A rule can want more than the policy does; never less."""
    hit = RuleHit(action="ask", rule=1, table="orders", consequence="grows", approvals=2)
    of = report(rule_hits=(hit,))
    assert of.approvals_needed == 2
    assert isinstance(judged(answer(of), of), AskAgain)
    assert isinstance(judged({"verdict": "Approve"}, of), AskAgain)
    assert isinstance(judged({"verdict": "Reject"}, of), Decided)
    assert report(rule_hits=(hit,), policy=Policy(approvers=(APPROVER,), quorum=3)).approvals_needed == 3


def passing(rule: int, table: str = "orders", **over: Any) -> RuleHit:
    """A table that an auto rule lets pass."""
    return RuleHit(action="auto", rule=rule, table=table, consequence="+1 -0 ~0", **over)


def test_by_rule_approves_only_what_the_rules_let_pass() -> None:
    """Without such a hit a person is asked, whatever other rules there are."""
    now = datetime.now(UTC)
    assert by_rule(report(), at=now) is None
    asks = RuleHit(action="ask", rule=1, table="orders", consequence="grows")
    assert by_rule(report(rules=(AskRule(action="ask", vanished=True),), rule_hits=(asks,)), at=now) is None
    said = by_rule(report(rule_hits=(passing(3, name="small"),)), at=now)
    assert said is not None
    assert (said.verdict, said.via, said.decider) == ("Approve", Via.RULE, Decider(name="rule 3 of wap.toml (small)"))
    assert said.reason == "`orders` +1 -0 ~0"


def test_by_rule_names_every_rule_and_counts_the_tables_beyond_five() -> None:
    """The reason stays a sentence that a person can read."""
    hits = tuple(passing(2 + number % 2, f"t{number}") for number in range(7))
    said = by_rule(report(rule_hits=hits), at=datetime.now(UTC))
    assert said is not None
    assert said.decider.name == "rules 2 and 3 of wap.toml"
    assert said.reason.endswith("`t4` +1 -0 ~0; and 2 more tables")


@pytest.mark.parametrize(
    "over",
    [
        {"findings": (Finding(severity="warning", code="x", object="v", consequence="y", remedy="z."),)},
        {"dbt": DbtSummary(tests_warned=1)},
        {"rule_hits": (passing(1), RuleHit(action="ask", rule=2, table="orders", consequence="grows"))},
    ],
)
def test_report_that_passes_by_rule_has_nothing_to_weigh(over: dict[str, Any]) -> None:
    """Whatever made such a report, it is not believed."""
    with pytest.raises(ValidationError, match="cannot pass without a person"):
        report(**({"rule_hits": (passing(1),)} | over))


def test_judge_knows_people_of_a_large_workspace_by_their_ids() -> None:
    """User ids begin with U or W; a list of such ids is checked by the flow as well."""
    of = report(policy=Policy(approvers=("W0MINA",)))
    assert isinstance(judged(answer(of, decider=Decider(name="Evil", user_id="U0EVIL")), of), AskAgain)
    assert isinstance(judged(answer(of, decider=Decider(name="Mina", user_id="W0MINA")), of), Decided)


@pytest.mark.parametrize(
    "response", [None, {}, {"verdict": "approve"}, {"verdict": "Approve", "extra": 1}, [], "Approve", {"verdict": True}]
)
def test_judge_with_an_odd_response_is_no_answer(response: object) -> None:
    """Whatever is not a decision is never an approval."""
    assert isinstance(judged(response, report()), NoAnswer)


def test_judge_after_the_expiry_is_no_answer() -> None:
    """By the server's clock, a decision after the expiry comes too late, whoever made it."""
    of = report()
    late = of.expires_at + timedelta(milliseconds=1)
    assert isinstance(judged(answer(of), of, at=late), NoAnswer)
    assert isinstance(judged(answer(of), of, at=of.expires_at), Decided)
