"""Finds the run whose release is to be taken back, and what is known of it in Prefect."""

from typing import TypeVar
from uuid import UUID

from prefect.client.orchestration import SyncPrefectClient
from prefect.client.schemas.filters import FlowRunFilter, FlowRunFilterName, FlowRunFilterTags
from prefect.client.schemas.objects import FlowRun
from prefect.exceptions import ObjectNotFound

from flows.contract import (
    ROLLBACK_KEY,
    ROLLED_BACK_KEY,
    STAGING_USED_KEY,
    TAG,
    Outcome,
    Report,
    Rollback,
    StagingUse,
    Target,
)
from flows.prefect_runs.store import claim, load_receipt, load_report, prefect_client, recall
from flows.run import Stopped
from flows.words import joined

Note = TypeVar("Note", Rollback, StagingUse)


def published_report(wanted: str, target: Target) -> Report:
    """The report under which the run `wanted` (its id or its name) was published to this target.

    Raises Stopped(REFUSED) if there is no such run, or if it left anything else than a receipt that says Published.
    """
    run = _found(wanted)
    receipt, report = load_receipt(run.id), load_report(run.id)
    if receipt is None or report is None:
        raise _refused(f"The run `{run.name}` left no receipt of a publish. Run it again: it reads the marker first.")
    if receipt.outcome is not Outcome.PUBLISHED:
        raise _refused(f"The run `{run.name}` published nothing; it ended as {receipt.outcome}.")
    if report.target != target:
        message = (
            f"The run `{run.name}` published to {_named(report.target)}, and wap.toml here is about {_named(target)}. "
            "Use the settings of that run."
        )
        raise _refused(message)
    if all(table.production is None for table in report.tables):
        message = f"Before the run `{run.name}`, `{target.production}` was empty: there is no release to go back to."
        raise _refused(message)
    return report


def _named(target: Target) -> str:
    productions = joined([f"`{pair.production}`" for pair in target.pairs])
    stagings = joined([f"`{pair.staging}`" for pair in target.pairs])
    return f"{productions} in `{target.database_name}` from {stagings}"


def rollback_of(run: str) -> Rollback | None:
    """What the run of this id takes back or took back; None if it is no roll back."""
    return _noted(run, ROLLBACK_KEY, Rollback)


def staging_use_after(run: str) -> StagingUse | None:
    """Which run has built into staging since the run of this id had published, as far as that run could tell."""
    return _noted(run, STAGING_USED_KEY, StagingUse)


def tell_taken_back(done: Rollback) -> None:
    """Write it down at the run that had published, also where it was told of an earlier attempt of that run."""
    run, value = UUID(done.run), done.model_dump(mode="json")
    if claim(run, ROLLED_BACK_KEY, value):
        return
    told = _noted(done.run, ROLLED_BACK_KEY, Rollback)
    if told is not None and told.attempt < done.attempt:
        with prefect_client() as client:
            client.delete_flow_run_input(run, ROLLED_BACK_KEY)
        claim(run, ROLLED_BACK_KEY, value)


def _noted(run: str, key: str, kind: type[Note]) -> Note | None:
    try:
        with prefect_client() as client:
            data = recall(client, UUID(run), key)
    except ValueError:  # a marker that no run of Prefect has written
        return None
    return None if data is None else kind.model_validate(data)


def _found(wanted: str) -> FlowRun:
    with prefect_client() as client:
        try:
            return client.read_flow_run(UUID(wanted))
        except ObjectNotFound:
            raise _refused(f"Prefect knows no run of the id `{wanted}`.") from None
        except ValueError:
            return _called(client, wanted)


def _called(client: SyncPrefectClient, name: str) -> FlowRun:
    fitting = FlowRunFilter(name=FlowRunFilterName(any_=[name]), tags=FlowRunFilterTags(all_=[TAG]))
    match client.read_flow_runs(flow_run_filter=fitting, limit=2):
        case [run]:
            return run
        case []:
            raise _refused(f"Prefect knows no run of the name `{name}`. Name one that was published.")
        case _:
            raise _refused(f"Several runs are called `{name}`. Give the id instead.")


def _refused(sentence: str) -> Stopped:
    return Stopped(Outcome.REFUSED, f"Not rolled back. {sentence}")
