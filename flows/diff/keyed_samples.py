"""SQL of the sample rows of a keyed diff: a few of each kind, their cells looked up in the tables again."""

from flows.contract import Column
from flows.diff.keyed_plan import KeyedPlan
from flows.diff.subject import Alias
from flows.diff.types import Form


def picked(plan: KeyedPlan) -> str:
    """The rows that are shown: the first of each kind in the order of their keys' hashes."""
    place = plan.subject.dialect.row_hash([f"k{n}" for n in range(len(plan.key))])
    limit = int(plan.subject.settings.sample_rows)
    branches = (
        f"(SELECT *, {place} AS place FROM differing WHERE kind = '{kind}' ORDER BY place, {plan.keys()} LIMIT {limit})"
        for kind in ("changed", "added", "removed")
    )
    return "picked AS (\n  " + "\n  UNION ALL ".join(branches) + ")"


def shown_rows(plan: KeyedPlan) -> tuple[str, str]:
    """The cells of the picked rows on either side.

    Inner joins: a warehouse can skip the parts of a table that hold none of these few keys.
    """
    return (
        _shown(plan, "p", name="before", prefix="b", lacking="added"),
        _shown(plan, "s", name="after", prefix="a", lacking="removed"),
    )


def sample_columns(plan: KeyedPlan) -> str:
    """The columns of a sample: kind, key cells, flags, cells of production, cells of staging."""
    cells = (
        *_key_cells(plan),
        *(f"d.c{n}" for n in range(len(plan.pairs))),
        *(f"before.b{n}" for n in range(len(plan.rest("p")))),
        *(f"after.a{n}" for n in range(len(plan.rest("s")))),
    )
    return "d.kind" + "".join(f", {cell} AS x{n}" for n, cell in enumerate(cells))


def _shown(plan: KeyedPlan, alias: Alias, *, name: str, prefix: str, lacking: str) -> str:
    cells = plan.subject.cells.row(alias, plan.rest(alias))
    named = "".join(f",\n    {cell} AS {prefix}{n}" for n, cell in enumerate(cells))
    return (
        f"{name} AS (\n  SELECT {plan.keys('d.k')}{named}\n"
        f"  FROM picked AS d {plan.looked_up(alias)} WHERE d.kind <> '{lacking}')"
    )


def _key_cells(plan: KeyedPlan) -> list[str]:
    columns = (Column(name=pair.name, type=pair.staging if pair.form is Form.AS_IS else "VARCHAR") for pair in plan.key)
    return [plan.subject.cells.cell(f"d.k{n}", column) for n, column in enumerate(columns)]
