"""The diff finds in DuckDB what it must find in every warehouse."""

from pathlib import Path

import pytest

from tests.flows.diff.warehouse_suite import *  # noqa: F403 - the suite is meant to be run by every warehouse
from tests.flows.warehouse.world import DuckDBWorld, refresh


@pytest.fixture
def world(tmp_path: Path) -> DuckDBWorld:
    """An empty target in a DuckDB file."""
    found = DuckDBWorld(tmp_path)
    refresh(found)
    return found
