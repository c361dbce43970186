"""What the values of a column type can tell in a profile: an order, a mean, an axis for a histogram."""

import re
from enum import StrEnum

from flows.warehouse.base import Dialect


class Kind(StrEnum):
    """How the values of a type are summed up."""

    SMALL_EXACT = "small exact"  # up to 20 digits: the sum of any number of rows fits into 38 digits
    LARGE_EXACT = "large exact"
    FLOAT = "float"
    DATE = "date"
    TIMESTAMP = "timestamp"
    TIME = "time"
    TEXT = "text"
    BOOLEAN = "boolean"
    OPAQUE = "opaque"  # nested, binary, JSON, UUID, intervals: no order that means something


_SMALL = {
    "TINYINT", "SMALLINT", "INTEGER", "INT", "BIGINT", "UTINYINT", "USMALLINT", "UINTEGER", "UBIGINT",
}  # fmt: skip
_LARGE = {"HUGEINT", "UHUGEINT"}
_DECIMAL = {"DECIMAL", "NUMERIC", "NUMBER", "FIXED"}
_TEXT = {"VARCHAR", "TEXT", "STRING", "CHAR", "CHARACTER", "BPCHAR", "ENUM"}
_TIMESTAMP = {
    "TIMESTAMP", "TIMESTAMP_S", "TIMESTAMP_MS", "TIMESTAMP_NS", "DATETIME", "TIMESTAMP WITH TIME ZONE",
    "TIMESTAMPTZ", "TIMESTAMP_NTZ", "TIMESTAMP_LTZ", "TIMESTAMP_TZ",
}  # fmt: skip
_TIME = {"TIME", "TIME_NS"}

NUMBERS = frozenset({Kind.SMALL_EXACT, Kind.LARGE_EXACT, Kind.FLOAT})
INSTANTS = frozenset({Kind.DATE, Kind.TIMESTAMP})
ORDERED = NUMBERS | INSTANTS | {Kind.TIME}
"""The kinds whose least and greatest value are told. Not those of text: the first and the last in the alphabet say
little, and DuckDB needs as long for them as for everything else of a scan."""

_ZONED = {"TIMESTAMP WITH TIME ZONE", "TIMESTAMPTZ", "TIMESTAMP_TZ", "TIMESTAMP_LTZ"}

_PRECISION = re.compile(r"\(\s*(\d+)\s*(?:,\s*(\d+)\s*)?\)")
_WIDEST_SMALL = 18


def kind_of(dialect: Dialect, type_name: str) -> Kind:
    """The kind of a type, by the name that the warehouse's catalog gives it. What is not known is opaque."""
    if dialect.is_float(type_name):
        return Kind.FLOAT
    if type_name.endswith("]"):
        return Kind.OPAQUE
    base = _base(type_name)
    if base in _DECIMAL:
        # Without parameters a decimal is as wide as the warehouse pleases.
        precision = _PRECISION.search(type_name)
        is_small = precision is not None and int(precision[1]) <= _WIDEST_SMALL
        return Kind.SMALL_EXACT if is_small else Kind.LARGE_EXACT
    families = (
        (Kind.SMALL_EXACT, _SMALL),
        (Kind.LARGE_EXACT, _LARGE),
        (Kind.TEXT, _TEXT),
        (Kind.DATE, {"DATE"}),
        (Kind.TIMESTAMP, _TIMESTAMP),
        (Kind.TIME, _TIME),
        (Kind.BOOLEAN, {"BOOLEAN"}),
    )
    return next((kind for kind, names in families if base in names), Kind.OPAQUE)


def is_whole(type_name: str) -> bool:
    """Whether the type holds whole numbers only."""
    precision = _PRECISION.search(type_name)
    is_scaleless = precision is not None and int(precision[2] or 0) == 0
    base = _base(type_name)
    return base in _SMALL | _LARGE or (base in _DECIMAL and is_scaleless)


def is_zoned(type_name: str) -> bool:
    """Whether the type is a time stamp that names an instant anywhere."""
    return _base(type_name) in _ZONED


def _base(type_name: str) -> str:
    return re.sub(r"\s*\(.*$", "", type_name, flags=re.DOTALL).strip().upper()
