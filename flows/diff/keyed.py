"""SQL of the keyed diff: one narrow join on key and row hash, wide columns only for the rows that differ."""

from dataclasses import dataclass

from flows.contract import Column
from flows.diff.cells import cells_sql
from flows.diff.columns import Pair
from flows.diff.equality import differs_sql
from flows.diff.subject import Alias, Subject


@dataclass(frozen=True, slots=True)
class KeyedPlan:
    """A table to be joined on a sound key."""

    subject: Subject
    key: tuple[Pair, ...]

    @property
    def pairs(self) -> tuple[Pair, ...]:
        """The columns that can make a row of the same key differ."""
        return tuple(pair for pair in self.subject.comparison.compared if pair not in self.key)

    def rest(self, alias: Alias) -> tuple[Column, ...]:
        """All columns of a side but the key's."""
        names = {pair.name for pair in self.key}
        return tuple(column for column in self.subject.columns(alias) if column.name not in names)

    def key_columns(self, alias: Alias) -> tuple[Column, ...]:
        """The key's columns as a side declares them."""
        by_name = {column.name: column for column in self.subject.columns(alias)}
        return tuple(by_name[pair.name] for pair in self.key)


def keyed_sql(plan: KeyedPlan) -> str:
    """Everything about the rows of a table that has a sound key, in one statement.

    Every row starts with the counts: added, removed, nominated, changed, then one per pair. Nominated are the
    rows of one key whose hashes differ; they count as changed when a value differs, which tolerances may deny.
    A sample follows: its kind (NULL if there is none), the key's cells, whether each pair differs, all other
    cells of production, all other cells of staging. Samples come in the order of their keys' hashes.
    """
    parts = (
        _hashed(plan, "p"),
        _hashed(plan, "s"),
        _differing(len(plan.key)),
        _compared(plan),
        f"changed AS (SELECT * FROM compared WHERE {_any(len(plan.pairs))})",
        _totals(len(plan.pairs)),
        _picked(plan),
        _shown(plan),
    )
    width = len(plan.key) + len(plan.pairs) + len(plan.rest("p")) + len(plan.rest("s"))
    # The place of a row is a hash of its key, which may be masked: it orders the rows but is not returned.
    shown = "".join(f", shown.x{n}" for n in range(width))
    return (
        "WITH " + ",\n".join(parts) + f"\nSELECT totals.*, shown.kind{shown}"
        "\nFROM totals LEFT JOIN shown ON TRUE ORDER BY shown.place"
    )


def _hashed(plan: KeyedPlan, alias: Alias) -> str:
    subject = plan.subject
    name = "production_rows" if alias == "p" else "staging_rows"
    keys = ", ".join(f"{subject.value(pair, alias)} AS k{n}" for n, pair in enumerate(plan.key))
    row_hash = subject.hash(plan.pairs, alias)
    return f"{name} AS (\n  SELECT {keys}, {row_hash} AS row_hash\n  FROM {subject.table(alias)} AS {alias})"


def _differing(width: int) -> str:
    keys = ", ".join(f"COALESCE(p.k{n}, s.k{n}) AS k{n}" for n in range(width))
    same_key = " AND ".join(f"p.k{n} = s.k{n}" for n in range(width))
    return (
        f"differing AS (\n  SELECT {keys},\n    CASE WHEN p.row_hash IS NULL THEN 'added'"
        " WHEN s.row_hash IS NULL THEN 'removed' ELSE 'nominated' END AS kind\n"
        f"  FROM production_rows AS p FULL OUTER JOIN staging_rows AS s ON {same_key}\n"
        "  WHERE p.row_hash IS NULL OR s.row_hash IS NULL OR p.row_hash <> s.row_hash)"
    )


def _compared(plan: KeyedPlan) -> str:
    keys = [f"d.k{n}" for n in range(len(plan.key))]
    flags = [f"{differs_sql(plan.subject, pair)} AS c{n}" for n, pair in enumerate(plan.pairs)]
    return (
        f"compared AS (\n  SELECT {', '.join([*keys, *flags])}\n  FROM differing AS d\n"
        f"  {_joined(plan, 'p')}\n  {_joined(plan, 's')}\n  WHERE d.kind = 'nominated')"
    )


def _any(width: int) -> str:
    return " OR ".join(f"c{n}" for n in range(width)) or "FALSE"


def _totals(width: int) -> str:
    counts = "".join(f", COUNT(CASE WHEN c{n} THEN 1 END) AS n{n}" for n in range(width))
    kinds = ",\n    ".join(
        f"COUNT(CASE WHEN kind = '{kind}' THEN 1 END) AS {kind}" for kind in ("added", "removed", "nominated")
    )
    return (
        f"totals AS (\n  SELECT * FROM (SELECT {kinds} FROM differing) AS by_kind\n"
        f"  CROSS JOIN (SELECT COUNT(*) AS changed{counts} FROM changed) AS by_column)"
    )


def _picked(plan: KeyedPlan) -> str:
    names = [f"k{n}" for n in range(len(plan.key))]
    keys = ", ".join(names)
    flags = "".join(f", c{n}" for n in range(len(plan.pairs)))
    none = "".join(f", FALSE AS c{n}" for n in range(len(plan.pairs)))
    place = f"{plan.subject.dialect.row_hash(names)} AS place"
    first = f"ORDER BY place, {keys} LIMIT {int(plan.subject.settings.sample_rows)}"
    one_sided = f"SELECT {keys}, kind{none}, {place} FROM differing"
    return (
        f"picked AS (\n  (SELECT {keys}, 'changed' AS kind{flags}, {place} FROM changed {first})\n"
        f"  UNION ALL ({one_sided} WHERE kind = 'added' {first})\n"
        f"  UNION ALL ({one_sided} WHERE kind = 'removed' {first}))"
    )


def _shown(plan: KeyedPlan) -> str:
    before, after = _cells(plan, "p", plan.key_columns("p")), _cells(plan, "s", plan.key_columns("s"))
    cells = [
        *(f"COALESCE({new}, {old})" for old, new in zip(before, after, strict=True)),
        *(f"d.c{n}" for n in range(len(plan.pairs))),
        *_cells(plan, "p", plan.rest("p")),
        *_cells(plan, "s", plan.rest("s")),
    ]
    named = ",\n    ".join(f"{cell} AS x{n}" for n, cell in enumerate(cells))
    return (
        f"shown AS (\n  SELECT d.kind, d.place, {named}\n  FROM picked AS d\n"
        f"  LEFT {_joined(plan, 'p')}\n  LEFT {_joined(plan, 's')})"
    )


def _joined(plan: KeyedPlan, alias: Alias) -> str:
    subject = plan.subject
    finds = " AND ".join(f"{subject.value(pair, alias)} = d.k{n}" for n, pair in enumerate(plan.key))
    return f"JOIN {subject.table(alias)} AS {alias} ON {finds}"


def _cells(plan: KeyedPlan, alias: Alias, columns: tuple[Column, ...]) -> list[str]:
    subject = plan.subject
    return cells_sql(subject.dialect, alias, columns=columns, table=subject.staging.name, settings=subject.settings)
