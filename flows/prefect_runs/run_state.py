"""Has the run been stopped from outside? A stopped run publishes nothing, whoever approved it."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

import httpx
from prefect.client.schemas.objects import State, StateType
from prefect.exceptions import ObjectNotFound, PrefectHTTPStatusError

from flows.contract import Outcome
from flows.prefect_runs.patience import is_passing
from flows.prefect_runs.store import read_state
from flows.run import Stopped

_OVER = {StateType.CANCELLING, StateType.CANCELLED, StateType.FAILED, StateType.CRASHED}


def stop_if_over(state: State[Any] | None, *, undone: str = "Not published.") -> None:
    """Raise Stopped, with the outcome that fits, if this state says that the run has been stopped.

    `undone` is how the sentence begins: what did not happen.
    """
    if state is None or state.type not in _OVER:
        return
    if state.name == Outcome.SUPERSEDED:
        raise Stopped(Outcome.SUPERSEDED, state.message or f"{undone} A newer run took the place of this one.")
    if state.type in (StateType.CANCELLING, StateType.CANCELLED):
        raise Stopped(Outcome.CANCELLED, f"{undone} The run was cancelled.")
    raise Stopped(Outcome.FAILED, f"{undone} The run was set to {state.name} from outside.")


def watch(run: UUID, *, undone: str = "Not published.") -> Callable[[], None]:
    """To be called while the run waits for something: raises Stopped once it has been stopped from outside.

    A Prefect server that is away is no answer, and nothing is stopped for it.
    """

    def look() -> None:
        try:
            state = read_state(run)
        except (httpx.TransportError, PrefectHTTPStatusError, ObjectNotFound) as error:
            if not is_passing(error):
                raise
            return
        stop_if_over(state, undone=undone)

    return look
