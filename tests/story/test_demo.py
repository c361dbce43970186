"""The main job end to end, as a stranger tries it: every part real, in processes of their own."""

import socket
import sys
from pathlib import Path

import pytest

from tests.story.running_demo import PATIENCE, RunningDemo


def test_demo_approved_in_slack_publishes(tmp_path: Path) -> None:
    """The click of an approver changes production, and the result says who and how."""
    with RunningDemo(tmp_path / "world", "--decide", "approve", "--json") as demo:
        result = demo.result()
    assert (result["state"], result["decided_by"], result["via"]) == ("Published", "Mina Okafor", "slack")
    before, after = result["production"]["before"], result["production"]["after"]
    assert before.keys() == after.keys()
    assert before["orders"] != after["orders"]
    assert before["regions"] == after["regions"]
    assert set(result["seconds"]) == {"write", "audit", "gate", "publish"}
    assert demo.processes() == []


def test_demo_rejected_in_slack_leaves_production(tmp_path: Path) -> None:
    """The reject form's reason ends the run, and production is what it was, bug and all kept out."""
    with RunningDemo(tmp_path / "world", "--decide", "reject", "--bug", "--json") as demo:
        result = demo.result()
    assert (result["state"], result["decided_by"], result["via"]) == ("Rejected", "Mina Okafor", "slack")
    assert result["production"]["before"] == result["production"]["after"]


def test_demo_approved_in_prefect_publishes_unverified(tmp_path: Path) -> None:
    """The fallback door works, and nobody pretends to know who came through it."""
    with RunningDemo(tmp_path / "world", "--decide", "approve", "--via", "prefect", "--json") as demo:
        result = demo.result()
    assert (result["state"], result["via"]) == ("Published", "prefect")
    assert "unverified" in result["decided_by"]
    assert result["production"]["before"] != result["production"]["after"]


def test_demo_on_a_port_in_use_says_so(tmp_path: Path) -> None:
    """One sentence with the port, and no process left behind."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        with RunningDemo(tmp_path / "world", "--port", port) as demo:
            assert demo.process.wait(timeout=PATIENCE) == 1
    assert port in demo.said
    assert "Traceback" not in demo.said
    assert demo.processes() == []


def test_demo_in_a_folder_that_is_not_its_own_deletes_nothing(tmp_path: Path) -> None:
    """The demo starts from nothing, but only where it was before."""
    (tmp_path / "world").mkdir()
    (tmp_path / "world" / "thesis.txt").write_text("years of work")
    with RunningDemo(tmp_path / "world") as demo:
        assert demo.process.wait(timeout=PATIENCE) == 1
    assert "was not made by the demo" in demo.said
    assert (tmp_path / "world" / "thesis.txt").read_text() == "years of work"


if sys.platform != "linux":  # processes() reads /proc
    pytest.skip("The demo's processes are counted in /proc, which this system does not have.", allow_module_level=True)
