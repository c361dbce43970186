"""Pure: where a view names a schema other than as that of a relation, column or function, which can be put right."""

from collections.abc import Iterator

from sqlglot import Token, TokenType, tokenize
from sqlglot.errors import SqlglotError

from flows.warehouse.snowflake.catalog import Home
from flows.warehouse.views import ViewUnreadable, references

_NAMING = ("IDENTIFIER", "TABLE")
"""Their text in parentheses is a name. https://docs.snowflake.com/en/sql-reference/identifier-literal"""


def hides(sql: str, home: Home, schema: str, *, database: str = "") -> bool:
    """Whether the query of a view of `home` names `schema` of the same database, or of `database`, as that of a stage,
    of a sequence or of what else has a name, or in a text that is taken for one. False where the view cannot be parsed.
    """
    if schema.upper() not in sql.upper():
        return False
    other = Home(database or home.database, schema)
    is_own = other.database == home.database
    try:
        known = {place.start for place in references(sql, "snowflake")}
        tokens = tokenize(sql, read="snowflake")
        texts = [tokenize(text, read="snowflake") for text in _named_in_texts(tokens)]
    except (ViewUnreadable, SqlglotError):
        return False
    body = _body(tokens)
    if any(tokens[place].start not in known for place in _places(tokens, other, is_own=is_own) if place >= body):
        return True
    return any(list(_places(text, other, is_own=is_own)) for text in texts)


def _body(tokens: list[Token]) -> int:
    """Where the query begins: policies and tags, which stand before it, travel with the view and are no texts."""
    depth = 0
    for place, token in enumerate(tokens):
        depth += {TokenType.L_PAREN: 1, TokenType.R_PAREN: -1}.get(token.token_type, 0)
        if depth == 0 and token.token_type is TokenType.ALIAS:
            return place
    return 0


def _places(tokens: list[Token], other: Home, *, is_own: bool) -> Iterator[int]:
    """Where the name stands before a dot: first of all, if the database `is_own`, or behind that of the database."""
    for place in range(len(tokens) - 1):
        if _name(tokens[place]) != other.schema or tokens[place + 1].token_type is not TokenType.DOT:
            continue
        before = tokens[place - 1].token_type if place else None
        is_first = is_own and before not in (TokenType.DOT, TokenType.COLON)
        if is_first or (before is TokenType.DOT and place > 1 and _name(tokens[place - 2]) == other.database):
            yield place


def _named_in_texts(tokens: list[Token]) -> Iterator[str]:
    for place in range(2, len(tokens)):
        opening, word = tokens[place - 1], tokens[place - 2]
        is_inside = tokens[place].token_type is TokenType.STRING and opening.token_type is TokenType.L_PAREN
        if is_inside and word.text.upper() in _NAMING:
            yield tokens[place].text


def _name(token: Token) -> str:
    if token.token_type is TokenType.STRING:
        return ""
    return token.text if token.token_type is TokenType.IDENTIFIER else token.text.upper()
