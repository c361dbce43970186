"""The second flow: take the newest release back, if staging still holds the one before. It reads as its recipe."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, assert_never
from uuid import UUID

from prefect import flow
from prefect.client.schemas.objects import State
from prefect.logging import get_run_logger

from flows.beginning import begin
from flows.contract import (
    ROLLBACK_KEY,
    ROLLBACK_TAG,
    TAG,
    Outcome,
    Report,
    Rollback,
    rollback_vote_prefix,
)
from flows.decisions.rollback_judgement import Ballot, Denied, Granted, judge_rollback
from flows.ending import Record, named_state
from flows.prefect_runs.locks import target_lock
from flows.prefect_runs.patience import patiently
from flows.prefect_runs.published_run import published_report, rollback_of, tell_taken_back
from flows.prefect_runs.run_state import stop_if_over
from flows.prefect_runs.store import claim, prefect_client, read_state, recall_all
from flows.prefect_runs.superseding import supersede_older
from flows.run import Run, Stopped
from flows.settings import SettingsError, signing_keys
from flows.steps.publish import in_part, partly_published
from flows.steps.take_back import run_in_production, run_on_its_way, take_back
from flows.words import joined

UNDONE = "Not rolled back."
PATIENCE = timedelta(minutes=2)
"""How long another run of the target is waited for. Short: a build that holds the lock uses staging up."""


@flow(name="rollback", retries=0)
def rollback(
    run: str, proof: str = "", config: str = "wap.toml", requested_by: str = "", requester_user_id: str = ""
) -> State[Any]:
    """Put the release before that of `run` (a run's id or name) into production again.

    `proof` is filled in by the Slack bot; without it the policy must allow decisions made in Prefect. Ends in a state
    named after its Outcome. Safe to run again: what the marker says has been taken back is not taken back twice.
    """
    try:
        here = begin(
            Path(config),
            requested_by=requested_by,
            requester_user_id=requester_user_id,
            tags=frozenset({TAG, ROLLBACK_TAG}),
        )
    except SettingsError as error:
        return named_state(Outcome.FAILED, str(error))
    record = Record()
    try:
        report = published_report(run, here.target)
        with target_lock(here.target, here.id, patience=PATIENCE, undone=UNDONE), record.step("rollback"):
            earlier = _rollback_in_production(here, report)
            if earlier is not None and earlier.by == str(here.id):
                done = earlier  # an attempt of this run that was killed: it had been allowed
            else:
                granted = _granted(here, report, proof, asker=requested_by)
                done = earlier or _ordered(here, report, granted)
            exchanged = take_back(here, report, done.by)
            record.statements, record.ledger = exchanged.statements, exchanged.ledger
            record.report, record.rollback = report, done
            _tell(here, done)
        return record.end(here, Outcome.ROLLED_BACK, _told(here, report, done))
    except Stopped as stop:
        return record.end(here, stop.outcome, stop.reason)
    except Exception as error:  # noqa: BLE001 - the one error boundary: any failure is told with what the marker says
        get_run_logger().exception("rollback.failed")
        return record.end(here, *_after(error, here, record))


def _rollback_in_production(here: Run, report: Report) -> Rollback | None:
    """The roll back of this very release that production's marker names: of a killed attempt, or of another run."""
    current = run_on_its_way(here)
    if current in ("", report.run):
        return None
    found = rollback_of(current)
    return found if found is not None and found.run == report.run else None


def _granted(here: Run, report: Report, proof: str, *, asker: str) -> Granted:
    ballot = Ballot(
        proof=proof,
        at=datetime.now(UTC),
        valid_for=here.settings.gate.timeout,
        stored=patiently(lambda: _votes(report)),
    )
    match judge_rollback(ballot, report, here.settings.policy, signing_keys(), asker=asker):
        case Granted() as granted:
            return granted
        case Denied(reason):
            raise Stopped(Outcome.REFUSED, f"{UNDONE} That request did not count: {reason}.")
        case never:
            assert_never(never)


def _votes(report: Report) -> tuple[str, ...]:
    """The votes for this roll back lie at the run that had published."""
    with prefect_client() as client:
        return recall_all(client, UUID(report.run), rollback_vote_prefix(report.attempt))


def _ordered(here: Run, report: Report, granted: Granted) -> Rollback:
    """Write down what will happen: whoever finds this run in the marker must be able to tell what it has done."""
    patiently(lambda: stop_if_over(read_state(here.id), undone=UNDONE))
    order = Rollback(
        run=report.run,
        run_name=report.run_name,
        attempt=report.attempt,
        digest=report.digest,
        by=str(here.id),
        by_name=here.name,
        via=granted.via,
        decider=granted.decider,
        votes=granted.votes,
        at=datetime.now(UTC),
    )
    if patiently(lambda: claim(here.id, ROLLBACK_KEY, order.model_dump(mode="json"))):
        return order
    return rollback_of(str(here.id)) or order


def _tell(here: Run, done: Rollback) -> None:
    """The run that had published says so from now on; runs that wait to replace what is gone are out of date."""
    patiently(lambda: tell_taken_back(done))
    patiently(lambda: supersede_older(here))


def _told(here: Run, report: Report, done: Rollback) -> str:
    target = report.target
    productions = joined([f"`{pair.production}`" for pair in target.pairs])
    stagings = joined([f"`{pair.staging}`" for pair in target.pairs])
    if done.by != str(here.id):
        return f"Run `{report.run_name}` had been taken back by run `{done.by_name}` already; nothing was repeated."
    who = joined([decider.name for decider in done.deciders])
    return (
        f"Rolled back by {who}: {productions} "
        f"{'holds' if len(target.pairs) == 1 else 'hold'} the release before run "
        f"`{report.run_name}` again, and {stagings} what that run had published."
    )


def _after(error: Exception, here: Run, record: Record) -> tuple[Outcome, str]:
    """What to say after an error that nobody foresaw: the marker knows whether production changed, we do not."""
    cause = f"{type(error).__name__}: {' '.join(str(error).split())[:300]}"
    try:
        current, part = run_in_production(here), partly_published(here)
        record.rollback = record.rollback or (rollback_of(current) if current == str(here.id) else None)
    except Exception as unreadable:  # noqa: BLE001 - an unreadable marker must be said, whatever made it unreadable
        unknown = "It is not known whether production changed: its marker `_wap_release` cannot be read"
        return Outcome.FAILED, f"{unknown} ({type(unreadable).__name__}). Read it before anything else. {cause}"
    if current == str(here.id):
        return Outcome.ROLLED_BACK, f"Rolled back, although the run then met an error. Run it again. {cause}"
    if part is not None:
        return Outcome.FAILED, f"{in_part(part)} That is the release before. Run it again. {cause}"
    return Outcome.FAILED, f"{UNDONE} The run broke off, and production is as it was. {cause}"
