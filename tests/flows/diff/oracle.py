"""The diff by brute force in plain Python: no SQL, no hash, every row against every row. The judge of the real one."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, field

Value = object
Row = Sequence[Value]


@dataclass
class Expected:
    """What the diff must find."""

    added: int = 0
    removed: int = 0
    changed: int = 0
    unchanged: int = 0
    columns: dict[str, int] = field(default_factory=dict)


def same(a: Value, b: Value, *, absolute: float = 0.0, relative: float = 0.0) -> bool:
    """NULL is NULL, NaN is NaN, infinity is near nothing; types are equal on both sides."""
    if a is None or b is None:
        return a is b
    if isinstance(a, float) and isinstance(b, float):
        if math.isnan(a) or math.isnan(b):
            return math.isnan(a) and math.isnan(b)
        if math.isinf(a) or math.isinf(b):
            return a == b
        return a == b or abs(a - b) <= absolute + relative * max(abs(a), abs(b))
    return a == b


def by_key(
    production: Sequence[Row],
    staging: Sequence[Row],
    *,
    names: Sequence[str],
    key: Sequence[int],
    absolute: float = 0.0,
    relative: float = 0.0,
) -> Expected:
    """Compare rows of equal key; the key must be sound."""
    found = Expected()
    for new in staging:
        partner = next((old for old in production if _same_at(old, new, key)), None)
        if partner is None:
            found.added += 1
            continue
        differing = [
            name
            for name, old_value, new_value in zip(names, partner, new, strict=True)
            if not same(old_value, new_value, absolute=absolute, relative=relative)
        ]
        found.changed += bool(differing)
        found.unchanged += not differing
        for name in differing:
            found.columns[name] = found.columns.get(name, 0) + 1
    found.removed = len(production) - found.changed - found.unchanged
    return found


def by_rows(production: Sequence[Row], staging: Sequence[Row]) -> Expected:
    """Cross out equal rows one for one; what is left over was added or removed."""
    left = list(production)
    found = Expected()
    everything = range(len(production[0]) if production else len(staging[0]) if staging else 0)
    for new in staging:
        place = next((n for n, old in enumerate(left) if _same_at(old, new, everything)), None)
        if place is None:
            found.added += 1
        else:
            found.unchanged += 1
            del left[place]
    found.removed = len(left)
    return found


def fresh(production: Sequence[Row], staging: Sequence[Row], *, place: int, key: Sequence[int] | None) -> int:
    """How many rows of staging without a partner are later than all of production, by the value at `place`."""
    latest = max((row[place] for row in production if row[place] is not None), default=None)  # type: ignore[type-var]
    left = list(production)
    places = range(len(production[0]) if production else 0) if key is None else key
    found = 0
    for new in staging:
        partner = next((n for n, old in enumerate(left) if _same_at(old, new, places)), None)
        if partner is not None:
            del left[partner]
        elif latest is not None and new[place] is not None:
            found += new[place] > latest  # type: ignore[operator]
    return found


def is_sound(rows: Sequence[Row], key: Sequence[int]) -> bool:
    """No NULL in the key, no key twice."""
    return all(
        all(row[n] is not None for n in key) and not any(_same_at(row, other, key) for other in rows[:place])
        for place, row in enumerate(rows)
    )


def _same_at(a: Row, b: Row, places: Sequence[int]) -> bool:
    return all(same(a[n], b[n]) for n in places)
