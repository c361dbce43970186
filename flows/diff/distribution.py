"""How the values of a few columns are spread on both sides: a histogram, or the most frequent values."""

from collections.abc import Mapping, Sequence

from flows.contract.profile import Bar, Distribution, Profile
from flows.diff.columns import Pair
from flows.diff.distribution_histogram import Axis, histogram
from flows.diff.distribution_values import how_many_sql, top_values
from flows.diff.profile_types import INSTANTS, NUMBERS, Kind, kind_of
from flows.diff.subject import Subject
from flows.diff.types import Form
from flows.warehouse.base import Warehouse

FEW = 12
"""So few different values are told one by one. A histogram has as many ranges."""

NEARLY_UNIQUE = 0.5
"""If more than this share of the values of both sides are different, the most frequent ones say nothing."""

MANY = 10_000
"""So many different values are not counted one by one: it takes as long as a scan of the table for each column."""

LEAST_SHOWN = 0.02
"""If single values and NULL together have less than this share of the rows, nearly all rows are in the rest."""


def distributions(
    warehouse: Warehouse,
    subject: Subject,
    columns: Sequence[str],
    production: Mapping[str, Profile],
    staging: Mapping[str, Profile],
) -> tuple[Distribution, ...]:
    """The distribution of each named column over all rows of both sides, in the order given. Raises WarehouseError.

    The profiles of both sides say what suits a column: a histogram for numbers, dates and time stamps of many
    values, the most frequent values for others. NULLs are a value; of a histogram the profile tells them. Left out
    are masked columns, columns that are not on both sides with types that compare or have no profile, nested and
    binary ones, text that is nearly unique, has many values or is spread evenly, and columns without rows.
    Each statement reads one column only.
    """
    found: list[Distribution] = []
    for name in columns:
        pair = next((pair for pair in subject.comparison.pairs if pair.name == name), None)
        is_masked = subject.settings.masks(subject.staging.name, name)
        if pair is None or is_masked or name not in production or name not in staging:
            continue
        found.extend(_distribution(warehouse, subject, pair, production[name], staging[name]))
    return tuple(found)


def _distribution(
    warehouse: Warehouse, subject: Subject, pair: Pair, before: Profile, after: Profile
) -> tuple[Distribution, ...]:
    kind = _kind(subject, pair)
    different = max(before.distinct or 0, after.distinct or 0)
    if kind is Kind.OPAQUE:
        return ()
    bars: tuple[Bar, ...] = ()
    if different > FEW and kind in NUMBERS | INSTANTS:
        bars = histogram(warehouse, Axis(subject, pair, kind), before, after)
    if bars:
        return (Distribution(column=pair.name, kind="histogram", bars=bars),)
    if different > MANY or (different > FEW and _is_nearly_unique(warehouse, subject, pair, before, after)):
        return ()
    bars = top_values(warehouse, subject, pair)
    return (Distribution(column=pair.name, kind="values", bars=bars),) if _shows(bars) else ()


def _kind(subject: Subject, pair: Pair) -> Kind:
    match pair.form:
        case Form.AS_IS:
            return kind_of(subject.dialect, pair.staging)
        case Form.DOUBLE | Form.EXACT:
            return Kind.LARGE_EXACT
        case Form.TIMESTAMP:
            return Kind.TIMESTAMP
        case Form.VARCHAR:
            return Kind.TEXT
        case Form.TEXT:
            return Kind.OPAQUE


def _is_nearly_unique(warehouse: Warehouse, subject: Subject, pair: Pair, before: Profile, after: Profile) -> bool:
    [(production, staging)] = warehouse.query(how_many_sql(subject, pair))
    different = (before.distinct or 0) + (after.distinct or 0)
    return different > NEARLY_UNIQUE * (int(production) + int(staging))


def _shows(bars: Sequence[Bar]) -> bool:
    rows = sum(bar.production + bar.staging for bar in bars)
    shown = sum(bar.production + bar.staging for bar in bars if not bar.is_rest)
    return rows > 0 and shown >= LEAST_SHOWN * rows
