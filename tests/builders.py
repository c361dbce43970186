"""Builders with good defaults: a test names only what it is about."""

import hashlib
from datetime import UTC, datetime, timedelta
from typing import Any, Literal

from flows.contract import (
    Acknowledgement,
    CellChange,
    Column,
    ColumnCount,
    DbtSummary,
    Decider,
    Finding,
    Outcome,
    Policy,
    Receipt,
    Report,
    Requester,
    SampleRow,
    SchemaChange,
    Side,
    TableDiff,
    Target,
    Verdict,
    Via,
    data_digest,
)

NOW = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)
TARGET = Target(
    production="dwh", staging="develop_dwh", warehouse="duckdb", database="/srv/harbour/secret-folder/warehouse.duckdb"
)
RUN_ID = "11111111-2222-3333-4444-555555555555"
GATE = "0123456789abcdef0123456789abcdef"
MINA = "U0MINA0001"
TOMAS = "U0TOMAS001"

_COLUMNS = (Column(name="id", type="BIGINT"), Column(name="amount", type="DECIMAL(18,2)"))


def side(rows: int = 1_000, *, columns: tuple[Column, ...] = _COLUMNS, seed: str = "production") -> Side:
    """One side of a table; `seed` makes its fingerprint."""
    return Side(columns=columns, rows=rows, fingerprint=hashlib.sha256(f"{seed} {rows}".encode()).hexdigest()[:16])


def sample(
    kind: Literal["added", "removed", "changed"] = "changed",
    *,
    key: tuple[str | None, ...] = ("17",),
    column: str = "amount",
    production: str | None = "10.00",
    staging: str | None = "12.50",
) -> SampleRow:
    """An example row with one cell."""
    return SampleRow(kind=kind, key=key, cells=(CellChange(column=column, production=production, staging=staging),))


def table_diff(name: str = "orders", **changes: Any) -> TableDiff:
    """A changed table: 10 rows added, 2 removed, 5 changed of 1,000."""
    fields: dict[str, Any] = {
        "name": name,
        "kind": "table",
        "status": "changed",
        "production": side(1_000),
        "staging": side(1_008, seed="staging"),
        "key": ("id",),
        "key_source": "dbt",
        "method": "keyed",
        "added": 10,
        "removed": 2,
        "changed": 5,
        "unchanged": 993,
        "changed_columns": (ColumnCount(column="amount", rows=5),),
        "samples": (sample(),),
    }
    return TableDiff.model_validate({**fields, **changes})


def equal_table(name: str = "customers", *, rows: int = 100) -> TableDiff:
    """A table that is the same on both sides."""
    both = side(rows, seed=name)
    return TableDiff(
        name=name,
        kind="table",
        status="equal",
        production=both,
        staging=both,
        method="fingerprint",
        added=0,
        removed=0,
        changed=0,
        unchanged=rows,
    )


def finding(severity: Literal["blocker", "warning"] = "warning", **changes: str) -> Finding:
    """Something to weigh before deciding."""
    fields = {
        "code": "column_removed",
        "object": "orders.note",
        "consequence": "would vanish from production",
        "remedy": "Keep it in the model, or allow it with `vanish`.",
    }
    return Finding(severity=severity, **{**fields, **changes})


def schema_change(column: str = "note", kind: Literal["added", "removed", "retyped"] = "added") -> SchemaChange:
    """A changed column."""
    return SchemaChange(column=column, kind=kind, production="TEXT", staging="TEXT")


def report(**changes: Any) -> Report:
    """A report of one changed and one equal table that Mina may decide; Tomas has requested it."""
    fields: dict[str, Any] = {
        "target": TARGET,
        "run": RUN_ID,
        "run_name": "quiet-otter",
        "attempt": 1,
        "gate": GATE,
        "requested_by": Requester(name="Tomas Lindqvist", user_id=TOMAS),
        "created_at": NOW,
        "expires_at": NOW + timedelta(hours=8),
        "dbt": DbtSummary(models=12, tests_passed=34, seconds=4.5),
        "tables": (table_diff(), equal_table()),
        "policy": Policy(approvers=(MINA,)),
    }
    fields |= changes
    return Report.model_validate({"digest": data_digest(fields["tables"]), **fields})


def acknowledgement(verdict: Verdict = "Approve", **changes: Any) -> Acknowledgement:
    """The flow has read Mina's decision."""
    fields: dict[str, Any] = {
        "attempt": 1,
        "verdict": verdict,
        "reason": "" if verdict == "Approve" else "The amounts look doubled.",
        "via": Via.SLACK,
        "decider": Decider(name="Mina Okafor", user_id=MINA, team_id="T0HARBOUR"),
        "at": NOW + timedelta(minutes=5),
    }
    return Acknowledgement.model_validate({**fields, **changes})


def receipt(outcome: Outcome = Outcome.PUBLISHED, **changes: Any) -> Receipt:
    """How a run ended."""
    fields: dict[str, Any] = {
        "run": RUN_ID,
        "attempt": 1,
        "target": TARGET,
        "outcome": outcome,
        "reason": "Published." if outcome is Outcome.PUBLISHED else "Not published.",
        "at": NOW + timedelta(minutes=6),
    }
    return Receipt.model_validate({**fields, **changes})
