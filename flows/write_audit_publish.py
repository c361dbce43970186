"""The flow: write into staging, audit against production, get a decision, publish. It reads as its recipe."""

from contextlib import suppress
from pathlib import Path
from typing import Any

from prefect import flow
from prefect.client.schemas.objects import State
from prefect.logging import get_run_logger

from flows.beginning import begin
from flows.contract import TAG, Acknowledgement, Outcome, Report, Via
from flows.ending import Record, named_state
from flows.prefect_runs.locks import target_lock
from flows.prefect_runs.patience import patiently
from flows.prefect_runs.run_state import stop_if_over
from flows.prefect_runs.store import (
    load_acknowledgement,
    load_receipt,
    load_report,
    read_state,
    save_report,
)
from flows.prefect_runs.superseding import refuse_shared, supersede_older
from flows.report_text import markdown, question
from flows.run import Run, Stopped
from flows.settings import SettingsError, signing_keys
from flows.steps.audit import audit
from flows.steps.gate import ask, pass_by_rule
from flows.steps.publish import complete, in_part, is_published, partly_published, publish, published_release
from flows.steps.write import write
from flows.warehouse.base import WarehouseError
from flows.words import joined


# Flow-level retries do not work around a pause (a resume consumes one, and the gate would open again): tasks retry.
@flow(name="write-audit-publish", retries=0)
def write_audit_publish(config: str = "wap.toml", requested_by: str = "", requester_user_id: str = "") -> State[Any]:
    """Build staging, show what would change, and publish it if a person, or a rule for small changes, says yes.

    Ends in a state named after its Outcome. Safe to run again: what the marker in production says has been published is
    not published twice.
    """
    try:
        run = begin(Path(config), requested_by=requested_by, requester_user_id=requester_user_id, tags=frozenset({TAG}))
    except SettingsError as error:
        return named_state(Outcome.FAILED, str(error))
    record = Record()
    try:
        if run.attempt > 1 and (earlier := _published_before(run, record)):
            return earlier
        _write_and_audit(run, record)
        _decide(run, record)
        return _publish(run, record)
    except Stopped as stop:
        return _stopped(run, record, stop)
    except Exception as error:  # noqa: BLE001 - the one error boundary: any failure closes the gate, and is told
        get_run_logger().exception("run.failed")
        return record.end(run, *_after(error, run, record))


def _published_before(run: Run, record: Record) -> State[Any] | None:
    """If an earlier attempt of this run was killed after it had published: its end, completed and told now. Else None.

    Some warehouses have something left to do after the exchange.
    """
    with target_lock(run.target, run.id):
        part = partly_published(run)
        release = part.release if part else published_release(run)
        if release is None:
            return None
        report = load_report(run.id)
        record.report = report if report is not None and report.digest == release.digest else None
        record.decision = load_acknowledgement(run.id, record.report)
        completed = complete(run, release, record.report)
        record.statements, record.ledger = completed.statements, completed.ledger
    told = load_receipt(run.id)
    if told is not None and told.outcome is Outcome.PUBLISHED and not record.statements:
        return named_state(told.outcome, told.reason)
    what = "what it had left undone is done now" if record.statements else "nothing was repeated"
    by = "an earlier attempt of this run"
    if part is not None:
        by += f" to {joined([f'`{name}`' for name in part.holding])}, and by this one to the rest"
    return record.end(run, Outcome.PUBLISHED, f"Published by {by}; {what}.")


def _stopped(run: Run, record: Record, stop: Stopped) -> State[Any]:
    """The end of a run that stopped. Data that moved may have been moved by an earlier attempt of the same run."""
    if run.attempt > 1 and stop.outcome is Outcome.REFUSED:
        try:
            if published := _published_before(run, record):
                return published
        except Stopped:  # the lock could not be had
            pass
    if record.decision is not None:
        with suppress(WarehouseError):  # the sentence says it, too
            record.part = partly_published(run)
    return record.end(run, stop.outcome, stop.reason)


def _write_and_audit(run: Run, record: Record) -> None:
    with target_lock(run.target, run.id):
        refuse_shared(run)
        supersede_older(run)
        with record.step("write"):
            build = write(run)
        with record.step("audit"):
            try:
                record.report = audit(run, build)
            except Stopped:
                record.report = load_report(run.id)
                raise
        supersede_older(run)  # again: one that had not paused yet when this run began has paused by now


def _decide(run: Run, record: Record) -> None:
    assert record.report is not None
    with record.step("gate"):
        record.decision = pass_by_rule(record.report) or ask(
            record.report,
            question,
            lambda report: save_report(report, markdown(report)),
            keys=signing_keys(),
            poll_seconds=run.settings.gate.poll_seconds,
        )
    if record.decision.verdict == "Reject":
        why = record.decision.reason or "no reason was given"
        raise Stopped(Outcome.REJECTED, f"Not published. {record.decision.decider.name} rejected it: {why}")


def _publish(run: Run, record: Record) -> State[Any]:
    assert record.report is not None
    assert record.decision is not None
    with target_lock(run.target, run.id), record.step("publish"):
        # The lock may have been waited for: a cancel since the approval counts.
        patiently(lambda: stop_if_over(read_state(run.id)))
        published = publish(run, record.report)
        record.statements, record.ledger = published.statements, published.ledger
    return record.end(run, Outcome.PUBLISHED, _published(record.report, record.decision))


def _published(report: Report, decision: Acknowledgement) -> str:
    what = f"Published {joined([f'`{pair.staging}` to `{pair.production}`' for pair in report.target.pairs])}"
    if decision.via is Via.RULE:
        return f"{what} by {decision.decider.name}, nobody was asked: {decision.reason}."
    return f"{what}, approved by {joined([decider.name for decider in decision.deciders])}."


def _after(error: Exception, run: Run, record: Record) -> tuple[Outcome, str]:
    """What to say after an error that nobody foresaw: the marker knows whether production changed, we do not."""
    cause = f"{type(error).__name__}: {' '.join(str(error).split())[:300]}"
    if record.decision is None and run.attempt == 1:
        return Outcome.FAILED, f"Not published. The run broke off before a decision was acted on. {cause}"
    try:
        published, record.part = is_published(run), partly_published(run)
    except Exception as unreadable:  # noqa: BLE001 - an unreadable marker must be said, whatever made it unreadable
        unknown = "It is not known whether production changed: its marker `_wap_release` cannot be read"
        return Outcome.FAILED, f"{unknown} ({type(unreadable).__name__}). Read it before anything else. {cause}"
    if published:
        return Outcome.PUBLISHED, f"Published, although the run then met an error. {cause}"
    if record.part is not None:
        return Outcome.FAILED, f"{in_part(record.part)} Run it again, and it is completed. {cause}"
    return Outcome.FAILED, f"Not published. The run broke off, and production is as it was. {cause}"
