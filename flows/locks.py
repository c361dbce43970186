"""One writer per target: a lock that is a Prefect Variable, because creating one is atomic."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from uuid import UUID

from prefect.client.orchestration import SyncPrefectClient
from prefect.client.schemas.actions import VariableCreate
from prefect.exceptions import ObjectAlreadyExists, ObjectNotFound

from flows.contract import Outcome, Target, lock_name
from flows.run import Stopped
from flows.store import prefect_client

PATIENCE = timedelta(minutes=30)
"""How long a run waits for another run's write, audit or publish to finish."""


@contextmanager
def target_lock(
    target: Target, run: UUID, *, patience: timedelta = PATIENCE, poll_seconds: float = 1.0
) -> Iterator[None]:
    """Hold the target's lock. Raises Stopped when another living run keeps it for longer than `patience`.

    Never held across the wait for a decision: that can last days, and it is no writing.
    """
    name = lock_name(target.production, target.staging)
    with prefect_client() as client:
        _acquire(client, name, run, patience=patience, poll_seconds=poll_seconds)
    try:
        yield
    finally:
        with prefect_client() as client:
            _release(client, name, run)


def _acquire(client: SyncPrefectClient, name: str, run: UUID, *, patience: timedelta, poll_seconds: float) -> None:
    deadline = time.monotonic() + patience.total_seconds()
    while not _create(client, name, run):
        holder = _holder(client, name)
        if holder == run:
            return  # left behind by an earlier attempt of this very run
        if holder is not None and _is_over(client, holder):
            _break(client, name, holder)
        elif time.monotonic() > deadline:
            message = (
                f"Nothing was built or published. Run {holder} has held the lock of this target for "
                f"over {patience}. If that run is dead, delete the Prefect Variable {name} and start again."
            )
            raise Stopped(Outcome.FAILED, message)
        else:
            time.sleep(poll_seconds)


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
    except ObjectNotFound:
        return True
    return state is not None and state.is_final()


def _break(client: SyncPrefectClient, name: str, dead: UUID) -> None:
    """Remove the lock of a dead run, once. Deleting a Variable is unconditional in Prefect, so two runs that both saw
    the dead holder could delete each other's new lock: only the one that creates the second Variable may delete, and
    only after it has seen the dead holder again."""
    claim = f"{name}_takeover"
    if not _create(client, claim, dead):
        time.sleep(0.2)
        return
    try:
        if _holder(client, name) == dead:
            client.delete_variable_by_name(name)
    finally:
        client.delete_variable_by_name(claim)


def _release(client: SyncPrefectClient, name: str, run: UUID) -> None:
    if _holder(client, name) == run:
        client.delete_variable_by_name(name)
