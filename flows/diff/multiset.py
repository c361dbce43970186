"""The diff of a table without a sound key: whole rows, each as often as it occurs."""

from flows.contract import CellChange, SampleRow
from flows.diff.cells import cells_sql
from flows.diff.samples import Row
from flows.diff.subject import Subject


def multiset_sql(subject: Subject) -> str:
    """Counts (added, removed) and sample rows in one statement.

    Every row starts with the counts; the sample follows: kind (NULL if there is none), how often, the cells of
    production, the cells of staging. Rows are grouped by their 64-bit hash with +1 and -1, and only the groups
    that do not cancel are looked up.
    """
    before = _cells(subject, "p")
    after = _cells(subject, "s")
    named = "".join(f", shown.x{n}" for n in range(len(before) + len(after)))
    ctes = [_balance(subject), _TOTALS, _picked(subject), _shown(subject, before=before, after=after)]
    return (
        f"WITH {', '.join(ctes)}\nSELECT totals.*, shown.kind, shown.times{named}\n"
        "FROM totals LEFT JOIN shown ON TRUE ORDER BY shown.kind, shown.row_hash"
    )


def multiset_samples(subject: Subject, rows: list[Row]) -> tuple[SampleRow, ...]:
    """The sample rows: added, removed."""
    return tuple(_sample(subject, row[2:]) for row in rows if row[2] is not None)


_TOTALS = """totals AS (
  SELECT CAST(COALESCE(SUM(CASE WHEN n > 0 THEN n END), 0) AS BIGINT) AS added,
    CAST(COALESCE(SUM(CASE WHEN n < 0 THEN -n END), 0) AS BIGINT) AS removed FROM balance)"""


def _balance(subject: Subject) -> str:
    before, after = (_hash(subject, alias) for alias in "ps")
    return (
        "balance AS (\n  SELECT row_hash, SUM(side) AS n FROM (\n"
        f"    SELECT {before} AS row_hash, -1 AS side FROM {subject.production_table} AS p\n"
        f"    UNION ALL SELECT {after}, 1 FROM {subject.staging_table} AS s) AS both_sides\n"
        "  GROUP BY row_hash HAVING SUM(side) <> 0)"
    )


def _picked(subject: Subject) -> str:
    first = f"ORDER BY row_hash LIMIT {int(subject.settings.sample_rows)}"
    return (
        f"picked AS (\n  (SELECT row_hash, 'added' AS kind, n AS times FROM balance WHERE n > 0 {first})\n"
        f"  UNION ALL (SELECT row_hash, 'removed' AS kind, -n AS times FROM balance WHERE n < 0 {first}))"
    )


def _shown(subject: Subject, *, before: list[str], after: list[str]) -> str:
    old, new = [f"x{n}" for n in range(len(before))], [f"x{n + len(before)}" for n in range(len(after))]
    from_p = [*_named(before, old), *(f"NULL AS {name}" for name in new)]
    from_s = [*(f"NULL AS {name}" for name in old), *_named(after, new)]
    return (
        "shown AS (\n"
        + "\n  UNION ALL ".join(
            f"(SELECT picked.kind, picked.times, picked.row_hash, {', '.join(cells)}\n"
            f"    FROM picked JOIN {table} AS {alias} ON {_hash(subject, alias)} = picked.row_hash\n"
            f"    WHERE picked.kind = '{kind}'\n"
            "    QUALIFY ROW_NUMBER() OVER (PARTITION BY picked.row_hash ORDER BY picked.row_hash) = 1)"
            for cells, table, alias, kind in (
                (from_s, subject.staging_table, "s", "added"),
                (from_p, subject.production_table, "p", "removed"),
            )
        )
        + ")"
    )


def _named(cells: list[str], names: list[str]) -> list[str]:
    return [f"{cell} AS {name}" for cell, name in zip(cells, names, strict=True)]


def _hash(subject: Subject, alias: str) -> str:
    return subject.hash(subject.comparison.compared, alias)


def _cells(subject: Subject, alias: str) -> list[str]:
    return cells_sql(
        subject.dialect,
        alias,
        columns=subject.columns(alias),
        table=subject.staging.name,
        settings=subject.settings,
    )


def _sample(subject: Subject, row: Row) -> SampleRow:
    kind, times, *cells = row
    width = len(subject.production.columns)
    if kind == "added":
        shown = tuple(
            CellChange(column=column.name, staging=cell)
            for column, cell in zip(subject.staging.columns, cells[width:], strict=True)
        )
    else:
        shown = tuple(
            CellChange(column=column.name, production=cell)
            for column, cell in zip(subject.production.columns, cells[:width], strict=True)
        )
    return SampleRow(kind=kind, key=(), cells=shown, times=int(times))
