"""`wap diff` as a process: what is on stdout, who else may have the file open, and that nothing is left changed."""

import json
import os
import subprocess
import sys
import textwrap
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb

_HOLD = """
    import sys, duckdb
    connection = duckdb.connect(sys.argv[1], read_only=sys.argv[2] == "reads")
    connection.execute("SELECT 1").fetchall()
    print("open", flush=True)
    sys.stdin.read()
"""


def _run(database: Path, *more: str, **environment: str) -> subprocess.CompletedProcess[str]:
    tables = ("--production", "dwh.orders", "--staging", "develop_dwh.orders", "--database", str(database))
    clean = {name: value for name, value in os.environ.items() if name not in ("COLUMNS", "FORCE_COLOR")}
    return subprocess.run(
        [sys.executable, "-m", "wap", "diff", *tables, *more],
        capture_output=True, text=True, encoding="utf-8", timeout=60, check=False, env={**clean, **environment},
    )  # fmt: skip


@contextmanager
def _held(database: Path, how: str) -> Iterator[None]:
    """Another process has the file open: it `reads` or `writes`."""
    program = [sys.executable, "-c", textwrap.dedent(_HOLD), str(database), how]
    with subprocess.Popen(program, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "open\n"
        yield
        process.communicate()


def test_json_is_all_that_is_on_stdout(shop: Path) -> None:
    """One document that a script can read; the exit code says that the tables differ."""
    ended = _run(shop, "--key", "order_id", "--json")
    assert (ended.returncode, ended.stderr) == (1, "")
    assert json.loads(ended.stdout)["changed"] == 1


def test_page_in_a_pipe_has_no_colours(shop: Path) -> None:
    """No escape sequence."""
    ended = _run(shop, "--key", "order_id")
    assert ended.returncode == 1
    assert "\x1b" not in ended.stdout
    assert "~ 1 changed" in ended.stdout


def test_page_can_be_written_in_ascii(shop: Path) -> None:
    """A terminal without Unicode gets question marks, not a traceback."""
    ended = _run(shop, "--key", "order_id", PYTHONIOENCODING="ascii")
    assert (ended.returncode, ended.stderr) == (1, "")


def test_a_refusal_is_on_stderr_alone(tmp_path: Path) -> None:
    """Exit code 2, one line, no traceback."""
    ended = _run(tmp_path / "none.duckdb", "--json")
    assert (ended.returncode, ended.stdout) == (2, "")
    assert ended.stderr.count("\n") == 1


def test_file_that_others_read_is_compared(shop: Path) -> None:
    """Readers do not exclude each other."""
    with _held(shop, "reads"):
        assert _run(shop, "--json").returncode == 1


def test_file_that_somebody_writes_is_refused_by_name(shop: Path) -> None:
    """The sentence names the process that holds the file."""
    with _held(shop, "writes"):
        ended = _run(shop, "--json")
    assert (ended.returncode, ended.stdout) == (2, "")
    assert ended.stderr.startswith("The warehouse was not opened. `shop.duckdb` is in use by another process (held by")
    assert ended.stderr.count("\n") == 1


def test_nothing_is_created_or_changed(shop: Path) -> None:
    """Not the file, not its write-ahead log, and nothing beside them; what is only in the log is compared too."""
    with duckdb.connect(str(shop)) as connection:
        connection.execute("SET checkpoint_threshold = '1TB'; PRAGMA disable_checkpoint_on_shutdown")
        connection.execute("INSERT INTO develop_dwh.orders VALUES (5, 50.0, 'open')")
    before = {path.name: (path.read_bytes(), path.stat().st_mtime_ns) for path in shop.parent.iterdir()}
    assert "shop.duckdb.wal" in before
    ended = _run(shop, "--key", "order_id", "--json")
    assert json.loads(ended.stdout)["added"] == 2
    assert {path.name: (path.read_bytes(), path.stat().st_mtime_ns) for path in shop.parent.iterdir()} == before


def test_help_imports_none_of_the_slow_libraries() -> None:
    """`wap --help` answers at once; what a command needs is imported when it is called."""
    program = (
        "import sys\nfrom typer.testing import CliRunner\nfrom wap.cli import app\n"
        "assert CliRunner().invoke(app, ['--help']).exit_code == 0\n"
        "assert CliRunner().invoke(app, ['diff', '--help']).exit_code == 0\n"
        "slow = {'prefect', 'dbt', 'duckdb', 'pandas', 'flows', 'slack_bolt', 'matplotlib'}\n"
        "print(sorted(slow & set(sys.modules)))"
    )
    ended = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=60, check=True)
    assert ended.stdout == "[]\n"


def test_comparing_two_tables_imports_neither_prefect_nor_dbt(shop: Path) -> None:
    """Only a dbt target needs dbt."""
    program = (
        "import sys\nfrom typer.testing import CliRunner\nfrom wap.cli import app\n"
        f"CliRunner().invoke(app, ['diff', '--production', 'dwh.orders', '--staging', 'develop_dwh.orders', "
        f"'--database', {str(shop)!r}])\n"
        "print(sorted({'prefect', 'dbt', 'pandas', 'slack_bolt'} & set(sys.modules)), 'duckdb' in sys.modules)"
    )
    ended = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=60, check=True)
    assert ended.stdout == "[] True\n"
