"""Tells the run that is in production that a newer one builds: what staging kept of the release before is gone."""

from uuid import UUID

import httpx
from prefect.exceptions import ObjectNotFound, PrefectHTTPStatusError
from prefect.logging import get_run_logger

from flows.contract import PREDECESSOR_KEY, STAGING_USED_KEY, StagingUse
from flows.prefect_runs.store import claim, prefect_client
from flows.run import Run
from flows.warehouse.base import Release


def tell_predecessor(run: Run, released: Release | None) -> None:
    """Write it down at both runs, for people only: a roll back looks at the data itself. Never fails the run."""
    if released is None or released.run == str(run.id):
        return
    try:
        predecessor = UUID(released.run)
        with prefect_client() as client:
            client.read_flow_run(predecessor)
        claim(predecessor, STAGING_USED_KEY, StagingUse(run=str(run.id), run_name=run.name).model_dump(mode="json"))
        claim(run.id, PREDECESSOR_KEY, {"run": released.run})
    except (ValueError, ObjectNotFound):  # a marker that is not ours, or a run that was deleted
        get_run_logger().info("predecessor.unknown run=%s", released.run)
    except (httpx.TransportError, PrefectHTTPStatusError) as error:
        get_run_logger().warning("predecessor.not_told error=%s", type(error).__name__)
