"""Pure: which SQL only reads, judged before it is sent to Snowflake."""

from typing import Final

from sqlglot import TokenType, tokenize
from sqlglot.errors import SqlglotError

from flows.warehouse.base import WarehouseError

_READING: Final = (TokenType.SELECT, TokenType.WITH, TokenType.L_PAREN)
_CHAINING: Final = {TokenType.SEMICOLON, TokenType.DARROW}


def is_one_query(sql: str) -> bool:
    """Whether the text is exactly one statement that only reads. Snowflake has no WITH that writes.

    A pipe (->>) runs any other statement after the first, and all of them count as one.
    https://docs.snowflake.com/en/sql-reference/operators-flow
    """
    try:
        kinds = [token.token_type for token in tokenize(sql, read="snowflake")]
    except SqlglotError:
        return False
    while kinds and kinds[-1] is TokenType.SEMICOLON:
        kinds.pop()
    return bool(kinds) and kinds[0] in _READING and not _CHAINING & set(kinds)


def refuse_other(sql: str) -> None:
    """Raises WarehouseError unless the text is one statement that only reads."""
    if not is_one_query(sql):
        raise WarehouseError(f"Nothing was run. Only a single reading statement is allowed here, not: {sql[:120]}")
