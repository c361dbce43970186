"""Snowflake's SQL where it differs: quoting, hashes, fingerprints, values as text."""

import re
from collections.abc import Sequence
from typing import Final

_FLOATS: Final = frozenset({"FLOAT", "FLOAT4", "FLOAT8", "DOUBLE", "DOUBLE PRECISION", "REAL"})

_NOT_COMPARABLE: Final = frozenset(
    {"VARIANT", "OBJECT", "ARRAY", "MAP", "GEOGRAPHY", "GEOMETRY", "VECTOR", "FILE", "INTERVAL"}
)
"""Semi-structured values have types of their own inside, geospatial ones refuse HASH, vectors refuse GROUP BY."""


def quote(identifier: str) -> str:
    """The identifier, quoted, whatever it contains."""
    return '"' + identifier.replace('"', '""') + '"'


def literal(text: str) -> str:
    """The text as an SQL string literal, in which Snowflake reads backslashes too."""
    return "'" + text.replace("\\", "\\\\").replace("'", "''") + "'"


def base_type(type_name: str) -> str:
    """The type's name without its parameters, in upper case."""
    return re.sub(r"\s*\(.*$", "", type_name, flags=re.DOTALL).strip().upper()


class SnowflakeDialect:
    """Implements `flows.warehouse.base.Dialect` for Snowflake. Type names are those of `snowflake_catalog`."""

    def quote(self, identifier: str) -> str:
        """The identifier, quoted, whatever it contains."""
        return quote(identifier)

    def row_hash(self, expressions: Sequence[str]) -> str:
        """SQL of a signed 64-bit hash, never NULL. The order of the expressions counts, and so do NULLs.

        Documented for HASH: numbers that compare as equal hash alike whatever their precision, so -0.0 like 0.0.
        """
        return f"HASH({', '.join(expressions)})"

    def fingerprint(self, expressions: Sequence[str]) -> str:
        """SQL of HASH_AGG as decimal digits: documented not to depend on the order of rows, to count duplicates
        and NULLs, and to be 0 for no rows."""
        return f"CAST(HASH_AGG({', '.join(expressions)}) AS VARCHAR)"

    def plain(self, expression: str, type_name: str) -> str:
        """SQL of a comparable value: the value."""
        return expression

    def hashable(self, expression: str, type_name: str) -> str:
        """SQL of what HASH must take of a comparable value: the value."""
        return expression

    def telling_text(self, expression: str, type_name: str) -> str:
        """SQL of a text that tells values of a type that is not comparable apart: the text that people see, but for
        a geometry also its SRID, which WKB leaves out. https://docs.snowflake.com/en/sql-reference/functions/st_asewkb
        """
        if base_type(type_name) == "GEOMETRY":
            return f"LOWER(HEX_ENCODE(ST_ASEWKB({expression})))"
        return self.as_text(expression, type_name)

    def as_text(self, expression: str, type_name: str) -> str:
        """SQL of the value as text, NULL staying NULL, whatever the session's formats and time zone are.

        Binary and geospatial values (WKB) are lower-case hex, semi-structured ones JSON, decimals keep all digits,
        times have the digits that they need, and instants are in UTC.
        """
        match base_type(type_name):
            case "BINARY" | "VARBINARY":
                return f"LOWER(HEX_ENCODE({expression}))"
            case "VARIANT" | "OBJECT" | "ARRAY" | "MAP":
                return f"TO_JSON(CAST({expression} AS VARIANT))"
            case "VECTOR":
                return f"TO_JSON(CAST(CAST({expression} AS ARRAY) AS VARIANT))"
            case "GEOGRAPHY" | "GEOMETRY":
                return f"LOWER(HEX_ENCODE(ST_ASWKB({expression})))"
            case "DATE":
                return f"TO_VARCHAR({expression}, 'YYYY-MM-DD')"
            case "TIME":
                return _short(f"TO_VARCHAR({expression}, 'HH24:MI:SS.FF9')")
            case "TIMESTAMP" | "TIMESTAMP_NTZ" | "DATETIME":
                return _short(_formatted(expression))
            case "TIMESTAMP_TZ" | "TIMESTAMP_LTZ":
                return f"({_short(_in_utc(expression))} || '+00')"
            case _:
                return f"CAST({expression} AS VARCHAR)"

    def is_float(self, type_name: str) -> bool:
        """Whether the type is a binary floating point number."""
        return base_type(type_name) in _FLOATS

    def is_comparable(self, type_name: str) -> bool:
        """Whether equal values, and only those, are equal to `=` and to HASH; otherwise use `as_text`."""
        return base_type(type_name) not in _NOT_COMPARABLE


def _formatted(expression: str) -> str:
    return f"TO_VARCHAR({expression}, 'YYYY-MM-DD HH24:MI:SS.FF9')"


def _in_utc(expression: str) -> str:
    return _formatted(f"CONVERT_TIMEZONE('UTC', {expression})")


def _short(text: str) -> str:
    """Fractions of a second without zeros at their end: precisions that differ must not make values differ."""
    return f"RTRIM(RTRIM({text}, '0'), '.')"
