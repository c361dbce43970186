"""Whether a declared key identifies rows: no NULL in it, no value twice."""

from collections.abc import Sequence

from flows.diff.columns import Pair, listed
from flows.diff.subject import Alias, Subject
from flows.warehouse.base import Warehouse


def key_check_sql(subject: Subject, pairs: Sequence[Pair], alias: Alias) -> str:
    """One row: rows with a NULL in the key, surplus rows whose key another row has too."""
    keys = [f"{subject.value(pair, alias)} AS k{n}" for n, pair in enumerate(pairs)]
    names = ", ".join(f"k{n}" for n in range(len(keys)))
    is_null = " OR ".join(f"k{n} IS NULL" for n in range(len(keys)))
    return (
        f"SELECT COALESCE(SUM(CASE WHEN {is_null} THEN n END), 0) AS null_keys,\n"
        f"  COALESCE(SUM(CASE WHEN NOT ({is_null}) THEN n - 1 END), 0) AS duplicates\n"
        f"FROM (SELECT {names}, COUNT(*) AS n\n"
        f"  FROM (SELECT {', '.join(keys)} FROM {subject.table(alias)} AS {alias}) AS keyed\n"
        f"  GROUP BY {names}) AS counted"
    )


def key_problems(warehouse: Warehouse, subject: Subject, pairs: Sequence[Pair]) -> tuple[str, ...]:
    """What is wrong with the key, one sentence each; empty if it can be joined on. Raises WarehouseError."""
    names = listed(pair.name for pair in pairs)
    sides: tuple[tuple[str, Alias], ...] = (("production", "p"), ("staging", "s"))
    found: list[str] = []
    for side, alias in sides:
        [(nulls, duplicates)] = warehouse.query(key_check_sql(subject, pairs, alias))
        if nulls:
            found.append(f"Rows of {side} with NULL in the key ({names}): {int(nulls):,}.")
        if duplicates:
            found.append(f"Rows of {side} that repeat the key ({names}) of another row: {int(duplicates):,}.")
    return tuple(found)
