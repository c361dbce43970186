"""HASH and HASH_AGG: not Snowflake's numbers, but everything that its documentation promises about them.

docs: sql-reference/functions/hash, sql-reference/functions/hash_agg
- signed 64-bit; never NULL; NULLs count; the order of the arguments counts;
- values of NUMBER hash alike whatever their precision and scale, and so does a FLOAT that is a whole number;
- TIMESTAMP_TZ hashes as an instant; other types that merely look alike are not promised to hash alike, so here they
  do not;
- HASH_AGG does not depend on the order of rows, counts duplicates, and is 0 for no rows.
"""

from collections.abc import Callable, Sequence

from sqlglot import exp

Columns = Callable[[exp.Select], Sequence[str]]
"""Gives the (encoded) column names of what a SELECT reads from."""

_WHOLE = "'TINYINT', 'SMALLINT', 'INTEGER', 'BIGINT', 'HUGEINT', 'UTINYINT', 'USMALLINT', 'UINTEGER', 'UBIGINT'"

MACROS = (
    # rtrim makes 1.50 and 1.5 one text, and 2.00 and 2.
    "CREATE MACRO _SNOW_NUMBER(t) AS 'n' || CASE WHEN contains(t, '.') THEN rtrim(rtrim(t, '0'), '.') ELSE t END",
    "CREATE MACRO _SNOW_FLOAT(d) AS CASE WHEN NOT isfinite(d) THEN 'f' || d::VARCHAR "
    "WHEN d = trunc(d) AND abs(d) < 1e38 THEN 'n' || TRY_CAST(d AS HUGEINT)::VARCHAR ELSE 'f' || d::VARCHAR END",
    # Every branch must bind for every type, hence the way through text.
    "CREATE MACRO _SNOW_TEXT(x) AS CASE WHEN x IS NULL THEN '-' "
    f"WHEN typeof(x) IN ({_WHOLE}) OR starts_with(typeof(x), 'DECIMAL') THEN _SNOW_NUMBER(x::VARCHAR) "
    "WHEN typeof(x) = 'TIMESTAMP WITH TIME ZONE' THEN 'z' || epoch_us(TRY_CAST(x::VARCHAR AS TIMESTAMPTZ))::VARCHAR "
    "WHEN typeof(x) IN ('DOUBLE', 'FLOAT') THEN _SNOW_FLOAT(TRY_CAST(x::VARCHAR AS DOUBLE)) "
    "ELSE typeof(x) || ':' || x::VARCHAR END",
    "CREATE MACRO _SNOW_SIGNED(h) AS (h::HUGEINT - 9223372036854775808)::BIGINT",
    "CREATE MACRO _SNOW_WRAP(s) AS _SNOW_SIGNED(((COALESCE(s, 0) % 18446744073709551616) "
    "+ 18446744073709551616 + 9223372036854775808) % 18446744073709551616)",
)


def rewrite(expression: exp.Expr, columns: Columns) -> exp.Expr:
    """The statement with HASH and HASH_AGG as DuckDB can compute them. Names must be encoded already."""
    return expression.transform(lambda node: _rewritten(node, columns), copy=False)


def _rewritten(node: exp.Expr, columns: Columns) -> exp.Expr:
    if isinstance(node, exp.HashAgg):
        arguments = [node.this, *node.expressions]
        distinct = isinstance(node.this, exp.Distinct)
        if distinct:
            arguments = node.this.expressions
        one = _row_hash(_without_star(node, arguments, columns))
        summed = exp.Anonymous(this="SUM", expressions=[exp.Distinct(expressions=[one]) if distinct else one])
        window = node.parent
        if isinstance(window, exp.Window):
            return summed
        return exp.func("_SNOW_WRAP", summed)
    if isinstance(node, exp.Anonymous) and node.name.upper() == "HASH":
        return _row_hash(_without_star(node, node.expressions, columns))
    return node


def _row_hash(arguments: Sequence[exp.Expr]) -> exp.Expr:
    texts = [exp.func("_SNOW_TEXT", argument) for argument in arguments]
    hashed = exp.Anonymous(this="hash", expressions=[exp.Anonymous(this="list_value", expressions=texts)])
    return exp.func("_SNOW_SIGNED", hashed)


def _without_star(node: exp.Expr, arguments: Sequence[exp.Expr], columns: Columns) -> list[exp.Expr]:
    found: list[exp.Expr] = []
    for argument in arguments:
        if not isinstance(argument, exp.Star):
            found.append(argument)
            continue
        select = node.find_ancestor(exp.Select)
        names = columns(select) if select else ()
        found += [exp.column(exp.to_identifier(name, quoted=True)) for name in names]
    return found
