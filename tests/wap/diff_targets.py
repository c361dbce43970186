"""A dbt project with production and staging in DuckDB, and one in Snowflake's stand-in, for `wap diff TABLE`."""

import json
from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import duckdb

from tests.snowflake.stand_in import StandIn
from tests.wap.conftest import Answer, diff


class DiffTarget(Protocol):
    """A folder with wap.toml, a dbt project and a profile, and the door to its warehouse."""

    @property
    def folder(self) -> Path: ...

    def execute(self, *statements: str) -> list[tuple[Any, ...]]:
        """Run statements; `{p}` and `{s}` stand for the schemas. Gives the rows of the last."""


@dataclass(frozen=True, slots=True)
class DuckDBTarget:
    """One file."""

    folder: Path

    def execute(self, *statements: str) -> list[tuple[Any, ...]]:
        found: list[tuple[Any, ...]] = []
        with duckdb.connect(str(self.folder / "shop.duckdb")) as connection:
            for statement in statements:
                found = connection.execute(statement.format(p="dwh", s="develop_dwh")).fetchall()
        return found


@dataclass(frozen=True, slots=True)
class SnowflakeTarget:
    """Two schemas of the stand-in, owned by ACCOUNTADMIN."""

    folder: Path
    stand_in: StandIn

    def execute(self, *statements: str) -> list[tuple[Any, ...]]:
        found: list[tuple[Any, ...]] = []
        with closing(self.stand_in.connect()) as connection:
            for statement in statements:
                found = connection.cursor().execute(statement.format(p="DWH", s="DEVELOP_DWH")).fetchall()
        return found


def lay_out(folder: Path, output: Mapping[str, Any], *, settings: str = "") -> None:
    """Write the project, the profile with this output, and wap.toml with more `settings`."""
    folder.mkdir(exist_ok=True)
    (folder / "dbt_project.yml").write_text("name: shop\nversion: '1.0'\nprofile: shop\n")
    profile = {"shop": {"target": "prod", "outputs": {"prod": dict(output)}}}
    (folder / "profiles.yml").write_text(json.dumps(profile))
    (folder / "wap.toml").write_text(f'[dbt]\nproject = "."\n[policy]\napprovers = ["U0MINA"]\n{settings}')


def leave_manifest(folder: Path, *, table: str = "orders", **config: Any) -> None:
    """What dbt leaves of a model, with its `meta.wap`."""
    node = {
        "resource_type": "model",
        "name": table,
        "config": {"materialized": "table"},
        "meta": {"wap": config},
        "columns": {},
    }
    (folder / "target").mkdir(exist_ok=True)
    (folder / "target" / "manifest.json").write_text(json.dumps({"nodes": {f"model.shop.{table}": node}}))


def diff_in(target: DiffTarget, *arguments: str) -> Answer:
    """Run `wap diff` on a table of the target."""
    return diff(*arguments, "--config", str(target.folder / "wap.toml"))
