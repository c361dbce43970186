"""The diff of a table with a key: counts, columns, samples, and keys that turn out to be unsound."""

import pytest

from flows.contract import CellChange, SampleRow, SchemaChange
from flows.diff import Choice, Key
from tests.flows.diff.adapter import Memory

ID = Key(("id",), "test")


def test_counts_columns_and_samples_of_a_small_change(memory: Memory) -> None:
    """One row is added, one removed, one changed in one column; each is shown."""
    memory.run(
        "CREATE TABLE {p}.t AS SELECT * FROM (VALUES (1, 'a', 1.5), (2, 'b', 2.5), (3, 'c', NULL)) AS v(id, name, x)",
        "CREATE TABLE {s}.t AS SELECT * FROM (VALUES (2, 'B', 2.5), (3, 'c', NULL), (4, 'd', 0)) AS v(id, name, x)",
    )
    found = memory.diff(key=ID)
    assert (found.status, found.method, found.key, found.key_source) == ("changed", "keyed", ("id",), "test")
    assert (found.added, found.removed, found.changed, found.unchanged) == (1, 1, 1, 1)
    assert [(count.column, count.rows) for count in found.changed_columns] == [("name", 1)]
    assert found.samples == (
        SampleRow(kind="changed", key=("2",), cells=(CellChange(column="name", production="b", staging="B"),)),
        SampleRow(
            kind="added",
            key=("4",),
            cells=(CellChange(column="name", staging="d"), CellChange(column="x", staging="0.0")),
        ),
        SampleRow(
            kind="removed",
            key=("1",),
            cells=(CellChange(column="name", production="a"), CellChange(column="x", production="1.5")),
        ),
    )
    assert found.notes == ()


def test_samples_are_limited_and_the_same_whatever_the_order_of_rows(memory: Memory) -> None:
    """The choice depends on the keys alone."""
    chosen = []
    for order in ("ASC", "DESC"):
        memory.run(
            "CREATE OR REPLACE TABLE {p}.t AS SELECT 1 AS id, 0 AS x WHERE FALSE",
            f"CREATE OR REPLACE TABLE {{s}}.t AS SELECT i AS id, 0 AS x FROM range(9000) r(i) ORDER BY i {order}",
        )
        chosen.append(memory.diff(key=ID, sample_rows=7).samples)
    assert chosen[0] == chosen[1]
    assert len(chosen[0]) == 7


def test_samples_can_be_none(memory: Memory) -> None:
    """With a limit of zero there are counts but no values."""
    memory.run("CREATE TABLE {p}.t AS SELECT 1 AS id", "CREATE TABLE {s}.t AS SELECT 2 AS id")
    for key in (ID, None):
        found = memory.diff(key=key, sample_rows=0)
        assert (found.added, found.removed, found.samples) == (1, 1, ())


@pytest.mark.parametrize(
    ("production", "staging", "expected"),
    [
        ("SELECT 1 AS id, 'a' AS x WHERE FALSE", "SELECT 1 AS id, 'a' AS x", (1, 0, 0, 0)),
        ("SELECT 1 AS id, 'a' AS x", "SELECT 1 AS id, 'a' AS x WHERE FALSE", (0, 1, 0, 0)),
        ("SELECT 1 AS id, 'a' AS x WHERE FALSE", "SELECT 1 AS id, 'b' AS x WHERE FALSE", (0, 0, 0, 0)),
        ("SELECT 1 AS id, NULL::INTEGER AS x", "SELECT 1 AS id, 5 AS x", (0, 0, 1, 0)),
    ],
)
def test_empty_sides_are_counted(
    memory: Memory, production: str, staging: str, expected: tuple[int, int, int, int]
) -> None:
    """No rows on one side or on both is a case like any other."""
    memory.run(f"CREATE TABLE {{p}}.t AS {production}", f"CREATE TABLE {{s}}.t AS {staging}")
    found = memory.diff(key=ID)
    assert (found.added, found.removed, found.changed, found.unchanged) == expected


