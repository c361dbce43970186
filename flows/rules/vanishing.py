"""Pure: tables and columns that production has and staging lacks; readers of production would lose them."""

from collections.abc import Iterable, Iterator

from flows.contract import Finding, Policy, TableDiff
from flows.words import counted


def vanishing(tables: Iterable[TableDiff], policy: Policy) -> tuple[Finding, ...]:
    """One finding per table or column that would vanish: a blocker unless the policy allows it, then a warning."""
    return tuple(_findings(tables, policy))


def _findings(tables: Iterable[TableDiff], policy: Policy) -> Iterator[Finding]:
    for table in tables:
        if table.status == "removed":
            yield _finding("table_vanishes", table.name, f"would vanish from production{_rows(table)}", policy)
        for change in table.schema_changes:
            if change.kind == "removed" and table.status != "removed":
                name = f"{table.name}.{change.column}"
                yield _finding("column_vanishes", name, "would vanish from production", policy)


def _rows(table: TableDiff) -> str:
    if table.kind == "view" or table.production is None:
        return ""
    return f" with its {counted(table.production.rows, 'row')}"


def _finding(code: str, name: str, consequence: str, policy: Policy) -> Finding:
    return Finding(
        severity="blocker" if policy.vanish == "block" else "warning",
        code=code,
        object=name,
        consequence=consequence,
        remedy='If that is meant, set `policy.vanish = "allow"` in wap.toml and start again.',
    )
