"""What `wap demo` says where it cannot start."""

from pathlib import Path

import pytest
from typer.testing import CliRunner

from sandbox.demo.world import World, WorldProblem
from wap.cli import app


@pytest.mark.parametrize("within", [".", "deeper"])
def test_folder_that_cannot_be_used_is_named(tmp_path: Path, within: str) -> None:
    """One sentence with the cause, whether the folder is a file or lies in one."""
    (tmp_path / "file").touch()
    world = World(tmp_path / "file" / within)
    with pytest.raises(WorldProblem, match=r"^Not started\. `.*file.*` cannot be used: .+\. Name another --dir\.$"):
        world.kept().__enter__()


@pytest.mark.parametrize("port", ["-1", "65536"])
def test_port_that_cannot_be_is_refused(port: str) -> None:
    """Before anything is started."""
    done = CliRunner().invoke(app, ["demo", "--port", port])
    assert done.exit_code == 2
    assert "Invalid value for '--port'" in done.output
