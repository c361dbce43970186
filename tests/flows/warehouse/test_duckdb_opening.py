"""Opening a DuckDB file: patience with other processes, and a sentence for everything that is in the way."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from flows.warehouse.base import WarehouseError
from flows.warehouse.duckdb.warehouse import DuckDBWarehouse
from tests.flows.warehouse.world import PRODUCTION, STAGING, DuckDBWorld, no_guard, release

HOLDER = """
import sys, duckdb
connection = duckdb.connect(sys.argv[1])
print("held", flush=True)
sys.stdin.readline()
"""


@contextmanager
def held(path: Path) -> Iterator[subprocess.Popen[str]]:
    """Another process has the file open until it is sent a line."""
    process = subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    try:
        assert process.stdout is not None
        assert process.stdout.readline() == "held\n"
        yield process
    finally:
        process.kill()
        process.communicate()


def sentence(world: DuckDBWorld, **options: float) -> str:
    """What the warehouse says when it is opened and asked something."""
    with pytest.raises(WarehouseError) as raised, world.warehouse(**options) as warehouse:
        warehouse.query("SELECT 1 AS one")
    return str(raised.value)


def test_open_names_the_process_that_holds_the_file(world: DuckDBWorld) -> None:
    """What did not happen, who is in the way, what to do."""
    with held(world.path) as process:
        said = sentence(world, wait_seconds=0.2)
    assert said.startswith("The warehouse was not opened. `shop.duckdb` is in use by another process (held by ")
    assert f"(PID {process.pid})" in said
    assert said.endswith("waited 0.2 s. Close that program, or wait until it is done, and try again.")


def test_open_waits_for_the_other_process(world: DuckDBWorld) -> None:
    """A lock that is released in time is no error."""
    with held(world.path) as process:
        assert process.stdin is not None
        process.stdin.write("go\n")
        process.stdin.flush()
        with world.warehouse(wait_seconds=60.0) as warehouse:
            assert warehouse.query("SELECT 1 AS one") == [(1,)]


def test_close_lets_others_in(world: DuckDBWorld) -> None:
    """After `with`, and after an error inside it, another process can open the file."""
    with pytest.raises(ZeroDivisionError), world.warehouse():
        raise ZeroDivisionError
    with held(world.path):
        pass


def test_open_without_a_file_is_empty(tmp_path: Path) -> None:
    """Before the first run there is no file: nothing is released, nothing is there, and nothing is made."""
    world = DuckDBWorld(tmp_path)
    with world.warehouse() as warehouse:
        assert warehouse.released(PRODUCTION) is None
        assert warehouse.relations(STAGING) == ()
    assert not world.path.exists()


def test_open_without_a_file_says_so_when_it_is_needed(tmp_path: Path) -> None:
    """Neither a query nor a publish makes a file out of a mistyped path."""
    world = DuckDBWorld(tmp_path)
    said = sentence(world)
    assert said.startswith("Nothing was done. There is no DuckDB file at `")
    with world.warehouse() as warehouse, pytest.raises(WarehouseError, match="There is no DuckDB file"):
        warehouse.exchange(release(), no_guard)
    assert not world.path.exists()


def test_refresh_makes_the_file_of_the_first_run(tmp_path: Path) -> None:
    """File and schemas appear with the first refresh."""
    world = DuckDBWorld(tmp_path)
    with world.warehouse() as warehouse:
        warehouse.refresh_staging()
        found = warehouse.query("SELECT schema_name FROM duckdb_schemas() WHERE NOT internal ORDER BY ALL")
    assert ("develop_dwh",) in found
    assert ("dwh",) in found


def test_open_without_a_folder_says_so(tmp_path: Path) -> None:
    """A folder is never made."""
    said = sentence(DuckDBWorld(tmp_path / "missing"))
    assert said.startswith("The warehouse was not opened. The folder `")
    assert said.endswith("does not exist. Correct the path in dbt's profile, or make the folder.")


def test_open_of_something_else_says_so(world: DuckDBWorld) -> None:
    """A file that is no database, and a folder, are named."""
    world.path.write_text("order_id,amount\n1,2\n" * 1000)
    assert "is not a valid DuckDB database file" in sentence(world)
    world.path.unlink()
    world.path.mkdir()
    assert "Is a directory" in sentence(world)


def test_open_of_a_damaged_file_says_so(world: DuckDBWorld) -> None:
    """A header that was overwritten is found by its checksum, and the file is not touched."""
    damaged = bytearray(world.path.read_bytes())
    damaged[4096:12288] = b"\x07" * 8192
    world.path.write_bytes(damaged)
    said = sentence(world)
    assert said.startswith("The warehouse was not opened. DuckDB says about `")
    assert said.endswith("or restore it from a copy.")
    assert world.path.read_bytes() == bytes(damaged)


def test_open_twice_is_refused(world: DuckDBWorld) -> None:
    """A warehouse that is open is not opened again, and stays open."""
    with world.warehouse() as warehouse:
        with pytest.raises(WarehouseError, match="open already"), warehouse:
            pass
        assert warehouse.query("SELECT 1 AS one") == [(1,)]


def test_warehouse_refuses_one_schema_for_both_sides(tmp_path: Path) -> None:
    """The same name in another case is the same schema in DuckDB."""
    with pytest.raises(WarehouseError, match="different schemas"):
        DuckDBWarehouse(tmp_path / "shop.duckdb", production="dwh", staging="DWH")


def test_query_is_stopped_when_it_takes_too_long(world: DuckDBWorld) -> None:
    """No statement runs for ever, and the warehouse is usable afterwards."""
    with world.warehouse(timeout_seconds=0.2) as warehouse:
        with pytest.raises(WarehouseError, match=r"^Nothing was read\. A statement took longer than 0\.2 s"):
            warehouse.query("SELECT count(*) AS n FROM range(1000000000000) AS r(i) WHERE hash(i) % 7 = 3")
        assert warehouse.query("SELECT 1 AS one") == [(1,)]


def test_query_does_not_depend_on_the_machine(world: DuckDBWorld, monkeypatch: pytest.MonkeyPatch) -> None:
    """Times with a zone are shown in UTC, wherever the process runs."""
    monkeypatch.setenv("TZ", "Asia/Kolkata")
    with world.warehouse() as warehouse:
        assert warehouse.query("SELECT CAST(TIMESTAMPTZ '2024-01-02 03:04:05+05:30' AS VARCHAR) AS t") == [
            ("2024-01-01 21:34:05+00",)
        ]


def test_query_never_reads_a_variable_of_the_caller(world: DuckDBWorld) -> None:
    """DuckDB looks for a missing table among Python's variables unless it is told not to."""
    variable = [(1,)]
    with world.warehouse() as warehouse, pytest.raises(WarehouseError, match="Table with name variable does not exist"):
        warehouse.query("SELECT * FROM variable")
    assert variable


