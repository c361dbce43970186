"""Loads the generator by path and runs dbt on the demo project, each build in a process of its own."""

import importlib.util
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).resolve().parents[2]
PROJECT = ROOT / "dbt"

Build = Callable[..., str]

# Opens the file as the audit does, in the process that has just built. DuckDB refuses a second way to open a
# file that is still open for writing.
BUILD_AND_OPEN = """
import os, sys
import duckdb
from dbt.cli.main import dbtRunner

built = dbtRunner().invoke(["build", *sys.argv[1:]])
duckdb.connect(os.environ["WAP_DUCKDB_PATH"], read_only=True).close()
print("file is free")
sys.exit(0 if built.success else 1)
"""


@pytest.fixture(scope="session")
def project() -> Path:
    """The folder of the demo dbt project."""
    return PROJECT


@pytest.fixture(scope="session")
def shop() -> ModuleType:
    """The generator, loaded by its path as a caller outside the folder has to."""
    spec = importlib.util.spec_from_file_location("harbour_shop_generator", PROJECT / "generate.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module  # dataclasses look their module up while they are made
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="session")
def build() -> Build:
    """Runs `dbt build` from the repository root and returns its output; fails the test when dbt fails."""

    def run(warehouse: Path, raw: Path, target: Path, *, profiles: Path = PROJECT) -> str:
        folders = {
            "project-dir": PROJECT,
            "profiles-dir": profiles,
            "target-path": target,
            "log-path": target,
        }
        flags = [word for name, folder in folders.items() for word in (f"--{name}", str(folder))]
        environment = {
            "PATH": os.environ["PATH"],
            "HOME": str(target),
            "DO_NOT_TRACK": "1",
            "PYTHONDONTWRITEBYTECODE": "1",
            "WAP_DUCKDB_PATH": str(warehouse),
            "WAP_RAW_DIR": str(raw),
        }
        command = [sys.executable, "-c", BUILD_AND_OPEN, "--no-use-colors", *flags]
        done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    return run
