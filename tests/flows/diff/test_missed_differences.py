"""Differences that a hash or `=` of the warehouse does not see by itself."""

import pytest

from flows.diff import Key
from tests.flows.diff.adapter import Memory

ID = Key(("id",), "test")


@pytest.mark.parametrize("key", [ID, None])
@pytest.mark.parametrize(
    ("type_name", "before", "after"),
    [
        ("HUGEINT", "0", "-1"),
        ("DECIMAL(38,2)", "0", "-0.01"),
        ("DECIMAL(19,0)", "0", "-1"),
        ("UHUGEINT", "0", "18446744073709551617"),
        ("HUGEINT", "18446744073709551618", "36893488147419103233"),
    ],
)
def test_numbers_of_128_bits_that_hash_alike_differ(
    memory: Memory, type_name: str, before: str, after: str, key: Key | None
) -> None:
    """DuckDB hashes the halves of such a number one by one, and -1 like 0; no such pair is taken for equal."""
    for schema, value in (("{p}", before), ("{s}", after)):
        memory.run(f"CREATE TABLE {schema}.t AS SELECT i AS id, {value}::{type_name} AS v FROM range(3) r(i)")
    found = memory.diff(key=key)
    assert (found.status, found.changed, found.removed) == ("changed", *((3, 0) if key else (None, 3)))


@pytest.mark.parametrize("key", [ID, None])
@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("DATE '2020-01-01'", "'2020-01-01'"),
        ("{'a': [DATE '2020-01-01']}", "{'a': ['2020-01-01']}"),
        ("0.12345678901234567891::DECIMAL(38,20)", "0.12345678901234567892::DECIMAL(38,20)"),
        ("1", "NULL"),
    ],
)
def test_variants_that_are_one_as_json_differ(memory: Memory, before: str, after: str, key: Key | None) -> None:
    """JSON has no dates and few digits."""
    for schema, value in (("{p}", before), ("{s}", after)):
        memory.run(f"CREATE TABLE {schema}.t AS SELECT i AS id, ({value})::VARIANT AS v FROM range(3) r(i)")
    found = memory.diff(key=key)
    assert (found.status, found.changed, found.removed) == ("changed", *((3, 0) if key else (None, 3)))


def test_values_that_two_rows_swapped_are_seen(memory: Memory) -> None:
    """A sum of hashes that take in the last column by XOR alone is the same after these two rows swapped it."""
    rows = "SELECT i AS id, i = {one} AS is_paid FROM (VALUES (3), (2858303)) r(i)"
    memory.run("CREATE TABLE {p}.t AS " + rows.replace("{one}", "3"))
    memory.run("CREATE TABLE {s}.t AS " + rows.replace("{one}", "2858303"))
    found = memory.diff(key=ID)
    assert (found.status, found.changed) == ("changed", 2)


@pytest.mark.parametrize("key", [ID, None])
def test_collation_hides_no_difference(memory: Memory, key: Key | None) -> None:
    """A column for which 'A' equals 'a' is compared by what is in it, keys too."""
    for schema, value in (("{p}", "'A'"), ("{s}", "'a'")):
        memory.run(
            f"CREATE TABLE {schema}.t (id VARCHAR COLLATE NOCASE, v VARCHAR COLLATE NOCASE)",
            f"INSERT INTO {schema}.t VALUES ('x', {value}), ('X', 'same')",
        )
    found = memory.diff(key=key)
    assert (found.method, found.changed, found.unchanged) == (("keyed", 1, 1) if key else ("multiset", None, 1))
