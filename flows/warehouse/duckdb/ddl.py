"""DuckDB's own CREATE statements, taken apart and put together again for another schema. Pure text."""

import itertools
from collections.abc import Mapping

import sqlglot
from sqlglot import Token, TokenType
from sqlglot.errors import SqlglotError

from flows.warehouse.base import WarehouseError
from flows.warehouse.duckdb.dialect import quote
from flows.warehouse.views import fold, requalify_all


def create_table(sql: str, *, schema: str, name: str) -> str:
    """CREATE TABLE as the catalog has it, for another schema and name. Foreign keys follow into the schema.

    Nothing else in the body changes: the catalog writes schemas only where they are meant.
    """
    tokens = _tokens(sql)
    body = next(token.start for token in tokens if token.token_type is TokenType.L_PAREN)
    text = sql[body:]
    for start, end in reversed(_referenced_schemas(tokens)):
        text = f"{text[: start - body]}{quote(schema)}.{text[end - body :]}"
    return f"CREATE TABLE {quote(schema)}.{quote(name)}{_unterminated(text)}"


def create_index(sql: str, *, schema: str, table: str) -> str:
    """CREATE INDEX as the catalog has it, on the table of that name in another schema."""
    tokens = _tokens(sql)
    on = next(at for at, token in enumerate(tokens) if token.token_type is TokenType.ON)
    start, end = tokens[on + 1].start, _name_end(tokens, on + 1)
    return _unterminated(f"{sql[:start]}{quote(schema)}.{quote(table)}{sql[end:]}")


def create_view(sql: str, *, schemas: Mapping[str, str], schema: str, name: str, catalog: str) -> str:
    """CREATE VIEW as the catalog has it, in another schema, with references to one of `schemas` naming what that is
    mapped to.

    Raises ViewUnreadable.
    """
    tokens = _tokens(sql)
    rest = sql[_name_end(tokens, 2) :]
    view = f"CREATE VIEW {quote(schema)}.{quote(name)}{rest}"
    # Macros stay where they are, so what calls them has to go on calling them there.
    return _unterminated(requalify_all(view, schemas, "duckdb", catalog=catalog, functions="stay"))


def table_names_schema(sql: str, schema: str) -> bool:
    """Whether a CREATE TABLE names the schema in a default, check or generated column, as text for nextval too.

    Foreign keys do not count, because they follow their table.
    """
    tokens = _tokens(create_table(sql, schema="", name=""))
    wanted = fold(schema, "duckdb")
    written = (
        fold(token.text, "duckdb") == wanted and following.token_type is TokenType.DOT
        for token, following in itertools.pairwise(tokens)
    )
    return any(written) or bool(literals_naming(sql, schema))


def literals_naming(sql: str, schema: str) -> tuple[str, ...]:
    """The string literals that begin like a name in the schema, as nextval and query_table take it."""
    beginnings = (f"{fold(schema, 'duckdb')}.", f"{fold(quote(schema), 'duckdb')}.")
    strings = (token.text for token in _tokens(sql) if token.token_type is TokenType.STRING)
    return tuple(text for text in strings if fold(text, "duckdb").startswith(beginnings))


def _tokens(sql: str) -> list[Token]:
    try:
        return sqlglot.tokenize(sql, read="duckdb")
    except SqlglotError as error:
        message = f"Nothing was changed. This definition cannot be read: {sql[:120]}. Re-create it more plainly."
        raise WarehouseError(message) from error


def _referenced_schemas(tokens: list[Token]) -> list[tuple[int, int]]:
    """Where foreign keys write the schema of their table, the dot included; empty places where they leave it out."""
    places = []
    for word, name, dot in zip(tokens, tokens[1:], tokens[2:], strict=False):
        if word.token_type is TokenType.REFERENCES:
            places.append((name.start, dot.end + 1 if dot.token_type is TokenType.DOT else name.start))
    return places


def _name_end(tokens: list[Token], at: int) -> int:
    """Offset behind the name that starts at a token: `name` or `schema.name`."""
    is_qualified = at + 1 < len(tokens) and tokens[at + 1].token_type is TokenType.DOT
    return tokens[at + 2 if is_qualified else at].end + 1


def _unterminated(sql: str) -> str:
    return sql.rstrip().removesuffix(";")
