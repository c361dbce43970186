"""`wap diff TABLE` answers the same of the same data, whether DuckDB holds it or Snowflake."""

import json
from collections.abc import Iterator

import pytest

from tests.snowflake.stand_in import stand_in
from tests.wap.conftest import Answer
from tests.wap.diff_targets import DiffTarget, DuckDBTarget, SnowflakeTarget, diff_in, lay_out, leave_manifest

DATA = (
    "CREATE SCHEMA {p}",
    "CREATE SCHEMA {s}",
    *(
        f"CREATE TABLE {side}.orders (order_id INTEGER, amount DOUBLE, status VARCHAR, mail VARCHAR, day DATE)"
        for side in ("{p}", "{s}")
    ),
    """INSERT INTO {p}.orders VALUES
        (1, 10.0, 'open', 'mina@example.com', '2026-03-01'), (2, 20.0, 'open', 'tomas@example.com', '2026-03-01'),
        (3, 30.0, 'paid', NULL, '2026-03-02'), (5, 50.0, 'open', '', '2026-03-02')""",
    """INSERT INTO {s}.orders VALUES
        (1, 10.0, 'open', 'mina@example.com', '2026-03-01'), (2, 20.5, 'open', 'ines@example.com', '2026-03-01'),
        (4, 40.0, 'paid', NULL, '2026-03-03'), (5, 50.0, NULL, '', '2026-03-02')""",
    "CREATE TABLE {p}.customers (id INTEGER, name VARCHAR)",
    "INSERT INTO {p}.customers VALUES (1, 'Mina'), (2, 'Tomas')",
    "CREATE TABLE {s}.customers AS SELECT * FROM {p}.customers",
    "CREATE TABLE {p}.lines (id INTEGER, part INTEGER, v INTEGER, PRIMARY KEY (id, part))",
    "CREATE TABLE {s}.lines (id INTEGER, part INTEGER, v INTEGER)",
    "INSERT INTO {p}.lines VALUES (1, 1, 1), (1, 2, 2)",
    "INSERT INTO {s}.lines VALUES (1, 1, 1), (1, 2, 9)",
    "CREATE TABLE {s}.fresh AS SELECT 1 AS id",
    "CREATE TABLE {p}.gone AS SELECT 1 AS id",
    "CREATE VIEW {p}.open_orders AS SELECT order_id, amount FROM {p}.orders WHERE status = 'open'",
    "CREATE VIEW {s}.open_orders AS SELECT order_id, amount FROM {s}.orders WHERE status = 'open'",
)

CASES: dict[str, tuple[str, ...]] = {
    "key of dbt": ("orders",),
    "key that is typed": ("orders", "--key", "order_id"),
    "another case": ("Orders", "--key", "Order_ID"),
    "two columns": ("orders", "--key", "order_id,day"),
    "a key that repeats": ("orders", "--key", "status"),
    "a part": ("orders", "--where", "order_id < 3 AND day >= '2026-03-01'"),
    "ignored": ("orders", "--ignore", "amount,STATUS"),
    "masked": ("orders", "--mask", "Amount"),
    "tolerance": ("orders", "--tolerance", "1", "--ignore", "status,mail"),
    "relative tolerance": ("orders", "--relative-tolerance", "0.1"),
    "no samples": ("orders", "--samples", "0"),
    "one sample": ("orders", "--samples", "1"),
    "equal": ("customers",),
    "primary key constraint": ("lines",),
    "staging only": ("fresh",),
    "production only": ("gone",),
    "a view": ("open_orders", "--key", "order_id"),
    "no such table": ("odrers",),
    "no such key": ("orders", "--key", "oder_id"),
    "no such mask": ("orders", "--mask", "mial"),
    "no such column to ignore": ("orders", "--ignore", "mial"),
    "a list that is none": ("orders", "--key", 'a,"b'),
    "no tolerance": ("orders", "--tolerance", "inf"),
    "a part of one side": ("fresh", "--where", "id = 1"),
    "more than one statement": ("orders", "--where", "true); SELECT (1"),
    "ignored everywhere": ("customers", "--ignore", "id,name"),
}

ONLY_SEEN = "only what the role `accountadmin` may see was looked at"
"""The beginning of a note on a table that only one side has."""


@pytest.fixture(scope="module")
def targets(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[DiffTarget, DiffTarget]]:
    """The same data in both, and dbt says of both that mails are masked."""
    folder = tmp_path_factory.mktemp("both")
    with stand_in() as snow:
        duckdb, snowflake = DuckDBTarget(folder / "duckdb"), SnowflakeTarget(folder / "snowflake", snow)
        lay_out(duckdb.folder, {"type": "duckdb", "path": str(duckdb.folder / "shop.duckdb"), "schema": "dwh"})
        lay_out(snowflake.folder, snow.profile(schema="dwh"))
        for target in (duckdb, snowflake):
            target.execute(*DATA)
            leave_manifest(target.folder, key="order_id", mask=["mail"])
        yield duckdb, snowflake


@pytest.mark.parametrize("case", CASES)
def test_both_answer_the_same(targets: tuple[DiffTarget, DiffTarget], case: str) -> None:
    """The document, the refusal and the exit code, but for the case in which a catalog has its names."""
    duckdb, snowflake = (diff_in(target, *CASES[case], "--json") for target in targets)
    assert _told(snowflake) == _told(duckdb)
    assert (duckdb.out == "") is (duckdb.code == 2)
    assert "example.com" not in snowflake.out


@pytest.mark.parametrize("case", ["key of dbt", "a key that repeats", "a part", "equal", "production only"])
def test_both_print_the_same_page(targets: tuple[DiffTarget, DiffTarget], case: str) -> None:
    """Every line of it."""
    duckdb, snowflake = (diff_in(target, *CASES[case]) for target in targets)
    assert _told(snowflake) == _told(duckdb)
    assert duckdb.err == ""


def _told(answer: Answer) -> tuple[int, object, str]:
    """In lower case, without what only Snowflake says, and without the order that whole rows have by their hashes."""
    return answer.code, _plain(answer.out.casefold()), answer.err.casefold()


def _plain(out: str) -> object:
    if out.startswith("{"):
        found = json.loads(out)
        found["samples"].sort(key=json.dumps)
        found["notes"] = [note for note in found["notes"] if not note.startswith(ONLY_SEEN)]
        return found
    return sorted(line.rstrip() for line in out.partition(f"\n\nnotes\n  {ONLY_SEEN}")[0].splitlines())
