"""What the diff must find in every warehouse, in SQL that all of them read. A warehouse runs it by importing it beside
a fixture `world` of its own; the assertions are the same for all."""

from typing import Any

import pytest

from flows.contract import CellChange, SampleRow, TableDiff
from flows.diff import MASK, Choice, DiffSettings, Key, diff_schemas, fingerprints
from flows.warehouse.base import Environment
from tests.flows.warehouse.world import World

ID = Key(("id",), "test")
DIGITS = "(VALUES (0), (1), (2), (3), (4), (5), (6), (7), (8), (9))"
NUMBERS = f'(SELECT a.n * 100 + b.n * 10 + c.n AS "i" FROM {DIGITS} AS a(n), {DIGITS} AS b(n), {DIGITS} AS c(n)) AS r'
"""The numbers from 0 to 999 in a column "i"."""


def diffs(world: World, *, keys: dict[str, Key] | None = None, **settings: Any) -> dict[str, TableDiff]:
    """The diff of every table, by name."""
    with world.warehouse() as warehouse:
        found = diff_schemas(warehouse, keys=keys or {}, settings=DiffSettings(**settings))
    return {table.name: table for table in found}


def diff(world: World, key: Key | None = ID, **settings: Any) -> TableDiff:
    """The diff of the table `t`."""
    return diffs(world, keys={"t": key} if key else {}, **settings)["t"]


def make(world: World, production: str, staging: str, *, table: str = "t") -> None:
    """The table on both sides, from two queries."""
    world.execute(f'CREATE TABLE {{p}}."{table}" AS {production}', f'CREATE TABLE {{s}}."{table}" AS {staging}')


def values(rows: str, *columns: str) -> str:
    """A query that gives the rows under the names."""
    names = ", ".join(f'"{column}"' for column in columns)
    return f"SELECT * FROM (VALUES {rows}) AS v({names})"


def counts(found: TableDiff) -> tuple[int | None, ...]:
    """Added, removed, changed, unchanged."""
    return (found.added, found.removed, found.changed, found.unchanged)


def columns_changed(found: TableDiff) -> dict[str, int]:
    """Changed rows by column."""
    return {count.column: count.rows for count in found.changed_columns}


def test_counts_columns_and_samples_of_a_small_change(world: World) -> None:
    """One row is added, one removed, one changed in one column; each is shown."""
    make(
        world,
        values("(1, 'a', 1.5), (2, 'b', 2.5), (3, 'c', NULL)", "id", "name", "x"),
        values("(2, 'B', 2.5), (3, 'c', NULL), (4, 'd', 0.5)", "id", "name", "x"),
    )
    found = diff(world)
    assert (found.status, found.method, found.key, counts(found)) == ("changed", "keyed", ("id",), (1, 1, 1, 1))
    assert columns_changed(found) == {"name": 1}
    assert found.samples == (
        SampleRow(kind="changed", key=("2",), cells=(CellChange(column="name", production="b", staging="B"),)),
        SampleRow(
            kind="added",
            key=("4",),
            cells=(CellChange(column="name", staging="d"), CellChange(column="x", staging="0.5")),
        ),
        SampleRow(
            kind="removed",
            key=("1",),
            cells=(CellChange(column="name", production="a"), CellChange(column="x", production="1.5")),
        ),
    )


def test_samples_are_limited_and_the_same_whatever_the_order_of_rows(world: World) -> None:
    """The choice depends on the rows alone."""
    none = 'SELECT 1 AS "id", 0 AS "x" WHERE 1 = 0'
    make(world, none, f'SELECT "i" AS "id", 0 AS "x" FROM {NUMBERS} ORDER BY "i"')
    make(world, none, f'SELECT "i" AS "id", 0 AS "x" FROM {NUMBERS} ORDER BY "i" DESC', table="u")
    found = diffs(world, keys={"t": ID, "u": ID}, sample_rows=7)
    assert found["t"].samples == found["u"].samples
    assert len(found["t"].samples) == 7
    assert counts(found["t"]) == (1000, 0, 0, 0)


