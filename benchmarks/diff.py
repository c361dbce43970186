"""How long the diff takes and how much memory it needs, next to a floor: reading every column of both sides once.

    python benchmarks/diff.py            1M x 16 (1 %, 30 %, nothing changed), 2M x 8 without a key
    python benchmarks/diff.py --large    10M x 16 (1 %, 30 % changed) as well

Each figure is the median of three processes, so that the memory is the step's own. A process runs the step twice and
counts the second time, when the file is in memory. Read the ratios: a busy machine stretches the seconds, and the
CPU ratio less than the other.
"""

import argparse
import json
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import duckdb

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from flows.diff import DiffSettings, Key, diff_schemas
from flows.diff.columns import compare_columns
from flows.diff.keyed import KeyedPlan, keyed_sql
from flows.diff.multiset import multiset_sql
from flows.diff.subject import Subject
from flows.warehouse.base import Environment, Warehouse
from flows.warehouse.duckdb import DuckDBWarehouse

RUNS = 3


@dataclass(frozen=True)
class Case:
    """One table that both sides have."""

    name: str
    rows: int
    columns: int
    changed_percent: int
    key: str | None = "c0"


CASES = (
    Case("1M x 16, 1 % changed", 1_000_000, columns=16, changed_percent=1),
    Case("1M x 16, 30 % changed", 1_000_000, columns=16, changed_percent=30),
    Case("1M x 16, nothing changed", 1_000_000, columns=16, changed_percent=0),
    Case("2M x 8, no key, 1 % changed", 2_000_000, columns=8, changed_percent=1, key=None),
)
LARGE = (
    Case("10M x 16, 1 % changed", 10_000_000, columns=16, changed_percent=1),
    Case("10M x 16, 30 % changed", 10_000_000, columns=16, changed_percent=30),
)


def floor(warehouse: Warehouse, case: Case) -> None:
    """Count the rows and hash all columns of both sides."""
    hashed = warehouse.dialect.row_hash([f"c{n}" for n in range(case.columns)])
    for env in Environment:
        warehouse.query(f"SELECT COUNT(*), SUM({hashed}) FROM {warehouse.table(env, 't')}")


def counts(warehouse: Warehouse, case: Case) -> None:
    """The statement of the diff: added, removed, changed, counts per column; no samples."""
    [production], [staging] = warehouse.relations(Environment.PRODUCTION), warehouse.relations(Environment.STAGING)
    settings = DiffSettings(sample_rows=0)
    subject = Subject(
        production,
        staging,
        production_table=warehouse.table(Environment.PRODUCTION, "t"),
        staging_table=warehouse.table(Environment.STAGING, "t"),
        comparison=compare_columns(production, staging, settings=settings, dialect=warehouse.dialect),
        settings=settings,
        dialect=warehouse.dialect,
    )
    key = tuple(pair for pair in subject.comparison.pairs if pair.name == case.key)
    warehouse.query(keyed_sql(KeyedPlan(subject, key)) if key else multiset_sql(subject))


def whole(warehouse: Warehouse, case: Case) -> None:
    """What a review gets: fingerprints, key check, counts, counts per column, samples."""
    keys = {"t": Key((case.key,), "benchmark")} if case.key else {}
    [table] = diff_schemas(warehouse, keys=keys, settings=DiffSettings())
    expected = "changed" if case.changed_percent else "equal"
    if table.status != expected:
        raise SystemExit(f"{case.name}: status {table.status} instead of {expected}. {table.error}")


STEPS: tuple[Callable[[Warehouse, Case], None], ...] = (floor, counts, whole)


@dataclass(frozen=True)
class Measure:
    """One run: wall and CPU time in seconds, peak memory of the process in MiB."""

    seconds: float
    cpu: float
    mib: float


