"""SQL of the question whether two values differ: NULL-safe, and within tolerances for floating point."""

from flows.diff.columns import Pair
from flows.diff.subject import Subject
from flows.diff.types import Form

_LARGEST = "1.7976931348623157e308"
"""The largest finite double. Infinity and NaN, which sorts above it, are near nothing but themselves."""


def differs_sql(subject: Subject, pair: Pair, *, before: str, after: str) -> str:
    """A boolean, never NULL, of two values in the pair's form.

    NULL equals NULL, NaN equals NaN, -0.0 equals 0.0; '' is not NULL.
    """
    is_distinct = f"({before} IS DISTINCT FROM {after})"
    if not (subject.settings.is_tolerant and _is_float(subject, pair)):
        return is_distinct
    return f"({is_distinct} AND NOT COALESCE({_is_near(subject, before, after)}, FALSE))"


def _is_float(subject: Subject, pair: Pair) -> bool:
    return pair.form is Form.DOUBLE or (pair.form is Form.AS_IS and subject.dialect.is_float(pair.staging))


def _is_near(subject: Subject, before: str, after: str) -> str:
    a, b = f"CAST({before} AS DOUBLE)", f"CAST({after} AS DOUBLE)"
    absolute, relative = float(subject.settings.absolute_tolerance), float(subject.settings.relative_tolerance)
    return (
        f"(ABS({a}) <= {_LARGEST} AND ABS({b}) <= {_LARGEST}"
        f" AND ABS({a} - {b}) <= {absolute!r} + {relative!r} * GREATEST(ABS({a}), ABS({b})))"
    )
