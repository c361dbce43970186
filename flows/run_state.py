"""Has the run been stopped from outside? A stopped run publishes nothing, whoever approved it."""

from typing import Any

from prefect.client.schemas.objects import State, StateType

from flows.contract import Outcome
from flows.run import Stopped

_OVER = {StateType.CANCELLING, StateType.CANCELLED, StateType.FAILED, StateType.CRASHED}


def stop_if_over(state: State[Any] | None) -> None:
    """Raise Stopped, with the outcome that fits, if this state says that the run has been stopped."""
    if state is None or state.type not in _OVER:
        return
    if state.name == Outcome.SUPERSEDED:
        raise Stopped(Outcome.SUPERSEDED, state.message or "Not published. A newer run took the place of this one.")
    if state.type in (StateType.CANCELLING, StateType.CANCELLED):
        raise Stopped(Outcome.CANCELLED, "Not published. The run was cancelled.")
    raise Stopped(Outcome.FAILED, f"Not published. The run was set to {state.name} from outside.")
