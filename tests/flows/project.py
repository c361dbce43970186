"""The dbt project of the flow's tests: as small as a release can be and still have a key, a view and a test."""

import json
from dataclasses import dataclass
from pathlib import Path

import duckdb

_ORDERS = """
models:
  - name: orders
    columns:
      - name: order_id
        data_tests: [unique, not_null]
"""


@dataclass(frozen=True, slots=True)
class Project:
    """A project in a folder of its own; `rows` decides what the next build holds."""

    folder: Path

    @classmethod
    def create(cls, folder: Path) -> "Project":
        """Lay the project out, with one order."""
        project = cls(folder)
        (folder / "models").mkdir()
        (folder / "dbt_project.yml").write_text(
            "name: shop\nversion: '1.0'\nprofile: shop\nflags: {send_anonymous_usage_stats: false}\n"
        )
        (folder / "profiles.yml").write_text(
            json.dumps(
                {
                    "shop": {
                        "target": "prod",
                        "outputs": {
                            "prod": {"type": "duckdb", "path": str(project.warehouse), "schema": "dwh", "threads": 1}
                        },
                    }
                }
            )
        )
        (folder / "models" / "orders.yml").write_text(_ORDERS)
        (folder / "models" / "big_orders.sql").write_text("select * from {{ ref('orders') }} where amount > 100")
        project.rows((1, 10))
        project.settings()
        return project

    @property
    def warehouse(self) -> Path:
        """The DuckDB file."""
        return self.folder / "shop.duckdb"

    @property
    def config(self) -> Path:
        """The wap.toml."""
        return self.folder / "wap.toml"

    def rows(self, *orders: tuple[int, int]) -> None:
        """The next build's orders: (order_id, amount)."""
        values = ", ".join(f"({key}, {amount})" for key, amount in orders)
        sql = f"{{{{ config(materialized='table') }}}} select * from (values {values}) as t(order_id, amount)"
        (self.folder / "models" / "orders.sql").write_text(sql)

    def settings(self, *, policy: str = "", timeout: str = "2m") -> None:
        """Write wap.toml; `policy` adds lines to its section."""
        self.config.write_text(
            f'[dbt]\nproject = "."\n[gate]\ntimeout = "{timeout}"\npoll_seconds = 0.1\n'
            f'[policy]\napprovers = ["U0MINA"]\n{policy}\n'
        )

    def contents(self, schema: str) -> dict[str, list[tuple[object, ...]]]:
        """Every table and view of the schema without the marker: name -> sorted rows."""
        if not self.warehouse.exists():
            return {}
        with duckdb.connect(str(self.warehouse)) as connection:
            names = connection.execute(
                "SELECT table_name FROM information_schema.tables "
                "WHERE table_schema = ? AND table_name <> '_wap_release'",
                [schema],
            ).fetchall()
            return {
                name: sorted(connection.execute(f'SELECT * FROM "{schema}"."{name}"').fetchall()) for (name,) in names
            }

    def execute(self, sql: str) -> None:
        """Change the warehouse behind the product's back."""
        with duckdb.connect(str(self.warehouse)) as connection:
            connection.execute(sql)
