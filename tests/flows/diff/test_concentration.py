"""Where the change is: one value that the differing rows share, told only if it tells where to look."""

from typing import Literal

import pytest

from flows.contract import Concentration
from flows.diff import Choice, Key
from flows.diff.concentration import LEAST_ROWS
from tests.flows.diff.adapter import Memory

ID = Key(("id",), "test")
ROWS = (
    "SELECT i AS id, ['DE', 'FR', 'IT', 'ES'][1 + i % 4] AS land, 'x' AS same, i % 7 AS week,"
    " CASE WHEN i % 20 = 0 THEN 'rare' ELSE 'usual' END AS sort, {x} AS x FROM range({first}, {last}) r(i)"
)


def _make(memory: Memory, schema: str, *, x: str = "0", first: int = 0, last: int = 2000, where: str = "TRUE") -> None:
    rows = ROWS.replace("{x}", x).replace("{first}", str(first)).replace("{last}", str(last))
    memory.run(f"CREATE OR REPLACE TABLE {schema}.t AS SELECT * FROM ({rows}) WHERE {where}")


def test_changed_rows_of_one_value_are_told_with_what_is_usual(memory: Memory) -> None:
    """All changed rows are French, of all rows a quarter is."""
    _make(memory, "{p}")
    _make(memory, "{s}", x="CASE WHEN i % 4 = 1 AND i % 3 = 0 THEN 1 ELSE 0 END")
    found = memory.diff(key=ID)
    assert found.changed == 166
    assert found.concentration == Concentration(kind="changed", column="land", value="FR", rows=166, of=166, usual=0.25)


@pytest.mark.parametrize("kind", ["added", "removed"])
def test_added_and_removed_rows_gather_too(memory: Memory, kind: Literal["added", "removed"]) -> None:
    """The kind with the most rows is looked at, on the side that has them."""
    less, more = ("{p}", "{s}") if kind == "added" else ("{s}", "{p}")
    _make(memory, less, where="land <> 'IT'")
    _make(memory, more)
    found = memory.diff(key=ID)
    assert found.concentration == Concentration(kind=kind, column="land", value="IT", rows=500, of=500, usual=0.25)


def test_null_is_a_value_like_others(memory: Memory) -> None:
    """Rows may gather where nothing is written."""
    for schema, x in (("{p}", "0"), ("{s}", "CASE WHEN i % 4 = 1 THEN 1 ELSE 0 END")):
        _make(memory, schema, x=x)
        memory.run(f"UPDATE {schema}.t SET land = NULL WHERE land = 'FR'")
    found = memory.diff(key=ID).concentration
    assert found
    assert (found.column, found.value, found.rows) == ("land", None, 500)


@pytest.mark.parametrize(
    "x",
    [
        "CASE WHEN i % 3 = 0 THEN 1 ELSE 0 END",
        "CASE WHEN i % 20 <> 0 AND i % 3 = 0 THEN 1 ELSE 0 END",
        f"CASE WHEN i % 4 = 1 AND i < {4 * (LEAST_ROWS - 1)} THEN 1 ELSE 0 END",
    ],
    ids=["spread", "the value that nearly all rows have", "too few rows"],
)
def test_change_that_gathers_nowhere_is_not_told(memory: Memory, x: str) -> None:
    """Neither a change all over the table, nor a value that is everywhere, nor a handful of rows."""
    _make(memory, "{p}")
    _make(memory, "{s}", x=x)
    found = memory.diff(key=ID)
    assert (found.changed or 0) > 10
    assert found.concentration is None


def test_most_but_not_all_rows_are_enough(memory: Memory) -> None:
    """Nine of ten changed rows have the value."""
    _make(memory, "{p}")
    _make(memory, "{s}", x="CASE WHEN i % 4 = 1 AND i < 1080 OR i % 4 = 0 AND i < 120 THEN 1 ELSE 0 END")
    found = memory.diff(key=ID).concentration
    assert found
    assert (found.value, found.rows, found.of) == ("FR", 270, 300)


def test_column_that_the_change_rewrote_is_no_place(memory: Memory) -> None:
    """It says what changed, which the counts of columns say already."""
    _make(memory, "{p}")
    _make(memory, "{s}")
    memory.run("UPDATE {s}.t SET sort = 'new' WHERE id % 3 = 0")
    found = memory.diff(key=ID)
    assert found.changed == 667
    assert found.concentration is None


def test_masked_column_is_no_place(memory: Memory) -> None:
    """No value of a masked column leaves the warehouse, not even as the place of a change."""
    _make(memory, "{p}")
    _make(memory, "{s}", x="CASE WHEN i % 4 = 1 THEN 1 ELSE 0 END")
    found = memory.diff(key=ID, masked={"t": frozenset({"land"})})
    assert found.changed == 500
    assert found.concentration is None
    assert not any("FR" in answer for answer in memory.answers)


def test_part_of_a_key_is_a_place_and_a_whole_key_is_none(memory: Memory) -> None:
    """Of a key of several columns one may say where; a key of one column tells rows apart."""
    _make(memory, "{p}")
    _make(memory, "{s}", x="CASE WHEN i % 4 = 1 THEN 1 ELSE 0 END")
    found = memory.diff(key=Key(("land", "id"), "test")).concentration
    assert found
    assert (found.column, found.value, found.usual) == ("land", "FR", 0.25)


def test_usual_is_of_the_rows_that_were_compared(memory: Memory) -> None:
    """In a part of the table in which all rows have the value it is nothing special."""
    _make(memory, "{p}")
    _make(memory, "{s}", x="CASE WHEN i % 4 = 1 AND i % 3 = 0 THEN 1 ELSE 0 END")
    found = memory.diff(key=ID, tables={"t": Choice(where="land = 'FR'")})
    assert found.changed == 166
    assert found.concentration is None
