"""What would make an exchange inside a DuckDB file unsafe or incomplete, found before anyone is asked."""

from flows.contract import Finding
from flows.warehouse.duckdb_session import Session


def find_problems(session: Session, *, production: str, staging: str) -> tuple[Finding, ...]:
    """Findings."""
    return ()