def test_composite_key_is_not_joined_as_text(memory: Memory) -> None:
    """("a-b", "c") and ("a", "b-c") are two keys."""
    memory.run(
        "CREATE TABLE {p}.t AS SELECT 'a-b' AS k, 'c' AS l, 1 AS x",
        "CREATE TABLE {s}.t AS SELECT 'a' AS k, 'b-c' AS l, 1 AS x",
    )
    found = memory.diff(key=Key(("k", "l"), "test"))
    assert (found.method, found.added, found.removed, found.changed) == ("keyed", 1, 1, 0)


def test_key_is_found_in_another_case(memory: Memory) -> None:
    """A manifest writes names as people do; the catalog has its own case."""
    memory.run('CREATE TABLE {p}."T" AS SELECT 1 AS "ID", 1 AS x', 'CREATE TABLE {s}."T" AS SELECT 1 AS "ID", 2 AS x')
    found = memory.diff("T", key=Key(("id",), "test"))
    assert (found.method, found.key, found.changed) == ("keyed", ("ID",), 1)


@pytest.mark.parametrize("side", ["production", "staging"])
@pytest.mark.parametrize(
    ("extra", "sentence"),
    [
        ("(NULL, 'n'), (NULL, 'm')", "Rows of {side} with NULL in the key (id): 2."),
        ("(1, 'a'), (1, 'b')", "Rows of {side} that repeat the key (id) of another row: 2."),
    ],
)
def test_unsound_key_falls_back_to_whole_rows(memory: Memory, side: str, extra: str, sentence: str) -> None:
    """NULLs or duplicates in the key, on either side, are told; then whole rows are counted exactly."""
    sound, unsound = ("{s}", "{p}") if side == "production" else ("{p}", "{s}")
    memory.run(
        f"CREATE TABLE {sound}.t AS SELECT * FROM (VALUES (1, 'a'), (2, 'b')) AS v(id, x)",
        f"CREATE TABLE {unsound}.t AS SELECT * FROM (VALUES (1, 'a'), (2, 'b'), {extra}) AS v(id, x)",
    )
    found = memory.diff(key=ID)
    assert (found.method, found.key, found.changed, found.unchanged) == ("multiset", (), None, 2)
    assert (found.removed if side == "production" else found.added) == 2
    assert sentence.format(side=side) in found.notes
    assert "So whole rows were compared, without the key." in found.notes


def test_key_that_one_side_lacks_falls_back_to_whole_rows(memory: Memory) -> None:
    """A key column that was dropped cannot be joined on."""
    memory.run("CREATE TABLE {p}.t AS SELECT 1 AS id, 'a' AS x", "CREATE TABLE {s}.t AS SELECT 'a' AS x")
    found = memory.diff(key=ID)
    assert (found.method, found.added, found.removed, found.unchanged) == ("multiset", 0, 0, 1)
    assert "The key (id) is not on both sides with types that compare." in found.notes
    assert found.schema_changes == (SchemaChange(column="id", kind="removed", production="INTEGER"),)


def test_columns_are_compared_by_name(memory: Memory) -> None:
    """Another order of columns changes no row, yet it is a change that is told."""
    memory.run(
        "CREATE TABLE {p}.t AS SELECT 1 AS id, 2 AS x, 3 AS y", "CREATE TABLE {s}.t AS SELECT 3 AS y, 1 AS id, 2 AS x"
    )
    found = memory.diff(key=ID)
    assert (found.status, found.changed, found.unchanged) == ("changed", 0, 1)
    assert found.notes == ("The columns are in another order in staging.",)


def test_schema_changes_are_told_and_common_columns_compared(memory: Memory) -> None:
    """A column more or less does not make a row changed; the columns on both sides do."""
    memory.run(
        "CREATE TABLE {p}.t AS SELECT 1 AS id, 'old' AS gone, 5 AS x",
        "CREATE TABLE {s}.t AS SELECT 1 AS id, 5::BIGINT AS x, 'new' AS fresh",
    )
    found = memory.diff(key=ID)
    assert found.schema_changes == (
        SchemaChange(column="gone", kind="removed", production="VARCHAR"),
        SchemaChange(column="fresh", kind="added", staging="VARCHAR"),
        SchemaChange(column="x", kind="retyped", production="INTEGER", staging="BIGINT"),
    )
    assert (found.status, found.changed, found.unchanged) == ("changed", 0, 1)


