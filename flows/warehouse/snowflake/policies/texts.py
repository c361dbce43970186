"""Pure: which policies and tags a table's or view's own DDL tells of, also those whose names are hidden."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

from sqlglot import Token, TokenType, tokenize
from sqlglot.errors import SqlglotError

TAG: Final = "TAG"

_KINDS: Final = ("ROW ACCESS", "STORAGE LIFECYCLE", "MASKING", "PROJECTION", "AGGREGATION", "JOIN", "PRIVACY")
_HIDDEN_TAG: Final = re.compile(r"#UNKNOWN_TAG\s*=\s*'#UNKNOWN_VALUE'?", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Clause:
    """One policy or set of tags, as GET_DDL tells it.

    `kind` is as in `MASKING POLICY`, or TAG. `column` is empty where it is on the whole relation. `using` are the
    columns of a conditional masking policy, or of a row access policy. `is_hidden`: this role is not shown the name.
    `span` is where in the `readable` text the name stands, or all the tags.
    """

    kind: str
    column: str
    using: tuple[str, ...] = ()
    is_hidden: bool = False
    span: tuple[int, int] = field(default=(0, 0), compare=False)


def readable(ddl: str) -> str:
    """The text as a tokenizer can read it: hidden tags come with a quote that does not end."""
    return _HIDDEN_TAG.sub("#UNKNOWN_TAG=''", ddl)


def clauses(ddl: str) -> tuple[Clause, ...]:
    """The policies and tags in the text of CREATE TABLE or CREATE VIEW. Raises ValueError where it cannot be read.

    Documented: each is introduced by WITH, and where this role may not see it, its name is #UNKNOWN_POLICY or
    #UNKNOWN_TAG. https://docs.snowflake.com/en/sql-reference/functions/get_ddl
    """
    if not any(word in ddl.upper() for word in ("POLICY", TAG)):
        return ()
    try:
        tokens = tokenize(readable(ddl), read="snowflake")
    except SqlglotError as error:
        raise ValueError("the text cannot be read") from error
    return tuple(_clauses(tokens))


def _clauses(tokens: list[Token]) -> Iterator[Clause]:
    depth, column = 0, ""
    for place, token in enumerate(tokens):
        if token.token_type is TokenType.L_PAREN:
            depth += 1
            column = _name(tokens, place + 1) if depth == 1 and not column else column
        elif token.token_type is TokenType.R_PAREN:
            depth -= 1
        elif depth == 0 and token.token_type is TokenType.ALIAS:
            return  # the query of a view
        elif depth == 1 and token.token_type is TokenType.COMMA:
            column = _name(tokens, place + 1)
        elif kind := _kind(tokens, place):
            yield _clause(tokens, place, kind, column=column if depth else "")


def _kind(tokens: list[Token], place: int) -> str:
    """The kind that ends with this token; empty for none."""
    if _is_name(tokens[place]):
        return ""
    if tokens[place].text.upper() == TAG and _at(tokens, place + 1) == "(":
        return TAG
    if tokens[place].text.upper() != "POLICY":
        return ""
    words = " ".join(token.text.upper() for token in tokens[max(0, place - 2) : place])
    return next((f"{kind} POLICY" for kind in _KINDS if words.endswith(kind)), "")


def _clause(tokens: list[Token], place: int, kind: str, *, column: str) -> Clause:
    if kind == TAG:
        inside = _parenthesis(tokens, place + 1)
        is_hidden = any(token.text.upper() == "UNKNOWN_TAG" for token in inside)
        return Clause(kind, column, is_hidden=is_hidden, span=_span(inside))
    first = after = place + 1
    is_hidden = _at(tokens, after) == "#"
    while after < len(tokens) and (_at(tokens, after) in ("#", ".") or _at(tokens, after + 1) == "."):
        after += 1
    using: list[Token] = []
    if _at(tokens, after + 1) in ("USING", "ON"):
        using = _parenthesis(tokens, after + 2)
    columns = tuple(_text(token) for token in using if token.text != ",")
    return Clause(kind, column, columns, is_hidden=is_hidden, span=_span(tokens[first : after + 1]))


def _span(tokens: list[Token]) -> tuple[int, int]:
    return (tokens[0].start, tokens[-1].end + 1) if tokens else (0, 0)


def _parenthesis(tokens: list[Token], place: int) -> list[Token]:
    """What stands between this parenthesis and its end; names hold none."""
    if _at(tokens, place) != "(":
        return []
    end = next((n for n in range(place, len(tokens)) if tokens[n].token_type is TokenType.R_PAREN), len(tokens))
    return tokens[place + 1 : end]


def _at(tokens: list[Token], place: int) -> str:
    if place >= len(tokens) or _is_name(tokens[place]):
        return ""
    return tokens[place].text.upper()


def _name(tokens: list[Token], place: int) -> str:
    return _text(tokens[place]) if place < len(tokens) else ""


def _text(token: Token) -> str:
    return token.text if _is_name(token) else token.text.upper()


def _is_name(token: Token) -> bool:
    return token.token_type in (TokenType.IDENTIFIER, TokenType.STRING)
