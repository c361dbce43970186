"""DuckDB's own CREATE statements, taken apart and put together again for another schema. Pure text."""

import sqlglot
from sqlglot import Token, TokenType
from sqlglot.errors import SqlglotError

from flows.warehouse.base import WarehouseError
from flows.warehouse.duckdb_dialect import quote
from flows.warehouse.views import fold, requalify


def create_table(sql: str, *, schema: str, name: str) -> str:
    """CREATE TABLE as the catalog has it, for another schema and name. Foreign keys follow into the schema.

    Nothing else in the body changes: the catalog writes schemas only where they are meant.
    """
    tokens = _tokens(sql)
    body = next(token.start for token in tokens if token.token_type is TokenType.L_PAREN)
    text = sql[body:]
    for at in reversed(_referenced_schemas(tokens)):
        text = text[: at.start - body] + quote(schema) + text[at.end + 1 - body :]
    return f"CREATE TABLE {quote(schema)}.{quote(name)}{_unterminated(text)}"


def create_index(sql: str, *, schema: str, table: str) -> str:
    """CREATE INDEX as the catalog has it, on the table of that name in another schema."""
    tokens = _tokens(sql)
    on = next(at for at, token in enumerate(tokens) if token.token_type is TokenType.ON)
    start, end = tokens[on + 1].start, _name_end(tokens, on + 1)
    return _unterminated(f"{sql[:start]}{quote(schema)}.{quote(table)}{sql[end:]}")


def create_view(sql: str, *, home: str, schema: str, name: str, catalog: str) -> str:
    """CREATE VIEW as the catalog has it, in another schema, with references to its `home` naming that schema.

    Raises ViewUnreadable.
    """
    tokens = _tokens(sql)
    rest = sql[_name_end(tokens, 2) :]
    return _unterminated(
        requalify(f"CREATE VIEW {quote(schema)}.{quote(name)}{rest}", home, schema, "duckdb", catalog=catalog)
    )


def names_schema(sql: str, schema: str) -> bool:
    """Whether the body of a CREATE statement names the schema, also inside a literal as nextval does it."""
    tokens = _tokens(sql)
    wanted = fold(schema, "duckdb")
    body = next((at for at, token in enumerate(tokens) if token.token_type is TokenType.L_PAREN), len(tokens))
    for token, following in zip(tokens[body:], [*tokens[body + 1 :], None], strict=True):
        text = fold(token.text, "duckdb")
        if token.token_type is TokenType.STRING:
            if text.startswith((f"{wanted}.", f'"{wanted}".')):
                return True
        elif text == wanted and following is not None and following.token_type is TokenType.DOT:
            return True
    return False


def _tokens(sql: str) -> list[Token]:
    try:
        return sqlglot.tokenize(sql, read="duckdb")
    except SqlglotError as error:
        message = f"Nothing was changed. This definition cannot be read: {sql[:120]}. Re-create it more plainly."
        raise WarehouseError(message) from error


def _referenced_schemas(tokens: list[Token]) -> list[Token]:
    return [
        schema
        for word, schema, dot in zip(tokens, tokens[1:], tokens[2:], strict=False)
        if word.token_type is TokenType.REFERENCES and dot.token_type is TokenType.DOT
    ]


def _name_end(tokens: list[Token], at: int) -> int:
    """Offset behind the name that starts at a token: `name` or `schema.name`."""
    is_qualified = at + 1 < len(tokens) and tokens[at + 1].token_type is TokenType.DOT
    return tokens[at + 2 if is_qualified else at].end + 1


def _unterminated(sql: str) -> str:
    return sql.rstrip().removesuffix(";")
