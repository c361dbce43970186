"""A glance at the keys: what it proves, what it spares, and that a join on a bad key never explodes."""

import pytest

from flows.diff import Key
from flows.diff.glance import Glance
from tests.flows.diff.adapter import Memory

ID = Key(("id",), "test")


def test_heavy_key_is_never_joined(memory: Memory) -> None:
    """A value that a tenth of the rows have would make 400 million pairs, so the key is checked first."""
    for schema, x in (("{p}", 0), ("{s}", 1)):
        memory.run(
            f"CREATE TABLE {schema}.t AS SELECT CASE WHEN i < 20000 THEN -1 ELSE i END AS id, {x} AS x"
            " FROM range(200000) r(i)"
        )
    found = memory.diff(key=ID)
    assert (found.method, found.added, found.removed) == ("multiset", 200000, 200000)
    assert "Rows of staging that repeat the key (id) of another row: 19,999." in found.notes
    assert not any("FULL OUTER JOIN" in statement for statement in memory.statements)


def test_sound_key_is_proved_by_the_join_alone(memory: Memory) -> None:
    """Nothing but the glance, a scan of each side and one statement are needed, if nothing changed in its columns."""
    memory.run("CREATE TABLE {p}.t AS SELECT i AS id FROM range(9) r(i)", "CREATE TABLE {s}.t AS SELECT 3 AS id")
    assert memory.diff(key=ID).method == "keyed"
    assert len(memory.statements) == 4


@pytest.mark.parametrize(
    ("production", "staging"),
    [
        ("(1, 'a'), (1, 'a')", "(1, 'a'), (1, 'a'), (2, 'b')"),
        ("(1, 'a'), (1, 'b')", "(1, 'b'), (1, 'a'), (2, 'b')"),
        ("(1, 'a')", "(1, 'a'), (2, 'b'), (2, 'b')"),
        ("(1, 'a'), (2, 'b'), (2, 'c')", "(1, 'a')"),
        ("(1, 'a'), (2, 'b'), (2, 'c')", "(1, 'a'), (3, 'd'), (3, 'e')"),
        ("(1, 'a'), (1, 'a'), (2, 'b')", "(1, 'a'), (3, 'd')"),
    ],
)
def test_no_repeated_key_escapes_the_proof(memory: Memory, production: str, staging: str) -> None:
    """Balanced or not, equal or not, on one side or both: a few repeated keys pass the glance and fail the proof."""
    memory.run(
        f"CREATE TABLE {{p}}.t AS SELECT * FROM (VALUES {production}) AS v(id, x)",
        f"CREATE TABLE {{s}}.t AS SELECT * FROM (VALUES {staging}) AS v(id, x)",
    )
    found = memory.diff(key=ID)
    assert found.method == "multiset"
    assert any("FULL OUTER JOIN" in statement for statement in memory.statements)
    assert any("repeat the key (id) of another row" in note for note in found.notes)


def test_pairs_are_estimated_from_squares() -> None:
    """Rows of unique keys that fall into buckets evenly are as many pairs; one key of all rows is their square."""
    assert Glance(rows=4096 * 100, squares=4096 * 100 * 100 + 4096 * 100).pairs == pytest.approx(4096 * 100, rel=0.01)
    assert Glance(rows=1000, squares=1000**2).pairs == pytest.approx(1000**2)


def test_sides_with_equal_keys_are_read_once_more_with_their_profile(memory: Memory) -> None:
    """Equal rows and keys may be equal tables, so the fingerprints come first; they differ, and the profile follows."""
    memory.run("CREATE TABLE {p}.t AS SELECT 1 AS id, 1 AS x", "CREATE TABLE {s}.t AS SELECT 1 AS id, 2 AS x")
    found = memory.diff(key=ID)
    assert (found.changed, [profile.column for profile in found.profile]) == (1, ["id", "x"])
    assert [distribution.column for distribution in found.distributions] == ["x"]
