"""What the contract suite needs of a warehouse under test: the two schemas, a door for us, a door for dbt."""

from collections.abc import Iterable
from pathlib import Path
from typing import Any, Protocol

import duckdb

from flows.contract import SchemaPair
from flows.warehouse.base import Environment, Release, Warehouse
from flows.warehouse.duckdb.dialect import quote
from flows.warehouse.duckdb.warehouse import DuckDBWarehouse

STAGING, PRODUCTION = Environment.STAGING, Environment.PRODUCTION


class World(Protocol):
    """One target in one kind of warehouse."""

    def warehouse(self) -> Warehouse:
        """A warehouse that is not open yet."""

    def execute(self, *statements: str) -> None:
        """Run statements as their owner does, with the warehouse closed. `{p}` and `{s}` stand for the schemas, `{P}`
        and `{S}` for those of the further pair, if there is one."""

    @property
    def home(self) -> str:
        """Production's further schema, as the names of its relations begin."""


class DuckDBWorld:
    """A target in a DuckDB file."""

    def __init__(
        self, folder: Path, *, production: str = "dwh", staging: str = "develop_dwh", is_twofold: bool = False
    ) -> None:
        self.path = folder / "shop.duckdb"
        self.production, self.staging = production, staging
        further = SchemaPair(production=f"{production}_marts", staging=f"{staging}_marts")
        self.further = (further,) if is_twofold else ()

    @property
    def home(self) -> str:
        """Production's further schema."""
        return self.further[0].production

    def warehouse(self, **options: Any) -> DuckDBWarehouse:
        """A warehouse that is not open yet."""
        return DuckDBWarehouse(
            self.path, production=self.production, staging=self.staging, further=self.further, **options
        )

    def execute(self, *statements: str) -> None:
        """Run statements as their owner does. `{p}` and `{s}` stand for the quoted schemas."""
        self.rows(*statements)

    def rows(self, *statements: str) -> list[tuple[Any, ...]]:
        """Run statements on a connection of our own; gives the rows of the last."""
        found: list[tuple[Any, ...]] = []
        with duckdb.connect(str(self.path)) as connection:
            for statement in statements:
                text = statement.replace("{p}", quote(self.production)).replace("{s}", quote(self.staging))
                for pair in self.further:
                    text = text.replace("{P}", quote(pair.production)).replace("{S}", quote(pair.staging))
                found = connection.execute(text).fetchall()
        return found

    def content(self) -> list[tuple[Any, ...]]:
        """Every definition and every row of the file, to compare with another moment."""
        with duckdb.connect(str(self.path)) as connection:
            found = connection.execute(
                "SELECT schema_name, table_name, sql, comment FROM duckdb_tables() "
                "UNION ALL SELECT schema_name, view_name, sql, comment FROM duckdb_views() WHERE NOT internal "
                "UNION ALL SELECT schema_name, index_name, sql, comment FROM duckdb_indexes() "
                "UNION ALL SELECT schema_name, table_name, column_name, comment FROM duckdb_columns() "
                "WHERE NOT internal ORDER BY ALL"
            ).fetchall()
            tables = connection.execute("SELECT schema_name, table_name FROM duckdb_tables() ORDER BY ALL").fetchall()
            rows = [
                (name, *row)
                for schema, name in tables
                for row in connection.execute(f"FROM {quote(schema)}.{quote(name)}").fetchall()
            ]
        return [*found, *rows]


def release(run: str = "run-1") -> Release:
    """A release of a run."""
    return Release(run=run, digest=f"digest of {run}", at="2025-06-01T12:00:00+00:00")


def no_guard() -> None:
    """A guard that lets everything pass."""


def publish(world: World, run: str = "run-1") -> int:
    """Exchange on behalf of the run; gives the number of statements."""
    with world.warehouse() as warehouse:
        return len(warehouse.exchange(release(run), no_guard))


def refresh(world: World) -> None:
    """Refresh staging."""
    with world.warehouse() as warehouse:
        warehouse.refresh_staging()


def rows(world: World, env: Environment, name: str) -> list[tuple[Any, ...]]:
    """All rows of a relation, sorted."""
    with world.warehouse() as warehouse:
        return sorted(warehouse.query(f"SELECT * FROM {warehouse.table(env, name)}"), key=repr)


def names(world: World, env: Environment) -> list[str]:
    """The relations of the environment."""
    with world.warehouse() as warehouse:
        return [relation.name for relation in warehouse.relations(env)]


def codes(world: World) -> Iterable[tuple[str, str]]:
    """Severity and code of every finding."""
    with world.warehouse() as warehouse:
        return [(finding.severity, finding.code) for finding in warehouse.preflight()]
