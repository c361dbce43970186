"""DuckDB's SQL: what a hash sees, what a value looks like as text."""

from typing import Any

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from flows.warehouse.duckdb.dialect import DuckDBDialect
from tests.flows.warehouse.world import DuckDBWorld

dialect = DuckDBDialect()

TEXTS = {
    "NULL::BLOB": None,
    "'\\x00\\xABa'::BLOB": "00ab61",
    "''::BLOB": "",
    "1.10::DECIMAL(38, 10)": "1.1000000000",
    "99999999999999999999999999999999999999::DECIMAL(38, 0)": "9" * 38,
    "'nan'::DOUBLE": "nan",
    "'-inf'::FLOAT": "-inf",
    "0.1::DOUBLE": "0.1",
    "TIMESTAMPTZ '2024-01-02 03:04:05.678901+05:30'": "2024-01-01 21:34:05.678901+00",
    "'infinity'::TIMESTAMP": "infinity",
    "TIMESTAMP_NS '2024-01-02 03:04:05.678901234'": "2024-01-02 03:04:05.678901234",
    "DATE '0044-03-15 (BC)'": "0044-03-15 (BC)",
    "INTERVAL '1 year 2 days 03:04:05.6'": "1 year 2 days 03:04:05.6",
    "['a,b', 'null', NULL, '']": "['a,b', 'null', NULL, '']",
    "{'a': 1, 'b': [1.50]}": "{'a': 1, 'b': [1.50]}",
    "MAP {'k': 1}": "{k=1}",
    "union_value(t := 1)::UNION(t INTEGER, u INTEGER)": '{"t":1}',
    "union_value(u := 1)::UNION(t INTEGER, u INTEGER)": '{"u":1}',
    "'a' || chr(10) || 'b'": "a\nb",
    "TRUE": "true",
    "'101'::BIT": "101",
    "170141183460469231731687303715884105727::HUGEINT": "170141183460469231731687303715884105727",
}


def evaluated(sql: str) -> Any:
    """The one value of a query."""
    with duckdb.connect() as connection:
        return connection.execute(sql).fetchall()[0][0]


@pytest.mark.parametrize(("value", "expected"), TEXTS.items(), ids=TEXTS.keys())
def test_as_text_is_faithful(world: DuckDBWorld, value: str, expected: str | None) -> None:
    """Every digit, every byte, every sign of a value."""
    with world.warehouse() as warehouse:
        [(type_name,)] = warehouse.query(f"SELECT typeof({value}) AS t")
        assert warehouse.query(f"SELECT {dialect.as_text(value, type_name)} AS t") == [(expected,)]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("0.0::DOUBLE", "'-0.0'::DOUBLE"),
        ("'nan'::DOUBLE", "-('nan'::DOUBLE)"),
        ("'nan'::FLOAT", "('inf'::FLOAT - 'inf'::FLOAT)"),
    ],
)
def test_row_hash_is_equal_for_equal_floats(one: str, other: str) -> None:
    """The two zeros are one value, and so is every NaN."""
    assert evaluated(f"SELECT {dialect.row_hash([one])} = {dialect.row_hash([other])}") is True


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (["1", "NULL"], ["NULL", "1"]),
        (["'a'", "'bc'"], ["'ab'", "'c'"]),
        (["NULL::INTEGER"], ["0"]),
        (["''"], ["NULL::VARCHAR"]),
        (["'a'"], ["'A'"]),
        (["'é'"], ["'e' || chr(769)"]),
    ],
)
def test_row_hash_differs_for_different_rows(one: list[str], other: list[str]) -> None:
    """Order of columns, NULL, case and code points count."""
    assert evaluated(f"SELECT {dialect.row_hash(one)} = {dialect.row_hash(other)}") is False


@pytest.mark.parametrize(
    ("type_name", "one", "other"),
    [
        ("INTERVAL", "INTERVAL 30 DAY", "INTERVAL 1 MONTH"),
        ("INTEGER[]", "[NULL]::INTEGER[]", "[]::INTEGER[]"),
        ("STRUCT(a DOUBLE)", "{'a': 1::DOUBLE}", "{'a': 2::DOUBLE}"),
        ("VARIANT", "1::VARIANT", "'1 '::VARIANT"),
    ],
)
def test_types_whose_hash_misleads_are_not_comparable(type_name: str, one: str, other: str) -> None:
    """They are compared as text, which tells them apart."""
    assert not dialect.is_comparable(type_name)
    texts = [dialect.as_text(value, type_name) for value in (one, other)]
    assert evaluated(f"SELECT {texts[0]} = {texts[1]}") is False


@pytest.mark.parametrize(
    "type_name", ["INTEGER", "DECIMAL(18,2)", "VARCHAR", "TIMESTAMP WITH TIME ZONE", "JSON", "BLOB"]
)
def test_plain_types_are_comparable(type_name: str) -> None:
    """Nothing is cast that need not be."""
    assert dialect.is_comparable(type_name)


def test_is_float_knows_binary_floats_only() -> None:
    """Decimals are exact, so no tolerance applies to them."""
    assert [name for name in ("FLOAT", "DOUBLE", "DECIMAL(18,2)", "INTEGER", "FLOAT[]") if dialect.is_float(name)] == [
        "FLOAT",
        "DOUBLE",
    ]


Row = tuple[int | None, str | None, float | None]
ROWS = st.lists(
    st.tuples(st.none() | st.integers(0, 3), st.none() | st.sampled_from(["", "a", "A"]), st.none() | st.floats()),
    max_size=12,
)


def fingerprint(connection: duckdb.DuckDBPyConnection, rows: list[Row]) -> Any:
    """The fingerprint of a table that holds the rows."""
    connection.execute("CREATE OR REPLACE TABLE t (a INTEGER, b VARCHAR, c DOUBLE)")
    if rows:
        connection.executemany("INSERT INTO t VALUES (?, ?, ?)", rows)
    return connection.execute(f"SELECT {dialect.fingerprint(['a', 'b', 'c'])} FROM t").fetchall()[0][0]


def canonical(rows: list[Row]) -> list[str]:
    """The multiset of rows, written down without DuckDB."""
    zeros = [(a, b, 0.0 if c == 0 else c) for a, b, c in rows]
    return sorted(repr(row).replace("-nan", "nan") for row in zeros)


@settings(max_examples=60, deadline=None)
@given(one=ROWS, other=ROWS, shuffled=st.randoms())
def test_fingerprint_is_equal_exactly_for_equal_rows(one: list[Row], other: list[Row], shuffled: Any) -> None:
    """Against a definition in Python: same multiset, same fingerprint; another multiset, another fingerprint."""
    with duckdb.connect() as connection:
        turned = list(one)
        shuffled.shuffle(turned)
        assert fingerprint(connection, one) == fingerprint(connection, turned)
        is_same = fingerprint(connection, one) == fingerprint(connection, other)
    assert is_same == (canonical(one) == canonical(other))
