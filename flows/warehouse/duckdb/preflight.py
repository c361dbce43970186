"""What would make an exchange inside a DuckDB file unsafe or incomplete, found before anyone is asked."""

from collections.abc import Iterable, Iterator, Sequence

from flows.contract import Finding, SchemaPair
from flows.warehouse.duckdb.catalog import Schema, key, read_schema
from flows.warehouse.duckdb.ddl import table_names_schema
from flows.warehouse.duckdb.dialect import literal
from flows.warehouse.duckdb.session import Session
from flows.warehouse.duckdb.view_findings import find_view_problems, finding


def find_problems(session: Session, pairs: Sequence[SchemaPair]) -> tuple[Finding, ...]:
    """All findings about the pairs of a target, blockers first. Raises WarehouseError."""
    if ambiguous := find_ambiguous(session, [name for pair in pairs for name in (pair.production, pair.staging)]):
        return ambiguous  # nothing in such a schema can be named, so nothing else can be asked
    both = [(read_schema(session.rows, pair.production), read_schema(session.rows, pair.staging)) for pair in pairs]
    stagings = [pair.staging for pair in pairs]
    found = [*find_view_problems(session, both)]
    for old, new in both:
        found += _tables(old, is_staging=False, stagings=stagings)
        found += _tables(new, is_staging=True, stagings=stagings)
        found += _left_behind(session, new)
        found += _triggers(session, (old, new))
    return tuple(sorted(found, key=lambda found: found.severity))


def find_ambiguous(session: Session, schemas: Iterable[str]) -> tuple[Finding, ...]:
    """A blocker for each schema that has the name of a database: the stem of the file's name, `temp`, `system`."""
    databases = {key(name) for (name,) in session.rows("SELECT database_name FROM duckdb_databases()")}
    return tuple(
        finding(
            "blocker",
            "schema_name_ambiguous",
            schema,
            "is the name of a schema and of a database too, so DuckDB refuses every name that begins with it",
            "Rename the DuckDB file: its name without the ending must not be the name of a schema.",
        )
        for schema in schemas
        if key(schema) in databases
    )


def _tables(schema: Schema, *, is_staging: bool, stagings: Sequence[str]) -> Iterator[Finding]:
    for name, table in schema.tables.items():
        if name in table.parents:
            yield finding(
                "blocker",
                "self_foreign_key",
                f"{schema.name}.{table.name}",
                "has a foreign key to itself, which DuckDB checks row by row, so its rows cannot be copied at once",
                "Drop the foreign key, or test the relationship with dbt.",
            )
        named = [name for name in stagings if is_staging and table_names_schema(table.sql, name)]
        if named:
            yield finding(
                "blocker",
                "table_names_staging",
                f"{schema.name}.{table.name}",
                f"has a default, check or generated column that names `{named[0]}`, and production would depend on it",
                "Put the sequence or macro into a schema that is not exchanged.",
            )


def _left_behind(session: Session, staging: Schema) -> Iterator[Finding]:
    """What is in staging and stays there: DuckDB cannot move it, and dbt does not make it."""
    here = f"database_name = current_database() AND schema_name = {literal(staging.name)}"
    found = session.rows(
        f"SELECT DISTINCT 'macro', function_name FROM duckdb_functions() WHERE {here} AND NOT internal "
        f"UNION SELECT 'sequence', sequence_name FROM duckdb_sequences() WHERE {here} AND NOT temporary "
        f"UNION SELECT 'type', type_name FROM duckdb_types() WHERE {here} AND NOT internal ORDER BY ALL"
    )
    for kind, name in found:
        yield finding(
            "warning",
            f"{kind}_stays",
            f"{staging.name}.{name}",
            f"is a {kind}, and stays in staging",
            f"Make the {kind} in production, or in a schema that is not exchanged.",
        )


def _triggers(session: Session, schemas: tuple[Schema, ...]) -> Iterator[Finding]:
    homes = ", ".join(literal(schema.name) for schema in schemas)
    found = session.rows(
        "SELECT schema_name, table_name, trigger_name FROM duckdb_triggers() "
        f"WHERE database_name = current_database() AND schema_name IN ({homes}) ORDER BY ALL"
    )
    for schema, table, trigger in found:
        yield finding(
            "blocker",
            "trigger_lost",
            f"{schema}.{table}",
            f"has the trigger `{trigger}`, which the exchange would lose",
            "Drop the trigger.",
        )
