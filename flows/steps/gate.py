"""The gate: pause the run with Prefect's own question, wait, and come back only with a decision that counts.

It speaks the wire format of `pause_flow_run(wait_for_input=Decision)`, so that Prefect's form and `/resume` work,
and closes what that function leaves open: the schema is saved before the state, the key is fresh per question,
cancel and deletion are noticed within a poll, a server outage is ridden out, and the state history is checked after
waking, because on PostgreSQL a cancel and a resume can both be accepted. See docs/adr/0003.
"""

import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from http import HTTPStatus
from typing import Any
from uuid import UUID, uuid4

import httpx
from prefect.client.orchestration import SyncPrefectClient
from prefect.client.schemas.objects import State, StateType
from prefect.exceptions import ObjectNotFound, PrefectHTTPStatusError
from prefect.input.run_input import RunInput, keyset_from_paused_state
from prefect.logging import get_run_logger
from prefect.states import Paused
from prefect.utilities.engine import propose_state_sync

from flows.contract import Acknowledgement, Decision, Outcome, Report, acknowledgement_key
from flows.judgement import AskAgain, Decided, NoAnswer, judge
from flows.run import Stopped
from flows.store import claim, prefect_client, recall

SERVER_GRACE_SECONDS = 60
"""How much later than this flow Prefect itself gives the question up: only a dead flow leaves it to the server."""

_OVER = {StateType.CANCELLING, StateType.CANCELLED, StateType.FAILED, StateType.CRASHED}


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
        resumed_at, response = _wait(report, note + describe(report), poll_seconds)
        match judge(response, report, keys, at=resumed_at):
            case Decided(acknowledgement):
                key = acknowledgement_key(report.attempt)
                claim(UUID(report.run), key, acknowledgement.model_dump(mode="json"))
                return acknowledgement
            case AskAgain(reason):
                get_run_logger().warning("gate.asked_again reason=%r", reason)
                note = f"> {reason}\n\n"
                report = report.model_copy(update={"gate": uuid4().hex})
                save(report)
            case NoAnswer(reason):
                raise Stopped(Outcome.REFUSED, reason)


def _wait(report: Report, description: str, poll_seconds: float) -> tuple[datetime, Any]:
    """Pause, and return when the server let the run go on, with the stored response."""
    run = UUID(report.run)
    with prefect_client() as client:
        _pause(client, run, report, description)
        while True:
            time.sleep(poll_seconds)
            try:
                state = client.read_flow_run(run).state
                if state is not None and state.is_running():
                    return _woken(client, run, report)
            except ObjectNotFound:
                raise Stopped(Outcome.CANCELLED, "Not published. The run was deleted while it waited.") from None
            except (httpx.TransportError, PrefectHTTPStatusError) as error:
                _ride_out(error)
                continue
            _stop_if_over(state)
            if datetime.now(UTC) > report.expires_at:
                raise Stopped(Outcome.EXPIRED, expired(report))


def expired(report: Report) -> str:
    """The sentence of a run that nobody decided in time."""
    return (
        f"Not published. Nobody decided before {report.expires_at:%Y-%m-%d %H:%M} UTC. "
        f"The data is still in `{report.target.staging}`; start again with `wap run`."
    )


def _pause(client: SyncPrefectClient, run: UUID, report: Report, description: str) -> None:
    seconds = int((report.expires_at - datetime.now(UTC)).total_seconds()) + SERVER_GRACE_SECONDS
    state: State[Any] = Paused(timeout_seconds=max(1, seconds), pause_key=report.gate)
    keyset = keyset_from_paused_state(state)
    state.state_details.run_input_keyset = {str(what): key for what, key in keyset.items()}
    # Before the state, not after it: a click in between would be refused with "schema not found".
    DecisionInput.with_initial_data(description=description).save(keyset, flow_run_id=run)
    paused = propose_state_sync(client, state, flow_run_id=run)
    if not paused.is_paused():
        message = f"Not asked. Prefect did not let the run pause; it is {paused.name}. Start it again with `wap run`."
        raise Stopped(Outcome.REFUSED, message)


def _woken(client: SyncPrefectClient, run: UUID, report: Report) -> tuple[datetime, Any]:
    history = sorted(client.read_flow_run_states(run), key=lambda state: state.timestamp)
    positions = [i for i, state in enumerate(history) if state.state_details.pause_key == report.gate]
    since = history[positions[-1] + 1 :] if positions else []
    for state in since:
        _stop_if_over(state)
    resumed = next((state for state in since if state.is_running()), None)
    if resumed is None:
        raise Stopped(Outcome.REFUSED, "Not published. Prefect's history of this run does not show how it was resumed.")
    return resumed.timestamp, recall(client, run, f"paused-{report.gate}-response")


def _stop_if_over(state: State[Any] | None) -> None:
    if state is None or state.type not in _OVER:
        return
    if state.name == Outcome.SUPERSEDED:
        raise Stopped(Outcome.SUPERSEDED, state.message or "Not published. A newer run took its place.")
    if state.type in (StateType.CANCELLING, StateType.CANCELLED):
        raise Stopped(Outcome.CANCELLED, "Not published. The run was cancelled while it waited.")
    raise Stopped(Outcome.FAILED, f"Not published. The run was set to {state.name} while it waited.")


def _ride_out(error: httpx.TransportError | PrefectHTTPStatusError) -> None:
    """An unreachable or overloaded server is no answer: keep waiting. Anything else is a mistake of ours."""
    if isinstance(error, PrefectHTTPStatusError) and error.response.status_code < HTTPStatus.INTERNAL_SERVER_ERROR:
        raise error
    get_run_logger().warning("gate.prefect_unreachable error=%s", type(error).__name__)
