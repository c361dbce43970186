"""Views and functions that the swap would leave reading the wrong schema."""

from collections.abc import Iterator, Sequence
from typing import Literal

from flows.contract import Finding
from flows.warehouse.snowflake.catalog import View, read_views
from flows.warehouse.snowflake.dialect import literal, quote
from flows.warehouse.snowflake.hidden_names import hides
from flows.warehouse.snowflake.session import Session
from flows.warehouse.snowflake.views import Home, Pair, names
from flows.warehouse.views import ViewUnreadable, references, unqualify


def find_view_problems(session: Session, pair: Pair, pairs: Sequence[Pair]) -> Iterator[Finding]:
    """Findings about the views of both schemas of a pair, and about views and functions elsewhere that name its
    staging. `pairs` are all that are published together."""
    production, staging = pair.production, pair.staging
    old = read_views(session, production.database, production.schema)
    new = read_views(session, staging.database, staging.schema)
    for home, views in ((staging, new), (production, old)):
        for view in views:
            yield from _unreadable(view, home)
    for view in new:
        yield from _late(view, staging)
        for other in pairs:
            if other != pair:
                yield from _late_elsewhere(view, staging, other)
            yield from _beyond_repair(view, staging, other)
            yield from _crossing(view, staging, other)
    for view in old:
        for other in pairs:
            yield from _reading_staging(view, production, other)
    yield from _outside(session, pair, pairs)
    for database in dict.fromkeys((staging.database, production.database)):
        yield from _functions(session, pair, database)


def _unreadable(view: View, home: Home) -> Iterator[Finding]:
    if not view.sql:
        yield _finding(
            "blocker",
            "view_hidden",
            home,
            view.name,
            "has a text that this role may not read, so nobody can say which schema it reads",
            "Let the role that publishes own the view.",
        )
        return
    try:
        references(view.sql, "snowflake")
    except ViewUnreadable:
        yield _finding(
            "blocker",
            "view_unreadable",
            home,
            view.name,
            "is written in SQL that cannot be parsed here, so nobody can say which schema it would read",
            "Write the view more plainly, or make it a table.",
        )


def _hides(sql: str, home: Home, other: Home) -> bool:
    return hides(sql, home, other.schema, database=other.database)


def _beyond_repair(view: View, home: Home, pair: Pair) -> Iterator[Finding]:
    if _hides(view.sql, home, pair.staging):
        yield _finding(
            "blocker",
            "view_beyond_repair",
            home,
            view.name,
            f"names `{pair.staging.shown}` for a stage, a sequence or the like, or in a text that is a name, so after "
            "the swap it would show readers what nobody has approved",
            "Leave the schema out there, or make it a table.",
        )


def _late(view: View, staging: Home) -> Iterator[Finding]:
    """Views that can only be put right after the swap: for that moment they show the release before."""
    if names(view.sql, staging, staging) and _unqualified(view, staging) is None:
        yield _finding(
            "warning",
            "view_repaired_late",
            staging,
            view.name,
            "names its own schema where leaving it out would mean something else (a CTE of the same name, or a "
            "function), so it shows the release before until it is put right a moment after the swap",
            "Give the CTE another name.",
        )


def _late_elsewhere(view: View, staging: Home, other: Pair) -> Iterator[Finding]:
    """Views across schemas have to name them, and can only be put right after both swaps."""
    if names(view.sql, staging, other.staging):
        yield _finding(
            "warning",
            "view_repaired_late",
            staging,
            view.name,
            f"reads another schema (`{other.staging.shown}`), so it shows the release before until it is put right a "
            "moment after the swaps",
            "Make it a table, or put it into the schema that it reads.",
        )


def _unqualified(view: View, home: Home) -> str | None:
    try:
        return unqualify(view.sql, home.schema, "snowflake", catalog=home.database)
    except ViewUnreadable:
        return view.sql  # told by a finding of its own


def _crossing(view: View, staging: Home, pair: Pair) -> Iterator[Finding]:
    production = pair.production
    if names(view.sql, staging, production):
        yield _finding(
            "warning",
            "view_reads_other_side",
            staging,
            view.name,
            f"reads `{production.shown}` by name, and after the swap that is its own side",
            f"Let the view read `{pair.staging.shown}`.",
        )


def _reading_staging(view: View, production: Home, pair: Pair) -> Iterator[Finding]:
    staging = pair.staging
    if names(view.sql, production, staging) or _hides(view.sql, production, staging):
        yield _finding(
            "blocker",
            "production_reads_staging",
            production,
            view.name,
            f"reads `{staging.shown}`, so readers of production see what nobody has approved",
            f"Let the view read `{pair.production.shown}`.",
        )


def _outside(session: Session, pair: Pair, pairs: Sequence[Pair]) -> Iterator[Finding]:
    """Views elsewhere in the database that read staging."""
    production, staging = pair.production, pair.staging
    homes = ", ".join(literal(home.schema) for one in pairs for home in (one.production, one.staging))
    found = session.rows(
        "SELECT TABLE_SCHEMA AS H, TABLE_NAME AS N, VIEW_DEFINITION AS D "
        f"FROM {quote(staging.database)}.INFORMATION_SCHEMA.VIEWS WHERE TABLE_SCHEMA NOT IN "
        f"({homes}, 'INFORMATION_SCHEMA') "
        f"AND POSITION({literal(staging.schema.upper())} IN UPPER(VIEW_DEFINITION)) > 0 "
        "ORDER BY TABLE_SCHEMA, TABLE_NAME"
    )
    for schema, name, sql in found:
        home = Home(staging.database, schema)
        if sql and (names(sql, home, staging) or _hides(sql, home, staging)):
            yield _finding(
                "warning",
                "view_outside_reads_staging",
                home,
                name,
                f"reads `{staging.shown}`, and after the swap that is the release before",
                f"Let the view read `{production.shown}`.",
            )


def _functions(session: Session, pair: Pair, database: str) -> Iterator[Finding]:
    """Functions travel with their schema, and what they name does not change."""
    production, staging = pair.production, pair.staging
    word = staging.database if pair.swaps_databases else staging.schema
    for schema, name in session.rows(
        "SELECT FUNCTION_SCHEMA AS H, FUNCTION_NAME AS N "
        f"FROM {quote(database)}.INFORMATION_SCHEMA.FUNCTIONS WHERE FUNCTION_SCHEMA IN "
        f"({literal(production.schema)}, {literal(staging.schema)}) "
        f"AND POSITION({literal(word.upper())} IN UPPER(FUNCTION_DEFINITION)) > 0 "
        "ORDER BY FUNCTION_SCHEMA, FUNCTION_NAME"
    ):
        yield _finding(
            "warning",
            "function_names_staging",
            Home(database, schema),
            name,
            f"holds the name `{word}` in its text, and would go on reading staging",
            "Leave the schema out of the function's text, or put the function into a schema that is not swapped.",
        )


def _finding(
    severity: Literal["blocker", "warning"], code: str, home: Home, name: str, consequence: str, remedy: str
) -> Finding:
    return Finding(severity=severity, code=code, object=f"{home.shown}.{name}", consequence=consequence, remedy=remedy)
