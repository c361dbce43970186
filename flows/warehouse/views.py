"""Schema references in a view's SQL, found and rewritten at their positions; the rest of the text stays as it is."""

import itertools
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Literal

import sqlglot
from sqlglot import TokenType, exp
from sqlglot.errors import SqlglotError

SqlDialect = Literal["duckdb", "snowflake"]


class ViewUnreadable(ValueError):
    """The SQL could not be parsed, so nobody can say which schemas it names."""


@dataclass(frozen=True, slots=True)
class Reference:
    """One place where SQL names a schema. `name` is the relation or function behind it; `start` and `end` are
    character offsets of the schema's identifier, `end` exclusive, and `outer` is where its database begins, or it
    itself. The header is the name behind CREATE VIEW."""

    kind: Literal["relation", "column", "function"]
    catalog: str
    schema: str
    name: str
    start: int
    end: int
    outer: int
    is_header: bool = False


def requalify(
    sql: str,
    old_schema: str,
    new_schema: str,
    dialect: SqlDialect,
    *,
    catalog: str = "",
    functions: Literal["follow", "stay"] = "follow",
) -> str:
    """The SQL with every reference to `old_schema` naming `new_schema` instead.

    Schemas are given in the catalog's exact spelling. References into a database other than `catalog` are left
    alone, and so are literals, comments, aliases, CTEs and unqualified names. `functions` says whether calls of
    the old schema's functions move too: where a schema is swapped as a whole they must. Raises ViewUnreadable.
    """
    return requalify_all(sql, {old_schema: new_schema}, dialect, catalog=catalog, functions=functions)


def requalify_all(
    sql: str,
    schemas: Mapping[str, str],
    dialect: SqlDialect,
    *,
    catalog: str = "",
    functions: Literal["follow", "stay"] = "follow",
) -> str:
    """The same for several schemas at once: each of `schemas` becomes what it is mapped to. Raises ViewUnreadable."""
    wanted, database = {fold(old, dialect): new for old, new in schemas.items()}, fold(catalog, dialect)
    for place in reversed(references(sql, dialect)):
        is_inside = place.schema in wanted and place.catalog in ("", database)
        if is_inside and (functions == "follow" or place.kind != "function"):
            replacement = '"' + wanted[place.schema].replace('"', '""') + '"'
            sql = sql[: place.start] + replacement + sql[place.end :]
    return sql


def unqualify(sql: str, schema: str, dialect: SqlDialect, *, catalog: str = "") -> str | None:
    """The SQL in which relations of `schema` are named without schema and database, so that they are looked up in the
    view's own schema; the name behind CREATE VIEW stays.

    None where that would name something else: a CTE hides the name, or a function of the schema is called, which
    without its schema could be a built-in one. Raises ViewUnreadable.
    """
    wanted, database = fold(schema, dialect), fold(catalog, dialect)
    places = [
        place
        for place in references(sql, dialect)
        if not place.is_header and place.schema == wanted and place.catalog in ("", database)
    ]
    hidden = _cte_names(sql, dialect)
    if any(place.kind == "function" or place.name in hidden for place in places):
        return None
    for place in reversed(places):
        dot = _DOT.match(sql, place.end)
        if dot is None:
            return None
        sql = sql[: place.outer] + sql[dot.end() :]
    return sql


def schemas_named(sql: str, dialect: SqlDialect, *, catalog: str = "") -> frozenset[str]:
    """The schemas of the database `catalog` that the SQL names, as the catalog spells them: DuckDB ignores case
    (so they come in lower case), Snowflake folds unquoted names to upper case. Raises ViewUnreadable."""
    return frozenset(r.schema for r in references(sql, dialect) if r.catalog in ("", fold(catalog, dialect)))


def relations_named(sql: str, dialect: SqlDialect) -> frozenset[tuple[str, str]]:
    """(schema, name) of the relations that the SQL reads, folded; the schema is empty where none is written.

    The name behind CREATE VIEW is not among them, and neither are CTEs. Raises ViewUnreadable.
    """
    tree = _parsed(sql, dialect)
    tables = (tree.expression if isinstance(tree, exp.Create) else tree).find_all(exp.Table)
    return frozenset(
        (_folded(table.args.get("db"), dialect), _folded(table.this, dialect))
        for table in tables
        if isinstance(table.this, exp.Identifier) and not _is_cte(table, dialect)
    )


def references(sql: str, dialect: SqlDialect) -> tuple[Reference, ...]:
    """Every place where the SQL names a schema, in the order of the text. Raises ViewUnreadable."""
    tree = _parsed(sql, dialect)
    relations = tuple(_table_references(tree, dialect))
    tables = {(r.schema, r.name) for r in relations}
    columns = _column_references(tree, tables, dialect)
    functions = _function_references(tree, dialect)
    return tuple(sorted((*relations, *columns, *functions), key=lambda reference: reference.start))


def fold(name: str, dialect: SqlDialect) -> str:
    """The name as two spellings are compared: DuckDB ignores the case of ASCII letters, Snowflake of none."""
    return name.translate(_ASCII_LOWER) if dialect == "duckdb" else name


_DOT = re.compile(r"\s*\.\s*")