def test_ignored_columns_change_no_row(memory: Memory) -> None:
    """A load time that always differs can be left out; the table is then equal, and the report says on what terms."""
    memory.run(
        "CREATE TABLE {p}.t AS SELECT 1 AS id, 'x' AS v, 10 AS loaded_at",
        "CREATE TABLE {s}.t AS SELECT 1 AS id, 'x' AS v, 11 AS loaded_at",
    )
    ignore = {"T": frozenset({"LOADED_AT"})}
    for key in (ID, None):
        found = memory.diff(key=key, ignore=ignore)
        assert (found.status, found.unchanged) == ("equal", 1)
        assert "Not compared, as the settings say: loaded_at." in found.notes


def test_key_may_be_ignored_as_a_value_and_still_join(memory: Memory) -> None:
    """Ignoring a key column leaves the key what it is."""
    memory.run("CREATE TABLE {p}.t AS SELECT 1 AS id, 1 AS x", "CREATE TABLE {s}.t AS SELECT 1 AS id, 2 AS x")
    assert memory.diff(key=ID, ignore={"t": frozenset({"id"})}).changed == 1


def test_tolerances_excuse_small_differences(memory: Memory) -> None:
    """Within the tolerance a float is unchanged, beyond it is not; other columns are always exact."""
    memory.run(
        "CREATE TABLE {p}.t AS SELECT * FROM (VALUES (1, 100::DOUBLE, 1), (2, 100, 1), (3, 100, 1)) AS v(id, x, n)",
        "CREATE TABLE {s}.t AS SELECT * FROM (VALUES (1, 100.4::DOUBLE, 1), (2, 101, 1), (3, 100, 2)) AS v(id, x, n)",
    )
    for tolerance in ({"absolute_tolerance": 0.5}, {"relative_tolerance": 0.005}):
        found = memory.diff(key=ID, **tolerance)
        assert (found.changed, found.unchanged) == (2, 1)
        assert {count.column: count.rows for count in found.changed_columns} == {"x": 1, "n": 1}
        assert sorted(sample.key for sample in found.samples) == [("2",), ("3",)]


def test_tolerance_of_a_table_counts_more_than_that_of_all(memory: Memory) -> None:
    """What is said of one table holds for it, in either direction; other tables keep what is said of all."""
    for name in ("strict", "lenient"):
        memory.run(
            f"CREATE TABLE {{p}}.{name} AS SELECT 1 AS id, 1.0::DOUBLE AS x",
            f"CREATE TABLE {{s}}.{name} AS SELECT 1 AS id, 1.1::DOUBLE AS x",
        )
    tables = {"STRICT": Choice(absolute_tolerance=0.0), "other": Choice(absolute_tolerance=0.0)}
    assert memory.diff("strict", key=ID, absolute_tolerance=0.5, tables=tables).changed == 1
    assert memory.diff("lenient", key=ID, absolute_tolerance=0.5, tables=tables).changed == 0


@pytest.mark.parametrize("pair", [("inf", "1"), ("nan", "1"), ("inf", "-inf"), ("nan", "inf"), ("1e308", "-1e308")])
def test_tolerances_never_excuse_infinity_or_nan(memory: Memory, pair: tuple[str, str]) -> None:
    """Infinity is not within twice infinity of 1, whichever side it is on."""
    for name, (old, new) in (("there", pair), ("back", pair[::-1])):
        memory.run(
            f"CREATE TABLE {{p}}.{name} AS SELECT 1 AS id, '{old}'::DOUBLE AS x",
            f"CREATE TABLE {{s}}.{name} AS SELECT 1 AS id, '{new}'::DOUBLE AS x",
        )
        relative = 0.1 if "e308" in old else 2.0
        assert memory.diff(name, key=ID, relative_tolerance=relative, absolute_tolerance=1.0).changed == 1


