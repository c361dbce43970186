"""From a resolved Snowflake statement to DuckDB's SQL: fakesnow's transformations, with ours before and after."""

from collections.abc import Callable, Sequence
from typing import Any

from fakesnow import transforms
from fakesnow.conn import FakeSnowflakeConnection
from fakesnow.cursor import FakeSnowflakeCursor
from sqlglot import exp

from tests.snowflake import formats, hashing
from tests.snowflake.resolving import encoded

Functions = Callable[[exp.Expr], exp.Expr | None]
"""What a function of the session stands for (CURRENT_ROLE(), LAST_QUERY_ID(), GET_DDL(...)), or None."""


def labelled(expression: exp.Expr) -> exp.Expr:
    """Columns without an alias are called like their text in upper case, as Snowflake does."""
    select = expression
    while isinstance(select, exp.Subquery | exp.Union):
        select = select.this
    if isinstance(select, exp.Select):
        select.set("expressions", [_labelled(item) for item in select.expressions])
    return expression


def _labelled(item: exp.Expr) -> exp.Expr:
    if isinstance(item, exp.Column | exp.Alias | exp.Aliases) or (item.is_star and not isinstance(item, exp.Func)):
        return item
    text = item.sql(dialect="snowflake")
    return exp.alias_(item, text if isinstance(item, exp.Literal) else text.upper().replace('"', ""), quoted=True)


def translate(
    expression: exp.Expr,
    connection: FakeSnowflakeConnection,
    *,
    functions: Functions,
    columns: hashing.Columns,
    parameters: Sequence[Any] | None,
) -> list[str]:
    """DuckDB's SQL for the (resolved, normalized) statement: usually one statement, sometimes several."""
    expression = expression.transform(lambda node: functions(node) or node, copy=False)
    expression = encoded(expression)
    expression = hashing.rewrite(expression, columns)
    expression = expression.transform(_protected, copy=False)
    cursor = FakeSnowflakeCursor(connection, connection._duck_conn)
    return [
        cursor._transform(part, list(parameters) if parameters else None).sql(dialect="duckdb")
        for part in _exploded(expression)
    ]


def _exploded(expression: exp.Expr) -> list[exp.Expr]:
    # MERGE is left to DuckDB, which knows it: fakesnow's way writes to two databases in one transaction.
    for split in (
        transforms.create_table_autoincrement,
        transforms.alter_table_add_multiple_columns,
        transforms.insert_overwrite,
    ):
        parts = split(expression)
        if len(parts) > 1:
            return list(parts)
    return [expression]


def _protected(node: exp.Expr) -> exp.Expr:
    """What fakesnow would make inexact or could not translate, in a form that it leaves alone."""
    if isinstance(node, exp.Sum):  # fakesnow sums DOUBLEs
        return exp.Anonymous(this="SUM", expressions=[node.this])
    if isinstance(node, exp.DataType) and node.this == exp.DataType.Type.DECIMAL and _is_whole(node):
        return exp.DataType(this=exp.DataType.Type.INT128)  # fakesnow takes BIGINT, which has half the digits
    if isinstance(node, exp.ToChar) and node.args.get("format"):
        return formats.to_char(node)
    if isinstance(node, exp.Trim) and node.args.get("expression"):  # fakesnow forgets which characters, and where
        inner = node.this.transform(_protected)  # a node that is replaced is not looked into any more
        name = {"LEADING": "LTRIM", "TRAILING": "RTRIM"}.get(str(node.args.get("position") or ""), "TRIM")
        return exp.Anonymous(this=name, expressions=[exp.cast(inner, "TEXT"), node.args["expression"]])
    if isinstance(node, exp.ParseJSON) and not isinstance(node.parent, exp.Cast):
        return exp.func("_SNOW_PARSE_JSON", exp.cast(node.this, "TEXT"))
    if isinstance(node, exp.Anonymous) and node.name.upper() == "EQUAL_NULL":
        return exp.NullSafeEQ(this=node.expressions[0], expression=node.expressions[1])
    return node


def _is_whole(node: exp.DataType) -> bool:
    match [parameter.name for parameter in node.expressions]:
        case [] | ["38"] | ["38", "0"]:
            return True
        case _:
            return False