@pytest.mark.parametrize("key", [ID, None])
def test_samples_can_be_none(world: World, key: Key | None) -> None:
    """With a limit of zero there are counts but no values."""
    make(world, 'SELECT 1 AS "id"', 'SELECT 2 AS "id"')
    found = diff(world, key, sample_rows=0)
    assert (found.added, found.removed, found.samples) == (1, 1, ())


def test_empty_sides_are_counted(world: World) -> None:
    """No rows on one side or on both is a case like any other."""
    one, none = 'SELECT 1 AS "id", \'a\' AS "x"', 'SELECT 1 AS "id", \'a\' AS "x" WHERE 1 = 0'
    make(world, none, one, table="a")
    make(world, one, none, table="b")
    make(world, none, none, table="c")
    found = diffs(world, keys=dict.fromkeys("abc", ID))
    assert [counts(found[name]) for name in "abc"] == [(1, 0, 0, 0), (0, 1, 0, 0), (0, 0, 0, 0)]
    assert found["c"].status == "equal"
    assert found["c"].production is not None
    assert found["c"].production.fingerprint == "0"


def test_composite_key_is_not_joined_as_text(world: World) -> None:
    """("a-b", "c") and ("a", "b-c") are two keys."""
    make(world, values("('a-b', 'c', 1)", "k", "l", "x"), values("('a', 'b-c', 1)", "k", "l", "x"))
    found = diff(world, Key(("k", "l"), "test"))
    assert (found.method, counts(found)) == ("keyed", (1, 1, 0, 0))


def test_key_is_found_in_another_case(world: World) -> None:
    """A manifest writes names as people do; the catalog has its own case."""
    make(world, 'SELECT 1 AS "ID", 1 AS "X"', 'SELECT 1 AS "ID", 2 AS "X"', table="T")
    found = diffs(world, keys={"t": ID})["T"]
    assert (found.method, found.key, found.changed) == ("keyed", ("ID",), 1)


@pytest.mark.parametrize(
    ("extra", "sentence"),
    [
        ("(NULL, 'n'), (NULL, 'm')", "Rows of {side} with NULL in the key (id): 2."),
        ("(1, 'a'), (1, 'b')", "Rows of {side} that repeat the key (id) of another row: 2."),
    ],
)
def test_unsound_key_falls_back_to_whole_rows(world: World, extra: str, sentence: str) -> None:
    """NULLs or duplicates in the key, on either side, are told; then whole rows are counted exactly."""
    sound = values("(1, 'a'), (2, 'b')", "id", "x")
    unsound = values(f"(1, 'a'), (2, 'b'), {extra}", "id", "x")
    make(world, unsound, sound, table="production")
    make(world, sound, unsound, table="staging")
    found = diffs(world, keys={"production": ID, "staging": ID})
    assert counts(found["production"]) == (0, 2, None, 2)
    assert counts(found["staging"]) == (2, 0, None, 2)
    for side, table in found.items():
        assert table.method == "multiset"
        assert sentence.format(side=side) in table.notes


def test_columns_are_compared_by_name(world: World) -> None:
    """Another order of columns changes no row, yet it is a change that is told."""
    make(world, values("(1, 2, 3)", "id", "x", "y"), values("(3, 1, 2)", "y", "id", "x"))
    found = diff(world)
    assert (found.status, found.changed, found.unchanged) == ("changed", 0, 1)
    assert found.notes == ("The columns are in another order in staging.",)


def test_schema_changes_are_told_and_common_columns_compared(world: World) -> None:
    """A column more or less does not make a row changed; the columns on both sides do, retyped ones by value."""
    make(
        world,
        'SELECT 1 AS "id", \'old\' AS "gone", CAST(5 AS DECIMAL(9, 2)) AS "x", CAST(6 AS DECIMAL(9, 2)) AS "y"',
        'SELECT 1 AS "id", CAST(5 AS DECIMAL(18, 4)) AS "x", CAST(6.0001 AS DECIMAL(18, 4)) AS "y", \'new\' AS "fresh"',
    )
    found = diff(world)
    assert [(change.column, change.kind) for change in found.schema_changes] == [
        ("gone", "removed"),
        ("fresh", "added"),
        ("x", "retyped"),
        ("y", "retyped"),
    ]
    assert (counts(found), columns_changed(found)) == ((0, 0, 1, 0), {"y": 1})


