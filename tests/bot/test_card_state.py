"""Which stage a card shows, for every state that a run can be in."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from bot.card.stages import NOBODY_HOME_AFTER, Stage, stage_of
from bot.card.state import card_of
from bot.messages import on_card
from bot.runs import Build, Facts, Run, StateType, StoredDecision
from flows.contract import Decider, Outcome, Requester, Target, Via
from tests.builders import GATE, MINA, NOW, RUN_ID, acknowledgement, receipt, report

BUILD = Build(Target(production="dwh", staging="develop_dwh", warehouse="duckdb"), Requester(name="Tomas"))
APPROVED = StoredDecision("Approve", "", Decider(name="Mina Okafor", user_id=MINA), "nonce")


def run(state: StateType = StateType.RUNNING, name: str = "", **changes: Any) -> Run:
    """A run in this state since a moment."""
    fields: dict[str, Any] = {
        "id": RUN_ID,
        "name": "quiet-otter",
        "state_id": f"{state}-{name}",
        "state_type": state,
        "state_name": name or state.value.capitalize(),
        "since": NOW,
    }
    return Run(**{**fields, **changes})


def facts(state: StateType = StateType.RUNNING, name: str = "", **changes: Any) -> Facts:
    """Facts of a run in this state."""
    return Facts(run=run(state, name), **changes)


def waiting(**changes: Any) -> Facts:
    """A run at its gate."""
    return Facts(run=run(StateType.PAUSED, "Paused", pause_key=GATE), report=report(), **changes)


@pytest.mark.parametrize(
    ("seen", "stage"),
    [
        (facts(), Stage.BUILDING),
        (facts(build=BUILD), Stage.BUILDING),
        (facts(report=report()), Stage.BUILDING),
        (facts(StateType.SCHEDULED, "AwaitingRetry"), Stage.BUILDING),
        (waiting(), Stage.WAITING),
        (replace(waiting(), report=None), Stage.BUILDING),
        (replace(waiting(), report=report(gate="f" * 32)), Stage.BUILDING),
        (replace(waiting(), report=None, unreadable=("wap-report",)), Stage.UNREADABLE),
        (facts(report=report(), decision=APPROVED), Stage.APPROVED),
        (facts(report=report(), acknowledgement=acknowledgement()), Stage.APPROVED),
        (facts(report=report(), acknowledgement=acknowledgement("Reject")), Stage.REJECTED),
        (facts(StateType.CANCELLING), Stage.CANCELLED),
        (facts(StateType.CANCELLED, "Superseded"), Stage.SUPERSEDED),
        (facts(StateType.CANCELLED, "Cancelled"), Stage.CANCELLED),
        (facts(StateType.FAILED, "Expired"), Stage.EXPIRED),
        (facts(StateType.FAILED, "Refused"), Stage.REFUSED),
        (facts(StateType.FAILED, "Failed"), Stage.FAILED),
        (facts(StateType.COMPLETED, "Rejected"), Stage.REJECTED),
        (facts(StateType.CRASHED, "Crashed"), Stage.FAILED),
        (facts(StateType.CRASHED, "Crashed", report=report(), decision=APPROVED), Stage.STUCK),
        (facts(StateType.CRASHED, "Crashed", report=report(), decision=APPROVED, receipt=receipt()), Stage.PUBLISHED),
    ],
)
def test_stage_of_a_run(seen: Facts, stage: Stage) -> None:
    """Every state of a run has exactly one stage."""
    assert stage_of(seen, now=NOW) is stage


@pytest.mark.parametrize("outcome", list(Outcome))
def test_stage_of_a_receipt_is_its_outcome(outcome: Outcome) -> None:
    """The receipt says how a run ended, whatever Prefect calls the state."""
    ended = facts(StateType.FAILED, "Failed", report=report(), receipt=receipt(outcome))
    assert stage_of(ended, now=NOW).value == outcome.value.lower()


def test_published_needs_a_receipt() -> None:
    """A state named Published without a receipt is not believed, and the card says what is not known."""
    card = card_of(facts(StateType.COMPLETED, "Published", report=report(), decision=APPROVED), now=NOW)
    assert card.stage is Stage.FAILED
    assert card.is_uncertain


def test_receipt_of_an_earlier_attempt_does_not_count() -> None:
    """A second attempt that crashed is not published because the first one was."""
    crashed = facts(StateType.CRASHED, "Crashed", report=report(attempt=2), decision=APPROVED, receipt=receipt())
    assert stage_of(crashed, now=NOW) is Stage.STUCK


def test_approved_without_acknowledgement_becomes_stuck() -> None:
    """An approval that nobody acknowledges in time is shown as such, and is looked at again."""
    approved = facts(report=report(), decision=APPROVED)
    card = card_of(approved, now=NOW + NOBODY_HOME_AFTER + timedelta(seconds=1))
    assert card.stage is Stage.STUCK
    assert not card.is_settled
    acknowledged = replace(approved, acknowledgement=acknowledgement())
    assert stage_of(acknowledged, now=NOW + timedelta(hours=1)) is Stage.APPROVED


def test_failed_without_approval_is_certain() -> None:
    """Nobody had approved, so production cannot have changed."""
    assert not card_of(facts(StateType.FAILED, "Failed"), now=NOW).is_uncertain


def test_raw_exception_of_a_crash_is_not_shown() -> None:
    """Only sentences of the flow reach Slack: those of its own end states and of its receipt."""
    crashed = Facts(run=run(StateType.CRASHED, "Crashed", message="ValueError: secret"))
    refused = Facts(run=run(StateType.FAILED, "Refused", message="Not published. Staging moved."))
    assert card_of(crashed, now=NOW).reason == ""
    assert card_of(refused, now=NOW).reason == "Not published. Staging moved."


def test_waiting_card_shows_no_decision() -> None:
    """A decision that was stored between two reads is shown with the state that it leads to."""
    assert card_of(waiting(decision=APPROVED), now=NOW).decision is None


def test_decision_without_proof_names_nobody() -> None:
    """A decision through Prefect's page is shown without a decider."""
    card = card_of(facts(report=report(), decision=StoredDecision("Approve", "", None)), now=NOW)
    assert card.decision is not None
    assert card.decision.decider is None


def test_run_that_a_rule_let_pass_names_the_rule_and_no_person() -> None:
    """Never paused: while it publishes and afterwards the rule stands where a person would, and nobody is called
    unverified."""
    by_rule = acknowledgement(via=Via.RULE, decider=Decider(name="rule 3 of wap.toml"), reason="`orders` +1")
    publishing = facts(report=report(), acknowledgement=by_rule)
    published = facts(
        StateType.COMPLETED, "Published", report=report(), acknowledgement=by_rule, receipt=receipt(decision=by_rule)
    )
    for seen, stage in ((publishing, Stage.APPROVED), (published, Stage.PUBLISHED)):
        card = card_of(seen, now=NOW)
        assert card.stage is stage
        assert card.decision is not None
        assert (card.decision.rule, card.decision.decider) == ("rule 3 of wap.toml", None)
        assert "unverified" not in on_card.decision_line(card.decision, card.stage)


def test_waiting_run_is_settled_and_unread_build_is_not() -> None:
    """What can change without a change of state is looked at again at every tick."""
    assert card_of(waiting(), now=NOW).is_settled
    assert not card_of(facts(build=BUILD), now=NOW).is_settled
    assert not card_of(facts(), now=NOW).is_settled
