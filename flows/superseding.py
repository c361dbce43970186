"""A new run takes the place of the older ones of its target that still wait: staging is no longer what they showed."""

from prefect.client.schemas.filters import (
    FlowRunFilter,
    FlowRunFilterId,
    FlowRunFilterState,
    FlowRunFilterStateType,
    FlowRunFilterTags,
)
from prefect.client.schemas.objects import StateType

from flows.contract import BUILD_KEY, TAG, Outcome
from flows.ending import named_state
from flows.run import Run
from flows.store import prefect_client, recall

_PAGE = 200


def supersede_older(run: Run) -> int:
    """Cancel every waiting run of the same target, naming this one. Returns how many there were."""
    waiting = FlowRunFilter(
        id=FlowRunFilterId(not_any_=[run.id]),
        tags=FlowRunFilterTags(all_=[TAG]),
        state=FlowRunFilterState(type=FlowRunFilterStateType(any_=[StateType.PAUSED])),
    )
    superseded = 0
    with prefect_client() as client:
        for older in client.read_flow_runs(flow_run_filter=waiting, limit=_PAGE):
            build = recall(client, older.id, BUILD_KEY)
            if build is not None and build["target"] == run.target.model_dump(mode="json"):
                reason = f"Not published. Run {run.name} of the same target took the place of this one."
                client.set_flow_run_state(older.id, named_state(Outcome.SUPERSEDED, reason))
                superseded += 1
    return superseded
