"""Asking Prefect, while a query takes long, whether anybody still wants its answer."""

from uuid import UUID

import pytest
from prefect import flow
from prefect.client.orchestration import get_client
from prefect.client.schemas.objects import State
from prefect.settings import PREFECT_API_URL, temporary_settings
from prefect.states import Cancelling, Running

from flows.contract import Outcome
from flows.prefect_runs.run_state import watch
from flows.run import Stopped


@flow
def waiting() -> None:
    """Never runs."""


def run_in(state: State[None]) -> UUID:
    """A run that Prefect has in this state."""
    with get_client(sync_client=True) as client:
        return client.create_flow_run(waiting, state=state).id


@pytest.mark.usefixtures("prefect")
def test_run_that_is_wanted_goes_on() -> None:
    """Nothing is raised."""
    watch(run_in(Running()))()


@pytest.mark.usefixtures("prefect")
def test_cancelled_run_stops_with_what_did_not_happen() -> None:
    """In the words of whoever waits."""
    look = watch(run_in(Cancelling()), undone="Not rolled back.")
    with pytest.raises(Stopped, match=r"^Not rolled back\. The run was cancelled\.$") as stopped:
        look()
    assert stopped.value.outcome is Outcome.CANCELLED


def test_server_that_is_away_stops_nothing() -> None:
    """An audit of an hour does not fail because Prefect was restarted."""
    with temporary_settings({PREFECT_API_URL: "http://127.0.0.1:1/api"}):
        watch(UUID(int=0))()