@pytest.mark.parametrize("key", [ID, None])
def test_ignored_columns_change_no_row(world: World, key: Key | None) -> None:
    """A load time that always differs can be left out; the table is then equal, and the report says on what terms."""
    make(world, values("(1, 'x', 10)", "id", "v", "loaded_at"), values("(1, 'x', 11)", "id", "v", "loaded_at"))
    found = diff(world, key, ignore={"T": frozenset({"LOADED_AT"})})
    assert (found.status, found.unchanged) == ("equal", 1)
    assert "Not compared, as the settings say: loaded_at." in found.notes


@pytest.mark.parametrize("tolerance", [{"absolute_tolerance": 0.5}, {"relative_tolerance": 0.005}])
def test_tolerances_excuse_small_differences(world: World, tolerance: dict[str, float]) -> None:
    """Within the tolerance a float is unchanged, beyond it is not; other columns are always exact."""
    rows = 'SELECT "id", CAST("x" AS DOUBLE) AS "x", "n" FROM ({}) AS v'
    make(
        world,
        rows.format(values("(1, 100.0, 1), (2, 100.0, 1), (3, 100.0, 1)", "id", "x", "n")),
        rows.format(values("(1, 100.4, 1), (2, 101.0, 1), (3, 100.0, 2)", "id", "x", "n")),
    )
    found = diff(world, **tolerance)
    assert (found.changed, found.unchanged) == (2, 1)
    assert columns_changed(found) == {"x": 1, "n": 1}


def test_tolerances_never_excuse_infinity_or_nan(world: World) -> None:
    """Infinity is not within twice infinity of 1, whichever side it is on."""
    pairs = [("inf", "1"), ("nan", "1"), ("inf", "-inf"), ("nan", "inf")]
    for number, (old, new) in enumerate(pairs):
        one, other = (f'SELECT 1 AS "id", CAST(\'{value}\' AS DOUBLE) AS "x"' for value in (old, new))
        make(world, one, other, table=f"there{number}")
        make(world, other, one, table=f"back{number}")
    names = [f"{way}{number}" for way in ("there", "back") for number in range(len(pairs))]
    found = diffs(world, keys=dict.fromkeys(names, ID), relative_tolerance=2.0, absolute_tolerance=1.0)
    assert {name: found[name].changed for name in names} == dict.fromkeys(names, 1)


@pytest.mark.parametrize("key", [ID, None])
def test_negative_zero_and_every_nan_are_no_change(world: World, key: Key | None) -> None:
    """-0.0 equals 0.0 and NaN equals NaN: the fingerprint says so and nothing more is read."""
    make(
        world,
        'SELECT 1 AS "id", CAST(\'0.0\' AS DOUBLE) AS "v", CAST(\'nan\' AS DOUBLE) AS "w"',
        'SELECT 1 AS "id", CAST(\'-0.0\' AS DOUBLE) AS "v", CAST(\'NaN\' AS DOUBLE) AS "w"',
    )
    found = diff(world, key)
    assert (found.status, found.method) == ("equal", "fingerprint")


def test_duplicates_are_counted_one_by_one(world: World) -> None:
    """Three copies against one are two removed; a row that both sides have twice is unchanged twice."""
    make(
        world,
        values("('a'), ('a'), ('a'), ('b'), ('b'), (NULL)", "x"),
        values("('a'), ('b'), ('b'), (NULL), (NULL), ('')", "x"),
    )
    found = diff(world, None)
    assert (found.method, counts(found)) == ("multiset", (2, 2, None, 4))
    assert sorted(found.samples, key=lambda sample: (sample.kind, str(sample.cells))) == [
        SampleRow(kind="added", key=(), cells=(CellChange(column="x", staging=""),)),
        SampleRow(kind="added", key=(), cells=(CellChange(column="x"),)),
        SampleRow(kind="removed", key=(), cells=(CellChange(column="x", production="a"),), times=2),
    ]


