"""The lock of a target, on a real Prefect server: one writer, and no dead run keeps it."""

import threading
from collections.abc import Iterator
from contextlib import ExitStack
from contextvars import copy_context
from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from prefect.client.schemas.actions import VariableCreate

from flows.contract import Target, lock_name
from flows.prefect_runs.locks import target_lock
from flows.prefect_runs.store import prefect_client
from flows.run import Stopped
from tests.flows.reviewer import Api

pytestmark = pytest.mark.usefixtures("prefect")


@pytest.fixture
def target() -> Target:
    """A target that no other test uses."""
    return Target(production=f"dwh_{uuid4().hex}", staging="develop_dwh", warehouse="duckdb")


@pytest.fixture
def killed() -> Iterator[ExitStack]:
    """Holds the locks of runs that never release them; a lock that nobody refers to is released at once."""
    with ExitStack() as held:
        yield held


def holder_of(target: Target) -> str | None:
    """The run that Prefect says holds the lock."""
    with prefect_client() as client:
        variable = client.read_variable_by_name(lock_name(target.production, target.staging, database=target.database))
    return str(variable.value) if variable else None


def living_run(url: str) -> UUID:
    """A run that is not over."""
    api = Api(url)
    flow = api.http.post("/flows/", json={"name": "lock-holder"}).raise_for_status().json()["id"]
    body = {"flow_id": flow, "state": {"type": "RUNNING"}}
    return UUID(api.http.post("/flow_runs/", json=body).raise_for_status().json()["id"])


def test_target_lock_while_another_living_run_holds_it_gives_up_with_a_sentence(prefect: str, target: Target) -> None:
    """The sentence names the holder and the Variable that frees the lock."""
    holder = living_run(prefect)
    with (
        target_lock(target, holder),
        pytest.raises(Stopped, match=str(holder)) as caught,
        target_lock(target, uuid4(), patience=timedelta(seconds=0.3), poll_seconds=0.1),
    ):
        raise AssertionError("two runs hold one lock")
    assert "wap_lock_" in caught.value.reason


def test_target_lock_of_a_dead_run_is_taken_over(prefect: str, target: Target, killed: ExitStack) -> None:
    """A run that ended without releasing, or that was deleted, keeps nobody out."""
    dead = living_run(prefect)
    killed.enter_context(target_lock(target, dead))
    Api(prefect).set_state(str(dead), "CRASHED", force=True)
    with target_lock(target, uuid4(), patience=timedelta(seconds=5), poll_seconds=0.1):
        pass


def test_target_lock_of_equal_schemas_in_another_database_is_another_lock(prefect: str, target: Target) -> None:
    """Two databases are written at the same time; neither waits for the other."""
    other = target.model_copy(update={"database": "/srv/harbour/other.duckdb"})
    with (
        target_lock(target, living_run(prefect)),
        target_lock(other, living_run(prefect), patience=timedelta(seconds=0.3), poll_seconds=0.1),
    ):
        assert holder_of(target) != holder_of(other)


def test_target_lock_is_free_after_an_error(prefect: str, target: Target) -> None:
    """A step that fails does not keep the next run waiting."""
    with pytest.raises(ValueError, match="broken"), target_lock(target, living_run(prefect)):
        raise ValueError("broken")
    with target_lock(target, living_run(prefect), patience=timedelta(seconds=0.3), poll_seconds=0.1):
        pass


def test_target_lock_is_reentrant_for_the_same_run(prefect: str, target: Target, killed: ExitStack) -> None:
    """A run that was killed inside its lock finds it again when it is run again."""
    run = living_run(prefect)
    killed.enter_context(target_lock(target, run))
    assert holder_of(target) == str(run)
    with target_lock(target, run, patience=timedelta(seconds=0.3), poll_seconds=0.1):
        pass


def test_target_lock_with_many_runs_lets_one_in_at_a_time(prefect: str, target: Target, killed: ExitStack) -> None:
    """Also when all of them find the lock of a dead run first."""
    dead = living_run(prefect)
    killed.enter_context(target_lock(target, dead))
    assert holder_of(target) == str(dead)
    Api(prefect).set_state(str(dead), "CRASHED", force=True)
    inside: list[int] = []
    most: list[int] = []

    def enter(run: UUID) -> None:
        with target_lock(target, run, poll_seconds=0.05):
            inside.append(1)
            most.append(len(inside))
            threading.Event().wait(0.05)
            inside.pop()

    runs = [living_run(prefect) for _ in range(6)]
    threads = [threading.Thread(target=copy_context().run, args=(enter, run)) for run in runs]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    assert most == [1] * 6
    assert holder_of(target) is None


def test_target_lock_with_a_half_finished_takeover_gives_up_in_time(prefect: str, target: Target) -> None:
    """A run killed while it took a lock over leaves a second Variable; the sentence names both."""
    dead = living_run(prefect)
    Api(prefect).set_state(str(dead), "CRASHED", force=True)
    name = f"wap_lock_develop_dwh_{target.production}"
    with prefect_client() as client:
        client.create_variable(VariableCreate(name=name, value=str(dead)))
        client.create_variable(VariableCreate(name=f"{name}_takeover", value=str(dead)))
    with (
        pytest.raises(Stopped, match=f"{name}_takeover"),
        target_lock(target, living_run(prefect), patience=timedelta(seconds=0.3), poll_seconds=0.1),
    ):
        raise AssertionError("the lock was taken over twice")
