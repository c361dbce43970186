"""Views: kept as the text that was typed. docs: sql-reference/sql/create-view, sql-reference/info-schema/views"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from sqlglot import exp

from tests.snowflake import objects, policies, sql, types
from tests.snowflake.catalog import Column, Path, Thing, full_path
from tests.snowflake.creating import Creation
from tests.snowflake.errors import SnowflakeError
from tests.snowflake.identifiers import decode, shown
from tests.snowflake.reader import Reader
from tests.snowflake.resolving import parsed_query, resolve
from tests.snowflake.results import Result, message
from tests.snowflake.translating import labelled

if TYPE_CHECKING:
    from tests.snowflake.session import Session


def create(session: Session, reader: Reader, creation: Creation) -> Result:
    """CREATE VIEW with columns, COMMENT, COPY GRANTS, SECURE, TEMPORARY."""
    if_not_exists = creation.if_not_exists
    path = full_path(reader.name(), session.database, session.schema)
    if not objects.free(session, path, "VIEW", None, temporary=creation.temporary, replace=creation.replace,
                        if_not_exists=if_not_exists):  # fmt: skip
        return message(f"{shown(path[2])} already exists, statement succeeded.")
    thing = Thing(kind="VIEW", owner=session.role, text=reader.text, temporary=creation.temporary)
    thing.secure = "SECURE" in creation.modifiers
    later: list[Later] = []
    named = _columns(reader, later)
    copy_grants = _header(reader, thing, later)
    session.end_transaction()
    take_query(session, reader, path, thing, named)
    for waiting, column, kind in later:
        policies.attach(session, waiting, thing, column, kind)
    objects.put(session, path, thing, copy_grants=copy_grants)
    return message(f"View {shown(path[2])} successfully created.")


Later = tuple[Reader, str, str]
"""A policy or tag that waits until the view has its columns: where its name comes, the column, the kind."""


def _policy(reader: Reader, column: str, later: list[Later]) -> bool:
    """Go past [WITH] <kind> POLICY <name>, or [WITH] TAG (...), if one comes next."""
    kind = next((k for k in policies.KINDS if reader.at(f"WITH {k}") or reader.at(k)), "")
    if not kind:
        return False
    reader.take("WITH")
    reader.expect(kind)
    if kind == "TAG":
        reader.expect("(")
        while not reader.take(")"):
            later.append((reader.again(), column, kind))
            reader.name()
            reader.expect("=")
            reader.value()
            reader.take(",")
        return True
    later.append((reader.again(), column, kind))
    reader.name()
    if reader.take("USING") or reader.take("ON"):
        reader.skip_parentheses()
    return True


def _columns(reader: Reader, later: list[Later]) -> list[Column]:
    found: list[Column] = []
    if not reader.take("("):
        return found
    while not reader.take(")"):
        [name] = reader.name()
        column = Column(name=name, type="")
        if reader.take("COMMENT"):
            reader.take("=")
            column.comment = reader.value()
        while not (reader.at(",") or reader.at(")")):
            if not _policy(reader, name, later):
                reader.skip_parentheses() if reader.at("(") else reader.skip()
        found.append(column)
        reader.take(",")
    return found


def _header(reader: Reader, thing: Thing, later: list[Later]) -> bool:
    """Read up to the query; says whether grants are copied."""
    copy_grants = False
    while not reader.take("AS"):
        if reader.take("COPY GRANTS"):
            copy_grants = True
        elif _policy(reader, "", later):
            continue
        elif reader.take("COMMENT"):
            reader.take("=")
            thing.comment = reader.value()
        elif reader.at("("):
            reader.skip_parentheses()
        else:
            reader.skip()
    return copy_grants


def take_query(session: Session, reader: Reader, path: Path, thing: Thing, named: list[Column]) -> None:
    """The rest of the statement is the query. Creating a view needs what it reads, and the rights to read it."""
    thing.options["query"] = reader.text[reader.place() :].rstrip().rstrip(";")
    thing.columns = _described(session, path, thing, named)


def _described(session: Session, path: Path, thing: Thing, named: list[Column]) -> list[Column]:
    scope = replace(session.scope(), database=path[0], schema=path[1])
    query = resolve(labelled(parsed_query(thing.options["query"])), scope)
    found = [types.from_duck(decode(name), kind) for name, kind in _description(session, query)]
    if named and len(named) != len(found):
        text = f"SQL compilation error:\nInvalid column definition list: {len(named)} names for {len(found)} columns."
        raise SnowflakeError(2026, "42601", text)
    for column, told in zip(found, named, strict=False):
        column.name, column.comment = told.name, told.comment
    return found


def _description(session: Session, query: exp.Expr) -> list[tuple[str, str]]:
    empty = exp.select("*").from_(exp.Subquery(this=query, alias=exp.TableAlias(this=exp.to_identifier("q")))).limit(0)
    sql.execute(session, empty, ())
    return [(str(item[0]), str(item[1])) for item in session.duck.description or ()]
