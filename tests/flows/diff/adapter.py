"""A small DuckDB warehouse for the tests of the diff: two schemas in one database, SQL seen by the test."""

from collections.abc import Sequence
from typing import Any, Self, cast

import duckdb

from flows.contract import Column, TableDiff
from flows.diff import DiffSettings, Key, diff_schemas
from flows.warehouse.base import Environment, Relation, Warehouse, WarehouseError
from flows.warehouse.duckdb.dialect import DuckDBDialect

SCHEMAS = {Environment.PRODUCTION: "dwh", Environment.STAGING: "develop_dwh"}


class Memory:
    """A warehouse in memory. `statements` holds what was asked, `answers` what came back, in order."""

    def __init__(self) -> None:
        self.connection = duckdb.connect()
        self.connection.execute("SET TimeZone = 'UTC'")
        self.dialect = DuckDBDialect()
        self.statements: list[str] = []
        self.answers: list[str] = []
        self._refused: list[str] = []
        for schema in SCHEMAS.values():
            self.connection.execute(f"CREATE SCHEMA {schema}")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self.connection.close()

    def diff(self, name: str = "t", *, key: Key | None = None, **settings: Any) -> TableDiff:
        """The diff of one table."""
        keys = {name: key} if key else {}
        tables = diff_schemas(as_warehouse(self), keys=keys, settings=DiffSettings(**settings))
        return next(table for table in tables if table.name == name)

    def run(self, *statements: str) -> None:
        """Prepare data; {p} and {s} stand for the schemas of production and staging."""
        for statement in statements:
            self.connection.execute(
                statement.replace("{p}", SCHEMAS[Environment.PRODUCTION]).replace("{s}", SCHEMAS[Environment.STAGING])
            )

    def refuse(self, text: str) -> None:
        """Fail every statement that holds the text from now on, as a warehouse that cannot do it would."""
        self._refused.append(text)

    def table(self, env: Environment, name: str) -> str:
        return f"{self.dialect.quote(SCHEMAS[env])}.{self.dialect.quote(name)}"

    def relations(self, env: Environment) -> tuple[Relation, ...]:
        rows = self.connection.execute(
            "SELECT t.table_name, t.table_type, list(c.column_name ORDER BY c.ordinal_position), "
            "list(c.data_type ORDER BY c.ordinal_position) FROM information_schema.tables t "
            "JOIN information_schema.columns c USING (table_schema, table_name) "
            "WHERE table_schema = ? GROUP BY 1, 2 ORDER BY 1",
            [SCHEMAS[env]],
        ).fetchall()
        return tuple(
            Relation(
                name,
                "view" if kind == "VIEW" else "table",
                columns=tuple(
                    Column(name=column, type=type_name) for column, type_name in zip(columns, types, strict=True)
                ),
            )
            for name, kind, columns, types in rows
        )

    def query(self, sql: str, parameters: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        self.statements.append(sql)
        if any(text in sql for text in self._refused):
            raise WarehouseError("DuckDB did not run the statement. The test said so.")
        try:
            rows = self.connection.execute(sql, list(parameters)).fetchall()
        except duckdb.Error as error:
            raise WarehouseError(f"DuckDB did not run the statement. {error}") from error
        self.answers.append(repr(rows))
        return rows


def as_warehouse(memory: Memory) -> Warehouse:
    """The part of a warehouse that the diff uses."""
    return cast(Warehouse, memory)
