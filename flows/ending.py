"""How a run ends: a receipt in Prefect and a named Prefect state, both with the same one sentence."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import httpx
from prefect.client.schemas.objects import State, StateType
from prefect.exceptions import PrefectHTTPStatusError
from prefect.logging import get_run_logger

from flows.contract import Acknowledgement, Ledger, Outcome, Receipt, Report, Rollback, Statement, TableRows
from flows.prefect_runs.discussion import discussion_before
from flows.prefect_runs.patience import patiently
from flows.prefect_runs.store import save_receipt
from flows.run import Run
from flows.warehouse.base import PartlyReleased

_TYPES = {
    Outcome.PUBLISHED: StateType.COMPLETED,
    Outcome.ROLLED_BACK: StateType.COMPLETED,
    Outcome.REJECTED: StateType.COMPLETED,  # the run did its work: it asked, and was answered
    Outcome.EXPIRED: StateType.FAILED,
    Outcome.REFUSED: StateType.FAILED,
    Outcome.FAILED: StateType.FAILED,
    Outcome.CANCELLED: StateType.CANCELLED,
    Outcome.SUPERSEDED: StateType.CANCELLED,
}


def named_state(outcome: Outcome, reason: str) -> State[Any]:
    """The Prefect state of this outcome, named after it."""
    return State(type=_TYPES[outcome], name=outcome.value, message=reason)


@dataclass(slots=True)
class Record:
    """What has happened in this run so far; the one thing in a run that grows."""

    report: Report | None = None
    decision: Acknowledgement | None = None
    rollback: Rollback | None = None
    part: PartlyReleased | None = None
    """What of several schemas was exchanged, if only some were."""
    statements: tuple[Statement, ...] = ()
    ledger: Ledger | None = None
    seconds: dict[str, float] = field(default_factory=dict)

    @contextmanager
    def step(self, name: str) -> Iterator[None]:
        """Measure a step's wall time, in seconds, also when it fails."""
        started = time.monotonic()
        try:
            yield
        finally:
            self.seconds[name] = round(time.monotonic() - started, 3)

    def end(self, run: Run, outcome: Outcome, reason: str) -> State[Any]:
        """Write the receipt, then name the end. What happened has happened: a receipt that Prefect does not take even
        after a long wait is logged, and the end is named all the same."""
        receipt = self._receipt(run, outcome, reason)
        try:
            patiently(lambda: save_receipt(receipt))
        except (httpx.TransportError, PrefectHTTPStatusError) as error:
            get_run_logger().error("receipt.not_saved outcome=%s error=%s", outcome, type(error).__name__)
        return named_state(outcome, reason)

    def _receipt(self, run: Run, outcome: Outcome, reason: str) -> Receipt:
        return Receipt(
            run=str(run.id),
            attempt=run.attempt,
            target=run.target,
            outcome=outcome,
            reason=reason,
            digest=self.report.digest if self.report else "",
            decision=self.decision,
            discussion=discussion_before(run.id, self.decision),
            tables=self._tables(outcome),
            statements=self.statements,
            ledger=self.ledger,
            seconds=self.seconds,
            rollback=self.rollback,
            at=datetime.now(UTC),
        )

    def _tables(self, outcome: Outcome) -> tuple[TableRows, ...]:
        if self.rollback is not None:
            return _rows_back(self.report)
        is_published = outcome is Outcome.PUBLISHED
        return _rows(self.report, published=is_published, holding=self.part.holding if self.part else ())


def _rows(report: Report | None, *, published: bool, holding: tuple[str, ...] = ()) -> tuple[TableRows, ...]:
    """Production's rows before and after. The publish has proven that both sides were as the report says.

    `holding` are the schemas that hold the release although it was not `published` as a whole.
    """
    if report is None:
        return ()
    return tuple(
        TableRows(
            table=table.name,
            before=table.production.rows if table.production else None,
            after=after.rows
            if (after := table.staging if published or table.home in holding else table.production)
            else None,
        )
        for table in report.tables
    )


def _rows_back(report: Report | None) -> tuple[TableRows, ...]:
    """The same the other way round: the report is that of the release that was taken back."""
    rows = _rows(report, published=True)
    return tuple(TableRows(table=one.table, before=one.after, after=one.before) for one in rows)
