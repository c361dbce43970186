"""Columns whose values all moved by one factor, or by an order of magnitude: a wrong unit, a division done twice.

Only from what the report shows: of a masked column it holds neither values nor a mean, so nothing is said of it.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation

from flows.contract.profile import Cell, ColumnProfile
from flows.contract.table import TableDiff

ORDER_OF_MAGNITUDE = Decimal(10)

_LEAST = Decimal("1.05")
"""A smaller factor is told from rounding and from ordinary changes by nobody."""

_EXAMPLES = 3
"""So many different values must have moved alike: of one or two this is chance."""

_TOLERANCE = Decimal("0.01")
_NEAR = Decimal("0.2")
"""A mean is of rows that did not change, too, and of new ones: it moves nearly as its values do."""

_ALL_BUT_ZERO = Decimal("0.01")
"""A mean below this share of the column's range lies between its signs: what it is divided by is chance."""

Pair = tuple[Decimal, Decimal]


@dataclass(frozen=True, slots=True)
class Factor:
    """A column whose values are `by` times what they were, in `rows` changed rows of `of`.

    `before` and `after` are its means (`is_mean`), else the values of one row. Not `is_uniform`: only the mean moved
    so far, each value by a factor of its own.
    """

    table: str
    column: str
    by: Decimal
    before: str
    after: str
    rows: int
    of: int
    is_mean: bool
    is_uniform: bool

    @property
    def is_of_magnitude(self) -> bool:
        """Whether it is ten times as much or as little, or has changed its sign."""
        return self.by < 0 or max(self.by, 1 / self.by) >= ORDER_OF_MAGNITUDE * (1 - _TOLERANCE)


def factors(diff: TableDiff) -> Iterator[Factor]:
    """One for each column of both sides that has moved so; keys are left out, they move with every new row."""
    if diff.status != "changed":
        return
    profiles = {one.column: one for one in diff.profile}
    pairs = _pairs(diff)
    for column in dict.fromkeys((*(one.column for one in diff.changed_columns), *profiles)):
        # Of most columns of a wide table nothing is shown.
        is_shown = column in profiles or column in pairs
        if is_shown and column not in diff.key:
            found = _factor(diff, column, pairs.get(column, ()), profiles.get(column))
            if found:
                yield found


def _factor(diff: TableDiff, column: str, pairs: Sequence[Pair], profile: ColumnProfile | None) -> Factor | None:
    uniform = _common(pairs)
    means = _means(profile) if profile and (uniform or _is_far(profile)) else None
    by = uniform or (means[1] / means[0] if means else None)
    if by is None:
        return None
    is_mean = means is not None and abs(means[1] / means[0] - by) <= abs(by) * _NEAR
    before, after = means if means and is_mean else max(pairs, key=lambda pair: abs(pair[0]))
    return Factor(
        table=diff.name,
        column=column,
        by=_rounded(by),
        before=_said(before),
        after=_said(after),
        rows=next((one.rows for one in diff.changed_columns if one.column == column), 0),
        of=diff.production.rows if diff.production else 0,
        is_mean=is_mean,
        is_uniform=uniform is not None,
    )


def _pairs(diff: TableDiff) -> dict[str, list[Pair]]:
    """By column, its numbers in the changed rows of the examples, before and after."""
    found: dict[str, list[Pair]] = {}
    for row in diff.samples:
        for cell in row.cells if row.kind == "changed" else ():
            before, after = _number(cell.production), _number(cell.staging)
            if before is not None and after is not None:
                found.setdefault(cell.column, []).append((before, after))
    return found


def _common(pairs: Sequence[Pair]) -> Decimal | None:
    """The factor by which all these numbers moved; None if there is none, or too few different ones."""
    befores = {before for before, _ in pairs}
    if len(befores) < _EXAMPLES or 0 in befores:
        return None
    most_exact = max(pairs, key=lambda pair: min(map(abs, pair)))
    by = most_exact[1] / most_exact[0]
    if by == 0 or (by > 0 and max(by, 1 / by) < _LEAST):
        return None
    return by if all(_fits(before, after, by) for before, after in pairs) else None


def _fits(before: Decimal, after: Decimal, by: Decimal) -> bool:
    """Whether `after` is `before` times the factor, as nearly as the digits of `after` can say."""
    exponent = after.as_tuple().exponent
    half_a_digit = Decimal(5).scaleb(exponent - 1) if isinstance(exponent, int) else Decimal(0)
    return abs(after - before * by) <= half_a_digit + abs(before * by) * _TOLERANCE


def _means(profile: ColumnProfile) -> Pair | None:
    """Both means, if neither is zero but for the rounding."""
    before, after = profile.production, profile.staging
    if not (before and after):
        return None
    old, new = _number(before.mean), _number(after.mean)
    ends = [_number(end) for end in (before.low, before.high, after.low, after.high)]
    if not old or not new or any(end is None for end in ends):
        return None
    widest = max(abs(end) for end in ends if end is not None)
    return (old, new) if max(abs(old), abs(new)) >= widest * _ALL_BUT_ZERO else None


def _is_far(profile: ColumnProfile) -> bool:
    """Whether the mean has moved by an order of magnitude. Asked before anything else is read, because few have."""
    before, after = profile.production, profile.staging
    if not (before and after) or before.mean == after.mean:
        return False
    old, new = _number(before.mean), _number(after.mean)
    if not old or not new:
        return False
    by = abs(new / old)
    return max(by, 1 / by) >= ORDER_OF_MAGNITUDE * (1 - _TOLERANCE)


def _rounded(by: Decimal) -> Decimal:
    """A power of ten where it is one but for the rounding of the values, else three digits."""
    size = max(abs(by), 1 / abs(by))
    power = Decimal(10) ** round(size.log10())
    near = power if abs(size - power) <= power / 50 else size
    return (near if abs(by) >= 1 else 1 / near).copy_sign(by)


def _number(cell: Cell) -> Decimal | None:
    try:
        number = Decimal(cell) if cell and len(cell) <= 60 else None
    except InvalidOperation:
        return None
    return number if number is not None and number.is_finite() and abs(number.adjusted()) < 100 else None


def _said(number: Decimal) -> str:
    """As few digits as tell it: 49.90, 0.499, 1,250,000."""
    if not 1 <= abs(number) < 10**15:
        return f"{float(number):.3g}"
    return f"{number:,.2f}" if number % 1 else f"{number:,.0f}"
