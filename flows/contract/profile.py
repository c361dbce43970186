"""The profile: what the values of a column look like on both sides, as numbers for people and charts."""

from typing import Annotated, Literal

from pydantic import AfterValidator

from flows.contract.base import Frozen
from flows.contract.texts import cut_cell

Cell = Annotated[str | None, AfterValidator(cut_cell)]
"""A value as the warehouse prints it; None is NULL. Text keeps 38 digits, NaN and time zones as they are.

What is longer than CELL_CHARS ends with an ellipsis."""


class Profile(Frozen):
    """One column on one side, over all its rows. A masked column tells no `low`, `high` or `mean`."""

    nulls: int
    distinct: int | None = None
    """How many different values, approximately (a few per cent); NULL is none of them. None: not counted."""
    low: Cell = None
    high: Cell = None
    mean: Cell = None
    """Of numbers only."""


class ColumnProfile(Frozen):
    """One column on both sides; None where the side has no such column."""

    column: str
    production: Profile | None = None
    staging: Profile | None = None


class Bar(Frozen):
    """One bar of a distribution: how many rows of each side lie in it.

    Of values: `label` is the value. Of a histogram: the rows from `label` up to, not including, `upper` (the last
    bar includes it).
    """

    label: Cell
    production: int
    staging: int
    upper: Cell = None
    is_rest: bool = False
    """All values that have no bar of their own."""


class Distribution(Frozen):
    """How the values of one column are spread on both sides.

    "histogram": ranges of equal width, in order. "values": the most frequent values of either side, the most frequent
    first, then the rest.
    """

    column: str
    kind: Literal["histogram", "values"]
    bars: tuple[Bar, ...]