_ASCII_LOWER = {code: code + 32 for code in range(ord("A"), ord("Z") + 1)}


def _parsed(sql: str, dialect: SqlDialect) -> exp.Expr:
    try:
        tree = sqlglot.parse_one(_bare_lambdas(sql, dialect), read=dialect)
    except SqlglotError as error:
        raise ViewUnreadable(f"this SQL cannot be parsed: {sql[:120]}") from error
    if not isinstance(tree, exp.Query | exp.Create):
        raise ViewUnreadable(f"this SQL is neither a query nor a view: {sql[:120]}")
    return tree


def _bare_lambdas(sql: str, dialect: SqlDialect) -> str:
    """The SQL of the same length with blanks for the parentheses that DuckDB stores around a lambda, which
    sqlglot 30 cannot read."""
    if dialect != "duckdb":
        return sql
    characters, opened = list(sql), list[int | None]()
    tokens = sqlglot.tokenize(sql, read=dialect)
    for token, following in itertools.zip_longest(tokens, tokens[1:]):
        if token.token_type is TokenType.L_PAREN:
            is_lambda = following is not None and following.text.lower() == "lambda"
            opened.append(token.start if is_lambda else None)
        elif token.token_type is TokenType.R_PAREN and opened:
            start = opened.pop()
            if start is not None:
                characters[start] = characters[token.start] = " "
    return "".join(characters)


def _cte_names(sql: str, dialect: SqlDialect) -> frozenset[str]:
    return frozenset(_folded(cte.args["alias"].this, dialect) for cte in _parsed(sql, dialect).find_all(exp.CTE))


def _table_references(tree: exp.Expr, dialect: SqlDialect) -> Iterator[Reference]:
    header = tree.this.find(exp.Table) if isinstance(tree, exp.Create) else None
    for table in tree.find_all(exp.Table):
        schema, name = table.args.get("db"), table.this
        if not isinstance(schema, exp.Identifier):
            continue
        catalog = table.args.get("catalog")
        if isinstance(name, exp.Identifier):
            found = _reference("relation", catalog, schema, _folded(name, dialect), dialect)
            yield replace(found, is_header=table is header)
        else:
            yield _reference("function", catalog, schema, name.name, dialect)


def _is_cte(table: exp.Table, dialect: SqlDialect) -> bool:
    """Whether the table is a CTE that is visible where it is read. A CTE does not see itself unless RECURSIVE."""
    if table.args.get("db") is not None:
        return False
    name = _folded(table.this, dialect)
    came_from: exp.Expr = table
    while (node := came_from.parent) is not None:
        for cte in _visible_ctes(node, came_from):
            if _folded(cte.args["alias"].this, dialect) == name:
                return True
        came_from = node
    return False


def _visible_ctes(node: exp.Expr, came_from: exp.Expr) -> list[exp.Expr]:
    if isinstance(node, exp.With):
        ctes = list(node.expressions)
        return ctes if node.recursive else [cte for cte in ctes if ctes.index(cte) < ctes.index(came_from)]
    clause = node.args.get("with_")
    return list(clause.expressions) if clause is not None and clause is not came_from else []


def _column_references(tree: exp.Expr, tables: set[tuple[str, str]], dialect: SqlDialect) -> Iterator[Reference]:
    """Columns written as schema.table.column. The table must be read under its own name somewhere in the same
    SQL: otherwise the first word is an alias and the last a field of a struct."""
    for column in tree.find_all(exp.Column):
        parts = [part for part in column.parts if isinstance(part, exp.Identifier)]
        names = [_folded(part, dialect) for part in parts]
        length = len(column.parts)
        if length > 2 and (names[0], names[1]) in tables:
            yield _reference("column", None, parts[0], names[1], dialect)
        elif length > 3 and (names[1], names[2]) in tables:
            yield _reference("column", parts[0], parts[1], names[2], dialect)


def _function_references(tree: exp.Expr, dialect: SqlDialect) -> Iterator[Reference]:
    for dot in tree.find_all(exp.Dot):
        if not isinstance(dot.expression, exp.Func):
            continue
        match dot.this:
            case exp.Identifier() as schema:
                yield _reference("function", None, schema, dot.expression.name, dialect)
            case exp.Dot(this=exp.Identifier() as catalog, expression=exp.Identifier() as schema):
                yield _reference("function", catalog, schema, dot.expression.name, dialect)
            case _:
                continue  # a method on a value


def _reference(
    kind: Literal["relation", "column", "function"],
    catalog: exp.Expr | None,
    schema: exp.Identifier,
    name: str,
    dialect: SqlDialect,
) -> Reference:
    return Reference(
        kind=kind,
        catalog=_folded(catalog, dialect),
        schema=_folded(schema, dialect),
        name=name,
        start=schema.meta["start"],
        end=schema.meta["end"] + 1,
        outer=(catalog if isinstance(catalog, exp.Identifier) else schema).meta["start"],
    )


def _folded(identifier: object, dialect: SqlDialect) -> str:
    if not isinstance(identifier, exp.Identifier):
        return ""
    name = str(identifier.this)
    if dialect == "snowflake" and not identifier.args.get("quoted"):
        return name.upper()
    return fold(name, dialect)
