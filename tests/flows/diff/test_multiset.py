"""The diff of a table without a key: whole rows, as often as they occur."""

from flows.contract import CellChange, SampleRow
from tests.flows.diff.adapter import Memory


def test_duplicates_are_counted_one_by_one(memory: Memory) -> None:
    """Three copies against one are two removed; a row that both sides have twice is unchanged twice."""
    memory.run(
        "CREATE TABLE {p}.t AS SELECT * FROM (VALUES ('a'), ('a'), ('a'), ('b'), ('b'), (NULL)) AS v(x)",
        "CREATE TABLE {s}.t AS SELECT * FROM (VALUES ('a'), ('b'), ('b'), (NULL), (NULL), ('')) AS v(x)",
    )
    found = memory.diff()
    assert (found.method, found.added, found.removed, found.changed, found.unchanged) == ("multiset", 2, 2, None, 4)
    assert sorted(found.samples, key=lambda sample: (sample.kind, str(sample.cells))) == [
        SampleRow(kind="added", key=(), cells=(CellChange(column="x", staging=""),)),
        SampleRow(kind="added", key=(), cells=(CellChange(column="x"),)),
        SampleRow(kind="removed", key=(), cells=(CellChange(column="x", production="a"),), times=2),
    ]
    assert found.notes == ("Without a key, a changed row counts as one removed and one added.",)


def test_pairs_of_equal_rows_do_not_cancel(memory: Memory) -> None:
    """{1, 1, 2, 2} is not {3, 3, 3, 3}: a fingerprint by XOR would call both nothing."""
    memory.run(
        "CREATE TABLE {p}.t AS SELECT * FROM (VALUES (1), (1), (2), (2)) AS v(x)",
        "CREATE TABLE {s}.t AS SELECT * FROM (VALUES (3), (3), (3), (3)) AS v(x)",
    )
    found = memory.diff()
    assert (found.added, found.removed, found.unchanged) == (4, 4, 0)


def test_cells_of_columns_that_one_side_has_are_shown(memory: Memory) -> None:
    """Rows are matched on the common columns and shown with all of their own."""
    memory.run(
        "CREATE TABLE {p}.t AS SELECT 1 AS x, 'old' AS gone",
        "CREATE TABLE {s}.t AS SELECT 'new' AS fresh, 2 AS x",
    )
    added, removed = memory.diff().samples
    assert added.cells == (CellChange(column="fresh", staging="new"), CellChange(column="x", staging="2"))
    assert removed.cells == (CellChange(column="x", production="1"), CellChange(column="gone", production="old"))


def test_tables_without_a_common_column_are_not_compared(memory: Memory) -> None:
    """Rows that share no column cannot be matched; the table is changed and its counts unknown."""
    memory.run("CREATE TABLE {p}.t AS SELECT 1 AS a", "CREATE TABLE {s}.t AS SELECT 1 AS b")
    found = memory.diff()
    assert (found.status, found.method, found.added, found.removed, found.unchanged) == (
        "changed",
        "none",
        None,
        None,
        None,
    )
    assert found.notes[-1] == "No rows were compared: the sides have no column in common to compare."
    assert found.production is not None
    assert found.production.rows == 1


def test_tolerances_without_a_key_are_said_not_to_apply(memory: Memory) -> None:
    """Whole rows are matched exactly."""
    memory.run("CREATE TABLE {p}.t AS SELECT 0.1::DOUBLE AS a", "CREATE TABLE {s}.t AS SELECT 0.2::DOUBLE AS a")
    found = memory.diff(absolute_tolerance=1.0)
    assert (found.added, found.removed) == (1, 1)
    assert "Without a key, tolerances do not apply." in found.notes
