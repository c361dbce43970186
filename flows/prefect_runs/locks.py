"""One writer per target: a lock that is a Prefect Variable, because creating one is atomic."""

import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from datetime import timedelta
from uuid import UUID

import httpx
from prefect.client.orchestration import SyncPrefectClient
from prefect.client.schemas.actions import VariableCreate
from prefect.exceptions import ObjectAlreadyExists, ObjectNotFound, PrefectHTTPStatusError
from prefect.logging import get_run_logger

from flows.contract import Outcome, Target, lock_name
from flows.prefect_runs.patience import is_passing, patiently
from flows.prefect_runs.store import prefect_client
from flows.run import Stopped

PATIENCE = timedelta(minutes=30)
"""How long a run waits for another run's write, audit or publish to finish."""


@contextmanager
def target_lock(
    target: Target,
    run: UUID,
    *,
    patience: timedelta = PATIENCE,
    poll_seconds: float = 1.0,
    undone: str = "Not published.",
) -> Iterator[None]:
    """Hold the target's lock, one for each pair of schemas. Raises Stopped when another living run keeps it for longer
    than `patience`.

    `undone` is how the sentence then begins: what did not happen.

    Never held across the wait for a decision: that can last days, and it is no writing.
    """
    deadline = time.monotonic() + patience.total_seconds()
    # Always in the same order, so that two targets that share a schema never wait for each other.
    names = sorted(lock_name(pair.production, pair.staging, database=target.database) for pair in target.pairs)
    with prefect_client() as client, ExitStack() as held:
        for name in names:
            if not _acquire(client, name, run, deadline=deadline, poll_seconds=poll_seconds):
                raise Stopped(Outcome.FAILED, f"{undone} {_given_up(_holder(client, name), name, patience)}")
            held.callback(_let_go, client, name, run)
        yield


def _acquire(client: SyncPrefectClient, name: str, run: UUID, *, deadline: float, poll_seconds: float) -> bool:
    while not patiently(lambda: _is_ours(client, name, run)):
        if time.monotonic() > deadline:
            return False
        time.sleep(poll_seconds)
    return True


def _is_ours(client: SyncPrefectClient, name: str, run: UUID) -> bool:
    """Try once. Also true for a lock that an earlier attempt of this very run, or a lost reply, left behind."""
    if _create(client, name, run):
        return True
    holder = _holder(client, name)
    if holder is not None and holder != run and _is_over(client, holder):
        _break(client, name, holder)
    return holder == run


def _given_up(holder: UUID | None, name: str, patience: timedelta) -> str:
    return (
        f"Run {holder} has held the lock of this target for over {patience.total_seconds():.0f} s. "
        f"If that run is dead, delete the Prefect Variables {name} and {name}_takeover and start again."
    )


def _let_go(client: SyncPrefectClient, name: str, run: UUID) -> None:
    """What was done under the lock has been done, whether or not the lock can be released: never raises for it."""
    try:
        patiently(lambda: _release(client, name, run))
    except (httpx.TransportError, PrefectHTTPStatusError, ObjectNotFound) as error:
        get_run_logger().warning("lock.kept name=%s error=%s", name, type(error).__name__)


def _create(client: SyncPrefectClient, name: str, run: UUID) -> bool:
    try:
        client.create_variable(VariableCreate(name=name, value=str(run)))
    except ObjectAlreadyExists:
        return False
    return True


def _holder(client: SyncPrefectClient, name: str) -> UUID | None:
    variable = client.read_variable_by_name(name)
    return UUID(str(variable.value)) if variable else None


def _is_over(client: SyncPrefectClient, holder: UUID) -> bool:
    try:
        state = client.read_flow_run(holder).state
    except ObjectNotFound as error:
        if is_passing(error):
            raise
        return True
    return state is not None and state.is_final()


def _break(client: SyncPrefectClient, name: str, dead: UUID) -> None:
    """Remove the lock of a dead run, once. Deleting a Variable is unconditional in Prefect, so two runs that both saw
    the dead holder could delete each other's new lock: only the one that creates the second Variable may delete, and
    only after it has seen the dead holder again."""
    claim = f"{name}_takeover"
    if not _create(client, claim, dead):
        return
    try:
        if _holder(client, name) == dead:
            client.delete_variable_by_name(name)
    finally:
        client.delete_variable_by_name(claim)


def _release(client: SyncPrefectClient, name: str, run: UUID) -> None:
    if _holder(client, name) == run:
        with suppress(ObjectNotFound):  # an earlier try whose reply was lost
            client.delete_variable_by_name(name)
