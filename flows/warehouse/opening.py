"""From dbt's connection to the warehouse that can publish it; adapters are imported only when they are needed."""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, assert_never

from flows.contract import SchemaPair, Target
from flows.dbt_project.profile import Connection, snowflake_login
from flows.warehouse.base import Warehouse
from flows.warehouse.places import PlaceReader

if TYPE_CHECKING:
    from flows.warehouse.snowflake.session import Access


def open_warehouse(
    connection: Connection, target: Target, *, run: str = "", watch: Callable[[], None] = lambda: None
) -> Warehouse:
    """The warehouse of this target, to be entered with `with`. Nothing is connected before that.

    `run` names the run in the warehouse's own history of queries, where it has one. While a query of a warehouse
    elsewhere takes long, `watch` is called every now and then; what it raises ends the query.
    """
    match target.warehouse:
        case "duckdb":
            from flows.warehouse.duckdb.warehouse import DuckDBWarehouse

            path = Path(connection.credentials.path)
            return DuckDBWarehouse(path, production=target.production, staging=target.staging, further=target.further)
        case "snowflake":
            from flows.warehouse.snowflake.warehouse import SnowflakeWarehouse

            return SnowflakeWarehouse(snowflake_access(connection, target, run=run, watch=watch))
        case _:
            assert_never(target.warehouse)


def open_reader(connection: Connection, target: Target) -> PlaceReader:
    """What reads the tables of this target and can change nothing, to be entered with `with`."""
    match target.warehouse:
        case "duckdb":
            from flows.warehouse.duckdb.reader import DuckDBReader

            return DuckDBReader(Path(connection.credentials.path))
        case "snowflake":
            from flows.warehouse.snowflake.audit_role import auditing
            from flows.warehouse.snowflake.reader import SnowflakeReader

            return SnowflakeReader(auditing(snowflake_access(connection, target, run="diff")))
        case _:
            assert_never(target.warehouse)


def snowflake_access(
    connection: Connection, target: Target, *, run: str = "", watch: Callable[[], None] = lambda: None
) -> "Access":
    """How to log in to Snowflake for this target; nothing is connected yet."""
    from flows.warehouse.snowflake.catalog import folded
    from flows.warehouse.snowflake.errors import Facts
    from flows.warehouse.snowflake.session import Access

    credentials = connection.credentials
    staging_database = folded(target.staging_database)

    def staging(pair: SchemaPair) -> str:
        name = folded(target.staging_schema(pair))
        return f"{staging_database}.{name}" if staging_database else name

    facts = Facts(
        account=credentials.account,
        user=credentials.user or "",
        role=credentials.role or "",
        warehouse=credentials.warehouse or "",
        database=folded(credentials.database),
        production=folded(target.production),
        staging=staging(target.pairs[0]),
        timeout_seconds=connection.options.statement_timeout_seconds,
        further=tuple(SchemaPair(production=folded(pair.production), staging=staging(pair)) for pair in target.further),
        audit_role=folded(connection.options.audit_role),
        staging_database=staging_database,
    )
    return Access(lambda: snowflake_login(connection), facts, tag=f"wap:{run}" if run else "wap", watch=watch)
