"""The most frequent values of a column on both sides, and how many rows have others."""

from dataclasses import replace
from typing import Any

from flows.contract import Column
from flows.contract.profile import Bar
from flows.diff.cells import Cells
from flows.diff.columns import Pair
from flows.diff.subject import Subject
from flows.diff.types import Form
from flows.warehouse.base import Warehouse

TOP = 8
"""So many values have a bar of their own, besides NULL."""

LABEL_LENGTH = 200
"""A value is cut after so many characters: it stands beside a bar."""


def top_values(warehouse: Warehouse, subject: Subject, pair: Pair) -> tuple[Bar, ...]:
    """The values that are most frequent on either side, NULL among them if there is any, then the rest.

    () without rows. Raises WarehouseError.
    """
    rows = warehouse.query(top_values_sql(subject, pair))
    shown = [_bar(row) for row in rows if row[0] != "all"]
    rest = [_rest(_bar(row), [bar for bar in shown if bar.label is not None]) for row in rows if row[0] == "all"]
    by_frequency = sorted(shown, key=lambda bar: (-max(bar.production, bar.staging), bar.label is None, bar.label))
    return (*by_frequency, *(bar for bar in rest if bar.production or bar.staging))


def how_many_sql(subject: Subject, pair: Pair) -> str:
    """One row: how many values, NULLs not among them, production and staging have."""
    column = subject.dialect.quote(pair.name)
    before = f"SELECT COUNT(p.{column}) FROM {subject.table('p')} AS p"
    after = f"SELECT COUNT(s.{column}) FROM {subject.table('s')} AS s"
    return f"SELECT ({before}) AS production, ({after}) AS staging"


def top_values_sql(subject: Subject, pair: Pair) -> str:
    """Rows of kind, value as text, rows of production, rows of staging.

    Kind "value": one of the most frequent values; "null": the NULLs, if there are any; "all": every other row
    together with those of kind "value", NULL counts if there are none.
    """
    short = replace(subject.settings, cell_length=min(subject.settings.cell_length, LABEL_LENGTH))
    cell = Cells(subject.staging.name, short, dialect=subject.dialect).cell("value", _shown(pair))
    before, after = subject.value(pair, "p"), subject.value(pair, "s")
    return (
        "WITH counted AS (\n  SELECT value, COUNT(production) AS production, COUNT(staging) AS staging FROM (\n"
        f"    SELECT {before} AS value, 1 AS production, NULL AS staging FROM {subject.table('p')} AS p\n"
        f"    UNION ALL SELECT {after}, NULL, 1 FROM {subject.table('s')} AS s) AS both_sides\n"
        "  GROUP BY value),\n"
        "most AS (\n  SELECT value, production, staging FROM counted WHERE value IS NOT NULL\n"
        f"  ORDER BY GREATEST(production, staging) DESC, value LIMIT {TOP})\n"
        f"SELECT 'value' AS kind, {cell} AS label, production, staging FROM most\n"
        "UNION ALL SELECT 'null', NULL, production, staging FROM counted WHERE value IS NULL\n"
        "UNION ALL SELECT 'all', NULL, COALESCE(SUM(production), 0), COALESCE(SUM(staging), 0)\n"
        "  FROM counted WHERE value IS NOT NULL"
    )


def _shown(pair: Pair) -> Column:
    match pair.form:
        case Form.AS_IS:
            type_name = pair.staging
        case Form.DOUBLE:
            type_name = "DOUBLE"
        case _:
            type_name = "VARCHAR"
    return Column(name=pair.name, type=type_name)


def _bar(row: tuple[Any, ...]) -> Bar:
    _, label, production, staging = row
    return Bar(label=label, production=int(production), staging=int(staging))


def _rest(everything: Bar, shown: list[Bar]) -> Bar:
    return Bar(
        label=None,
        production=everything.production - sum(bar.production for bar in shown),
        staging=everything.staging - sum(bar.staging for bar in shown),
        is_rest=True,
    )
