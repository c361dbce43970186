"""Every type of DuckDB: a changed value is seen by fingerprint, key and whole rows; a wider type is no change."""

import pytest

from flows.diff import Key
from tests.flows.diff.adapter import Memory

PAIRS = [
    ("BOOLEAN", "true", "false"),
    ("TINYINT", "1", "2"),
    ("UBIGINT", "18446744073709551615", "18446744073709551614"),
    ("HUGEINT", "170141183460469231731687303715884105727", "170141183460469231731687303715884105726"),
    ("UHUGEINT", "340282366920938463463374607431768211455", "340282366920938463463374607431768211454"),
    ("DECIMAL(38,10)", "1234567890123456789012345678.0000000001", "1234567890123456789012345678.0000000002"),
    ("FLOAT", "0.1", "0.10000001"),
    ("DOUBLE", "1e15", "1000000000000000.1"),
    ("DOUBLE", "0.1", "0.10000000000000002"),
    ("DOUBLE", "'nan'", "'inf'"),
    ("DOUBLE", "'-inf'", "'inf'"),
    ("DOUBLE", "'nan'", "NULL"),
    ("VARCHAR", "''", "NULL"),
    ("VARCHAR", "'a'", "'A'"),
    ("VARCHAR", "'a'", "'a '"),
    ("VARCHAR", "chr(233)", "'e' || chr(769)"),
    ("BLOB", "'\\x00'::BLOB", "'\\x00\\x00'::BLOB"),
    ("BIT", "'01'", "'10'"),
    ("UUID", "'00000000-0000-0000-0000-000000000001'", "'00000000-0000-0000-0000-000000000002'"),
    ("DATE", "'2024-02-28'", "'2024-02-29'"),
    ("DATE", "'infinity'", "'-infinity'"),
    ("TIME", "'10:00:00'", "'10:00:00.000001'"),
    ("TIME_NS", "'10:00:00'", "'10:00:00.000000001'"),
    ("TIMESTAMP", "'2024-01-01'", "'2024-01-01 00:00:00.000001'"),
    ("TIMESTAMP_NS", "'2024-01-01'", "'2024-01-01 00:00:00.000000001'"),
    ("TIMESTAMP_S", "'2024-01-01'", "'2024-01-01 00:00:01'"),
    ("TIMESTAMPTZ", "'2024-01-01 00:00:00+00'", "'2024-01-01 00:00:00+01'"),
    ("TIMETZ", "'10:00:00+00'", "'10:00:00+01'"),
    ("INTERVAL", "INTERVAL 1 MONTH", "INTERVAL 30 DAY"),
    ("JSON", """'{"a": 1}'""", """'{"a": 2}'"""),
    ("ENUM('a', 'b')", "'a'", "'b'"),
    ("INTEGER[]", "[NULL]", "[]"),
    ("INTEGER[]", "[]", "NULL"),
    ("INTEGER[]", "[1, 2]", "[2, 1]"),
    ("INTEGER[][]", "[[1], [2, 3]]", "[[1, 2], [3]]"),
    ("VARCHAR[]", "['a, b']", "['a', 'b']"),
    ("VARCHAR[]", "['NULL']", "[NULL]"),
    ("INTEGER[2]", "[1, 2]", "[2, 1]"),
    ("STRUCT(a INTEGER)", "{'a': NULL}", "NULL"),
    ("STRUCT(a INTEGER, b VARCHAR)", "{'a': 1, 'b': NULL}", "{'a': 1, 'b': 'NULL'}"),
    ("STRUCT(a DOUBLE[])", "{'a': ['nan'::DOUBLE]}", "{'a': [NULL]}"),
    ("MAP(VARCHAR, INTEGER)", "MAP {'a': 1}", "MAP {'a': 2}"),
    ("UNION(n INTEGER, s VARCHAR)", "union_value(n := 1)", "union_value(s := '1')"),
    ("VARIANT", "1::VARIANT", "2::VARIANT"),
    ("BIGNUM", "1::BIGNUM", "2::BIGNUM"),
]


