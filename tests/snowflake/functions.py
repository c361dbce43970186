"""Functions about the session and the catalog, computed before DuckDB sees the statement.

docs: sql-reference/functions-context, sql-reference/functions/get_ddl
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from sqlglot import exp

from tests.snowflake import access, ddl, policy_references
from tests.snowflake.errors import SnowflakeError
from tests.snowflake.identifiers import encode
from tests.snowflake.reader import Reader

if TYPE_CHECKING:
    from tests.snowflake.session import Session

VERSION = "9.30.0"


def value(session: Session, node: exp.Expr) -> exp.Expr | None:
    """What this node stands for, or None if it is none of ours."""
    if isinstance(node, exp.TableFromRows):
        return _result_scan(session, node) or policy_references.table(session, node)
    if isinstance(node, exp.CurrentDate | exp.CurrentTimestamp):
        # DuckDB would take the word CURRENT_DATE for a column of that name.
        return exp.Anonymous(this="today" if isinstance(node, exp.CurrentDate) else "now")
    if not isinstance(node, exp.Func):
        return None
    name = (node.name if isinstance(node, exp.Anonymous) else node.sql_name()).upper()
    if name in _CONTEXT:
        text = _CONTEXT[name](session)
        return exp.null() if text is None else exp.Literal.string(text)
    arguments = [_text(argument) for argument in node.expressions] if isinstance(node, exp.Anonymous) else []
    match name, arguments:
        case "LAST_QUERY_ID", []:
            return _last_query_id(session, -1)
        case "LAST_QUERY_ID", [place]:
            return _last_query_id(session, int(place))
        case "IS_ROLE_IN_SESSION", [role]:
            held = access.effective_roles(session.catalog, session.role)
            return exp.Boolean(this=role in held or access.ADMIN in held)
        case "SYSTEM$TYPEOF", _:
            return exp.Anonymous(this="typeof", expressions=node.expressions)
        case _:
            text = _told(session, name, arguments)
            return exp.Literal.string(text) if text is not None else None


def _told(session: Session, name: str, arguments: list[str]) -> str | None:
    """The functions that give a text, some after having done something."""
    match name, arguments:
        case "GET_DDL", [kind, target, *rest]:
            qualified = [word.upper() for word in rest] == ["TRUE"]
            return ddl.get(session, kind, Reader(target).name(), qualified=qualified)
        case "SYSTEM$WAIT", [amount, *_]:
            session.pause(float(amount))
            return f"waited {amount} seconds"
        case "SYSTEM$CANCEL_ALL_QUERIES", [number]:
            return _cancel_all(session, int(number))
        case _:
            return None


def _cancel_all(session: Session, number: int) -> str:
    """docs: sql-reference/functions/system_cancel_all_queries"""
    found = [other for other in session.account.sessions.values() if other.number == number]
    for other in found:
        other.cancel()
    for query in session.account.detached.values():
        if query.session == number:
            query.cancel()
    return f"{len(found)} sessions asked to cancel"


def _text(argument: exp.Expr) -> str:
    return argument.name if isinstance(argument, exp.Literal) else argument.sql(dialect="snowflake")


_CONTEXT: dict[str, Callable[[Session], str | None]] = {
    "CURRENT_WAREHOUSE": lambda session: session.warehouse,
    "CURRENT_ROLE": lambda session: session.role,
    "CURRENT_DATABASE": lambda session: session.database,
    "CURRENT_SCHEMA": lambda session: session.schema,
    "CURRENT_CATALOG": lambda session: session.database,
    "CURRENT_USER": lambda session: session.account.user,
    "CURRENT_SESSION": lambda session: str(session.number),
    "CURRENT_ACCOUNT": lambda session: "STAND_IN",
    "CURRENT_ACCOUNT_NAME": lambda session: "STAND_IN",
    "CURRENT_ORGANIZATION_NAME": lambda session: "EXAMPLE",
    "CURRENT_REGION": lambda session: "LOCAL",
    "CURRENT_VERSION": lambda session: VERSION,
    "CURRENT_SECONDARY_ROLES": lambda session: '{"roles":"","value":""}',
}


def _last_query_id(session: Session, place: int) -> exp.Expr:
    """-1 is the most recent statement, 1 the first. docs: sql-reference/functions/last_query_id"""
    ids = session.query_ids
    at = place if place < 0 else place - 1
    return exp.Literal.string(ids[at]) if -len(ids) <= at < len(ids) else exp.null()


def _result_scan(session: Session, node: exp.TableFromRows) -> exp.Expr | None:
    call = node.this
    if not (isinstance(call, exp.Anonymous) and call.name.upper() == "RESULT_SCAN"):
        return None
    argument = call.expressions[0]
    found = argument if isinstance(argument, exp.Literal) else value(session, argument)
    query_id = found.name if found is not None else ""
    if query_id not in session.results:
        raise SnowflakeError(709, "02000", f"Statement {query_id} not found")
    table = session.results[query_id].as_arrow()
    table = table.rename_columns([encode(name) for name in table.column_names])
    relation = session.register("RESULT_" + query_id.replace("-", "_").upper(), table)
    return exp.Table(this=exp.to_identifier(relation, quoted=True), alias=node.args.get("alias"))
