"""The sample reports by name. Everything in them is invented, and nothing in them depends on the time or on chance."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final

from docs.samples.hostile import HOSTILE, hostile_table
from docs.samples.tables import equal_table, failed_table, plain_table, rich_table, vanished_table
from flows.contract import DbtSummary, Finding, Policy, Report, Requester, TableDiff, Target, data_digest

FOLDER: Final = Path(__file__).parent
_NOW: Final = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)


def small() -> Report:
    """One table changed, one is equal."""
    return _report(plain_table("orders"), equal_table("customers"))


def rich() -> Report:
    """Profile, distributions, concentration, fresh rows, context; and a warning."""
    warning = Finding(
        severity="warning",
        code="view_names_staging",
        object="dwh.big_orders",
        consequence="reads a table that changes its columns",
        remedy="Look at it after the publish.",
    )
    tables = (rich_table("orders"), plain_table("payments"), equal_table("customers"), equal_table("products"))
    return _report(*tables, findings=(warning,))


def no_key() -> Report:
    """A table without a key: whole rows, none of them changed."""
    return _report(plain_table("events", is_keyed=False))


def failed() -> Report:
    """One table could not be compared, one would vanish, and a blocker says so."""
    blocker = Finding(
        severity="blocker",
        code="table_vanishes",
        object="dwh.returns",
        consequence="is in production and not in staging",
        remedy='Keep the model, or set `vanish = "allow"`.',
    )
    return _report(failed_table("shipments"), vanished_table("returns"), plain_table("orders"), findings=(blocker,))


def masked() -> Report:
    """Values of a masked column are stars."""
    return _report(plain_table("customers", is_masked=True))


def hostile() -> Report:
    """Names and values that would be markup, if anything let them."""
    finding = Finding(severity="warning", code="x", object=HOSTILE, consequence=HOSTILE, remedy=HOSTILE)
    return _report(hostile_table(), findings=(finding,), run_name=HOSTILE)


def huge() -> Report:
    """Two hundred tables that differ in everything: longer than a page may be."""
    return _report(*(rich_table(f"table_{number:03}", scale=number + 1) for number in range(200)))


def nothing() -> Report:
    """Both sides are equal."""
    return _report(equal_table("customers"), equal_table("products"))


SAMPLES: Final[Mapping[str, Callable[[], Report]]] = {
    make.__name__: make for make in (small, rich, no_key, failed, masked, hostile, nothing)
}
"""What is kept as JSON. `huge` is made when it is needed: its file would be larger than all the documentation."""


def _report(*tables: TableDiff, **over: Any) -> Report:
    values: dict[str, Any] = {
        "target": Target(
            production="dwh", staging="develop_dwh", warehouse="duckdb", database="/srv/harbour/warehouse.duckdb"
        ),
        "run": "11111111-2222-3333-4444-555555555555",
        "run_name": "quiet-otter",
        "attempt": 1,
        "gate": "0123456789abcdef0123456789abcdef",
        "requested_by": Requester(name="Tomas Lindqvist", user_id="U0TOMAS001"),
        "created_at": _NOW,
        "expires_at": _NOW + timedelta(hours=8),
        "dbt": DbtSummary(models=12, tests_passed=34, seconds=4.5),
        "tables": tables,
        "policy": Policy(approvers=("channel",)),
        "digest": data_digest(tables),
    }
    return Report.model_validate({**values, **over})