@pytest.mark.parametrize(("type_name", "old", "new"), PAIRS)
@pytest.mark.parametrize("key", [Key(("id",), "test"), None])
def test_changed_value_is_seen(memory: Memory, type_name: str, old: str, new: str, key: Key | None) -> None:
    """One value of one row differs, and that is what the diff says."""
    for schema, value in (("{p}", old), ("{s}", new)):
        memory.run(
            f"CREATE TABLE {schema}.t (id INTEGER, v {type_name})",
            f"INSERT INTO {schema}.t VALUES (1, {value}), (2, {old})",
        )
    found = memory.diff(key=key)
    assert found.status == "changed", found
    assert found.unchanged == 1
    assert (found.changed, found.added, found.removed) == ((1, 0, 0) if key else (None, 1, 1))


@pytest.mark.parametrize(("type_name", "old", "new"), [pair for pair in PAIRS if "NULL" not in pair])
def test_changed_value_of_a_key_is_another_row(memory: Memory, type_name: str, old: str, new: str) -> None:
    """Any type can be a key; a row whose key changed is another row."""
    for schema, value in (("{p}", old), ("{s}", new)):
        memory.run(f"CREATE TABLE {schema}.t (k {type_name})", f"INSERT INTO {schema}.t VALUES ({value})")
    found = memory.diff(key=Key(("k",), "test"))
    assert (found.method, found.added, found.removed, found.changed) == ("keyed", 1, 1, 0), found


@pytest.mark.parametrize(
    ("old", "new", "value"),
    [
        ("INTEGER", "BIGINT", "7"),
        ("INTEGER", "HUGEINT", "-7"),
        ("INTEGER", "DECIMAL(38,10)", "70"),
        ("HUGEINT", "DECIMAL(38,10)", "100"),
        ("DECIMAL(18,2)", "DECIMAL(18,4)", "1.50"),
        ("DECIMAL(18,2)", "DOUBLE", "1.5"),
        ("INTEGER", "DOUBLE", "1"),
        ("FLOAT", "DOUBLE", "0.5"),
        ("ENUM('a', 'b')", "VARCHAR", "'a'"),
        ("DATE", "TIMESTAMP", "'2024-02-29'"),
        ("TIMESTAMP_S", "TIMESTAMP_NS", "'2024-02-29 01:02:03'"),
        ("TIMESTAMP", "TIMESTAMP_NS", "'2024-02-29 01:02:03.120000'"),
    ],
)
@pytest.mark.parametrize("key", [Key(("id",), "test"), None])
def test_retyped_column_compares_its_values(memory: Memory, old: str, new: str, value: str, key: Key | None) -> None:
    """Among types of one family, a value that the other type writes differently is the same value."""
    other = {"'a'": "'b'", "'2024-02-29'": "'2024-02-28'"}.get(value, f"({value}::{new}) + {_one(new)}")
    memory.run(
        f"CREATE TABLE {{p}}.t (id INTEGER, v {old})",
        f"CREATE TABLE {{s}}.t (id INTEGER, v {new})",
        f"INSERT INTO {{p}}.t VALUES (1, {value}), (2, {value}), (3, NULL)",
        f"INSERT INTO {{s}}.t VALUES (1, {value}), (2, {other}), (3, NULL)",
    )
    found = memory.diff(key=key)
    assert [(change.column, change.kind) for change in found.schema_changes] == [("v", "retyped")]
    assert found.unchanged == 2, found
    assert found.status == "changed"