def test_pairs_of_equal_rows_do_not_cancel(world: World) -> None:
    """{1, 1, 2, 2} is not {3, 3, 3, 3}: a fingerprint by XOR would call both nothing."""
    make(world, values("(1), (1), (2), (2)", "x"), values("(3), (3), (3), (3)", "x"))
    assert counts(diff(world, None)) == (4, 4, None, 0)


@pytest.mark.parametrize("key", [ID, None])
def test_masked_values_never_leave_the_warehouse(world: World, key: Key | None) -> None:
    """A masked column is counted, and every cell of it is the mask, NULL included."""
    make(
        world,
        values("(1, 'secret one'), (2, NULL), (3, 'secret gone')", "id", "mail"),
        values("(1, 'secret two'), (2, 'secret new'), (4, 'secret add')", "id", "mail"),
    )
    found = diff(world, key, masked={"T": frozenset({"MAIL"})})
    cells = [cell for sample in found.samples for cell in sample.cells if cell.column == "mail"]
    assert cells
    assert {cell.production for cell in cells} | {cell.staging for cell in cells} <= {MASK, None}
    assert "secret" not in found.model_dump_json()
    assert columns_changed(found) == ({"mail": 2} if key else {})


def test_long_cells_are_cut(world: World) -> None:
    """A cell shows its first characters and an ellipsis."""
    make(world, 'SELECT 1 AS "id", \'a\' AS "x"', f'SELECT 1 AS "id", \'{"é" * 50}\' AS "x"')
    [sample] = diff(world, cell_length=10).samples
    assert sample.cells == (CellChange(column="x", production="a", staging="é" * 10 + "…"),)


NAMES = ('quo"te', "two words", "%s ?", "größe", "do.t", "select", "MixedCase", "K0", "C0", "V1", "KIND", "PLACE", "p")


def test_names_that_need_quotes_are_compared(world: World) -> None:
    """Any name of a table or column is found, changed in its place, and shown."""
    quoted = ['"' + name.replace('"', '""') + '"' for name in NAMES]
    for schema, value in (("{p}", 1), ("{s}", 2)):
        columns = ", ".join(f"{place + value * (place > 0)} AS {column}" for place, column in enumerate(quoted))
        world.execute(*(f"CREATE TABLE {schema}.{name} AS SELECT {columns}" for name in quoted[:4]))
    found = diffs(world, keys={name: Key((NAMES[0],), "test") for name in NAMES})
    assert sorted(found) == sorted(NAMES[:4])
    for table in found.values():
        assert counts(table) == (0, 0, 1, 0), table.error
        assert columns_changed(table) == dict.fromkeys(NAMES[1:], 1)


TYPES = [
    ("BOOLEAN", "TRUE", "FALSE"),
    ("INTEGER", "1", "NULL"),
    ("DECIMAL(38,10)", "'1234567890123456789012345678.0000000001'", "'1234567890123456789012345678.0000000002'"),
    ("DECIMAL(38,0)", "'12345678901234567890123456789012345678'", "'12345678901234567890123456789012345679'"),
    ("DOUBLE", "'0.1'", "'0.10000000000000002'"),
    ("DOUBLE", "'nan'", "'inf'"),
    ("DOUBLE", "'-inf'", "'inf'"),
    ("DOUBLE", "'nan'", "NULL"),
    ("VARCHAR", "''", "NULL"),
    ("VARCHAR", "'a'", "'A'"),
    ("VARCHAR", "'a'", "'a '"),
    ("VARCHAR", "'\u00e9'", "'e\u0301'"),
    ("DATE", "'2024-02-28'", "'2024-02-29'"),
    ("TIME", "'10:00:00'", "'10:00:00.000001'"),
    ("TIMESTAMP", "'2024-01-01 00:00:00'", "'2024-01-01 00:00:00.000001'"),
]
"""(type, value, another value) in words of every warehouse."""


def _typed(type_name: str, first: str, second: str) -> str:
    both = (f'SELECT {id} AS "id", CAST({value} AS {type_name}) AS "v"' for id, value in ((1, first), (2, second)))
    return " UNION ALL ".join(both)


