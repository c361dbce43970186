"""SQL of the keyed diff: one narrow join on key and row hash, wide columns only for the rows that differ."""

from dataclasses import dataclass

from flows.contract import Column
from flows.diff.cells import cells_sql
from flows.diff.columns import Pair
from flows.diff.subject import Subject
from flows.diff.types import Form


@dataclass(frozen=True, slots=True)
class KeyedQuery:
    """The statement, and what is needed to read its rows.

    Every row starts with the counts: added, removed, changed, then one per pair. The sample follows: its kind
    (NULL if there is none), the key's cells, whether each pair differs, all cells of production, all cells of
    staging.
    """

    sql: str
    key: tuple[Pair, ...]
    pairs: tuple[Pair, ...]
    production: tuple[Column, ...]
    staging: tuple[Column, ...]


def keyed_query(subject: Subject, key: tuple[Pair, ...]) -> KeyedQuery:
    """Everything about the rows of a table that has a sound key, in one statement."""
    pairs = tuple(pair for pair in subject.comparison.compared if pair not in key)
    names = {pair.name for pair in key}
    production = tuple(column for column in subject.columns("p") if column.name not in names)
    staging = tuple(column for column in subject.columns("s") if column.name not in names)
    ctes = [
        _hashed(subject, key, pairs=pairs, alias="p"),
        _hashed(subject, key, pairs=pairs, alias="s"),
        _differing(len(key)),
        _compared(subject, key, pairs=pairs),
        _changed(len(pairs)),
        _totals(len(pairs)),
        _picked(subject, key, pairs=pairs),
        _shown(subject, key, pairs=pairs, production=production, staging=staging),
    ]
    width = len(key) + len(pairs) + len(production) + len(staging)
    # The place of a row is a hash of its key, which may be masked: it orders the rows but is not returned.
    shown = "".join(f", shown.x{n}" for n in range(width))
    sql = (
        f"WITH {', '.join(ctes)}\nSELECT totals.*, shown.kind{shown}\n"
        "FROM totals LEFT JOIN shown ON TRUE ORDER BY shown.place"
    )
    return KeyedQuery(sql, key, pairs=pairs, production=production, staging=staging)


def _hashed(subject: Subject, key: tuple[Pair, ...], *, pairs: tuple[Pair, ...], alias: str) -> str:
    name, table = _side(subject, alias)
    keys = ", ".join(f"{subject.value(pair, alias)} AS k{n}" for n, pair in enumerate(key))
    return f"{name} AS (\n  SELECT {keys}, {subject.hash(pairs, alias)} AS row_hash FROM {table} AS {alias})"


def _differing(width: int) -> str:
    keys = ", ".join(f"COALESCE(p.k{n}, s.k{n}) AS k{n}" for n in range(width))
    same_key = " AND ".join(f"p.k{n} = s.k{n}" for n in range(width))
    return (
        f"differing AS (\n  SELECT {keys}, CASE WHEN p.row_hash IS NULL THEN 'added' "
        "WHEN s.row_hash IS NULL THEN 'removed' ELSE 'changed' END AS kind\n"
        f"  FROM production_rows AS p FULL OUTER JOIN staging_rows AS s ON {same_key}\n"
        "  WHERE p.row_hash IS NULL OR s.row_hash IS NULL OR p.row_hash <> s.row_hash)"
    )


def _compared(subject: Subject, key: tuple[Pair, ...], *, pairs: tuple[Pair, ...]) -> str:
    flags = [f"{_differs(subject, pair)} AS c{n}" for n, pair in enumerate(pairs)]
    return (
        f"compared AS (\n  SELECT {', '.join([*(f'd.k{n}' for n in range(len(key))), *flags])}\n"
        f"  FROM differing AS d\n  JOIN {subject.production_table} AS p ON {_finds(subject, key, 'p')}\n"
        f"  JOIN {subject.staging_table} AS s ON {_finds(subject, key, 's')}\n  WHERE d.kind = 'changed')"
    )


def _changed(width: int) -> str:
    # A hash only nominates: rows count as changed when a value differs, which tolerances and -0.0 may deny.
    differs = " OR ".join(f"c{n}" for n in range(width)) or "FALSE"
    return f"changed AS (SELECT * FROM compared WHERE {differs})"


