"""From dbt's connection to the warehouse that can publish it; adapters are imported only when they are needed."""

from pathlib import Path

from flows.contract import Target
from flows.dbt_profile import Connection
from flows.settings import SettingsError
from flows.warehouse.base import Warehouse


def open_warehouse(connection: Connection, target: Target) -> Warehouse:
    """The warehouse of this target, to be entered with `with`. Raises SettingsError if there is no adapter for it."""
    if target.warehouse == "duckdb":
        from flows.warehouse.duckdb import DuckDBWarehouse

        return DuckDBWarehouse(Path(connection.credentials.path), production=target.production, staging=target.staging)
    message = f"Not started. There is no adapter for `{target.warehouse}` in this version. Accepted: duckdb."
    raise SettingsError(message)
