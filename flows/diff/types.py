"""When values of two column types can be compared, and the SQL form in which they are."""

import re
from enum import StrEnum
from typing import assert_never

from flows.warehouse.base import Dialect


class Form(StrEnum):
    """The form that the values of both sides take before they are compared."""

    AS_IS = "as is"
    TEXT = "text"  # the warehouse's own text
    VARCHAR = "varchar"
    DOUBLE = "double"
    EXACT = "exact"  # digits as text, without trailing zeros: decimals of any precision
    TIMESTAMP = "timestamp"


_EXACT = {
    "TINYINT", "SMALLINT", "INTEGER", "INT", "BIGINT", "HUGEINT", "UTINYINT", "USMALLINT", "UINTEGER",
    "UBIGINT", "UHUGEINT", "BYTEINT", "DECIMAL", "NUMERIC", "NUMBER", "FIXED",
}  # fmt: skip
_TEXT = {"VARCHAR", "TEXT", "STRING", "CHAR", "CHARACTER", "BPCHAR", "ENUM"}
_TIMESTAMP = {"TIMESTAMP", "TIMESTAMP_S", "TIMESTAMP_MS", "TIMESTAMP_NS", "TIMESTAMP_NTZ", "DATETIME"}


def shared_form(dialect: Dialect, production: str, staging: str) -> Form | None:
    """The form in which values of the two types compare; None when comparing them means nothing."""
    if production == staging:
        return Form.AS_IS if dialect.is_comparable(production) else Form.TEXT
    families = {_family(dialect, production), _family(dialect, staging)}
    if families <= {"exact"}:
        return Form.EXACT
    if families <= {"exact", "float"}:
        return Form.DOUBLE
    if families <= {"text"}:
        return Form.VARCHAR
    if families <= {"timestamp", "date"}:
        return Form.TIMESTAMP
    return None


def in_form(dialect: Dialect, expression: str, *, type_name: str, form: Form) -> str:
    """SQL of the value in the shared form."""
    match form:
        case Form.AS_IS:
            return dialect.plain(expression, type_name)
        case Form.TEXT:
            return dialect.telling_text(expression, type_name)
        case Form.VARCHAR:
            return dialect.plain(f"CAST({expression} AS VARCHAR)", "VARCHAR")
        case Form.DOUBLE:
            return f"CAST({expression} AS DOUBLE)"
        case Form.EXACT:
            return _digits(f"CAST({expression} AS VARCHAR)")
        case Form.TIMESTAMP:
            # As text, because the precisions differ and a cast to the coarser one would hide a difference.
            instant = expression if type_name != "DATE" else f"CAST({expression} AS TIMESTAMP)"
            return dialect.as_text(instant, type_name if type_name != "DATE" else "TIMESTAMP")
        case _:
            assert_never(form)


def hashable(dialect: Dialect, expression: str, type_name: str) -> str:
    """SQL of a value that hashes can be trusted with: what the warehouse needs of it, else its text."""
    if dialect.is_comparable(type_name):
        return dialect.hashable(expression, type_name)
    return dialect.telling_text(expression, type_name)


def is_moment(type_name: str) -> bool:
    """Whether the type is a date, or a date and a time of day, with a zone or without."""
    base = _base(type_name)
    return base == "DATE" or base.startswith(("TIMESTAMP", "DATETIME"))


def _family(dialect: Dialect, type_name: str) -> str:
    if type_name.endswith("]"):
        return type_name
    if dialect.is_float(type_name):
        return "float"
    base = _base(type_name)
    for family, members in (("exact", _EXACT), ("text", _TEXT), ("timestamp", _TIMESTAMP), ("date", {"DATE"})):
        if base in members:
            return family
    return type_name


def _base(type_name: str) -> str:
    """The type's name without its parameters, in upper case. "TIMESTAMP WITH TIME ZONE" stays whole."""
    return re.sub(r"\s*\(.*$", "", type_name, flags=re.DOTALL).strip().upper()


def _digits(text: str) -> str:
    return f"CASE WHEN POSITION('.' IN {text}) > 0 THEN RTRIM(RTRIM({text}, '0'), '.') ELSE {text} END"