@pytest.mark.parametrize("key", [ID, None])
def test_changed_value_of_any_type_is_seen(world: World, key: Key | None) -> None:
    """One value of one row differs, and that is what the diff says."""
    for number, (type_name, old, new) in enumerate(TYPES):
        make(world, _typed(type_name, old, old), _typed(type_name, new, old), table=f"t{number}")
    found = diffs(world, keys={f"t{number}": key for number in range(len(TYPES))} if key else {})
    for number, case in enumerate(TYPES):
        expected = (0, 0, 1, 1) if key else (1, 1, None, 1)
        assert (found[f"t{number}"].error, counts(found[f"t{number}"])) == ("", expected), case


def test_equal_values_of_every_type_are_equal(world: World) -> None:
    """One table of every type, its rows in another order: the fingerprint says so, and nothing more is read."""
    rows = [", ".join(f'CAST({case[side]} AS {case[0]}) AS "c{n}"' for n, case in enumerate(TYPES)) for side in (1, 2)]
    make(world, f"SELECT {rows[0]} UNION ALL SELECT {rows[1]}", f"SELECT {rows[1]} UNION ALL SELECT {rows[0]}")
    found = diff(world, None)
    assert (found.error, found.status, found.method, found.unchanged) == ("", "equal", "fingerprint", 2)


RETYPED = [
    ("INTEGER", "DECIMAL(30,10)", "70", "71"),
    ("DECIMAL(18,2)", "DECIMAL(18,4)", "1.50", "1.5001"),
    ("DECIMAL(18,2)", "DOUBLE", "1.5", "1.25"),
    ("INTEGER", "DOUBLE", "1", "1.5"),
    ("DATE", "TIMESTAMP", "'2024-02-29'", "'2024-02-29 00:00:01'"),
]
"""(type, wider type, value of both, another value of the wider type)."""


@pytest.mark.parametrize("key", [ID, None])
def test_retyped_column_compares_its_values(world: World, key: Key | None) -> None:
    """Among types of one family, a value that the other type writes differently is the same value."""
    for number, (old, new, value, other) in enumerate(RETYPED):
        make(world, _typed(old, value, value), _typed(new, value, other), table=f"t{number}")
    names = [f"t{number}" for number in range(len(RETYPED))]
    found = diffs(world, keys=dict.fromkeys(names, key) if key else {})
    for name, case in zip(names, RETYPED, strict=True):
        assert found[name].error == "", case
        assert [(change.column, change.kind) for change in found[name].schema_changes] == [("v", "retyped")]
        assert counts(found[name]) == ((0, 0, 1, 1) if key else (1, 1, None, 1)), case


def test_retyped_column_of_another_family_is_not_compared(world: World) -> None:
    """Types that have nothing in common are said to be not compared, and the rest of the row still is."""
    make(
        world,
        'SELECT 1 AS "id", CAST(NULL AS VARCHAR) AS "v", 3 AS "w"',
        'SELECT 1 AS "id", CAST(NULL AS INTEGER) AS "v", 4 AS "w"',
    )
    found = diff(world)
    assert columns_changed(found) == {"w": 1}
    assert "Not compared, because the types have nothing in common: v." in found.notes


def test_every_table_and_view_of_either_side_is_reported(world: World) -> None:
    """Added, removed, changed and equal tables and views are told apart."""
    world.execute(
        'CREATE TABLE {p}."same" AS SELECT 1 AS "id"',
        'CREATE TABLE {s}."same" AS SELECT 1 AS "id"',
        'CREATE TABLE {p}."gone" AS SELECT 1 AS "id"',
        'CREATE VIEW {s}."fresh" AS SELECT 1 AS "id" UNION ALL SELECT 2',
        'CREATE TABLE {p}."moved" AS SELECT 1 AS "id"',
        'CREATE VIEW {s}."moved" AS SELECT 2 AS "id"',
    )
    found = diffs(world)
    assert [(table.name, table.kind, table.status, table.error) for table in found.values()] == [
        ("fresh", "view", "added", ""),
        ("gone", "table", "removed", ""),
        ("moved", "view", "changed", ""),
        ("same", "table", "equal", ""),
    ]
    assert (found["fresh"].added, len(found["fresh"].samples)) == (2, 2)
    assert (found["gone"].removed, len(found["gone"].samples)) == (1, 1)


