"""The demo's folder: it belongs to one demo at a time, and to nobody else."""

from pathlib import Path

import pytest

from sandbox.demo.world import World, WorldProblem


def test_world_of_a_running_demo_is_not_taken(tmp_path: Path) -> None:
    """A second demo in the same folder is told so, and deletes nothing of the first."""
    folder = tmp_path / "world"
    with World(folder).kept():
        (folder / "warehouse.duckdb").write_text("in use")
        with pytest.raises(WorldProblem, match=r"Another demo is running in `.*world`.*--dir"), World(folder).kept():
            raise AssertionError("two demos have one folder")
        assert (folder / "warehouse.duckdb").read_text() == "in use"


def test_world_of_a_demo_that_ended_is_emptied(tmp_path: Path) -> None:
    """The next demo starts from nothing, more than once, and is kept to itself again."""
    folder = tmp_path / "world"
    for _ in range(2):
        with World(folder).kept():
            assert sorted(entry.name for entry in folder.iterdir()) == [".wap-demo", "wap.toml"]
            (folder / "raw").mkdir()
            (folder / "raw" / "orders.csv").write_text("1")
            with pytest.raises(WorldProblem), World(folder).kept():
                raise AssertionError("two demos have one folder")


def test_world_follows_no_link_out_of_its_folder(tmp_path: Path) -> None:
    """Emptying the folder removes a link in it, not what it leads to."""
    (tmp_path / "thesis").mkdir()
    (tmp_path / "thesis" / "chapter.txt").write_text("years of work")
    with World(tmp_path / "world").kept():
        (tmp_path / "world" / "link").symlink_to(tmp_path / "thesis")
    with World(tmp_path / "world").kept():
        assert not (tmp_path / "world" / "link").exists()
    assert (tmp_path / "thesis" / "chapter.txt").read_text() == "years of work"
