"""Tables that break careless diffs: without columns, without rows, with values that nothing can do arithmetic on."""

import pytest

from flows.diff import Key
from tests.flows.diff.adapter import Memory

ID = Key(("id",), "test")
HOSTILE = {
    "wide decimal": ("DECIMAL(38,10)", "9999999999999999999999999999.0000000001"),
    "nan": ("DOUBLE", "'nan'"),
    "infinity": ("DOUBLE", "'-inf'"),
    "endless date": ("DATE", "'infinity'"),
    "endless time": ("TIMESTAMP", "'-infinity'"),
    "zone": ("TIMESTAMPTZ", "'2024-01-01 00:00:00-11'"),
    "bytes": ("BLOB", "'\\x00\\xFF'::BLOB"),
    "json": ("JSON", """'{"a": [1, null]}'"""),
    "list": ("INTEGER[]", "[1, NULL]"),
    "struct": ("STRUCT(a INTEGER, b VARCHAR[])", "{'a': NULL, 'b': ['x']}"),
    "variant": ("VARIANT", "{'a': 1}::VARIANT"),
    "interval": ("INTERVAL", "INTERVAL 1 MONTH"),
    "nothing": ("INTEGER", "NULL"),
}


@pytest.mark.parametrize("key", [ID, None])
def test_tables_without_a_common_column_are_not_called_equal(memory: Memory, key: Key | None) -> None:
    """There is nothing to compare, which the note says; the columns themselves are the change."""
    memory.run("CREATE TABLE {p}.t AS SELECT 1 AS a", "CREATE TABLE {s}.t AS SELECT 1 AS b")
    found = memory.diff(key=key)
    assert (found.status, found.method, found.added) == ("changed", "none", None)
    assert "No rows were compared: the sides have no column in common to compare." in found.notes


def test_only_the_key_is_compared_when_all_else_is_ignored(memory: Memory) -> None:
    """Rows come and go by their keys; none can have changed."""
    memory.run(
        "CREATE TABLE {p}.t AS SELECT 1 AS id, 1 AS x",
        "CREATE TABLE {s}.t AS SELECT i AS id, 2 AS x FROM range(3) r(i)",
    )
    found = memory.diff(key=ID, ignore={"t": frozenset({"x"})})
    assert (found.method, found.added, found.removed, found.changed, found.unchanged) == ("keyed", 2, 0, 0, 1)


@pytest.mark.parametrize("key", [ID, None])
@pytest.mark.parametrize(("before", "after"), [(0, 0), (0, 3), (3, 0)])
def test_empty_sides_have_profiles_and_counts(memory: Memory, before: int, after: int, key: Key | None) -> None:
    """No rows are a side like any other; that both have none and other columns is a change of columns."""
    memory.run(
        f"CREATE TABLE {{p}}.t AS SELECT i AS id, 'x' AS v FROM range({before}) r(i)",
        f"CREATE TABLE {{s}}.t AS SELECT i AS id, 'x' AS v, 1 AS w FROM range({after}) r(i)",
    )
    found = memory.diff(key=key)
    assert (found.status, found.error, found.added, found.removed) == ("changed", "", after, before)
    assert [profile.column for profile in found.profile] == ["id", "v", "w"]


@pytest.mark.parametrize("key", [ID, None])
@pytest.mark.parametrize(("type_name", "value"), HOSTILE.values(), ids=HOSTILE.keys())
def test_hostile_values_are_compared_profiled_and_shown(
    memory: Memory, type_name: str, value: str, key: Key | None
) -> None:
    """A column of such values in all rows, and NULL in one: everything that a report holds is there."""
    memory.run(
        f"CREATE TABLE {{p}}.t AS SELECT i AS id, {value}::{type_name} AS v, 0 AS x FROM range(50) r(i)",
        f"CREATE TABLE {{s}}.t AS SELECT i AS id, CASE WHEN i > 0 THEN {value}::{type_name} END AS v, i % 2 AS x"
        " FROM range(50) r(i)",
    )
    found = memory.diff(key=key)
    assert (found.status, found.error) == ("changed", "")
    assert len(found.profile) == 3
    assert not any("could not" in note for note in found.notes)
    expected = (0, 0, 25 if value == "NULL" else 26, 25 if value == "NULL" else 24)
    assert (found.added, found.removed, found.changed, found.unchanged) == expected if key else found.added


def test_thousand_columns_without_a_key_are_compared(memory: Memory) -> None:
    """Whole rows of a thousand columns are rows like others; the profile says which it left out."""
    for schema, value in (("{p}", "i"), ("{s}", "i + 1")):
        columns = ", ".join(f"{value} AS c{n}" for n in range(1000))
        memory.run(f"CREATE TABLE {schema}.t AS SELECT {columns} FROM range(3) r(i)")
    found = memory.diff()
    assert (found.error, found.added, found.removed, found.unchanged) == ("", 1, 1, 2)
    assert any(note.startswith("Not profiled: 800 of the 1,000 columns") for note in found.notes)


def test_profile_that_fails_leaves_the_counts(memory: Memory) -> None:
    """What a decision needs is counted all the same, and a note says what is missing."""
    for schema in ("{p}", "{s}"):
        memory.run(f"CREATE TABLE {schema}.t AS SELECT i AS id, 'x' AS v FROM range(3) r(i)")
    memory.run("INSERT INTO {s}.t VALUES (9, 'y')")
    memory.refuse("APPROX_COUNT_DISTINCT")
    found = memory.diff(key=ID)
    assert (found.status, found.added, found.unchanged, found.profile) == ("changed", 1, 3, ())
    assert "There is no profile: the warehouse could not compute it. The counts are complete without it." in found.notes


def test_distributions_and_places_that_fail_leave_the_counts(memory: Memory) -> None:
    """Neither is needed for a decision; the notes say that they are missing."""
    for schema, x in (("{p}", "0"), ("{s}", "i % 2")):
        memory.run(f"CREATE TABLE {schema}.t AS SELECT i AS id, i % 2 AS odd, {x} AS x FROM range(100) r(i)")
    memory.refuse("WITH counted")
    memory.refuse("place_value, times FROM (SELECT")
    found = memory.diff(key=ID)
    assert (found.status, found.changed, found.distributions, found.concentration) == ("changed", 50, (), None)
    assert "There are no distributions: the warehouse could not compute them." in found.notes
