"""DuckDB keeps the contract of every warehouse; the fixture `world` of this folder is a DuckDB file."""

from pathlib import Path

import pytest

from tests.flows.warehouse.contract_suite import *  # noqa: F403 - the suite is meant to be run by every warehouse
from tests.flows.warehouse.several_suite import *  # noqa: F403 - this one, too
from tests.flows.warehouse.world import DuckDBWorld, refresh


@pytest.fixture
def twofold(tmp_path: Path) -> DuckDBWorld:
    """An empty target of two pairs."""
    found = DuckDBWorld(tmp_path, is_twofold=True)
    refresh(found)
    return found
