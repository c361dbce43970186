"""Pure: which numbers of a column's profile moved, and by how much."""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Final

from flows.contract import ColumnProfile, Profile

_DISTINCT_NOISE: Final = 0.05
"""Distinct values are counted approximately; a difference below this share says nothing."""

_FACTOR: Final = 10
"""From here on a factor says more than per cent."""

NOTHING: Final = "-"
"""Stands for a number that a side does not have."""


@dataclass(frozen=True, slots=True)
class Move:
    """One number of a column that is not the same on both sides, ready to be read."""

    column: str
    measure: str
    before: str
    after: str
    change: str


def moves(profiles: Iterable[ColumnProfile]) -> tuple[Move, ...]:
    """What moved, column by column. A column that one side lacks is told by its schema change, and left out here."""
    return tuple(
        Move(
            profile.column, measure, before=shown(before, measure), after=shown(after, measure),
            change=relative_change(before, after),
        )
        for profile in profiles
        if profile.production and profile.staging
        for measure, before, after in _pairs(profile.production, profile.staging)
        if before != after and not (measure == "distinct" and _is_noise(before, after))
    )  # fmt: skip


def relative_change(before: str | None, after: str | None) -> str:
    """`+9.6 %`, or a factor such as `÷100`; empty where the values are no finite numbers or start from zero."""
    old, new = _number(before), _number(after)
    if old is None or new is None or old == 0:
        return ""
    ratio = new / old
    if ratio >= _FACTOR:
        return f"\N{MULTIPLICATION SIGN}{ratio:,.0f}"
    if 0 < ratio <= Decimal(1) / _FACTOR:
        return f"÷{1 / ratio:,.0f}"
    change = 100 * (new - old) / abs(old)
    if abs(change) < Decimal("0.05"):
        return "+<0.1 %" if change > 0 else "-<0.1 %"
    return f"{change:+,.1f} %"


def shown(value: str | None, measure: str) -> str:
    """The number as people read it; `min` and `max` are values and stay as they are."""
    number = _number(value)
    if value is None:
        return NOTHING
    if number is None or measure in ("min", "max"):
        return value
    if number == number.to_integral_value():
        return f"{number:,.0f}"
    return f"{number:,.2f}" if abs(number) >= 1 else f"{number:.3g}"


def _pairs(before: Profile, after: Profile) -> Iterable[tuple[str, str | None, str | None]]:
    yield "nulls", str(before.nulls), str(after.nulls)
    if before.distinct is not None and after.distinct is not None:
        yield "distinct", str(before.distinct), str(after.distinct)
    yield "min", before.low, after.low
    yield "max", before.high, after.high
    yield "mean", before.mean, after.mean


def _is_noise(before: str | None, after: str | None) -> bool:
    old, new = int(before or 0), int(after or 0)
    return abs(new - old) <= _DISTINCT_NOISE * max(old, new)


def _number(value: str | None) -> Decimal | None:
    try:
        number = Decimal(value or "")
    except InvalidOperation:
        return None
    return number if number.is_finite() else None
