"""`wap demo` as a person starts it: a process of its own, read by what it prints."""

import json
import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

PATIENCE = 240.0


class RunningDemo:
    """A demo process. Leaving the `with` block presses Ctrl-C."""

    def __init__(self, folder: Path, *arguments: str) -> None:
        self.folder = folder
        self._said = folder.with_name(f"{folder.name}.stderr")
        self._printed = folder.with_name(f"{folder.name}.stdout")
        with self._said.open("wb") as said, self._printed.open("wb") as printed:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "wap", "demo", "--dir", str(folder), *arguments],
                stdin=subprocess.DEVNULL,
                stdout=printed,
                stderr=said,
                env={**os.environ, "COLUMNS": "200"},
                start_new_session=True,
            )

    def __enter__(self) -> "RunningDemo":
        return self

    def __exit__(self, *_: object) -> None:
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGINT)
            self.process.wait(timeout=PATIENCE)

    @property
    def said(self) -> str:
        """What it told the person so far."""
        return self._said.read_text(encoding="utf-8", errors="replace")

    def page(self) -> str:
        """The address of the page, once the card can be clicked."""
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline:
            if found := re.search(r"(http://\S+)/\s+the card", self.said):
                return found[1]
            assert self.process.poll() is None, self.said
            time.sleep(0.2)
        raise TimeoutError(self.said)

    def result(self) -> dict[str, Any]:
        """Wait for the end; the one JSON object that it printed."""
        code = self.process.wait(timeout=PATIENCE)
        assert code == 0, self.said
        printed: dict[str, Any] = json.loads(self._printed.read_text(encoding="utf-8"))
        return printed

    def processes(self) -> list[str]:
        """The command lines of every living process that names this demo's folder, in its arguments or environment."""
        found = []
        for entry in Path("/proc").glob("[0-9]*"):
            try:
                command = (entry / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
                environment = (entry / "environ").read_bytes().decode(errors="replace")
            except OSError:
                continue  # it ended while we looked
            if str(self.folder) in command or f"PREFECT_HOME={self.folder}" in environment:
                found.append(command)
        return found
