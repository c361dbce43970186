"""Views that the exchange cannot move, or that would read the wrong side after it."""

from collections.abc import Iterator
from typing import Literal

from flows.contract import Finding
from flows.warehouse.base import WarehouseError
from flows.warehouse.duckdb_catalog import Schema, View, key
from flows.warehouse.duckdb_ddl import literals_naming
from flows.warehouse.duckdb_dialect import literal
from flows.warehouse.duckdb_session import Session
from flows.warehouse.duckdb_tables import qualified
from flows.warehouse.duckdb_views import in_order, is_readable
from flows.warehouse.views import references, relations_named


def find_view_problems(session: Session, *, production: Schema, staging: Schema) -> Iterator[Finding]:
    """Findings about the views of both sides, and about views elsewhere in the file that read staging."""
    yield from _unbound(session, staging, severity="blocker")
    yield from _unbound(session, production, severity="warning")
    for source, into in ((staging, production), (production, staging)):
        yield from _crossing(source, into=into)
        yield from _circles(source, into=into)
    yield from _outside(session, production, staging)
    for view in staging.views.values():
        yield from _leaning(view, staging)


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


def _crossing(source: Schema, *, into: Schema) -> Iterator[Finding]:
    """Views of one side that name the other: after the move they read their own side."""
    for view in source.views.values():
        if not is_readable(view):
            continue
        named = {name for home, name in relations_named(view.sql, "duckdb") if home == key(into.name)}
        missing = sorted(named - source.tables.keys() - source.views.keys())
        if missing:
            yield finding(
                "blocker",
                "view_loses_relation",
                _name(source, view),
                f"reads `{into.name}.{missing[0]}`, which would not be there after the exchange",
                f"Let the view read `{source.name}`.",
            )
        elif named:
            yield finding(
                "warning",
                "view_reads_other_side",
                _name(source, view),
                f"reads `{into.name}` by name, and after the exchange that is its own side",
                f"Let the view read `{source.name}`.",
            )


def _circles(source: Schema, *, into: Schema) -> Iterator[Finding]:
    try:
        in_order(source, schema=into.name)
    except WarehouseError as error:
        yield finding(
            "blocker",
            "views_in_a_circle",
            source.name,
            f"has views that could not be moved: {error}",
            f"Let them read `{source.name}`.",
        )


def _outside(session: Session, production: Schema, staging: Schema) -> Iterator[Finding]:
    """Views elsewhere in the file that read staging."""
    homes = ", ".join(literal(schema.name) for schema in (production, staging))
    found = session.rows(
        "SELECT schema_name, view_name, sql FROM duckdb_views() WHERE database_name = current_database() "
        f"AND NOT internal AND NOT temporary AND schema_name NOT IN ({homes}) ORDER BY ALL"
    )
    for schema, name, sql in found:
        if _may_read(View(name=name, sql=sql, comments=()), staging):
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


def _leaning(view: View, staging: Schema) -> Iterator[Finding]:
    """Views that would go on needing something in staging."""
    if is_readable(view) and any(
        place.kind == "function" and place.schema == key(staging.name) for place in references(view.sql, "duckdb")
    ):
        yield finding(
            "blocker",
            "view_calls_staging",
            _name(staging, view),
            f"calls a macro in `{staging.name}`, and production would depend on it",
            "Put the macro into a schema that is not exchanged.",
        )
    for text in literals_naming(view.sql, staging.name)[:1]:
        yield finding(
            "warning",
            "view_text_names_staging",
            _name(staging, view),
            f"holds the text '{text}', which would go on meaning staging if it is used as a name",
            "If the text is a name, name something in a schema that is not exchanged.",
        )


def _name(schema: Schema, view: View) -> str:
    return f"{schema.name}.{view.name}"
