"""How a run begins: what every step needs is gathered, and Prefect knows what the run is about."""

from pathlib import Path

from prefect.context import FlowRunContext

from flows.contract import BUILD_KEY
from flows.prefect_runs.store import claim, prefect_client
from flows.run import Run, new_run
from flows.settings import load_settings


def begin(config: Path, *, requested_by: str, requester_user_id: str, tags: frozenset[str]) -> Run:
    """The run of the flow that is running here, with these tags in Prefect and a note of its target and requester.

    Raises SettingsError when the settings or dbt's profile cannot be used.
    """
    context = FlowRunContext.get()
    assert context is not None
    assert context.flow_run is not None
    here = context.flow_run
    run = new_run(
        load_settings(config),
        id=here.id,
        name=here.name,
        attempt=here.run_count,
        requested_by=requested_by,
        requester_user_id=requester_user_id,
    )
    if not tags <= set(here.tags):
        with prefect_client() as client:  # a run that was started without a tag is a run all the same
            client.update_flow_run(run.id, tags={*here.tags, *tags})
    about = {"target": run.target, "requested_by": run.requester}
    claim(run.id, BUILD_KEY, {name: value.model_dump(mode="json") for name, value in about.items()})
    return run
