"""SQL of the keyed diff: one join that tells which rows differ, in which columns, and whether the key is sound."""

from flows.diff.concentration import gathered_sql
from flows.diff.equality import differs_sql
from flows.diff.freshness import is_late_sql, latest_sql, until_sql
from flows.diff.keyed_plan import KeyedPlan, numbered
from flows.diff.keyed_samples import picked, sample_width, shown
from flows.diff.subject import Alias

__all__ = ["KeyedPlan", "keyed_sql"]


def keyed_sql(plan: KeyedPlan) -> str:
    """Everything about the rows of a table that has a key, in one statement.

    Every row starts with the counts: pairs that the join made, rows whose key is unsound, added, fresh, removed,
    changed, the latest event time of production, then one count per pair of columns. One side of a
    sample follows: the sample's number (NULL if there is none), its kind, the side ("p" before "s"), the key's cells,
    whether each pair differs, the side's other cells. Fresh rows are counted but not shown. The last three columns
    are of other rows, of side "-": where differing rows of the kind gather, see `gathered_sql`.

    Values are compared, not hashes. The cells of samples are looked up in the tables again, so that no text is made
    of the values of rows that nobody sees.
    """
    parts = (
        *([latest_sql(plan.subject, plan.moment)] if plan.moment else []),
        _keyed_rows(plan, "p", name="production_rows"),
        _keyed_rows(plan, "s", name="staging_rows"),
        _joined(plan),
        _differing(plan),
        _totals(plan),
        picked(plan),
        *([_placed(plan), gathered_sql(plan.subject, plan.places)] if plan.places else []),
        shown(plan),
    )
    # The place of a row is a hash of its key, which may be masked: it orders the rows but is not returned.
    columns = "".join(f", shown.x{n}" for n in range(sample_width(plan)))
    return (
        "WITH " + ",\n".join(parts) + f"\nSELECT totals.*, shown.number, shown.kind, shown.side{columns},"
        " shown.place_number, shown.place_value, shown.times"
        "\nFROM totals LEFT JOIN shown ON TRUE ORDER BY shown.number, shown.side"
    )


def _keyed_rows(plan: KeyedPlan, alias: Alias, *, name: str) -> str:
    subject = plan.subject
    keys = ", ".join(f"{subject.value(pair, alias)} AS k{n}" for n, pair in enumerate(plan.key))
    values = "".join(f", {subject.value(pair, alias)} AS v{n}" for n, pair in enumerate(plan.pairs))
    values += "".join(f", {subject.value(pair, alias)} AS g{n}" for n, pair in enumerate(plan.places))
    if plan.moment and alias == "s":
        values += f", {is_late_sql(subject, plan.moment)} AS is_late"
    return f"{name} AS (\n  SELECT {keys}{values}\n  FROM {subject.table(alias)} AS {alias})"


def _joined(plan: KeyedPlan) -> str:
    """Every pair that the join makes, equal ones too: their number proves that no key occurred twice."""
    keys = ", ".join(f"COALESCE(s.k{n}, p.k{n}) AS k{n}" for n in range(len(plan.key)))
    flags = "".join(
        f",\n    {differs_sql(plan.subject, pair, before=f'p.v{n}', after=f's.v{n}')} AS c{n}"
        for n, pair in enumerate(plan.pairs)
    )
    # Carried along: to look them up again would be a join of all differing rows with both tables.
    places = "".join(
        f",\n    CASE WHEN s.k0 IS NULL THEN p.g{n} ELSE s.g{n} END AS g{n}" for n in range(len(plan.places))
    )
    is_late = "s.is_late" if plan.moment else "FALSE"
    return (
        f"joined AS (\n  SELECT {keys}, p.k0 IS NULL AS is_added, s.k0 IS NULL AS is_removed,"
        f" {is_late} AS is_late{flags}{places}\n"
        f"  FROM staging_rows AS s FULL OUTER JOIN production_rows AS p ON {plan.same_key('s', 'p')})"
    )


def _differing(plan: KeyedPlan) -> str:
    differs = "".join(f" OR c{n}" for n in range(len(plan.pairs)))
    columns = "".join((*(f", c{n}" for n in range(len(plan.pairs))), *(f", g{n}" for n in range(len(plan.places)))))
    kind = (
        "CASE WHEN is_added AND is_late THEN 'fresh' WHEN is_added THEN 'added'"
        " WHEN is_removed THEN 'removed' ELSE 'changed' END AS kind"
    )
    return (
        f"differing AS (\n  SELECT {plan.keys()},\n    {kind}{columns}\n"
        f"  FROM joined WHERE is_added OR is_removed{differs})"
    )


def _placed(plan: KeyedPlan) -> str:
    """The values of the places in the rows that differ: production's of removed rows, else staging's."""
    return f"placed AS (\n  SELECT kind, {numbered('g', plan.places)} FROM differing WHERE kind <> 'fresh')"


def _totals(plan: KeyedPlan) -> str:
    kinds = ("added", "fresh", "removed", "changed")
    until = until_sql(plan.subject, plan.moment)
    by_kind = ", ".join(f"COUNT(CASE WHEN kind = '{kind}' THEN 1 END) AS {kind}" for kind in kinds)
    by_column = "".join(
        f",\n    COUNT(CASE WHEN kind = 'changed' AND c{n} THEN 1 END) AS n{n}" for n in range(len(plan.pairs))
    )
    return (
        "totals AS (\n  SELECT * FROM (SELECT COUNT(*) AS pairs FROM joined) AS all_pairs\n"
        f"  CROSS JOIN (SELECT COALESCE(SUM(n), 0) AS unsound FROM ({_unsound(plan)}) AS many) AS by_key\n"
        f"  CROSS JOIN (SELECT {by_kind}, {until} AS until{by_column}\n    FROM differing) AS by_kind)"
    )


def _unsound(plan: KeyedPlan) -> str:
    """Rows without a partner that the number of pairs cannot tell: a NULL in the key, or one key twice."""
    is_null = numbered("k", plan.key, " IS NULL OR ") + " IS NULL"
    return (
        f"SELECT COUNT(*) AS n FROM differing WHERE kind <> 'changed'\n"
        f"    GROUP BY CASE WHEN kind = 'removed' THEN 1 ELSE 0 END, {plan.keys()} HAVING COUNT(*) > 1 OR {is_null}"
    )
