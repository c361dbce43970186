"""Names in a query become what they stand for: rows in DuckDB, a view's query, a table of INFORMATION_SCHEMA.

Views are kept as the text that was typed and are expanded when they are read, as in Snowflake: unqualified names are
resolved in the schema the view is in at that moment, qualified names by what has that name at that moment.
docs: sql-reference/sql/create-view, sql-reference/name-resolution
"""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

import sqlglot
from sqlglot import exp

from tests.snowflake import masking
from tests.snowflake.catalog import Catalog, Path, Thing, full_path, physical_name
from tests.snowflake.errors import SnowflakeError, missing
from tests.snowflake.identifiers import dotted, encode
from tests.snowflake.reader import Reader

DATA = "DATA"
"""The one DuckDB database that holds the rows of every Snowflake database, so that a transaction may span them."""

_DEEPEST = 30


@dataclass(frozen=True, slots=True)
class Scope:
    """For whom, and from where, names are resolved."""

    catalog: Catalog
    database: str | None
    schema: str | None
    role: str
    temporary: dict[Path, Thing]
    may: Callable[[str, str, Path, Thing], None]
    """may(role, privilege, path, thing) raises SnowflakeError when the role may not."""
    information_schema: Callable[[str, str], str]
    """(database, table) -> the name of a relation that DuckDB can read now."""
    width: Callable[[exp.Expr], int]
    """How many columns a resolved query gives."""
    depth: int = 0
    seen: dict[Path, Thing] = field(default_factory=dict)
    """Every object that was met, for whoever wants to know."""


def normalized(expression: exp.Expr) -> exp.Expr:
    """Unquoted identifiers in upper case, all of them quoted. docs: sql-reference/identifiers-syntax"""
    for identifier in expression.find_all(exp.Identifier):
        if not identifier.quoted:
            identifier.set("this", identifier.name.upper())
        identifier.set("quoted", True)
    return expression


def encoded(expression: exp.Expr) -> exp.Expr:
    """Every identifier as DuckDB gets to see it."""
    for identifier in expression.find_all(exp.Identifier):
        identifier.set("this", encode(identifier.name))
    return expression


def resolve(expression: exp.Expr, scope: Scope) -> exp.Expr:
    """The (normalized) statement with every relation replaced by what it stands for. Raises SnowflakeError."""
    tables = [t for t in expression.find_all(exp.Table) if not t.meta.get("resolved") and not _is_common(t)]
    for table in tables:
        if isinstance(table.this, exp.DynamicIdentifier):
            _say_plainly(table)
        if isinstance(table.this, exp.Identifier):
            found = _replacement(table, scope)
            if table is expression:
                expression = found
            elif found is not table:
                table.replace(found)
    for column in expression.find_all(exp.Column):
        # The relation has an alias now; DuckDB has no schema of that name.
        column.set("db", None)
        column.set("catalog", None)
    return expression


def _say_plainly(table: exp.Table) -> None:
    """A name in a text is a name. docs: sql-reference/identifier-literal"""
    parts = Reader(table.this.name).name()
    for key, part in zip(("this", "db", "catalog"), reversed(parts), strict=False):
        table.set(key, exp.to_identifier(part, quoted=True))


def name_of(table: exp.Table) -> tuple[str, ...]:
    """The parts of a (normalized) name."""
    return tuple(part.name for part in table.parts)


def point_at(table: exp.Table, path: Path, thing: Thing) -> None:
    """Let the table of a statement mean these rows."""
    schema, name = physical_name(path, thing)
    for key, value in (("this", name), ("db", schema), ("catalog", DATA)):
        table.set(key, exp.to_identifier(value, quoted=True))
    table.meta["resolved"] = True


def lookup(name: tuple[str, ...], scope: Scope) -> tuple[Path, Thing]:
    """What an object's name stands for; a temporary one hides a permanent one.

    docs: user-guide/tables-temp-transient (potential naming conflicts)
    """
    path = full_path(name, scope.database, scope.schema)
    thing = scope.temporary.get(path) or scope.catalog.find(path)
    if thing is None:
        raise missing("Object", dotted(*path) if len(name) > 1 else dotted(path[2]))
    scope.seen[path] = thing
    return path, thing


def _replacement(table: exp.Table, scope: Scope) -> exp.Expr:
    name = name_of(table)
    if len(name) > 1 and name[-2] == "INFORMATION_SCHEMA":
        return _catalog_table(table, name, scope)
    if len(name) == 1 and scope.schema == "INFORMATION_SCHEMA":
        return _catalog_table(table, (scope.schema, *name), scope)
    path, thing = lookup(name, scope)
    privilege = _needed(table)
    scope.may(scope.role, privilege, path, thing)
    if "query" in thing.options:
        if privilege != "SELECT":
            raise SnowflakeError(2140, "42601", "SQL compilation error:\nA view cannot be the target of a change.")
        return _expanded(table, path, thing, scope)
    if not thing.physical:
        raise SnowflakeError(2, "0A000", f"Unsupported feature 'SELECT from {thing.kind}'.")
    if privilege == "SELECT" and not table.alias:
        table.set("alias", exp.TableAlias(this=exp.to_identifier(encode(path[2]), quoted=True)))
    point_at(table, path, thing)
    return _shown(table, thing) if privilege == "SELECT" and masking.applies(thing) else table


