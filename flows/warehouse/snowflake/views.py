"""Which views of a schema read another schema by name, and the statements that let them read their own."""

import itertools
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass

from sqlglot import Token, TokenType, tokenize

from flows.contract import SchemaPair
from flows.warehouse.base import WarehouseError
from flows.warehouse.snowflake.catalog import Home as Home
from flows.warehouse.snowflake.catalog import View, read_views
from flows.warehouse.snowflake.dialect import literal, quote
from flows.warehouse.snowflake.errors import Facts
from flows.warehouse.snowflake.policies.attached import read_attached
from flows.warehouse.snowflake.policies.ddl import revealed
from flows.warehouse.snowflake.policies.protection import refuse_unknown_columns
from flows.warehouse.snowflake.session import Session
from flows.warehouse.views import Reference, ViewUnreadable, references, requalify, unqualify


@dataclass(frozen=True, slots=True)
class Pair:
    """A schema of production, and the one of staging that takes its place."""

    production: Home
    staging: Home

    @property
    def swaps_databases(self) -> bool:
        """Whether their databases are swapped, and not they themselves."""
        return self.production.database != self.staging.database


def pairs_of(facts: Facts) -> tuple[Pair, ...]:
    """The pairs of a target, the first one first."""
    pairs = (SchemaPair(production=facts.production, staging=facts.staging), *facts.further)
    database = facts.staging_database
    if not database:
        homes = ((Home(facts.database, pair.production), Home(facts.database, pair.staging)) for pair in pairs)
        return tuple(Pair(*home) for home in homes)
    return tuple(
        Pair(
            Home(facts.database, pair.production, is_gate=pair is pairs[0]),
            Home(database, pair.production, label=pair.staging, is_gate=pair is pairs[0]),
        )
        for pair in pairs
    )


def reading(session: Session, home: Home, others: Iterable[Home]) -> tuple[View, ...]:
    """The views of `home` that name one of the schemas `others`. One that cannot be parsed counts if its text holds the
    name."""
    others = tuple(others)
    views = read_views(session, home.database, home.schema)
    return tuple(view for view in views if any(names(view.sql, home, other) for other in others))


def names(sql: str, home: Home, other: Home) -> bool:
    """Whether the text of a view of `home` names the schema `other`, behind its header."""
    text = sql.upper()
    if other.schema.upper() not in text or (other.database != home.database and other.database.upper() not in text):
        return False
    try:
        return any(not place.is_header and _means(place, home, other) for place in references(sql, "snowflake"))
    except ViewUnreadable:
        return True


def _means(place: Reference, home: Home, other: Home) -> bool:
    return place.schema == other.schema and (place.catalog or home.database) == other.database


def own_names_left_out(session: Session, home: Home) -> Iterator[str]:
    """CREATE OR REPLACE VIEW for the views of `home` that can name its relations without the schema.

    Documented: what a view names without a schema is looked up in the view's own, so such a view can be swapped.
    The others are left for `pointed_home`. Raises WarehouseError about a view whose text cannot be read.
    """
    for view, ddl in _texts(session, home, (home,)):
        with _readable(home, view):
            sql = unqualify(ddl, home.schema, "snowflake", catalog=home.database)
            replacement = recreation(sql, home.name(view.name)) if sql is not None else ""
        if replacement:
            yield replacement


def pointed_home(session: Session, home: Home, schemas: Mapping[Home, Home]) -> Iterator[str]:
    """CREATE OR REPLACE VIEW for the views of `home` that name one of `schemas`: from now on they read what that is
    mapped to, which for one of them is `home` itself.

    Raises WarehouseError about a view whose text cannot be read.
    """
    for view, ddl in _texts(session, home, schemas):
        with _readable(home, view):
            for other, own in schemas.items():
                ddl = _pointed(ddl, home, other, own)
            replacement = recreation(ddl, home.name(view.name))
        yield replacement


def _pointed(ddl: str, home: Home, other: Home, own: Home) -> str:
    if own == home:
        bare = unqualify(ddl, other.schema, "snowflake", catalog=other.database)
        if bare is not None:
            return bare
    if other.database == own.database:
        return requalify(ddl, other.schema, own.schema, "snowflake", catalog=home.database)
    for place in reversed(references(ddl, "snowflake")):
        if _means(place, home, other):
            ddl = f"{ddl[: place.outer]}{quote(own.database)}.{quote(own.schema)}{ddl[place.end :]}"
    return ddl


