"""What `wap diff` says when it cannot compare: one sentence on stderr, nothing on stdout, exit code 2."""

import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.wap.conftest import Answer, diff, diff_two


def _refused(answer: Answer) -> str:
    assert answer.code == 2
    assert answer.out == ""
    assert answer.err.count("\n") == 1
    return answer.err.strip()


def test_no_such_file(tmp_path: Path) -> None:
    """And none is made."""
    path = tmp_path / "none.duckdb"
    said = _refused(diff_two(path))
    assert said == f"The warehouse was not opened. There is no file `{path}`. Correct the path."
    assert not path.exists()


def test_a_folder_is_no_file(tmp_path: Path) -> None:
    """The reason of the system is told."""
    said = _refused(diff_two(tmp_path))
    assert said == f"The warehouse was not opened. `{tmp_path}` cannot be read (is a directory). Name a DuckDB file."


@pytest.mark.parametrize("content", [b"", b"id,amount\n1,2\n"])
def test_not_a_duckdb_file(tmp_path: Path, content: bytes) -> None:
    """An empty file, a CSV."""
    path = tmp_path / "orders.csv"
    path.write_bytes(content)
    said = _refused(diff_two(path, "--json"))
    assert said == f"The warehouse was not opened. `{path}` is not a DuckDB file. Name one that DuckDB has made."


def test_a_sqlite_file_is_not_opened_through_an_extension(tmp_path: Path) -> None:
    """DuckDB would try to load one."""
    path = tmp_path / "shop.sqlite"
    with sqlite3.connect(path) as connection:
        connection.execute("CREATE TABLE orders (id)")
    assert "is not a DuckDB file" in _refused(diff_two(path))


def test_a_file_of_another_version(shop: Path) -> None:
    """DuckDB's own words about the version are passed on, without its links."""
    content = bytearray(shop.read_bytes())
    content[12:20] = (5000).to_bytes(8, "little")
    content[:8] = _checksum(bytes(content[8:4096])).to_bytes(8, "little")
    shop.write_bytes(content)
    said = _refused(diff_two(shop))
    assert "storage version number 5000" in said
    assert "created with a newer version of DuckDB. Check that the path names a DuckDB file of this version" in said
    assert "http" not in said


def test_a_damaged_file(shop: Path) -> None:
    """A checksum that does not match is told, not a traceback."""
    content = bytearray(shop.read_bytes())
    content[100] ^= 1
    shop.write_bytes(content)
    assert _refused(diff_two(shop)).startswith("The warehouse was not opened. DuckDB says about")


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("dwh.ordrs", "Did you mean `dwh.orders`?"),
        ("ordrs", "Did you mean `develop_dwh.orders` or `dwh.orders`?"),
        ("main.orders", "Did you mean `develop_dwh.orders` or `dwh.orders`?"),
        ("xyz", "It has `develop_dwh.customers`, `develop_dwh.orders`, `dwh.customers`, `dwh.orders`."),
    ],
)
def test_no_such_table_suggests_near_names(shop: Path, typed: str, said: str) -> None:
    """A name that is near, the same name in another schema, else the names there are."""
    found = _refused(diff_two(shop, before=typed))
    assert found == f"Not compared. The file has no table or view `{typed}`. {said}"


def test_a_name_with_a_dot_is_suggested_with_its_quotes(make: Callable[[str], Path]) -> None:
    """Somebody forgot them."""
    path = make('CREATE TABLE "my.table" (i INT); CREATE TABLE b (i INT)')
    assert _refused(diff_two(path, before="my.table", after="b")).endswith('Did you mean `main."my.table"`?')


def test_a_table_of_a_file_without_tables(make: Callable[[str], Path]) -> None:
    """There is nothing to suggest."""
    said = _refused(diff_two(make("CREATE SCHEMA s")))
    assert said.endswith("`dwh.orders`. It has none at all; name another file.")


def test_a_table_in_two_schemas_is_asked_about(shop: Path) -> None:
    """It is not guessed which one is meant."""
    said = _refused(diff_two(shop, before="orders"))
    assert said == ("Not compared. `orders` is in 2 schemas. Name one of them: `develop_dwh.orders` or `dwh.orders`.")


@pytest.mark.parametrize("typed", ["", ".", "a.b.c", 'a."b', "a..b", '"a"b'])
def test_what_is_no_name_of_a_table(shop: Path, typed: str) -> None:
    """The accepted forms are told."""
    assert _refused(diff_two(shop, before=typed)).startswith(
        f"Not compared. `{typed}` is not the name of a table. Accepted: table, schema.table"
    )


def test_no_such_key_column_suggests(shop: Path) -> None:
    """The near name is told."""
    said = _refused(diff_two(shop, "--key", "oder_id"))
    assert said == "Not compared. Production has no column `oder_id` for the key. Did you mean `order_id`?"


