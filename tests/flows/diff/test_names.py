"""Names of tables and columns that break careless SQL."""

import pytest

from flows.diff import DiffSettings, Key, diff_schemas
from tests.flows.diff.adapter import Memory, as_warehouse

NAMES = [
    'quo"te',
    "do.t",
    "größe",
    "select",
    "MixedCase",
    "two words",
    "'; --",
    "k0",
    "row_hash",
    "p",
    "s",
    "🦆",
    "{x}",
]


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("is_keyed", [True, False])
def test_any_name_of_table_and_column_is_compared(memory: Memory, name: str, is_keyed: bool) -> None:
    """The name is quoted everywhere, as table, as key and as value."""
    quoted = memory.dialect.quote(name)
    value = memory.dialect.quote(f"{name} value")
    for schema, new in (("dwh", 1), ("develop_dwh", 2)):
        memory.connection.execute(f"CREATE TABLE {schema}.{quoted} AS SELECT 7 AS {quoted}, {new} AS {value}")
    found = memory.diff(name, key=Key((name,), "test") if is_keyed else None)
    assert (found.name, found.status, found.error) == (name, "changed", "")
    assert (found.changed, found.added) == ((1, 0) if is_keyed else (None, 1))
    assert f"{name} value" in {cell.column for sample in found.samples for cell in sample.cells}


def test_names_as_long_as_a_warehouse_allows_are_compared(memory: Memory) -> None:
    """255 characters, the most that Snowflake takes, are a name like others."""
    test_any_name_of_table_and_column_is_compared(memory, "ä" * 249, is_keyed=True)


def test_column_names_that_the_statement_uses_itself_are_compared(memory: Memory) -> None:
    """Columns called like our own aliases do not get mixed up with them."""
    names = [
        "k0",
        "c0",
        "n",
        "n0",
        "x0",
        "kind",
        "place",
        "row_hash",
        "row_count",
        "fingerprint",
        "side",
        "times",
        "added",
        "v0",
        "is_added",
        "is_late",
        "number",
        "moment",
        "pairs",
        "g0",
        "key_hash",
        "place_number",
        "place_value",
        "differing",
    ]
    for schema, new in (("dwh", 0), ("develop_dwh", 100)):
        columns = ", ".join(f'{place + new * (place > 0)} AS "{name}"' for place, name in enumerate(names))
        memory.connection.execute(f"CREATE TABLE {schema}.t AS SELECT {columns}")
    found = memory.diff(key=Key(("k0",), "test"))
    assert [count.column for count in found.changed_columns] == names[1:]
    assert memory.diff().added == 1


@pytest.mark.parametrize("place", ["table", "column"])
def test_name_of_ten_megabytes_fails_its_table_alone(memory: Memory, place: str) -> None:
    """The table is not compared and says why, in few words; its neighbours are."""
    long = "n" * (10 * 2**20)
    table, column = (long, "c") if place == "table" else ("t", long)
    memory.connection.execute(f'CREATE TABLE develop_dwh."{table}" AS SELECT 1 AS "{column}"')
    memory.connection.execute("CREATE TABLE develop_dwh.neighbour AS SELECT 1 AS id")
    found = diff_schemas(as_warehouse(memory), keys={}, settings=DiffSettings())
    assert {one.status for one in found if one.name == "neighbour"} == {"added"}
    (failed,) = [one for one in found if one.name != "neighbour"]
    assert failed.status == "failed"
    assert "has a name of 10,485,760 characters, and 1,000 are the most." in failed.error
    assert len(failed.model_dump_json()) < 2_000


def test_cells_of_ten_megabytes_stay_in_the_warehouse(memory: Memory) -> None:
    """What is shown of them is cut before it leaves, in samples, keys, concentrations and distributions."""
    for schema, letter in (("dwh", "a"), ("develop_dwh", "b")):
        memory.connection.execute(
            f"CREATE TABLE {schema}.t AS SELECT i AS id, REPEAT('k', 1000000) || i AS k, "
            f"REPEAT('{letter}', 10485760) AS v "
            "FROM range(5) AS r(i)"
        )
    for key in (Key(("id",), "test"), Key(("k",), "test"), None):
        found = memory.diff("t", key=key)
        assert found.status == "changed"
        assert found.samples
        assert len(found.model_dump_json()) < 60_000