def recreation(sql: str, name: str) -> str:
    """The CREATE VIEW as a replacement of the view of that (quoted, qualified) name that keeps its grants.

    What stands between the name and AS stays as it is: columns, policies, tags, comments.
    """
    tokens = tokenize(sql, read="snowflake")
    place = next((n for n, token in enumerate(tokens) if token.text.upper() == "VIEW"), None)
    if place is None or any(token.text.upper() == "MATERIALIZED" for token in tokens[:place]):
        raise ViewUnreadable(f"this SQL is not a view: {sql[:120]}")
    kind = " ".join(token.text.upper() for token in tokens[:place] if token.text.upper() in ("SECURE", "RECURSIVE"))
    first = place + 1
    if [token.text.upper() for token in tokens[first : first + 3]] == ["IF", "NOT", "EXISTS"]:
        first += 3
    last = first
    while last + 2 < len(tokens) and tokens[last + 1].token_type is TokenType.DOT:
        last += 2
    keep, body = _before_as(tokens, last + 1)
    header = sql[tokens[last].end + 1 : tokens[keep].start].rstrip()
    copy = "" if _copies_grants(tokens[last + 1 : keep]) else " COPY GRANTS"
    comment = sql[tokens[keep].start : tokens[body].start]
    rest = sql[tokens[body].start :].rstrip().rstrip(";").rstrip()
    return f"CREATE OR REPLACE {kind + ' ' if kind else ''}VIEW {name}{header}{copy} {comment}{rest}"


def _before_as(tokens: list[Token], start: int) -> tuple[int, int]:
    """Where COPY GRANTS goes (before the view's COMMENT, else before AS), and where AS is."""
    depth, comment = 0, None
    for place in range(start, len(tokens)):
        token = tokens[place]
        if token.token_type is TokenType.L_PAREN:
            depth += 1
        elif token.token_type is TokenType.R_PAREN:
            depth -= 1
        elif depth == 0 and token.text.upper() == "COMMENT":
            comment = place
        elif depth == 0 and token.token_type is TokenType.ALIAS:
            return (place if comment is None else comment, place)
    raise ViewUnreadable("this view has no AS")


def _copies_grants(tokens: list[Token]) -> bool:
    words = [token.text.upper() for token in tokens]
    return any(pair == ("COPY", "GRANTS") for pair in itertools.pairwise(words)) or "COPY GRANTS" in words


@contextmanager
def _readable(home: Home, view: View) -> Iterator[None]:
    try:
        yield
    except ViewUnreadable as error:
        raise WarehouseError(
            f"The SQL of view `{home.shown}.{view.name}` cannot be read, so nobody can say which schema it reads. "
            "Write the view more plainly, or make it a table."
        ) from error


def _texts(session: Session, home: Home, others: Iterable[Home]) -> Iterator[tuple[View, str]]:
    """The views of `home` that name one of `others`, as they would be created now, all by one statement.

    The catalog's own text of a view misses comments and policies that came later.
    """
    views = reading(session, home, others)
    if not views:
        return
    texts = dict(session.rows(" UNION ALL ".join(_ddl(home, place, view) for place, view in enumerate(views))))
    shown = _revealed(session, home, {view.name: str(texts.get(place) or "") for place, view in enumerate(views)})
    for view in views:
        if not shown[view.name]:
            raise WarehouseError(
                f"The text of view `{home.shown}.{view.name}` is hidden from this role, so nobody can say which "
                "schema it reads. Let the role own the view."
            )
        yield view, shown[view.name]


def _revealed(session: Session, home: Home, texts: dict[str, str]) -> dict[str, str]:
    """The texts with the names of policies and tags that this role may use and GET_DDL does not show it.

    Documented: a view cannot be created by a text that does not name them.
    """
    veiled = {name: text for name, text in texts.items() if "#UNKNOWN_" in text.upper()}
    if not veiled:
        return texts
    [attached] = read_attached(session, ((home, tuple((name, "VIEW") for name in veiled)),))
    refuse_unknown_columns(session, attached.veiled, attached, home)
    try:
        return texts | {name: revealed(text, name, attached.visible, home) for name, text in veiled.items()}
    except ValueError as error:
        raise WarehouseError(f"A view of `{home.shown}` cannot be made anew. {error}") from error


def _ddl(home: Home, place: int, view: View) -> str:
    return f"SELECT {place} AS N, GET_DDL('VIEW', {literal(home.name(view.name))}, TRUE) AS DDL"
