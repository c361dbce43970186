"""The demo's world on disk: its folder, its settings, and what production holds, measured from outside."""

import fcntl
import json
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TextIO

import duckdb

from sandbox import workspace

PROJECT = Path(__file__).resolve().parents[2] / "dbt"
_OURS = ".wap-demo"


class WorldProblem(Exception):
    """The demo's folder cannot be used; the text says why and what to do."""


@dataclass(frozen=True, slots=True)
class World:
    """A folder that belongs to the demo alone."""

    folder: Path

    @property
    def warehouse(self) -> Path:
        """The DuckDB file that holds staging and production."""
        return self.folder / "warehouse.duckdb"

    @property
    def raw(self) -> Path:
        """The generated source data."""
        return self.folder / "raw"

    @property
    def settings(self) -> Path:
        """The demo's wap.toml."""
        return self.folder / "wap.toml"

    @contextmanager
    def kept(self) -> Iterator[None]:
        """Start from nothing and keep the folder to oneself for as long as the block runs.

        Raises WorldProblem rather than delete a folder that is not the demo's, or that another demo is using.
        """
        with self._claimed() as ours:
            try:
                # The system lets go of it when this process ends, however it ends.
                fcntl.flock(ours, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                message = f"Not started. Another demo is running in `{self.folder}`. End it, or name another --dir."
                raise WorldProblem(message) from None
            self._renew()
            yield

    def _claimed(self) -> TextIO:
        try:
            self._check()
            self.folder.mkdir(parents=True, exist_ok=True)
            return (self.folder / _OURS).open("a", encoding="utf-8")
        except OSError as error:
            message = f"Not started. `{self.folder}` cannot be used: {error.strerror}. Name another --dir."
            raise WorldProblem(message) from error

    def _check(self) -> None:
        if not (PROJECT / "dbt_project.yml").is_file():
            message = "Not started. The demo's dbt project is not installed; run the demo from a checkout of wap."
            raise WorldProblem(message)
        if self.folder.exists() and any(self.folder.iterdir()) and not (self.folder / _OURS).is_file():
            message = f"Not started. `{self.folder}` is not empty and was not made by the demo. Name another --dir."
            raise WorldProblem(message)

    def _renew(self) -> None:
        for entry in self.folder.iterdir():
            if entry.name == _OURS:
                continue  # deleted, it would be another file and its lock nobody's
            if entry.is_dir() and not entry.is_symlink():
                shutil.rmtree(entry)
            else:
                entry.unlink()
        (self.folder / _OURS).write_text("This folder is the demo's: the next demo empties it.\n", encoding="utf-8")
        self.settings.write_text(_settings(self.folder), encoding="utf-8")

    def production(self, *, patience: float = 15.0) -> dict[str, str]:
        """Rows and an order-independent fingerprint of every production table and view, as one text per table."""
        deadline = time.monotonic() + patience
        while True:
            try:
                with duckdb.connect(str(self.warehouse), read_only=True) as connection:
                    return _measure(connection)
            except duckdb.IOException:
                # The flow has the file open for the moment; one process at a time.
                if time.monotonic() > deadline:
                    raise
                time.sleep(0.2)


def _measure(connection: duckdb.DuckDBPyConnection) -> dict[str, str]:
    names = connection.execute(
        "SELECT table_name FROM information_schema.tables "
        "WHERE table_schema = 'dwh' AND NOT starts_with(table_name, '_wap_') ORDER BY table_name"
    ).fetchall()
    measured = {}
    for (name,) in names:
        found = connection.execute(f'SELECT count(*), sum(hash(t)) FROM dwh."{name}" t').fetchone()
        assert found is not None
        measured[str(name)] = f"{found[0]} rows, fingerprint {int(found[1] or 0):x}"
    return measured


def _settings(folder: Path) -> str:
    return f"""# The demo's settings. Every key is explained in the wap.toml of the project.
[dbt]
project = {_text(PROJECT)}
output = {_text(folder.resolve() / "dbt")}

[gate]
timeout = "8h"

[policy]
approvers = ["{workspace.DATA_OWNERS}"]
"""


def _text(path: Path) -> str:
    return json.dumps(str(path))  # a JSON string is a TOML string, whatever the path contains