def _totals(width: int) -> str:
    counts = "".join(f", COUNT(CASE WHEN c{n} THEN 1 END) AS n{n}" for n in range(width))
    return (
        "totals AS (\n  SELECT * FROM (SELECT COUNT(CASE WHEN kind = 'added' THEN 1 END) AS added,\n"
        "    COUNT(CASE WHEN kind = 'removed' THEN 1 END) AS removed FROM differing) AS one_sided\n"
        f"  CROSS JOIN (SELECT COUNT(*) AS changed{counts} FROM changed) AS two_sided)"
    )


def _picked(subject: Subject, key: tuple[Pair, ...], *, pairs: tuple[Pair, ...]) -> str:
    keys = ", ".join(f"k{n}" for n in range(len(key)))
    flags = "".join(f", c{n}" for n in range(len(pairs)))
    blanks = "".join(f", FALSE AS c{n}" for n in range(len(pairs)))
    place = f"{subject.dialect.row_hash([f'k{n}' for n in range(len(key))])} AS place"
    first = f"ORDER BY place, {keys} LIMIT {int(subject.settings.sample_rows)}"
    one_sided = f"SELECT {keys}, kind{blanks}, {place} FROM differing"
    return (
        f"picked AS (\n  (SELECT {keys}, 'changed' AS kind{flags}, {place} FROM changed {first})\n"
        f"  UNION ALL ({one_sided} WHERE kind = 'added' {first})\n"
        f"  UNION ALL ({one_sided} WHERE kind = 'removed' {first}))"
    )


def _shown(
    subject: Subject,
    key: tuple[Pair, ...],
    *,
    pairs: tuple[Pair, ...],
    production: tuple[Column, ...],
    staging: tuple[Column, ...],
) -> str:
    cells = [
        *_key_cells(subject, key),
        *(f"d.c{n}" for n in range(len(pairs))),
        *_cells(subject, "p", production),
        *_cells(subject, "s", staging),
    ]
    named = ", ".join(f"{cell} AS x{n}" for n, cell in enumerate(cells))
    return (
        f"shown AS (\n  SELECT d.kind, d.place, {named}\n  FROM picked AS d\n"
        f"  LEFT JOIN {subject.production_table} AS p ON {_finds(subject, key, 'p')}\n"
        f"  LEFT JOIN {subject.staging_table} AS s ON {_finds(subject, key, 's')})"
    )


def _key_cells(subject: Subject, key: tuple[Pair, ...]) -> list[str]:
    by_name = {alias: {column.name: column for column in subject.columns(alias)} for alias in "ps"}
    before = _cells(subject, "p", tuple(by_name["p"][pair.name] for pair in key))
    after = _cells(subject, "s", tuple(by_name["s"][pair.name] for pair in key))
    return [f"COALESCE({new}, {old})" for old, new in zip(before, after, strict=True)]


def _cells(subject: Subject, alias: str, columns: tuple[Column, ...]) -> list[str]:
    return cells_sql(subject.dialect, alias, columns=columns, table=subject.staging.name, settings=subject.settings)


def _finds(subject: Subject, key: tuple[Pair, ...], alias: str) -> str:
    return " AND ".join(f"{subject.value(pair, alias)} = d.k{n}" for n, pair in enumerate(key))


def _side(subject: Subject, alias: str) -> tuple[str, str]:
    if alias == "p":
        return "production_rows", subject.production_table
    return "staging_rows", subject.staging_table


def _differs(subject: Subject, pair: Pair) -> str:
    before, after = subject.value(pair, "p"), subject.value(pair, "s")
    is_float = pair.form is Form.DOUBLE or (pair.form is Form.AS_IS and subject.dialect.is_float(pair.staging))
    if not (subject.settings.is_tolerant and is_float):
        return f"({before} IS DISTINCT FROM {after})"
    return f"(({before} IS DISTINCT FROM {after}) AND NOT COALESCE({_is_near(subject, before, after)}, FALSE))"


def _is_near(subject: Subject, before: str, after: str) -> str:
    """Within the tolerances; NULL for NULL. Infinity and NaN are near nothing: NaN sorts above infinity."""
    a, b = f"CAST({before} AS DOUBLE)", f"CAST({after} AS DOUBLE)"
    largest = "1.7976931348623157e308"
    absolute, relative = subject.settings.absolute_tolerance, subject.settings.relative_tolerance
    return (
        f"(ABS({a}) <= {largest} AND ABS({b}) <= {largest} AND ABS({a} - {b}) <= "
        f"{absolute!r} + {relative!r} * GREATEST(ABS({a}), ABS({b})))"
    )
