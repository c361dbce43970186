"""The names of what lies in flows/."""

from importlib.machinery import PathFinder
from pathlib import Path

import pytest

import flows

FOLDER = Path(str(flows.__file__)).parent
NAMES = sorted({entry.stem for entry in FOLDER.iterdir() if entry.suffix == ".py" or (entry / "__init__.py").exists()})


@pytest.mark.parametrize("name", [name for name in NAMES if name != "__init__"])
def test_no_room_has_the_name_of_a_library(name: str) -> None:
    """Prefect loads a deployment's flow with the flow's own folder first on the path: a room called `dbt` would be
    what prefect-dbt imports."""
    assert PathFinder.find_spec(name) is None
