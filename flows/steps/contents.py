"""What a schema holds against what a report showed: the last check before anything is exchanged."""

from flows.contract import Report, Side
from flows.diff import fingerprints
from flows.warehouse.base import Environment, Warehouse

Contents = dict[str, tuple[str, Side]]
"""Table or view by name: its kind, and what it holds."""


def shown(report: Report, env: Environment) -> Contents:
    """What the report says about one side."""
    sides = ((table, table.staging if env is Environment.STAGING else table.production) for table in report.tables)
    return {table.name: (table.kind, side) for table, side in sides if side is not None}


def held(warehouse: Warehouse, env: Environment) -> Contents:
    """What that side holds now, by one scan a table. Raises WarehouseError."""
    kinds = {relation.name: relation.kind for relation in warehouse.relations(env)}
    return {name: (kinds.get(name, ""), side) for name, side in fingerprints(warehouse, env).items()}


def differing(expected: Contents, found: Contents) -> str:
    """The tables that are not as expected, the first three by name; empty if all are."""
    names = sorted(name for name in expected.keys() | found.keys() if expected.get(name) != found.get(name))
    return ", ".join(f"`{name}`" for name in names[:3]) + (" and more" if len(names) > 3 else "")