def test_profile_and_distribution_are_counted(world: World) -> None:
    """NULLs, extremes, mean and the most frequent values of both sides; histograms of numbers."""
    rows = (
        'SELECT "i" AS "id", CASE WHEN MOD("i", 10) < {paid} THEN \'paid\' ELSE \'open\' END AS "status", '
        'CASE WHEN "i" < 100 THEN NULL ELSE CAST({amount} AS DECIMAL(12, 2)) END AS "amount" FROM {numbers}'
    )
    make(
        world,
        rows.format(paid=2, amount='"i"', numbers=NUMBERS),
        rows.format(paid=5, amount='1000 - "i"', numbers=NUMBERS),
    )
    found = diff(world)
    assert (found.error, found.added, found.removed) == ("", 0, 0)
    profiles = {one.column: one for one in found.profile}
    before, after = profiles["amount"].production, profiles["amount"].staging
    assert before is not None
    assert after is not None
    assert (before.nulls, before.low, before.high) == (100, "100.00", "999.00")
    assert (after.nulls, after.low, after.high) == (100, "1.00", "900.00")
    assert (float(before.mean or 0), float(after.mean or 0)) == (549.5, 450.5)
    shapes = {one.column: one for one in found.distributions}
    assert [(bar.label, bar.production, bar.staging) for bar in shapes["status"].bars] == [
        ("open", 800, 500),
        ("paid", 200, 500),
    ]
    bars = shapes["amount"].bars
    assert shapes["amount"].kind == "histogram"
    assert (sum(bar.production for bar in bars), sum(bar.staging for bar in bars)) == (900, 900)


def test_event_time_tells_fresh_rows_from_added_ones(world: World) -> None:
    """What is later than all of production is not a change of what was there."""
    rows = 'SELECT "id", CAST("day" AS DATE) AS "day" FROM ({}) AS v'
    make(
        world,
        rows.format(values("(1, '2024-01-01'), (2, '2024-01-02')", "id", "day")),
        rows.format(values("(1, '2024-01-01'), (2, '2024-01-02'), (3, '2024-01-01'), (4, '2024-01-03')", "id", "day")),
    )
    found = diff(world, tables={"t": Choice(event_time="day")})
    assert (found.error, counts(found)) == ("", (1, 0, 0, 2))
    assert found.fresh is not None
    assert (found.fresh.rows, found.fresh.until) == (1, "2024-01-02")


def test_a_condition_and_a_sample_limit_what_is_compared(world: World) -> None:
    """The scope says what was left out; about as many keys as asked for are looked at."""
    make(world, f'SELECT "i" AS "id", 0 AS "x" FROM {NUMBERS}', f'SELECT "i" AS "id", 1 AS "x" FROM {NUMBERS}')
    found = diff(world, tables={"t": Choice(where='"id" < 100')})
    assert (found.error, counts(found)) == ("", (0, 0, 100, 0))
    assert found.scope is not None
    assert (found.scope.production_rows, found.scope.staging_rows) == (100, 100)
    found = diff(world, sample_above_rows=200)
    assert found.error == ""
    assert found.scope is not None
    assert found.scope.sampled < 1
    assert 100 < (found.changed or 0) < 320


def test_fingerprints_are_those_of_the_report(world: World) -> None:
    """What publishing re-computes is what the report showed, so that one digest names the data of both."""
    make(world, values("(1, 'x'), (2, NULL)", "id", "v"), values("(1, 'y'), (2, NULL)", "id", "v"))
    found = diff(world)
    with world.warehouse() as warehouse:
        assert fingerprints(warehouse, Environment.PRODUCTION) == {"t": found.production}
        assert fingerprints(warehouse, Environment.STAGING) == {"t": found.staging}
