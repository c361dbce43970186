"""The gate: pause the run with Prefect's own question, wait, and come back only with a decision that counts.

It speaks the wire format of `pause_flow_run(wait_for_input=Decision)`, so that Prefect's form and `/resume` work,
and closes what that function leaves open: the schema is saved before the state, the key is fresh per question,
cancel and deletion are noticed within a poll, a server outage is ridden out, and the state history is checked after
waking, because on PostgreSQL a cancel and a resume can both be accepted. See docs/adr/0003.
"""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from http import HTTPStatus
from typing import Any
from uuid import UUID, uuid4

import httpx
from prefect.client.orchestration import SyncPrefectClient
from prefect.client.schemas.objects import State
from prefect.exceptions import Abort, ObjectNotFound, PrefectHTTPStatusError
from prefect.input.run_input import Keyset, RunInput, keyset_from_paused_state
from prefect.logging import get_run_logger
from prefect.states import Paused
from prefect.utilities.engine import propose_state_sync

from flows.contract import Acknowledgement, Decision, Outcome, Report, acknowledgement_key, gate_keys, vote_prefix
from flows.decisions.judgement import AskAgain, Decided, NoAnswer, by_rule, judge
from flows.prefect_runs.patience import is_passing, patiently
from flows.prefect_runs.run_state import stop_if_over
from flows.prefect_runs.store import claim, prefect_client, recall, recall_all
from flows.report_text.escaping import text
from flows.run import Stopped

SERVER_GRACE_SECONDS = 60
"""How much later than this flow Prefect itself gives the question up: only a dead flow leaves it to the server."""


class DecisionInput(Decision, RunInput):
    """The contract's Decision, in the class that Prefect saves a form from."""


def ask(
    report: Report,
    describe: Callable[[Report], str],
    save: Callable[[Report], None],
    *,
    keys: Sequence[str],
    poll_seconds: float,
) -> Acknowledgement:
    """Wait until a decision counts, and acknowledge it at once. Raises Stopped for every other end.

    An answer that does not count (a proof that does not fit, a door that the policy keeps shut) opens the gate again
    with a new key; `save` is then called with the report that carries it.
    """
    note = ""
    while True:
        answer = _wait(report, note + describe(report), poll_seconds)
        match judge(answer.response, report, keys, at=answer.at, votes=answer.votes):
            case Decided(acknowledgement):
                _acknowledge(report, acknowledgement)
                return acknowledgement
            case AskAgain(reason):
                get_run_logger().warning("gate.asked_again reason=%r", reason)
                note = f"> {text(reason)}\n\n"  # it may name people, who choose their names themselves
                report = report.model_copy(update={"gate": uuid4().hex})
                save(report)
            case NoAnswer(reason):
                raise Stopped(Outcome.REFUSED, reason)


def pass_by_rule(report: Report) -> Acknowledgement | None:
    """The approval by the rules, acknowledged at once like a person's; None if a person has to be asked."""
    approval = by_rule(report, at=datetime.now(UTC))
    if approval is not None:
        get_run_logger().info("gate.passed_by_rule decider=%r", approval.decider.name)
        _acknowledge(report, approval)
    return approval


@dataclass(frozen=True, slots=True)
class _Answer:
    """What was stored when the server let the run go on, at `at` by its clock."""

    at: datetime
    response: Any
    votes: tuple[str, ...]


def _wait(report: Report, description: str, poll_seconds: float) -> _Answer:
    """Pause, and return when the server let the run go on."""
    run = UUID(report.run)
    with prefect_client() as client:
        _pause(client, run, report, description)
        while True:
            time.sleep(poll_seconds)
            now = datetime.now(UTC)  # before the read: what the server accepted in time is seen, however slow it is
            try:
                state = client.read_flow_run(run).state
                if state is not None and state.is_running():
                    return _woken(client, run, report)
            except (httpx.TransportError, PrefectHTTPStatusError, ObjectNotFound) as error:
                if isinstance(error, ObjectNotFound) and not is_passing(error):
                    raise Stopped(Outcome.CANCELLED, "Not published. The run was deleted while it waited.") from None
                if not is_passing(error):
                    raise
                get_run_logger().warning("gate.prefect_unreachable error=%s", type(error).__name__)
                continue
            stop_if_over(state)
            if now > report.expires_at:
                raise Stopped(Outcome.EXPIRED, expired(report))


def expired(report: Report) -> str:
    """The sentence of a run that nobody decided in time."""
    return (
        f"Not published. Nobody decided before {report.expires_at:%Y-%m-%d %H:%M} UTC. "
        f"The data is still in `{report.target.staging}`; start again with `wap run`."
    )


def _pause(client: SyncPrefectClient, run: UUID, report: Report, description: str) -> None:
    seconds = int((report.expires_at - datetime.now(UTC)).total_seconds()) + SERVER_GRACE_SECONDS
    asked: State[Any] = Paused(timeout_seconds=max(1, seconds), pause_key=report.gate)
    keyset = keyset_from_paused_state(asked)
    asked.state_details.run_input_keyset = {str(what): key for what, key in keyset.items()}
    # Before the state, not after it: a click in between would be refused with "schema not found".
    patiently(lambda: _save_form(keyset, run, description))
    paused = patiently(lambda: _propose(client, run, asked))
    if not paused.is_paused():
        stop_if_over(paused)
        message = f"Not asked. Prefect did not let the run pause; it is {paused.name}. Start it again with `wap run`."
        raise Stopped(Outcome.REFUSED, message)


def _save_form(keyset: Keyset, run: UUID, description: str) -> None:
    try:
        DecisionInput.with_initial_data(description=description).save(keyset, flow_run_id=run)
    except PrefectHTTPStatusError as error:
        # The key is of this question alone: what is there was saved by an earlier try whose reply was lost.
        if error.response.status_code != HTTPStatus.CONFLICT:
            raise


def _propose(client: SyncPrefectClient, run: UUID, asked: State[Any]) -> State[Any]:
    now = client.read_flow_run(run).state
    if now is not None and now.is_paused() and now.state_details.pause_key == asked.state_details.pause_key:
        return now  # an earlier try whose reply was lost
    try:
        return propose_state_sync(client, asked, flow_run_id=run)
    except Abort:  # a BaseException in Prefect: the run was cancelled while it was being built
        return client.read_flow_run(run).state or asked


def _acknowledge(report: Report, acknowledgement: Acknowledgement) -> None:
    key = acknowledgement_key(report.attempt)
    patiently(lambda: claim(UUID(report.run), key, acknowledgement.model_dump(mode="json")))


def _woken(client: SyncPrefectClient, run: UUID, report: Report) -> _Answer:
    history = sorted(client.read_flow_run_states(run), key=lambda state: state.timestamp)
    positions = [i for i, state in enumerate(history) if state.state_details.pause_key == report.gate]
    since = history[positions[-1] + 1 :] if positions else []
    for state in since:
        stop_if_over(state)
    resumed = next((state for state in since if state.is_running()), None)
    if resumed is None:
        raise Stopped(Outcome.REFUSED, "Not published. Prefect's history of this run does not show how it was resumed.")
    response = recall(client, run, gate_keys(report.gate)["response"])
    return _Answer(resumed.timestamp, response, recall_all(client, run, vote_prefix(report.attempt)))
