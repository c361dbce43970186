"""TO_CHAR with a format: Snowflake's format elements as strftime's.

docs: sql-reference/sql-format-models, sql-reference/date-time-input-output
"""

import re

import sqlglot
from sqlglot import exp

_ELEMENTS = {
    "YYYY": "%Y", "YY": "%y", "MMMM": "%B", "MON": "%b", "MM": "%m", "DD": "%d", "DY": "%a",
    "HH24": "%H", "HH12": "%I", "AM": "%p", "PM": "%p", "MI": "%M", "SS": "%S",
    "FF9": "%n", "FF6": "%f", "FF3": "%g", "FF": "%n",
    "TZH:TZM": "%z:00", "TZHTZM": "%z00", "TZH": "%z",
}  # fmt: skip
_INSTANT = (
    "CAST(CASE WHEN typeof(?) = 'TIME' THEN '1970-01-01 ' || CAST(? AS VARCHAR) ELSE CAST(? AS VARCHAR) END"
    " AS TIMESTAMP_NS)"
)
_ELEMENT = re.compile("|".join(['"[^"]*"', *sorted(_ELEMENTS, key=len, reverse=True), "%"]), re.IGNORECASE)


def strftime_format(snowflake: str) -> str:
    """The same format for DuckDB. TZH and TZM are right for zones of whole hours."""

    def element(found: re.Match[str]) -> str:
        text = found[0]
        if text.startswith('"'):
            return text[1:-1]
        return "%%" if text == "%" else _ELEMENTS[text.upper()]

    return _ELEMENT.sub(element, snowflake)


def to_char(node: exp.ToChar) -> exp.Expr:
    """TO_CHAR(value, format) of a date or time."""
    pattern = node.args["format"]
    if not isinstance(pattern, exp.Literal):
        return node
    # strftime takes no TIME, and the type is not known here; a day of one's own changes no element of a time.
    value = sqlglot.parse_one(_INSTANT, read="duckdb").transform(
        lambda part: node.this.copy() if isinstance(part, exp.Placeholder) else part
    )
    return exp.Anonymous(this="strftime", expressions=[value, exp.Literal.string(strftime_format(pattern.name))])
