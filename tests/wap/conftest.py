"""A DuckDB file with two versions of a table, and `wap diff` as a person runs it."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import pytest
from typer.testing import CliRunner

from wap.cli import app

TABLES = """
    CREATE SCHEMA dwh;
    CREATE SCHEMA develop_dwh;
    CREATE TABLE dwh.orders AS SELECT * FROM (VALUES (1, 10.0, 'open'), (2, 20.0, 'open'), (3, 30.0, 'paid'))
        AS t(order_id, amount, status);
    CREATE TABLE develop_dwh.orders AS SELECT * FROM (VALUES (1, 10.0, 'open'), (2, 25.0, 'open'), (4, 40.0, 'paid'))
        AS t(order_id, amount, status);
    CREATE TABLE dwh.customers AS SELECT 1 AS id, 'Mina' AS name;
    CREATE TABLE develop_dwh.customers AS FROM dwh.customers;
"""


@dataclass(frozen=True, slots=True)
class Answer:
    """How the command ended, and what it wrote where."""

    code: int
    out: str
    err: str

    @property
    def document(self) -> dict[str, Any]:
        """What `--json` printed."""
        found: dict[str, Any] = json.loads(self.out)
        return found


@pytest.fixture
def make(tmp_path: Path) -> Callable[[str], Path]:
    """Makes a DuckDB file out of SQL."""

    def made(sql: str) -> Path:
        path = tmp_path / "shop.duckdb"
        with duckdb.connect(str(path)) as connection:
            connection.execute(sql)
        return path

    return made


@pytest.fixture
def shop(make: Callable[[str], Path]) -> Path:
    """Orders with one row added, one removed, one changed; customers that are equal."""
    return make(TABLES)


def diff(*arguments: str) -> Answer:
    """Run `wap diff` in this process."""
    found = CliRunner().invoke(app, ["diff", *arguments], catch_exceptions=False)
    return Answer(found.exit_code, found.stdout, found.stderr)


def diff_two(database: Path, *more: str, before: str = "dwh.orders", after: str = "develop_dwh.orders") -> Answer:
    """Run `wap diff` on two tables of a file."""
    return diff("--production", before, "--staging", after, "--database", str(database), *more)
