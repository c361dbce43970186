"""SQL of the keyed diff: a join on key and row hash that keeps only the rows that differ, counted and sampled."""

from dataclasses import dataclass
from typing import Literal

from flows.contract import Column
from flows.diff.columns import Pair
from flows.diff.equality import differs_sql
from flows.diff.subject import Alias, Subject
from flows.diff.types import Form

Kind = Literal["added", "removed", "changed"]


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


def keyed_sql(plan: KeyedPlan) -> str:
    """Everything about the rows of a table that has a sound key, in one statement.

    Every row starts with the counts: added, removed, nominated, changed, then one per pair. Nominated are the
    rows of one key whose hashes differ; they count as changed when a value differs, which tolerances may deny.
    Rows whose 64-bit hashes agree are taken as equal.
    A sample follows: its kind (NULL if there is none), the key's cells, whether each pair differs, all other
    cells of production, all other cells of staging. Samples come in the order of their keys' hashes.

    The join carries the columns of one side only: its hash table stays narrow, and staging is read once.
    """
    parts = (
        _production_rows(plan),
        _staging_rows(plan),
        _differing(plan),
        _compared(plan),
        f"changed AS (SELECT * FROM compared WHERE {_listed('c', plan.pairs, ' OR ') or 'FALSE'})",
        _totals(plan),
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


def _production_rows(plan: KeyedPlan) -> str:
    return f"production_rows AS (\n  SELECT {_hashed(plan, 'p')}\n  FROM {plan.subject.table('p')} AS p)"


def _staging_rows(plan: KeyedPlan) -> str:
    quote = plan.subject.dialect.quote
    values = "".join(f", s.{quote(column.name)} AS v{n}" for n, column in enumerate(plan.rest("s")))
    return f"staging_rows AS (\n  SELECT {_hashed(plan, 's')}{values}\n  FROM {plan.subject.table('s')} AS s)"


def _hashed(plan: KeyedPlan, alias: Alias) -> str:
    keys = ", ".join(f"{plan.subject.value(pair, alias)} AS k{n}" for n, pair in enumerate(plan.key))
    return f"{keys}, {plan.subject.hash(plan.pairs, alias)} AS row_hash"


def _differing(plan: KeyedPlan) -> str:
    keys = ", ".join(f"COALESCE(s.k{n}, p.k{n}) AS k{n}" for n in range(len(plan.key)))
    values = "".join(f", s.v{n}" for n in range(len(plan.rest("s"))))
    return (
        f"differing AS (\n  SELECT {keys},\n    CASE WHEN p.row_hash IS NULL THEN 'added'"
        f" WHEN s.row_hash IS NULL THEN 'removed' ELSE 'nominated' END AS kind{values}\n"
        f"  FROM staging_rows AS s FULL OUTER JOIN production_rows AS p ON {_same_key(plan, 's', 'p')}\n"
        "  WHERE p.row_hash IS NULL OR s.row_hash IS NULL OR p.row_hash <> s.row_hash)"
    )


def _compared(plan: KeyedPlan) -> str:
    subject = plan.subject
    places = {column.name: n for n, column in enumerate(plan.rest("s"))}
    flags = "".join(
        ", "
        + differs_sql(
            subject,
            pair,
            before=subject.value(pair, "p"),
            after=subject.formed(pair, f"d.v{places[pair.name]}", "s"),
        )
        + f" AS c{n}"
        for n, pair in enumerate(plan.pairs)
    )
    return (
        f"compared AS (\n  SELECT {_listed('d.k', plan.key)}{flags}\n  FROM differing AS d\n"
        f"  {_looked_up(plan, 'p')}\n  WHERE d.kind = 'nominated')"
    )


def _totals(plan: KeyedPlan) -> str:
    counts = "".join(f", COUNT(CASE WHEN c{n} THEN 1 END) AS n{n}" for n in range(len(plan.pairs)))
    kinds = ",\n    ".join(
        f"COUNT(CASE WHEN kind = '{kind}' THEN 1 END) AS {kind}" for kind in ("added", "removed", "nominated")
    )
    return (
        f"totals AS (\n  SELECT * FROM (SELECT {kinds} FROM differing) AS by_kind\n"
        f"  CROSS JOIN (SELECT COUNT(*) AS changed{counts} FROM changed) AS by_column)"
    )


def _picked(plan: KeyedPlan) -> str:
    keys = _listed("k", plan.key)
    flags = "".join(f", c{n}" for n in range(len(plan.pairs)))
    none = "".join(f", FALSE AS c{n}" for n in range(len(plan.pairs)))
    place = f"{plan.subject.dialect.row_hash([f'k{n}' for n in range(len(plan.key))])} AS place"
    first = f"ORDER BY place, {keys} LIMIT {int(plan.subject.settings.sample_rows)}"
    one_sided = f"SELECT {keys}, kind{none}, {place} FROM differing"
    return (
        f"picked AS (\n  (SELECT {keys}, 'changed' AS kind{flags}, {place} FROM changed {first})\n"
        f"  UNION ALL ({one_sided} WHERE kind = 'added' {first})\n"
        f"  UNION ALL ({one_sided} WHERE kind = 'removed' {first}))"
    )


def _shown(plan: KeyedPlan) -> str:
    """The cells of the picked rows, looked up in the tables again.

    Inner joins: a warehouse can skip the parts of a table that hold none of these few keys, and need not keep
    the values of all rows that differ.
    """
    before, after = _looked_up(plan, "p"), _looked_up(plan, "s")
    branches = (
        _branch(plan, "changed", f"{before} {after}"),
        _branch(plan, "added", after),
        _branch(plan, "removed", before),
    )
    return "shown AS (\n  " + "\n  UNION ALL ".join(branches) + ")"


def _branch(plan: KeyedPlan, kind: Kind, joins: str) -> str:
    cells = plan.subject.cells
    before = cells.row("p", plan.rest("p")) if kind != "added" else ["NULL"] * len(plan.rest("p"))
    after = cells.row("s", plan.rest("s")) if kind != "removed" else ["NULL"] * len(plan.rest("s"))
    values = [*_key_cells(plan), *(f"d.c{n}" for n in range(len(plan.pairs))), *before, *after]
    named = ",\n    ".join(f"{value} AS x{n}" for n, value in enumerate(values))
    return f"SELECT d.kind, d.place, {named}\n  FROM picked AS d {joins} WHERE d.kind = '{kind}'"


def _key_cells(plan: KeyedPlan) -> list[str]:
    columns = (Column(name=pair.name, type=pair.staging if pair.form is Form.AS_IS else "VARCHAR") for pair in plan.key)
    return [plan.subject.cells.cell(f"d.k{n}", column) for n, column in enumerate(columns)]


def _looked_up(plan: KeyedPlan, alias: Alias) -> str:
    """Joins the row of one side that has the key of the row `d`."""
    keys = " AND ".join(f"{plan.subject.value(pair, alias)} = d.k{n}" for n, pair in enumerate(plan.key))
    return f"JOIN {plan.subject.table(alias)} AS {alias} ON {keys}"


def _same_key(plan: KeyedPlan, one: str, other: str) -> str:
    return " AND ".join(f"{one}.k{n} = {other}.k{n}" for n in range(len(plan.key)))


def _listed(prefix: str, pairs: tuple[Pair, ...], separator: str = ", ") -> str:
    return separator.join(f"{prefix}{n}" for n in range(len(pairs)))
