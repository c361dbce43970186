"""Fixtures of the warehouse tests."""

from pathlib import Path

import pytest

from tests.flows.warehouse.world import DuckDBWorld, refresh

pytest.register_assert_rewrite("tests.flows.warehouse.contract_suite", "tests.flows.warehouse.several_suite")


@pytest.fixture
def world(tmp_path: Path) -> DuckDBWorld:
    """An empty target: a file with both schemas."""
    found = DuckDBWorld(tmp_path)
    refresh(found)
    return found
