"""A small dbt project on DuckDB, and a Prefect server that the flow under test talks to."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from prefect.settings import PREFECT_FLOWS_HEARTBEAT_FREQUENCY, PREFECT_LOGGING_LEVEL, temporary_settings

from tests.flows.project import Project
from tests.prefect_http import forget_runs

if TYPE_CHECKING:
    from tests.snowflake.stand_in import StandIn


pytest.register_assert_rewrite("tests.flows.diff.warehouse_suite")


@pytest.fixture
def prefect(prefect_url: str) -> Iterator[str]:
    """This process talks to the test's Prefect server, and its runs are deleted in the end.

    The heartbeat thread costs a second per flow, so it is off.
    """
    with temporary_settings({PREFECT_FLOWS_HEARTBEAT_FREQUENCY: None, PREFECT_LOGGING_LEVEL: "ERROR"}):
        yield prefect_url
    forget_runs(prefect_url)


@pytest.fixture(scope="session")
def stand_in() -> Iterator["StandIn"]:
    """One stand-in for Snowflake; tests have schemas of their own in it."""
    from tests.snowflake.stand_in import stand_in as started  # imports the connector, which costs seconds

    with started() as found:
        yield found


@pytest.fixture
def project(tmp_path: Path) -> Project:
    """A dbt project of two models and a test, with a warehouse of its own."""
    return Project.create(tmp_path)


@pytest.fixture
def production(project: Project) -> Callable[[], dict[str, list[tuple[object, ...]]]]:
    """Reads what production holds: table -> sorted rows."""

    def read() -> dict[str, list[tuple[object, ...]]]:
        return project.contents("dwh")

    return read
