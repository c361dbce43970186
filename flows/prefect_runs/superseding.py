"""A new run takes the place of the older ones of its target that still wait: staging is no longer what they showed."""

from collections.abc import Iterator

from prefect.client.orchestration import SyncPrefectClient
from prefect.client.schemas.filters import (
    FlowRunFilter,
    FlowRunFilterId,
    FlowRunFilterState,
    FlowRunFilterStateType,
    FlowRunFilterTags,
)
from prefect.client.schemas.objects import FlowRun, StateType
from prefect.client.schemas.sorting import FlowRunSort

from flows.contract import BUILD_KEY, TAG, Outcome, Target
from flows.ending import named_state
from flows.prefect_runs.store import prefect_client, recall
from flows.run import Run, Stopped

PAGE = 200
"""The most that Prefect gives at a time. Runs of other targets, and such whose process has died, may be many more."""


def supersede_older(run: Run) -> int:
    """Cancel every waiting run of the same target, naming this one. Returns how many there were.

    It is the same target also if it has got or lost a further schema since.
    """
    superseded = 0
    with prefect_client() as client:
        for older, target in _waiting(client, run):
            if _first(target) == _first(run.target):
                reason = f"Not published. Run {run.name} of the same target took the place of this one."
                client.set_flow_run_state(older.id, named_state(Outcome.SUPERSEDED, reason))
                superseded += 1
    return superseded


def refuse_shared(run: Run) -> None:
    """Raises Stopped(REFUSED) when a run of another target waits to publish a schema of this one: each would take the
    other's staging away."""
    with prefect_client() as client:
        for other, target in _waiting(client, run):
            if _first(target) != _first(run.target) and (shared := shared_schemas(target, run.target)):
                message = (
                    f"Not built. Run {other.name} of the target `{target.production}` waits for a decision, and "
                    f"`{min(shared)}` belongs to both targets. Let one wap.toml alone name that schema, and "
                    "decide that run first."
                )
                raise Stopped(Outcome.REFUSED, message)


def _waiting(client: SyncPrefectClient, run: Run) -> Iterator[tuple[FlowRun, Target]]:
    for older in _paused(client, run):
        build = recall(client, older.id, BUILD_KEY)
        if build is not None:
            yield older, Target.model_validate(build["target"])


def _paused(client: SyncPrefectClient, run: Run) -> list[FlowRun]:
    """All of them before the first is touched: what is superseded would be missing from the pages behind it."""
    waiting = FlowRunFilter(
        id=FlowRunFilterId(not_any_=[run.id]),
        tags=FlowRunFilterTags(all_=[TAG]),
        state=FlowRunFilterState(type=FlowRunFilterStateType(any_=[StateType.PAUSED])),
    )
    found: list[FlowRun] = []
    while True:
        page = client.read_flow_runs(
            flow_run_filter=waiting, sort=FlowRunSort.START_TIME_ASC, limit=PAGE, offset=len(found)
        )
        found += page
        if len(page) < PAGE:
            return found


def _first(target: Target) -> Target:
    return target.model_copy(update={"further": ()})


def shared_schemas(one: Target, other: Target) -> set[str]:
    """The schemas that are on either side of both targets, by their own names in lower case."""
    return {name for _, _, name in _schemas(one) & _schemas(other)}


def _schemas(target: Target) -> set[tuple[str, str, str]]:
    account, dot, _ = target.database.rpartition(".")
    other = f"{account}{dot}{target.staging_database}".lower() if target.staging_database else target.database
    sides = (
        side
        for pair in target.pairs
        for side in ((target.database, pair.production), (other, target.staging_schema(pair)))
    )
    return {(target.warehouse, database, name.casefold()) for database, name in sides}