def test_a_key_column_that_one_side_lacks(make: Callable[[str], Path]) -> None:
    """Which side is told."""
    path = make("CREATE TABLE a (id INT, v INT); CREATE TABLE b (no INT, v INT)")
    said = _refused(diff_two(path, "--key", "id", before="a", after="b"))
    assert said == "Not compared. Staging has no column `id` for the key. It is none of `no`, `v`."


@pytest.mark.parametrize("option", ["--ignore", "--mask"])
def test_a_column_that_no_side_has_is_not_passed_over(shop: Path, option: str) -> None:
    """A misspelled mask would show what it should hide."""
    said = _refused(diff_two(shop, option, "amuont"))
    assert said == (
        f"Not compared. `{option}` names `amuont`, and neither side has such a column. Did you mean `amount`?"
    )


def test_a_list_of_columns_that_is_none(shop: Path) -> None:
    """A quote that does not end."""
    assert _refused(diff_two(shop, "--key", 'a,"b')).startswith('Not compared. `--key` is `a,"b`, which is not a list')


def test_no_common_columns(make: Callable[[str], Path]) -> None:
    """Two different things are not two versions of one."""
    said = _refused(diff_two(make("CREATE TABLE a (x INT); CREATE TABLE b (y INT)"), before="a", after="b"))
    assert said == (
        "Not compared. The two have no column in common: production has `x`, staging has `y`. "
        "Name two versions of one table."
    )


def test_nothing_that_could_be_compared(make: Callable[[str], Path]) -> None:
    """A column of the same name whose types have nothing in common says nothing about rows."""
    path = make("CREATE TABLE a AS SELECT DATE '2026-01-01' AS x; CREATE TABLE b AS SELECT 1 AS x")
    assert _refused(diff_two(path, before="a", after="b")) == (
        "Not compared. No column of both sides is left to compare. Not compared, because the types have nothing in "
        "common: x. No rows were compared: the sides have no column in common to compare. "
        "Ignore fewer columns, or give them types that compare."
    )


def test_the_same_table_twice(shop: Path) -> None:
    """However it is written."""
    said = _refused(diff_two(shop, before="dwh.orders", after='"DWH"."orders"'))
    assert said == "Not compared. Both sides are `dwh.orders`. Name two different tables."


def test_a_view_that_cannot_be_read(make: Callable[[str], Path]) -> None:
    """DuckDB's reason is passed on."""
    path = make("CREATE TABLE t (i INT); CREATE VIEW v AS SELECT i FROM t; ALTER TABLE t RENAME i TO j")
    assert "DuckDB says" in _refused(diff_two(path, before="t", after="v"))


def test_missing_options_are_named(shop: Path) -> None:
    """All that are missing, at once."""
    said = _refused(diff("--production", "dwh.orders"))
    assert said == (
        "Not compared. `--staging` and `--database` are missing. Name both tables and their DuckDB file: "
        "wap diff --production A --staging B --database FILE. In Snowflake only a table of the dbt target can be "
        "compared: wap diff TABLE."
    )


def test_no_table_at_all() -> None:
    """Both ways to use the command are told."""
    assert _refused(diff()).startswith("Not compared. No table is named. Write wap diff TABLE")


def test_a_table_of_the_target_and_tables_of_a_file(shop: Path) -> None:
    """One or the other."""
    assert "Give one or the other." in _refused(diff("orders", "--database", str(shop)))


def test_an_option_out_of_range_ends_with_two(shop: Path) -> None:
    """What the parser refuses has the same exit code."""
    assert diff_two(shop, "--samples", "-1").code == 2


def _checksum(block: bytes) -> int:
    """DuckDB's checksum of a header block, so that a changed version number is what it stumbles over."""
    found = 5381
    for place in range(0, len(block) // 8 * 8, 8):
        found ^= int.from_bytes(block[place : place + 8], "little") * 0xBF58476D1CE4E5B9 % 2**64
    return found


@pytest.mark.parametrize(
    ("condition", "reason"),
    [
        ("nope = 1", 'Referenced column "nope" not found'),
        ("order_id <", "syntax error"),
        ("true) --", "syntax error"),
        ("true); COPY (SELECT 1) TO 'stolen.csv'; SELECT (1", "it is more than one statement"),
    ],
)
def test_what_is_no_condition(
    shop: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, condition: str, reason: str
) -> None:
    """The reason is DuckDB's, and nothing else is run with it."""
    monkeypatch.chdir(tmp_path)
    said = _refused(diff_two(shop, "--where", condition))
    assert said.startswith(f"Not compared. `--where` is `{condition}`, which is no condition for `dwh.orders`: ")
    assert reason in said
    assert not (tmp_path / "stolen.csv").exists()


@pytest.mark.parametrize("option", ["--tolerance", "--relative-tolerance"])
def test_what_is_no_tolerance(shop: Path, option: str) -> None:
    """With an infinite one every number would be equal, without a word."""
    said = _refused(diff_two(shop, option, "inf"))
    assert said == f"Not compared. `{option}` is `inf`. Accepted: a number that is 0 or greater."
    assert diff_two(shop, option, "nan").code == 2
