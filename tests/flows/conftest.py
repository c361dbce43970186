"""A small dbt project on DuckDB, and a Prefect server that the flow under test talks to."""

import shutil
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


@pytest.fixture(scope="session")
def shop_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the project of each test lies."""
    return tmp_path_factory.mktemp("shop")


@pytest.fixture
def project(shop_folder: Path) -> Project:
    """A dbt project of two models and a test, with a warehouse of its own.

    Only what dbt remembers of its parse stays from the last one. It takes it up again where paths, profile and project
    file are the same, as in a person's second run, and reads its macros from there: a second of CPU.
    """
    memory = shop_folder / "target" / "partial_parse.msgpack"
    remembered = memory.read_bytes() if memory.is_file() else None
    shutil.rmtree(shop_folder)
    shop_folder.mkdir()
    if remembered is not None:
        memory.parent.mkdir()
        memory.write_bytes(remembered)
    return Project.create(shop_folder)


@pytest.fixture
def production(project: Project) -> Callable[[], dict[str, list[tuple[object, ...]]]]:
    """Reads what production holds: table -> sorted rows."""

    def read() -> dict[str, list[tuple[object, ...]]]:
        return project.contents("dwh")

    return read