def test_composite_key_with_one_part_missing_is_unsound(memory: Memory) -> None:
    """NULL in any column of the key cannot be joined on."""
    memory.run(
        "CREATE TABLE {p}.t AS SELECT 1 AS a, 1 AS b",
        "CREATE TABLE {s}.t AS SELECT 1 AS a, NULL::INTEGER AS b",
    )
    found = memory.diff(key=Key(("a", "b"), "test"))
    assert found.method == "multiset"
    assert "Rows of staging with NULL in the key (a and b): 1." in found.notes


def test_changed_columns_come_with_the_most_changed_first(memory: Memory) -> None:
    """A reviewer reads the column that changed most before the others; ties keep the order of the table."""
    memory.run(
        "CREATE TABLE {p}.t AS SELECT i AS id, 0 AS a, 0 AS b, 0 AS c FROM range(9) r(i)",
        "CREATE TABLE {s}.t AS SELECT i AS id, (i < 1)::INTEGER AS a, (i < 4)::INTEGER AS b, (i < 1)::INTEGER AS c"
        " FROM range(9) r(i)",
    )
    found = memory.diff(key=ID)
    assert [(count.column, count.rows) for count in found.changed_columns] == [("b", 4), ("a", 1), ("c", 1)]


def test_table_equal_within_tolerances_is_equal_and_says_so(memory: Memory) -> None:
    """Equal on the terms of the settings, although the fingerprints differ."""
    memory.run(
        "CREATE TABLE {p}.t AS SELECT 1 AS id, 0.1::DOUBLE AS x",
        "CREATE TABLE {s}.t AS SELECT 1 AS id, 0.2::DOUBLE AS x",
    )
    found = memory.diff(key=ID, absolute_tolerance=1.0)
    assert (found.status, found.method, found.unchanged) == ("equal", "keyed", 1)
    assert found.notes == ("No compared value differs; the fingerprints do, in what the settings leave out.",)


def test_long_cells_are_cut(memory: Memory) -> None:
    """A cell shows its first characters and an ellipsis."""
    memory.run(
        "CREATE TABLE {p}.t AS SELECT 1 AS id, 'a' AS x", "CREATE TABLE {s}.t AS SELECT 1 AS id, repeat('é', 50) AS x"
    )
    [sample] = memory.diff(key=ID, cell_length=10).samples
    assert sample.cells == (CellChange(column="x", production="a", staging="é" * 10 + "…"),)


@pytest.mark.parametrize(("masked", "readings"), [({}, 2), ({"t": frozenset({"id"})}, 3)])
def test_rows_that_move_while_they_are_read_are_noticed(
    memory: Memory, masked: dict[str, frozenset[str]], readings: int
) -> None:
    """A view that answers differently each time cannot be counted, and the report does not pretend so."""
    memory.run(
        "CREATE SEQUENCE {p}.tick",
        # Empty behind the glance and the scan; a masked key's glance proves less, so that there are two scans.
        "CREATE VIEW {p}.t AS SELECT i AS id FROM range(100) r(i)"
        f" WHERE i + {100 * readings - 50} > nextval('{{p}}.tick')",
        "CREATE TABLE {s}.t AS SELECT i AS id FROM range(100, 200) r(i)",
    )
    found = memory.diff(key=ID, masked=masked)
    assert found.status == "failed"
    assert found.error == (
        "Not compared: the rows of t moved while they were read (100 and 100 rows, 100 added, 0 removed). "
        "Run the audit again when nothing writes to them."
    )


def test_table_of_a_thousand_columns_is_compared(memory: Memory) -> None:
    """Width has no limit of ours: no expression gets deeper with every column."""
    for schema, value in (("{p}", "i"), ("{s}", "i + 1")):
        columns = ", ".join(f"{value} AS c{n}" for n in range(1050))
        memory.run(f"CREATE TABLE {schema}.t AS SELECT i AS id, {columns} FROM range(3) r(i)")
    found = memory.diff(key=ID)
    assert (found.error, found.changed, len(found.changed_columns)) == ("", 3, 1050)