def _shown(table: exp.Table, thing: Thing) -> exp.Expr:
    """A table as its policies show it."""
    alias, extras = table.args["alias"], _extras(table)
    for key in ("alias", *extras):
        table.set(key, None)
    return exp.Subquery(this=masking.through(table.copy(), thing), alias=alias, **extras)


def _extras(table: exp.Table) -> dict[str, Any]:
    return {key: table.args[key] for key in ("joins", "laterals", "pivots", "sample") if table.args.get(key)}


def _catalog_table(table: exp.Table, name: tuple[str, ...], scope: Scope) -> exp.Expr:
    database = name[0] if len(name) == 3 else scope.database
    if not database:
        raise missing("Schema", "INFORMATION_SCHEMA")
    relation = scope.information_schema(database, name[-1])
    if not table.alias:
        table.set("alias", exp.TableAlias(this=exp.to_identifier(name[-1], quoted=True)))
    table.set("this", exp.to_identifier(relation, quoted=True))
    table.set("db", None)
    table.set("catalog", None)
    table.meta["resolved"] = True
    return table


def _expanded(table: exp.Table, path: Path, view: Thing, scope: Scope) -> exp.Expr:
    """The view's query in its place, run with the rights of the view's owner. docs: user-guide/views-introduction"""
    if scope.depth > _DEEPEST:
        raise SnowflakeError(2147, "42601", f"SQL compilation error:\nView '{dotted(*path)}' is recursive.")
    inner = replace(scope, database=path[0], schema=path[1], role=view.owner, depth=scope.depth + 1, seen={})
    try:
        query = resolve(parsed_query(view.options["query"]), inner)
    except SnowflakeError as error:
        text = error.message.removeprefix("SQL compilation error:\n")
        raise SnowflakeError(
            error.errno,
            error.sqlstate,
            f"SQL compilation error: Failure during expansion of view '{dotted(path[2])}': "
            f"SQL compilation error:\n{text}",
        ) from error
    _refuse_other_width(path, view, scope.width(query))
    alias = exp.TableAlias(
        this=exp.to_identifier(table.alias or path[2], quoted=True),
        columns=[exp.to_identifier(column.name, quoted=True) for column in view.columns],
    )
    extras = _extras(table)
    if masking.applies(view):
        alone = exp.Subquery(this=query, alias=alias)
        return exp.Subquery(this=masking.through(alone, view), alias=exp.TableAlias(this=alias.this.copy()), **extras)
    return exp.Subquery(this=query, alias=alias, **extras)


def _refuse_other_width(path: Path, view: Thing, width: int) -> None:
    """A view keeps the columns that it was created with, whatever its query gives later.

    docs: sql-reference/sql/create-view (changes to the source table are not propagated)
    """
    if width != len(view.columns):
        text = (
            f"SQL compilation error:\nView definition for '{dotted(*path)}' declared {len(view.columns)} column(s), "
            f"but view query produces {width} column(s)."
        )
        raise SnowflakeError(2037, "42601", text)


def parsed_query(text: str) -> exp.Expr:
    """A view's query, normalized."""
    return normalized(sqlglot.parse_one(text, read="snowflake"))


_CHANGES = {exp.Insert: "INSERT", exp.Update: "UPDATE", exp.Delete: "DELETE", exp.Merge: "UPDATE"}


def _needed(table: exp.Table) -> str:
    """The privilege that the statement needs on this table. docs: user-guide/security-access-control-privileges"""
    parent = table.parent.parent if isinstance(table.parent, exp.Schema) else table.parent
    holder = table.parent if isinstance(table.parent, exp.Schema) else table
    if isinstance(parent, exp.TruncateTable):
        return "TRUNCATE"
    if isinstance(parent, exp.Alter):
        return "OWNERSHIP"
    for kind, privilege in _CHANGES.items():
        if isinstance(parent, kind) and holder.arg_key == "this":
            return privilege
    return "SELECT"


def _is_common(table: exp.Table) -> bool:
    """Whether the name means a CTE here: CTEs take precedence over tables. docs: user-guide/queries-cte"""
    if table.args.get("db") or not isinstance(table.this, exp.Identifier):
        return False
    child: exp.Expr = table
    parent = table.parent
    while parent is not None:
        with_ = parent.args.get("with_")
        if isinstance(with_, exp.With):
            for cte in with_.expressions:
                if cte.alias == table.name:
                    _refuse_endless(cte, table, child is with_)
                    return True
                if child is with_ and _holds(cte, table):
                    break
        child, parent = parent, parent.parent
    return False


def _holds(cte: exp.Expr, table: exp.Table) -> bool:
    return any(ancestor is cte for ancestor in _ancestors(table))


def _ancestors(node: exp.Expr) -> list[exp.Expr]:
    found = []
    parent = node.parent
    while parent is not None:
        found.append(parent)
        parent = parent.parent
    return found


def _refuse_endless(cte: exp.Expr, table: exp.Table, inside_with: bool) -> None:
    """RECURSIVE is optional, so a CTE that reads its own name needs an anchor. docs: user-guide/queries-cte"""
    if inside_with and _holds(cte, table) and not isinstance(cte.this, exp.Union):
        text = f"SQL compilation error:\nRecursive CTE '{table.name}' has no anchor clause joined by UNION ALL."
        raise SnowflakeError(2140, "42601", text)
