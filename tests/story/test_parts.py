"""The demo's processes, with cheap parts: whatever is pressed, and however often, none outlives the demo."""

import signal
import sys
import time
from pathlib import Path

import pytest

from sandbox.demo.processes import Parts
from sandbox.demo.signals import interruptible, put_off

if sys.platform != "linux":
    pytest.skip("Living processes are looked up in /proc, which this system does not have.", allow_module_level=True)

ENDINGS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
_STUBBORN = """
import os, pathlib, signal, subprocess, sys, time

def asked(*_):
    os.kill(os.getppid(), signal.SIGINT)  # somebody presses Ctrl-C again while the demo stops

signal.signal(signal.SIGTERM, asked)
child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(300)"])
pathlib.Path(sys.argv[1]).write_text(str(child.pid))
signal.alarm(300)  # never longer, whatever the test finds
signal.pause()
time.sleep(0.3)
"""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder where parts are started; it holds the one they are made of."""
    (tmp_path / "stubborn.py").write_text(_STUBBORN)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def start(parts: Parts, name: str, folder: Path) -> list[int]:
    """Start a part that starts another process; both process ids."""
    parts.start(name, ["stubborn", str(folder / name)], {})
    deadline = time.monotonic() + 60
    while not (folder / name).is_file() or not (folder / name).read_text():
        assert time.monotonic() < deadline, parts.log(name).read_text()
        time.sleep(0.02)
    return [parts.pid(name), int((folder / name).read_text())]


def living(pids: list[int]) -> list[int]:
    """Those that still run; one that ended and was not yet asked for does not."""
    return [pid for pid in pids if (stat := Path(f"/proc/{pid}/stat")).exists() and ") Z " not in stat.read_text()]


def run_parts(folder: Path, pids: list[int], *, interrupted: bool) -> None:
    """Start two parts and leave the block that stops them, with or without Ctrl-C."""
    with interruptible(), Parts(folder / "logs") as parts:
        pids += start(parts, "first", folder)
        pids += start(parts, "second", folder)
        if interrupted:
            signal.raise_signal(signal.SIGINT)


@pytest.mark.parametrize("interrupted", [False, True])
def test_parts_with_ctrl_c_while_they_stop_are_all_stopped(folder: Path, *, interrupted: bool) -> None:
    """Every part answers the wish to stop with one more Ctrl-C for the demo; no part and no child of one stays.

    So it is whether the demo was ending by itself or by a first Ctrl-C.
    """
    pids: list[int] = []
    with pytest.raises(KeyboardInterrupt):
        run_parts(folder, pids, interrupted=interrupted)
    assert len(pids) == 4
    assert living(pids) == []


@pytest.mark.parametrize("number", ENDINGS)
def test_interruptible_ends_once(number: signal.Signals) -> None:
    """What comes while the first end is dealt with changes nothing, and afterwards all is as before."""
    steps: list[str] = []

    def end_twice() -> None:
        with interruptible():
            try:
                signal.raise_signal(number)
                steps.append("not interrupted")
            finally:
                for ending in ENDINGS:
                    signal.raise_signal(ending)
                steps.append("dealt with")

    before = [signal.getsignal(ending) for ending in ENDINGS]
    with pytest.raises(KeyboardInterrupt):
        end_twice()
    assert steps == ["dealt with"]
    assert [signal.getsignal(ending) for ending in ENDINGS] == before


def test_put_off_handles_what_arrived_after_the_block() -> None:
    """A press is late, but never lost."""
    steps: list[str] = []

    def work() -> None:
        with interruptible(), put_off():
            signal.raise_signal(signal.SIGTERM)
            steps.append("done")

    with pytest.raises(KeyboardInterrupt):
        work()
    assert steps == ["done"]
