"""What a reader gets through masking and row access policies.

docs: user-guide/security-column-intro: the query is rewritten wherever the column is named, so that joins, conditions
and CREATE TABLE AS SELECT see the masked value, too; user-guide/security-row-intro: rows are filtered before.
"""

from __future__ import annotations

import sqlglot
from sqlglot import exp

from tests.snowflake import policy_texts
from tests.snowflake.catalog import Attached, Thing
from tests.snowflake.identifiers import encode


def applies(thing: Thing) -> bool:
    """Whether anything stands between a reader and this table or view."""
    return any(one.kind in ("MASKING POLICY", "ROW ACCESS POLICY") for one in thing.attached)


def through(source: exp.Expr, thing: Thing) -> exp.Select:
    """A query of the source, whose columns are the thing's, as its policies show it."""
    select = exp.select(*(_column(thing, column.name) for column in thing.columns)).from_(source)
    for one in thing.attached:
        if one.kind == "ROW ACCESS POLICY":
            select = select.where(_put(one, one.columns))
    return select


def _column(thing: Thing, name: str) -> exp.Expr:
    found = [one for one in thing.attached if one.kind == "MASKING POLICY" and one.column == name]
    shown: exp.Expr = _named(name)
    for one in found:
        shown = _put(one, one.columns or (name,))
    return exp.alias_(shown, encode(name), quoted=True)


def _put(one: Attached, columns: tuple[str, ...]) -> exp.Expr:
    """The policy's expression over these columns. The conditional ones that were not named go by their name."""
    names = (column.name.upper() for column in policy_texts.arguments(one.policy))
    given = dict(zip(names, columns, strict=False))
    expression = sqlglot.parse_one(policy_texts.body(one.policy), read="snowflake")
    return expression.transform(
        lambda node: _named(given.get(node.name.upper(), node.name.upper())) if isinstance(node, exp.Column) else node
    )


def _named(name: str) -> exp.Column:
    return exp.column(exp.to_identifier(encode(name), quoted=True))
