"""The gate against a real Prefect server: every way in which a wait can end."""

import time
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from prefect import flow, tags
from prefect.context import FlowRunContext
from prefect.exceptions import ObjectNotFound
from prefect.settings import PREFECT_API_URL, temporary_settings

from flows.contract import Acknowledgement, Policy, Report, Verdict, acknowledgement_key
from flows.run import Stopped
from flows.steps.gate import ask
from tests.flows.restarting import restarting
from tests.flows.reviewer import Api, meanwhile
from tests.flows.values import APPROVER, KEYS, report

Ended = Acknowledgement | Stopped

pytestmark = pytest.mark.usefixtures("prefect")


def pass_gate(
    saved: list[Report] | None = None,
    describe: Callable[[Report], str] = lambda _: "Publish?",
    *,
    poll_seconds: float = 0.1,
    **over: Any,
) -> Ended:
    """Run a flow that is nothing but a gate; what becomes of the run itself is not this test's question."""
    reports: list[Report] = [] if saved is None else saved
    ended: list[Ended] = []

    @flow(name="gate-under-test", retries=0)
    def wait() -> None:
        context = FlowRunContext.get()
        assert context is not None
        assert context.flow_run is not None
        asked = report(run=str(context.flow_run.id), **over)
        reports.append(asked)
        try:
            ended.append(ask(asked, describe, reports.append, keys=KEYS, poll_seconds=poll_seconds))
        except Stopped as stop:
            ended.append(stop)

    with tags("wap"), suppress(ObjectNotFound):  # a deleted run cannot be given an end state
        wait(return_state=True)
    assert len(ended) == 1
    return ended[0]


def known(api: Api) -> frozenset[str]:
    """The runs that are there before the one under test."""
    return frozenset(run["id"] for run in api.runs())


@pytest.mark.parametrize("verdict", ["Approve", "Reject"])
def test_ask_when_prefect_is_answered_returns_and_acknowledges(prefect: str, verdict: Verdict) -> None:
    """An answer through Prefect's own route ends the wait, and the flow says at once that it has read it."""
    api = Api(prefect)
    seen: list[str] = []
    before = known(api)

    def answer() -> None:
        run = api.wait_paused(known=before)["id"]
        seen.append(run)
        assert api.resume(run, {"verdict": verdict, "reason": "as agreed"})["status"] == "ACCEPT"

    with meanwhile(answer):
        decided = pass_gate()
    assert isinstance(decided, Acknowledgement)
    assert (decided.verdict, decided.reason) == (verdict, "as agreed")
    assert api.input(seen[0], acknowledgement_key(1)) == decided.model_dump(mode="json")


@pytest.mark.parametrize("answer", [{}, {"reason": "hm"}, {"verdict": "yes"}, {"verdict": "Approve", "more": "1"}])
def test_ask_when_the_answer_is_malformed_keeps_waiting(prefect: str, answer: dict[str, str]) -> None:
    """Prefect itself refuses an answer that is not a decision, because the schema has a required field."""
    api = Api(prefect)
    before = known(api)

    def act() -> None:
        run = api.wait_paused(known=before)["id"]
        assert api.resume(run, answer)["status"] == "REJECT"
        assert api.run(run)["state"]["type"] == "PAUSED"
        assert api.resume(run, {"verdict": "Reject"})["status"] == "ACCEPT"

    with meanwhile(act):
        decided = pass_gate()
    assert isinstance(decided, Acknowledgement)
    assert decided.verdict == "Reject"


def test_ask_when_answered_at_once_finds_the_schema(prefect: str) -> None:
    """The schema is there before the state is: a click in the same moment is accepted, not refused."""
    api = Api(prefect)
    before = known(api)
    statuses: list[str] = []

    def act() -> None:
        while True:  # faster than any person: the first answer that is not "not paused" must be ACCEPT
            fresh = [run["id"] for run in api.runs() if run["id"] not in before]
            for run in fresh:
                status = api.resume(run, {"verdict": "Approve"})["status"]
                if status != "ABORT":
                    statuses.append(status)
                    return

    with meanwhile(act):
        pass_gate()
    assert statuses == ["ACCEPT"]


@pytest.mark.parametrize("state", ["CANCELLING", "CANCELLED"])
def test_ask_when_the_run_is_cancelled_stops(prefect: str, state: str) -> None:
    """A cancel from anywhere ends the wait without a decision."""
    api = Api(prefect)
    before = known(api)
    with meanwhile(lambda: api.set_state(api.wait_paused(known=before)["id"], state)):
        stopped = pass_gate()
    assert isinstance(stopped, Stopped)
    assert stopped.outcome == "Cancelled"


def test_ask_when_the_run_is_deleted_stops(prefect: str) -> None:
    """A deleted run publishes nothing."""
    api = Api(prefect)
    before = known(api)

    def delete() -> None:
        api.http.delete(f"/flow_runs/{api.wait_paused(known=before)['id']}").raise_for_status()

    with meanwhile(delete):
        stopped = pass_gate()
    assert isinstance(stopped, Stopped)
    assert stopped.outcome == "Cancelled"


