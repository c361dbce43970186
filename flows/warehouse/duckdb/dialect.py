"""DuckDB's SQL where it differs: quoting, hashes, fingerprints, values as text."""

import re
from collections.abc import Sequence
from typing import Final

_FLOATS: Final = frozenset({"FLOAT", "DOUBLE", "REAL"})

_NOT_COMPARABLE: Final = ("INTERVAL", "VARIANT", "AGGREGATE_STATE", "STRUCT(", "MAP(", "UNION(", "]")
"""In DuckDB 2.0 `=` calls 30 days and 1 month equal, a VARIANT's hash differs for values that `=` calls equal, and
[NULL] and [] have one hash."""


_DECIMAL: Final = re.compile(r"DECIMAL\((\d+),\d+\)")
_WIDEST_IN_64_BITS: Final = 18


def quote(identifier: str) -> str:
    """The identifier, quoted, whatever it contains."""
    return '"' + identifier.replace('"', '""') + '"'


def literal(text: str) -> str:
    """The text as an SQL string literal."""
    return "'" + text.replace("'", "''") + "'"


class DuckDBDialect:
    """Implements `flows.warehouse.base.Dialect` for DuckDB 2.0."""

    def quote(self, identifier: str) -> str:
        """The identifier, quoted, whatever it contains."""
        return quote(identifier)

    def row_hash(self, expressions: Sequence[str]) -> str:
        """SQL of an unsigned 64-bit hash. The order of the expressions counts, and so do NULLs.

        DuckDB's hash treats -0.0 like 0.0 and every NaN alike. It depends on the type (DECIMAL(18,2) is not
        DECIMAL(18,4)) and is not promised to be the same in another version.
        """
        return f"hash({', '.join(expressions)})"

    def fingerprint(self, expressions: Sequence[str]) -> str:
        """SQL of the sum of the hashes of the row hashes as decimal digits; '0' for no rows.

        A sum, because XOR forgets pairs of equal rows. HUGEINT holds the hashes of 2^63 rows. Hashed twice, because a
        row hash takes in its last expression by XOR alone: two rows that swapped it would often have the same sum.
        """
        return f"CAST(COALESCE(SUM(hash({self.row_hash(expressions)})), 0) AS VARCHAR)"

    def plain(self, expression: str, type_name: str) -> str:
        """SQL of a comparable value without its column's collation, which the catalog does not tell.

        It costs nothing where there is none.
        """
        return f'({expression} COLLATE "binary")' if type_name.upper() == "VARCHAR" else expression

    def hashable(self, expression: str, type_name: str) -> str:
        """SQL of what a hash must take of a comparable value.

        DuckDB 2.0 hashes a number of 128 bits as the XOR of the hashes of its halves: -1 hashes like 0, and -0.01 like
        0.00. The number as DOUBLE tells apart what the halves do not.
        """
        return f"hash({expression}, CAST({expression} AS DOUBLE))" if _is_128_bits(type_name) else expression

    def telling_text(self, expression: str, type_name: str) -> str:
        """SQL of a text that tells values of a type that is not comparable apart, NULL staying NULL.

        JSON of a VARIANT forgets digits beyond a DOUBLE's and whether a date is one; what DuckDB sorts it by does not.
        """
        if type_name.upper() == "VARIANT":
            return f"hex(variant_comparator({expression}))"
        return self.as_text(expression, type_name)

    def as_text(self, expression: str, type_name: str) -> str:
        """SQL of the value as text, NULL staying NULL.

        Blobs are lower-case hex, decimals keep all digits, times with zone are in UTC (the session's zone, which
        the warehouse sets), floats are the shortest text that reads back, nested values look like JSON.
        """
        upper = type_name.upper()
        if upper == "BLOB":
            return f"lower(hex({expression}))"
        if "UNION(" in upper or "VARIANT" in upper:
            return f"CAST(to_json({expression}) AS VARCHAR)"  # a plain cast loses which member or type is set
        return f"CAST({expression} AS VARCHAR)"

    def is_float(self, type_name: str) -> bool:
        """Whether the type is a binary floating point number."""
        return type_name.upper() in _FLOATS

    def is_comparable(self, type_name: str) -> bool:
        """Whether equal values, and only those, are equal to `=` and to the hash; otherwise use `as_text`."""
        upper = type_name.upper()
        return not any(word in upper for word in _NOT_COMPARABLE)


def _is_128_bits(type_name: str) -> bool:
    decimal = _DECIMAL.fullmatch(type_name.upper())
    is_wide = decimal is not None and int(decimal[1]) > _WIDEST_IN_64_BITS
    return is_wide or type_name.upper() in {"HUGEINT", "UHUGEINT"}
