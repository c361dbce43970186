"""The first lines of the page: which two, how many rows, how many of them differ, and what they were joined on."""

from collections.abc import Iterator
from typing import Final

from rich.text import Text

from flows.contract import Scope, Side, TableDiff
from flows.report_text.moves import relative_change
from flows.report_text.visible import visible
from flows.words import counted
from wap.diff.comparing import Compared

SIGNS: Final = {"added": ("+", "green"), "removed": ("-", "red"), "changed": ("~", "yellow"), "unchanged": ("=", "dim")}
"""Sign and colour of what can happen to a row."""


def headline(compared: Compared, *, is_narrow: bool) -> Iterator[Text]:
    """Lines that say the most important things first."""
    table = compared.table
    gap = "\n" if is_narrow else "   "
    yield Text.assemble(
        (visible(compared.production), "bold"), " → ", (visible(compared.staging), "bold"), f"{gap}{_rows(table)}"
    )
    if table.status == "equal":
        how = "the 64-bit hashes of all rows agree" if table.method == "fingerprint" else "no compared value differs"
        yield Text(f"= equal: {how}", style="green")
    else:
        yield Text(gap).join(_counts(table))
    if table.scope is not None:
        yield Text(_part(table.scope, table), style="yellow")
    if joined_on := _joined_on(table):
        yield Text(joined_on, style="dim")


def _counts(table: TableDiff) -> Iterator[Text]:
    numbers = {
        "added": table.added, "removed": table.removed, "changed": table.changed, "unchanged": table.unchanged
    }  # fmt: skip
    for kind, number in numbers.items():
        sign, colour = SIGNS[kind]
        if number is None:
            yield Text(f"{sign} ? {kind}", style="dim")
        else:
            yield Text(f"{sign} {number:,} {kind}", style=colour if number else "dim")


def _rows(table: TableDiff) -> str:
    before, after = table.production, table.staging
    if before is None or after is None:
        there = before or after
        return f"{_count(there)}, in {'staging' if before is None else 'production'} only"
    if before.rows == after.rows:
        return _count(before)
    change = relative_change(str(before.rows), str(after.rows))
    return f"{before.rows:,} → {_count(after)}" + (f" ({change})" if change else "")


def _count(side: Side | None) -> str:
    return counted(side.rows, "row") if side else ""


def _part(scope: Scope, table: TableDiff) -> str:
    before, after = table.production, table.staging
    return (
        f"only a part was compared: {scope.production_rows:,} of {_count(before)} of production, "
        f"{scope.staging_rows:,} of {_count(after)} of staging"
    )


def _joined_on(table: TableDiff) -> str:
    if table.key:
        names = ", ".join(visible(name) for name in table.key)
        said = f"key: {names}" + (f" (from {visible(table.key_source)})" if table.key_source else "")
        return said if table.method != "multiset" else f"{said}, not used; whole rows were compared by 64-bit hashes"
    return "no key: whole rows were compared by 64-bit hashes" if table.method == "multiset" else ""