def make(path: Path, case: Case) -> None:
    """Write both sides: in staging some rows have two other values, 500 are gone and 500 are new.

    Without a key every row occurs twice.
    """
    kinds = (
        "hash(i * {n}) % 100000",
        "(hash(i * {n}) % 100000) / 7",
        "'text ' || hash(i * {n}) % 100000",
        "((hash(i * {n}) % 1000000) / 100)::DECIMAL(18, 2)",
        "TIMESTAMP '2024-01-01' + INTERVAL (hash(i * {n}) % 86400) SECOND",
    )
    distinct = case.rows if case.key else case.rows // 2
    rest = [f"{kinds[n % len(kinds)].format(n=n + 3)} AS c{n}" for n in range(1, case.columns)]
    differs = f"hash(i) % 100 < {case.changed_percent}"
    made = f"SELECT i, i AS c0, {', '.join(rest)} FROM (SELECT range % {distinct} AS i FROM range({case.rows}))"
    edited = (
        f"SELECT * EXCLUDE (i) REPLACE (CASE WHEN {differs} THEN c1 + 1 ELSE c1 END AS c1,"
        f" CASE WHEN {differs} THEN c2 || 'x' ELSE c2 END AS c2) FROM ({made})"
    )
    moved = f"(SELECT * REPLACE (c0 + {case.rows} AS c0) FROM dwh.t LIMIT 500)"
    with duckdb.connect(str(path)) as connection:
        connection.execute("CREATE SCHEMA dwh; CREATE SCHEMA develop_dwh")
        connection.execute(f"CREATE TABLE dwh.t AS SELECT * EXCLUDE (i) FROM ({made})")
        whole_side = edited if not case.changed_percent else f"{edited} WHERE i >= 500 UNION ALL {moved}"
        connection.execute(f"CREATE TABLE develop_dwh.t AS {whole_side}")


def run_step(path: Path, case: Case, step: Callable[[Warehouse, Case], None]) -> Measure:
    """Run the step twice in this process and measure the second time."""
    with DuckDBWarehouse(path, production="dwh", staging="develop_dwh") as warehouse:
        step(warehouse, case)
        wall, cpu = time.perf_counter(), time.process_time()
        step(warehouse, case)
        wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
    return Measure(wall, cpu, mib=resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)


def measure(path: Path, case: Case, step: Callable[[Warehouse, Case], None]) -> Measure:
    """The median of several processes."""
    runs = [Measure(**json.loads(_in_a_process("--step", step.__name__, case, path))) for _ in range(RUNS)]
    return Measure(*(statistics.median(getattr(run, name) for run in runs) for name in ("seconds", "cpu", "mib")))


def results(cases: tuple[Case, ...]) -> Iterator[tuple[Case, dict[str, Measure]]]:
    """Each case with its steps, in a file that is gone afterwards."""
    for case in cases:
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "benchmark.duckdb"
            _in_a_process("--make", "tables", case, path)
            yield case, {step.__name__: measure(path, case, step) for step in STEPS}


def _in_a_process(option: str, value: str, case: Case, path: Path) -> str:
    command = [sys.executable, __file__, option, value, "--case", case.name, "--path", str(path)]
    return subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout


def main(arguments: Sequence[str] | None = None) -> None:
    """Print one line per case and step. `arguments` default to the command line's."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--large", action="store_true", help="10M rows as well")
    for inner in ("--case", "--step", "--make", "--path"):
        parser.add_argument(inner, help=argparse.SUPPRESS)
    options = parser.parse_args(arguments)
    by_name = {case.name: case for case in (*CASES, *LARGE)}
    if options.make:
        make(Path(options.path), by_name[options.case])
    elif options.step:
        step = next(step for step in STEPS if step.__name__ == options.step)
        print(json.dumps(asdict(run_step(Path(options.path), by_name[options.case], step))))
    else:
        _print_table((*CASES, *LARGE) if options.large else CASES)


def _print_table(cases: tuple[Case, ...]) -> None:
    print(f"{'case':30} {'step':8} {'seconds':>8} {'x floor':>8} {'CPU x floor':>12} {'peak MiB':>9}")
    for case, steps in results(cases):
        for name, found in steps.items():
            wall, cpu = found.seconds / steps["floor"].seconds, found.cpu / steps["floor"].cpu
            print(f"{case.name:30} {name:8} {found.seconds:8.2f} {wall:8.1f} {cpu:12.1f} {found.mib:9.0f}", flush=True)


if __name__ == "__main__":
    main()