@pytest.mark.parametrize(
    ("old", "new"), [("VARCHAR", "INTEGER"), ("TIMESTAMP", "TIMESTAMPTZ"), ("INTEGER[]", "BIGINT[]")]
)
def test_retyped_column_of_another_family_is_not_compared(memory: Memory, old: str, new: str) -> None:
    """Types that have nothing in common are said to be not compared, and the rest of the row still is."""
    memory.run(
        f"CREATE TABLE {{p}}.t AS SELECT 1 AS id, NULL::{old} AS v, 'a' AS w",
        f"CREATE TABLE {{s}}.t AS SELECT 1 AS id, NULL::{new} AS v, 'b' AS w",
    )
    found = memory.diff(key=Key(("id",), "test"))
    assert [count.column for count in found.changed_columns] == ["w"]
    assert "Not compared, because the types have nothing in common: v." in found.notes


def test_decimals_beyond_a_double_are_compared_digit_by_digit(memory: Memory) -> None:
    """The 38th digit counts, also when the type changed."""
    memory.run(
        "CREATE TABLE {p}.t AS SELECT 1 AS id, 12345678901234567890123456789012345678::DECIMAL(38,0) AS v",
        "CREATE TABLE {s}.t AS SELECT 1 AS id, 12345678901234567890123456789012345679::HUGEINT AS v",
    )
    assert memory.diff(key=Key(("id",), "test")).changed == 1


@pytest.mark.parametrize("key", [Key(("id",), "test"), None])
def test_negative_zero_and_every_nan_are_no_change(memory: Memory, key: Key | None) -> None:
    """-0.0 equals 0.0 and NaN equals NaN: the fingerprint says so and nothing more is read."""
    memory.run(
        "CREATE TABLE {p}.t AS SELECT 1 AS id, 0.0::DOUBLE AS v, 'nan'::DOUBLE AS w",
        "CREATE TABLE {s}.t AS SELECT 1 AS id, -0.0::DOUBLE AS v, 'inf'::DOUBLE - 'inf'::DOUBLE AS w",
    )
    found = memory.diff(key=key)
    assert (found.status, found.method) == ("equal", "fingerprint")


def test_columns_of_types_that_have_nothing_in_common_are_named(memory: Memory) -> None:
    """Nobody knows whether their values differ, which a rule must know of."""
    memory.run("CREATE TABLE {p}.t AS SELECT 1 AS id, '5' AS v", "CREATE TABLE {s}.t AS SELECT 1 AS id, 6 AS v")
    found = memory.diff(key=Key(("id",), "test"))
    assert (found.not_compared, found.changed) == (("v",), 0)


@pytest.mark.parametrize(("after", "is_noted"), [("DOUBLE", True), ("DECIMAL(38,0)", False)])
def test_digits_that_a_comparison_cannot_see_are_told(memory: Memory, after: str, is_noted: bool) -> None:
    """A whole number beyond 16 digits against a floating point number may differ unseen; decimals may not."""
    memory.run(
        "CREATE TABLE {p}.t AS SELECT 1 AS id, 9007199254740993 AS v",
        f"CREATE TABLE {{s}}.t AS SELECT 1 AS id, 9007199254740993::{after} AS v",
    )
    found = memory.diff(key=Key(("id",), "test"))
    note = "Compared as floating point numbers of some 16 digits, because one side's are such: v."
    assert (found.changed, note in found.notes) == (0, is_noted)


def test_difference_that_only_the_fingerprints_see_is_told(memory: Memory) -> None:
    """A view may answer each statement in another way: no value differs in the comparison, and the note says that."""
    told = "CASE WHEN contains(current_query(), 'FULL OUTER JOIN') THEN 'a' ELSE 'b' END"
    memory.run("CREATE VIEW {p}.t AS SELECT 1 AS id, 'a' AS v", f"CREATE VIEW {{s}}.t AS SELECT 1 AS id, {told} AS v")
    found = memory.diff(key=Key(("id",), "test"))
    assert (found.changed, found.unchanged, found.status) == (0, 1, "changed")
    assert found.notes == ("The fingerprints differ, although no value differs in the warehouse's own comparison.",)


def _one(type_name: str) -> str:
    return "INTERVAL 1 SECOND" if type_name.startswith("TIMESTAMP") else "1"
