"""Views that the exchange cannot move, or that would read the wrong side after it."""

from collections.abc import Iterator, Sequence
from typing import Literal

from flows.contract import Finding
from flows.warehouse.base import WarehouseError
from flows.warehouse.duckdb.catalog import Schema, View, key
from flows.warehouse.duckdb.ddl import literals_naming
from flows.warehouse.duckdb.dialect import literal
from flows.warehouse.duckdb.session import Session
from flows.warehouse.duckdb.tables import qualified
from flows.warehouse.duckdb.views import Move, in_order, is_readable
from flows.warehouse.views import references, relations_named

Moved = tuple[Schema, Schema]
"""A schema, and the one that its views go to."""


def find_view_problems(session: Session, pairs: Sequence[tuple[Schema, Schema]]) -> Iterator[Finding]:
    """Findings about the views of all pairs (production, staging), and about views elsewhere in the file that read
    staging."""
    for production, staging in pairs:
        yield from _unbound(session, staging, severity="blocker")
        yield from _unbound(session, production, severity="warning")
    for moves in ([(new, old) for old, new in pairs], list(pairs)):
        yield from _crossing(moves)
        yield from _circles(moves)
    yield from _outside(session, pairs)
    for _, staging in pairs:
        for view in staging.views.values():
            yield from _leaning(view, staging, [new for _, new in pairs])


def finding(severity: Literal["blocker", "warning"], code: str, name: str, consequence: str, remedy: str) -> Finding:
    """A finding in one line."""
    return Finding(severity=severity, code=code, object=name, consequence=consequence, remedy=remedy)


def _unbound(session: Session, schema: Schema, *, severity: Literal["blocker", "warning"]) -> Iterator[Finding]:
    """Views that DuckDB or our parser cannot read. They cannot be re-created, so they cannot be moved."""
    for view in schema.views.values():
        if not is_readable(view):
            yield finding(
                "blocker",
                "view_unreadable",
                _name(schema, view),
                "is written in SQL that cannot be parsed here, so nobody can say which schema it would read",
                "Write the view more plainly, or make it a table.",
            )
        elif not session.is_valid(f"SELECT * FROM {qualified(schema.name, view.name)}"):
            consequence = "cannot be read: what it reads is gone or has changed"
            if severity == "warning":
                consequence += "; it would be dropped, and a rollback would not bring it back"
            yield finding(severity, "view_broken", _name(schema, view), consequence, "Correct the view, or drop it.")


def _crossing(moves: Sequence[Moved]) -> Iterator[Finding]:
    """Views of one side that name the other: after the move they read their own side."""
    for home, _ in moves:
        for view in home.views.values():
            if is_readable(view):
                for source, into in moves:
                    yield from _crossing_into(view, home, source=source, into=into)


def _crossing_into(view: View, home: Schema, *, source: Schema, into: Schema) -> Iterator[Finding]:
    named = {name for schema, name in relations_named(view.sql, "duckdb") if schema == key(into.name)}
    missing = sorted(named - source.tables.keys() - source.views.keys())
    if missing:
        yield finding(
            "blocker",
            "view_loses_relation",
            _name(home, view),
            f"reads `{into.name}.{missing[0]}`, which would not be there after the exchange",
            f"Let the view read `{source.name}`.",
        )
    elif named:
        yield finding(
            "warning",
            "view_reads_other_side",
            _name(home, view),
            f"reads `{into.name}` by name, and after the exchange that is its own side",
            f"Let the view read `{source.name}`.",
        )


def _circles(moves: Sequence[Moved]) -> Iterator[Finding]:
    try:
        in_order([Move(source, into.name) for source, into in moves])
    except WarehouseError as error:
        sources = "` and `".join(source.name for source, _ in moves)
        yield finding(
            "blocker",
            "views_in_a_circle",
            moves[0][0].name,
            f"has views that could not be moved: {error}",
            f"Let them read `{sources}`.",
        )


def _outside(session: Session, pairs: Sequence[tuple[Schema, Schema]]) -> Iterator[Finding]:
    """Views elsewhere in the file that read staging."""
    homes = ", ".join(literal(schema.name) for pair in pairs for schema in pair)
    found = session.rows(
        "SELECT schema_name, view_name, sql FROM duckdb_views() WHERE database_name = current_database() "
        f"AND NOT internal AND NOT temporary AND schema_name NOT IN ({homes}) ORDER BY ALL"
    )
    for schema, name, sql in found:
        for production, staging in pairs:
            if not _may_read(View(name=name, sql=sql, comments=()), staging):
                continue
            yield finding(
                "warning",
                "outside_view_reads_staging",
                f"{schema}.{name}",
                f"reads `{staging.name}`, and after the exchange that is the previous release",
                f"Let the view read `{production.name}`.",
            )


def _may_read(view: View, schema: Schema) -> bool:
    """Whether the view reads the schema; if it cannot be parsed, whether it holds the schema's name at all."""
    if not is_readable(view):
        return key(schema.name) in key(view.sql)
    return any(home == key(schema.name) for home, _ in relations_named(view.sql, "duckdb"))


def _leaning(view: View, home: Schema, stagings: Sequence[Schema]) -> Iterator[Finding]:
    """Views that would go on needing something in staging."""
    places = references(view.sql, "duckdb") if is_readable(view) else ()
    called = {place.schema for place in places if place.kind == "function"}
    for staging in stagings:
        if key(staging.name) in called:
            yield finding(
                "blocker",
                "view_calls_staging",
                _name(home, view),
                f"calls a macro in `{staging.name}`, and production would depend on it",
                "Put the macro into a schema that is not exchanged.",
            )
    for text in [text for staging in stagings for text in literals_naming(view.sql, staging.name)][:1]:
        yield finding(
            "warning",
            "view_text_names_staging",
            _name(home, view),
            f"holds the text '{text}', which would go on meaning staging if it is used as a name",
            "If the text is a name, name something in a schema that is not exchanged.",
        )


def _name(schema: Schema, view: View) -> str:
    return f"{schema.name}.{view.name}"