def test_error_shows_no_values(world: DuckDBWorld) -> None:
    """Rows are confidential: DuckDB quotes the value it could not convert, we do not."""
    world.execute("CREATE TABLE {s}.t AS SELECT 'secret-salary' AS v")
    with world.warehouse() as warehouse, pytest.raises(WarehouseError) as raised:
        warehouse.query(f"SELECT CAST(v AS INTEGER) AS v FROM {warehouse.table(STAGING, 't')}")
    assert "Could not convert string" in str(raised.value)
    assert "secret" not in str(raised.value)


def test_settings_of_duckdb_hold_for_the_session(world: DuckDBWorld) -> None:
    """A memory limit is DuckDB's own to keep; a setting that it does not have is a sentence."""
    with DuckDBWarehouse(
        world.path, production=PRODUCTION, staging=STAGING, settings={"memory_limit": "1GB"}
    ) as warehouse:
        [(limit,)] = warehouse.query("SELECT current_setting('memory_limit') AS memory_limit")
    assert limit.startswith("953.6 MiB")
    with pytest.raises(WarehouseError, match="no_such_setting"):
        DuckDBWarehouse(
            world.path, production=PRODUCTION, staging=STAGING, settings={"no_such_setting": "1"}
        ).__enter__()


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT CAST(v AS INTEGER) FROM (VALUES ('it''s 4711')) AS t(v)",
        "SELECT CAST(v AS INTEGER) FROM (VALUES ('a \"4711\" b')) AS t(v)",
        "SELECT v * v FROM (VALUES (47114711)) AS t(v)",
        "SELECT CAST(v AS DECIMAL(4, 2)) FROM (VALUES (-4711.5)) AS t(v)",
    ],
)
def test_error_holds_no_value_whatever_it_is_made_of(world: DuckDBWorld, sql: str) -> None:
    """A value may hold quotes, and numbers are told without any."""
    world.execute("CREATE TABLE {s}.t AS SELECT 1 AS v")
    with world.warehouse() as warehouse, pytest.raises(WarehouseError, match=r"(Conversion|Out of Range)") as raised:
        warehouse.query(sql)
    assert "4711" not in str(raised.value)
