"""The diff of a table without a sound key: whole rows, each as often as it occurs."""

from typing import Literal

from flows.contract import CellChange, SampleRow
from flows.diff.columns import Pair
from flows.diff.freshness import is_late_sql, latest_sql, until_sql
from flows.diff.keyed_result import Row
from flows.diff.subject import Alias, Subject


def multiset_sql(subject: Subject, moment: Pair | None = None) -> str:
    """Counts (added, fresh, removed, latest event time of production) and sample rows in one statement.

    Every row starts with the counts; the sample follows: kind (NULL if there is none), how often, the cells of
    production, the cells of staging. Rows are grouped by their 64-bit hash with -1 and +1, and only the groups
    that do not cancel are looked up. Of equal rows those that staging has more of are fresh if all of staging's are
    later than production: only where the event time is not compared can they differ in it.
    """
    width = len(subject.columns("p")) + len(subject.columns("s"))
    latest = [latest_sql(subject, moment)] if moment else []
    shown = "".join(f", shown.x{n}" for n in range(width))
    return (
        "WITH "
        + ",\n".join((*latest, _surplus(subject, moment), _totals(subject, moment), _picked(subject), _shown(subject)))
        + f"\nSELECT totals.*, shown.kind, shown.times{shown}"
        "\nFROM totals LEFT JOIN shown ON TRUE ORDER BY shown.kind, shown.row_hash"
    )


def multiset_samples(subject: Subject, rows: list[Row]) -> tuple[SampleRow, ...]:
    """The sample rows: added, removed."""
    return tuple(_sample(subject, row[4:]) for row in rows if row[4] is not None)


def _totals(subject: Subject, moment: Pair | None) -> str:
    kinds = ", ".join(
        f"CAST(COALESCE(SUM(CASE WHEN kind = '{kind}' THEN n END), 0) AS BIGINT) AS {kind}"
        for kind in ("added", "fresh", "removed")
    )
    return f"totals AS (\n  SELECT {kinds}, {until_sql(subject, moment)} AS until\n  FROM surplus)"


def _surplus(subject: Subject, moment: Pair | None) -> str:
    early = f", CASE WHEN {is_late_sql(subject, moment)} THEN 0 ELSE 1 END" if moment else ""
    is_fresh = "WHEN SUM(side) > 0 AND SUM(early) = 0 THEN 'fresh' " if moment else ""
    return (
        f"surplus AS (\n  SELECT row_hash, ABS(SUM(side)) AS n,\n    CASE {is_fresh}WHEN SUM(side) > 0 THEN 'added'"
        " ELSE 'removed' END AS kind\n  FROM (\n"
        f"    SELECT {_hash(subject, 'p')} AS row_hash, -1 AS side{', 0 AS early' if moment else ''}"
        f" FROM {subject.table('p')} AS p\n"
        f"    UNION ALL SELECT {_hash(subject, 's')}, 1{early} FROM {subject.table('s')} AS s) AS both_sides\n"
        "  GROUP BY row_hash HAVING SUM(side) <> 0)"
    )


def _picked(subject: Subject) -> str:
    first = f"ORDER BY row_hash LIMIT {int(subject.settings.sample_rows)}"
    return (
        f"picked AS (\n  (SELECT row_hash, kind, n AS times FROM surplus WHERE kind = 'added' {first})\n"
        f"  UNION ALL (SELECT row_hash, kind, n AS times FROM surplus WHERE kind = 'removed' {first}))"
    )


def _shown(subject: Subject) -> str:
    added, removed = _looked_up(subject, "s", kind="added"), _looked_up(subject, "p", kind="removed")
    return f"shown AS (\n  ({added})\n  UNION ALL ({removed}))"


def _looked_up(subject: Subject, alias: Alias, *, kind: Literal["added", "removed"]) -> str:
    """One of the equal rows behind each hash, its cells in their places among those of both sides."""
    row_hash = _hash(subject, alias)
    cells = ", ".join(f"{cell} AS x{n}" for n, cell in enumerate(_cells(subject, alias)))
    return (
        f"SELECT picked.kind, picked.times, picked.row_hash, {cells}\n"
        f"    FROM picked JOIN {subject.table(alias)} AS {alias} ON {row_hash} = picked.row_hash\n"
        f"    WHERE picked.kind = '{kind}'\n"
        "    QUALIFY ROW_NUMBER() OVER (PARTITION BY picked.row_hash ORDER BY picked.row_hash) = 1"
    )


def _cells(subject: Subject, alias: Alias) -> list[str]:
    cells = subject.cells.row(alias, subject.columns(alias))
    none = ["NULL"] * len(subject.columns("s" if alias == "p" else "p"))
    return [*cells, *none] if alias == "p" else [*none, *cells]


def _hash(subject: Subject, alias: Alias) -> str:
    return subject.hash(subject.comparison.compared, alias)


def _sample(subject: Subject, row: Row) -> SampleRow:
    kind, times, *cells = row
    before, after = subject.columns("p"), subject.columns("s")
    if kind == "added":
        pairs = zip(after, cells[len(before) :], strict=True)
        changes = [CellChange(column=column.name, staging=cell) for column, cell in pairs]
    else:
        pairs = zip(before, cells[: len(before)], strict=True)
        changes = [CellChange(column=column.name, production=cell) for column, cell in pairs]
    return SampleRow(kind=kind, key=(), cells=tuple(changes), times=int(times))
