"""Measures each step in fresh processes, so that the memory is the step's own."""

import json
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from benchmarks.cases import BY_NAME, Case
from benchmarks.making import make
from benchmarks.steps import STEPS
from flows.warehouse.duckdb.warehouse import DuckDBWarehouse


@dataclass(frozen=True, slots=True)
class Measure:
    """Wall and CPU time in seconds, peak memory of the process in MiB."""

    seconds: float
    cpu: float
    mib: float


@dataclass(frozen=True, slots=True)
class How:
    """How to measure: how many processes for each median, and DuckDB's memory limit (empty: its own)."""

    runs: int
    memory_limit: str = ""


def results(cases: Sequence[Case], how: How) -> Iterator[tuple[Case, str, Measure]]:
    """Each case with each step, in a file that is gone afterwards. Raises CalledProcessError if one fails."""
    for case in cases:
        with tempfile.TemporaryDirectory(prefix="wap-bench-") as folder:
            path = Path(folder) / "benchmark.duckdb"
            _in_a_process("make", case, path)
            for step in STEPS:
                yield case, step, _median([_in_a_process(step, case, path, how) for _ in range(how.runs)])


def run_step(path: Path, case: Case, step: str, memory_limit: str) -> Measure:
    """Run the step twice in this process and measure the second time, when the file is in memory."""
    settings = {"memory_limit": memory_limit} if memory_limit else {}
    with DuckDBWarehouse(path, production="dwh", staging="develop_dwh", settings=settings) as warehouse:
        STEPS[step](warehouse, case)
        wall, cpu = time.perf_counter(), time.process_time()
        STEPS[step](warehouse, case)
        wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
    return Measure(wall, cpu, mib=resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)


def _in_a_process(what: str, case: Case, path: Path, how: How | None = None) -> str:
    command = [sys.executable, "-m", __name__, what, case.name, str(path), how.memory_limit if how else ""]
    root = str(Path(__file__).resolve().parents[1])
    environment = {**os.environ, "PYTHONPATH": root}
    return subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True, env=environment).stdout


def _median(runs: Sequence[str]) -> Measure:
    found = [Measure(**json.loads(run)) for run in runs]
    return Measure(*(statistics.median(getattr(run, name) for run in found) for name in ("seconds", "cpu", "mib")))


def _main(what: str, case: str, path: str, memory_limit: str) -> None:
    if what == "make":
        make(Path(path), BY_NAME[case])
    else:
        print(json.dumps(asdict(run_step(Path(path), BY_NAME[case], what, memory_limit))))


if __name__ == "__main__":
    _main(*sys.argv[1:])
