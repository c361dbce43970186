"""Start the parts as processes of their own and stop every one of them again, whatever happens."""

import os
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Self

from sandbox.demo.signals import put_off

_STOP_SECONDS = 5.0


class PartFailed(Exception):
    """A part of the demo ended by itself; the text says which, with the last line of its log."""


class Parts:
    """The running processes, by name. Leaving the `with` block stops them all, the last started first."""

    def __init__(self, logs: Path) -> None:
        self._logs = logs
        self._running: dict[str, subprocess.Popen[bytes]] = {}

    def __enter__(self) -> Self:
        self._logs.mkdir(parents=True, exist_ok=True)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        with put_off():
            try:
                self._stop_in_turn()
            finally:
                self._kill()

    def _stop_in_turn(self) -> None:
        # One after the other: a flow that can no longer tell Prefect of its end would wait for it.
        for process in reversed(self._running.values()):
            _signal_group(process, signal.SIGTERM)
            with suppress(subprocess.TimeoutExpired):
                process.wait(timeout=_STOP_SECONDS)
            _signal_group(process, signal.SIGKILL)  # also what a part has started itself and left behind
            process.wait()

    def _kill(self) -> None:
        for process in self._running.values():
            _signal_group(process, signal.SIGKILL)
        for process in self._running.values():
            process.wait()

    def start(self, name: str, module: Sequence[str], environment: Mapping[str, str]) -> None:
        """Run `python -m <module...>` in a process group of its own, with its output in `<name>.log`."""
        # Put off: a process that was born but is not written down here would outlive the demo.
        with self.log(name).open("wb") as log, put_off():
            self._running[name] = subprocess.Popen(
                [sys.executable, "-m", *module],
                env={**_inherited(), **environment},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    def log(self, name: str) -> Path:
        """Where the part writes."""
        return self._logs / f"{name}.log"

    def pid(self, name: str) -> int:
        """The process id of a part."""
        return self._running[name].pid

    def check(self, *, finished: Sequence[str] = ()) -> None:
        """Raise PartFailed if a part has ended that should be running. `finished` may end, with exit code 0."""
        for name, process in self._running.items():
            code = process.poll()
            if code is None or (code == 0 and name in finished):
                continue
            lines = self.log(name).read_text(encoding="utf-8", errors="replace").strip().splitlines()
            last = lines[-1] if lines else "it said nothing"
            message = f"The demo stopped. Its part `{name}` ended with code {code}: {last} (see {self.log(name)})."
            raise PartFailed(message)


def _signal_group(process: subprocess.Popen[bytes], number: signal.Signals) -> None:
    with suppress(ProcessLookupError):  # the whole group is gone already
        os.killpg(process.pid, number)


def _inherited() -> dict[str, str]:
    """This environment without what would lead a part elsewhere: proxies, and another Slack's or Prefect's settings."""
    strangers = ("SLACK_", "PREFECT_", "WAP_", "DBT_")
    return {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(strangers) and not name.lower().endswith("_proxy")
    }
