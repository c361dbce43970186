"""SQL of the sample rows of a keyed diff: a few of each kind, their cells looked up in the tables again."""

from flows.contract import Column
from flows.diff.keyed_plan import KeyedPlan
from flows.diff.subject import Alias
from flows.diff.types import Form

_NO_PLACE = "NULL AS place_number, NULL AS place_value, NULL AS times"


def picked(plan: KeyedPlan) -> str:
    """The rows that are shown: the first of each kind in the order of their keys' hashes."""
    place = plan.subject.dialect.row_hash([f"k{n}" for n in range(len(plan.key))])
    limit = int(plan.subject.settings.sample_rows)
    branches = (
        f"(SELECT *, {place} AS place FROM differing WHERE kind = '{kind}' ORDER BY place, {plan.keys()} LIMIT {limit})"
        for kind in ("changed", "added", "removed")
    )
    return (
        f"picked AS (\n  SELECT *, ROW_NUMBER() OVER (ORDER BY place, {plan.keys()}) AS number FROM (\n  "
        + "\n  UNION ALL ".join(branches)
        + ") AS of_each_kind)"
    )


def shown(plan: KeyedPlan) -> str:
    """The picked rows as they are shown: a changed one twice, production's cells, then staging's.

    Inner joins: a warehouse can skip the parts of a table that hold none of these few keys. Nothing is joined to
    their result: such a join on the text of a fixed array reads memory that nobody wrote (DuckDB 2.0).
    """
    branches = [_side(plan, "p", lacking="added"), _side(plan, "s", lacking="removed")]
    if plan.places:
        none = "".join(f", NULL AS x{n}" for n in range(sample_width(plan)))
        branches.append(
            f"SELECT NULL AS number, kind, '-' AS side{none}, place_number, place_value, times FROM gathered"
        )
    return "shown AS (\n  " + "\n  UNION ALL ".join(branches) + ")"


def sample_width(plan: KeyedPlan) -> int:
    """How many columns of a sample follow its number, kind and side: key cells, flags, the wider side's cells."""
    return len(plan.key) + len(plan.pairs) + max(len(plan.rest("p")), len(plan.rest("s")))


def _side(plan: KeyedPlan, alias: Alias, *, lacking: str) -> str:
    cells = [
        *_key_cells(plan),
        *(f"d.c{n}" for n in range(len(plan.pairs))),
        *plan.subject.cells.row(alias, plan.rest(alias)),
    ]
    cells += ["NULL"] * (sample_width(plan) - len(cells))
    named = "".join(f",\n    {cell} AS x{n}" for n, cell in enumerate(cells))
    return (
        f"SELECT d.number, d.kind, '{alias}' AS side{named},\n    {_NO_PLACE}\n"
        f"  FROM picked AS d {plan.looked_up(alias)} WHERE d.kind <> '{lacking}'"
    )


def _key_cells(plan: KeyedPlan) -> list[str]:
    columns = (Column(name=pair.name, type=pair.staging if pair.form is Form.AS_IS else "VARCHAR") for pair in plan.key)
    return [plan.subject.cells.cell(f"d.k{n}", column) for n, column in enumerate(columns)]
