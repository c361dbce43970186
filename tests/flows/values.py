"""Reports for the flow's tests, with good defaults."""

from datetime import UTC, datetime, timedelta
from typing import Any

from flows.contract import Column, DbtSummary, Policy, Report, Requester, Side, TableDiff, Target, data_digest

APPROVER = "U0MINA"
KEYS = ("old key", "new key")


def side(rows: int = 2, fingerprint: str = "42") -> Side:
    """One side of a table."""
    return Side(columns=(Column(name="order_id", type="INTEGER"),), rows=rows, fingerprint=fingerprint)


def table(name: str = "orders", **over: Any) -> TableDiff:
    """A table with one added row."""
    values: dict[str, Any] = {
        "name": name,
        "kind": "table",
        "status": "changed",
        "production": side(1, "41"),
        "staging": side(2, "42"),
        "key": ("order_id",),
        "key_source": "dbt tests unique and not_null",
        "method": "keyed",
        "added": 1,
        "removed": 0,
        "changed": 0,
        "unchanged": 1,
    }
    return TableDiff(**{**values, **over})


def report(**over: Any) -> Report:
    """A report of one changed table that waits for two minutes."""
    tables = over.pop("tables", (table(),))
    now = datetime.now(UTC)
    values: dict[str, Any] = {
        "target": Target(production="dwh", staging="develop_dwh", warehouse="duckdb"),
        "run": "00000000-0000-0000-0000-000000000001",
        "run_name": "calm-otter",
        "attempt": 1,
        "gate": "0123456789abcdef",
        "requested_by": Requester(name="Tomas", user_id="U0TOMAS"),
        "created_at": now,
        "expires_at": now + timedelta(minutes=2),
        "dbt": DbtSummary(models=2, tests_passed=3),
        "tables": tables,
        "policy": Policy(approvers=(APPROVER,)),
        "digest": data_digest(tables),
    }
    return Report(**{**values, **over})
