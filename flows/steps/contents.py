"""What a schema holds against what a report showed: the last check before anything is exchanged."""

from flows.contract import Report, Side
from flows.diff import fingerprints
from flows.warehouse.base import Environment, PartlyReleased, Warehouse

Contents = dict[str, tuple[str, Side]]
"""Table or view by name: its kind, and what it holds."""


def part_of(warehouse: Warehouse, run: str) -> PartlyReleased | None:
    """What of this run's release an interrupted attempt has exchanged already; None if nothing, or all of it."""
    part = warehouse.partly_released()
    return part if part is not None and part.release.run == run else None


def shown(report: Report, env: Environment, part: PartlyReleased | None = None) -> Contents:
    """What the report says about one side; of a `part` only the tables that are still to be exchanged."""
    sides = ((table, table.staging if env is Environment.STAGING else table.production) for table in report.tables)
    return {
        table.name: (table.kind, side)
        for table, side in sides
        if side is not None and _counts(table.home, table.kind, part)
    }


def held(warehouse: Warehouse, env: Environment, part: PartlyReleased | None = None) -> Contents:
    """What that side holds now, by one scan a table, and of a `part` likewise. Raises WarehouseError."""
    kinds = {relation.name: relation.kind for relation in warehouse.relations(env)}
    found = fingerprints(warehouse, env, which=lambda relation: _counts(relation.home, relation.kind, part))
    return {name: (kinds.get(name, ""), side) for name, side in found.items()}


def _counts(home: str, kind: str, part: PartlyReleased | None) -> bool:
    """A view across schemas shows a mixture until all are exchanged."""
    return part is None or (kind == "table" and home not in part.holding)


def differing(expected: Contents, found: Contents) -> str:
    """The tables that are not as expected, the first three by name; empty if all are."""
    names = sorted(name for name in expected.keys() | found.keys() if expected.get(name) != found.get(name))
    return ", ".join(f"`{name}`" for name in names[:3]) + (" and more" if len(names) > 3 else "")
