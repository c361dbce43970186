"""Names of tables and columns that break careless SQL."""

import pytest

from flows.diff import Key
from tests.flows.diff.adapter import Memory

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