def test_ask_when_a_proxy_knows_no_server_keeps_waiting(prefect: str) -> None:
    """While Prefect restarts, a proxy before it may answer 404: that is not Prefect saying that the run was deleted."""
    api = Api(prefect)
    before = known(api)
    with restarting(prefect) as behind:

        def restart_and_answer() -> None:
            run = api.wait_paused(known=before)["id"]
            behind.absent = 3
            while behind.absent:
                time.sleep(0.05)
            assert api.resume(run, {"verdict": "Approve"})["status"] == "ACCEPT"

        with temporary_settings({PREFECT_API_URL: behind.url}), meanwhile(restart_and_answer):
            decided = pass_gate()
    assert isinstance(decided, Acknowledgement)


def test_ask_when_the_run_is_forced_to_run_never_approves(prefect: str) -> None:
    """Somebody who sets the state by hand has resumed the run without a decision: refused."""
    api = Api(prefect)
    before = known(api)
    with meanwhile(lambda: api.set_state(api.wait_paused(known=before)["id"], "RUNNING", force=True)):
        stopped = pass_gate()
    assert isinstance(stopped, Stopped)
    assert stopped.outcome == "Refused"


def test_ask_when_cancel_and_resume_are_both_accepted_stops(prefect: str) -> None:
    """On PostgreSQL a cancel and a resume can both be accepted; the history then shows the cancel, and it counts."""
    api = Api(prefect)
    before = known(api)

    def act() -> None:
        run = api.wait_paused(known=before)["id"]
        paused = api.run(run)["state"]["state_details"]
        # Both states within one poll, and a stored approval: what that race leaves behind.
        body = {"key": f"paused-{paused['pause_key']}-response", "value": '{"verdict": "Approve"}'}
        api.http.post(f"/flow_runs/{run}/input", json=body).raise_for_status()
        api.set_state(run, "CANCELLING")
        api.set_state(run, "RUNNING", force=True)

    with meanwhile(act):
        stopped = pass_gate()
    assert isinstance(stopped, Stopped)
    assert stopped.outcome == "Cancelled"


def test_ask_when_nobody_decides_expires(prefect: str) -> None:
    """The end of the time is not an approval."""
    stopped = pass_gate(expires_at=datetime.now(UTC) + timedelta(seconds=0.5))
    assert isinstance(stopped, Stopped)
    assert stopped.outcome == "Expired"


def approve_next(api: Api, before: frozenset[str]) -> None:
    """Say yes as soon as somebody asks."""
    assert api.resume(api.wait_paused(known=before)["id"], {"verdict": "Approve"})["status"] == "ACCEPT"


def test_ask_when_the_answer_comes_after_the_end_never_approves(prefect: str) -> None:
    """Prefect takes an answer a little longer than the question stands; by the server's clock it came too late."""
    api = Api(prefect)
    before = known(api)
    with meanwhile(lambda: approve_next(api, before)):
        stopped = pass_gate(expires_at=datetime.now(UTC) - timedelta(seconds=1), poll_seconds=4)
    assert isinstance(stopped, Stopped)
    assert stopped.outcome == "Refused"
    assert "too late" in stopped.reason


def test_ask_when_the_answer_is_read_after_the_end_counts_it(prefect: str) -> None:
    """What the server took in time is in time, however late the flow looks."""
    api = Api(prefect)
    before = known(api)
    with meanwhile(lambda: approve_next(api, before)):
        decided = pass_gate(expires_at=datetime.now(UTC) + timedelta(seconds=5), poll_seconds=6)
    assert isinstance(decided, Acknowledgement)


def test_ask_when_the_answer_does_not_count_asks_again_with_a_new_key(prefect: str) -> None:
    """A door that the policy keeps shut does not end the run: the question is put again, and says why."""
    api = Api(prefect)
    before = known(api)
    policy = Policy(approvers=(APPROVER,), prefect_ui="deny")
    saved: list[Report] = []

    def act() -> None:
        first = api.wait_paused(known=before)
        gate = first["state"]["state_details"]["pause_key"]
        assert api.resume(first["id"], {"verdict": "Approve"})["status"] == "ACCEPT"
        again = api.wait_paused(known=before, not_gate=gate)
        key = again["state"]["state_details"]["pause_key"]
        assert "did not count" in str(api.input(first["id"], f"paused-{key}-description"))
        api.set_state(first["id"], "CANCELLED")

    with meanwhile(act):
        stopped = pass_gate(saved, policy=policy)
    assert isinstance(stopped, Stopped)
    assert [one.digest for one in saved] == [saved[0].digest] * 2
    assert saved[0].gate != saved[1].gate


@pytest.mark.parametrize("state", ["CANCELLING", "CANCELLED"])
def test_ask_when_the_run_was_cancelled_before_it_could_pause_stops(prefect: str, state: str) -> None:
    """A cancel during the build ends the run with a sentence and a receipt, not with an exception of Prefect's."""
    api = Api(prefect)

    def cancel(asked: Report) -> str:
        api.set_state(asked.run, state)
        return "Publish?"

    stopped = pass_gate(describe=cancel)
    assert isinstance(stopped, Stopped)
    assert stopped.outcome == "Cancelled"
