"""Makes the two sides of a case in a DuckDB file."""

from pathlib import Path

import duckdb

from benchmarks.cases import Case

MOVED = 500
"""So many rows of production are gone in staging, and so many are new."""

_KINDS = (
    "hash(i * {n}) % 100000",
    "(hash(i * {n}) % 100000) / 7",
    "'text ' || hash(i * {n}) % 100000",
    "((hash(i * {n}) % 1000000) / 100)::DECIMAL(18, 2)",
    "TIMESTAMP '2024-01-01' + INTERVAL (hash(i * {n}) % 86400) SECOND",
)
_NUMBER, _TEXT = 1, 2  # places in _KINDS of what is changed
_THREE = ("i % 100", "'part ' || (i // 100) % 1000", "DATE '2020-01-01' + (i // 100000)::INTEGER")


def make(path: Path, case: Case) -> None:
    """Write both sides: some rows of staging have two other values, MOVED are gone and MOVED are new.

    Without a key every row occurs twice.
    """
    distinct = case.rows if case.key else case.rows // 2
    values = ", ".join(f"{value} AS c{n}" for n, value in enumerate(_values(case)))
    with duckdb.connect(str(path)) as connection:
        connection.execute("CREATE SCHEMA dwh; CREATE SCHEMA develop_dwh")
        connection.execute(
            f"CREATE TABLE dwh.t AS SELECT {values} FROM (SELECT range % {distinct} AS i FROM range({case.rows}))"
        )
        connection.execute(f"CREATE TABLE develop_dwh.t AS {_staging(case, distinct)}")


def _values(case: Case) -> list[str]:
    key = list(_THREE) if case.key == len(_THREE) else ["i"]
    return [*key, *(_KINDS[n % len(_KINDS)].format(n=n + 3) for n in range(len(key), case.columns))]


def _staging(case: Case, distinct: int) -> str:
    if not case.changed_percent:
        return "FROM dwh.t"
    first = max(case.key, 1)
    number = next(f"c{n}" for n in range(first, case.columns) if n % len(_KINDS) == _NUMBER)
    text = next(f"c{n}" for n in range(first, case.columns) if n % len(_KINDS) == _TEXT)
    differs = f"hash(rowid % {distinct}) % 100 < {case.changed_percent}"
    return (
        f"SELECT * REPLACE (CASE WHEN {differs} THEN {number} + 1 ELSE {number} END AS {number},"
        f" CASE WHEN {differs} THEN {text} || 'x' ELSE {text} END AS {text}) FROM dwh.t WHERE rowid >= {MOVED}"
        f" UNION ALL (SELECT * REPLACE (c0 + {case.rows} AS c0) FROM dwh.t WHERE rowid < {MOVED})"
    )
