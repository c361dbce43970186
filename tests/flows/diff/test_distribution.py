"""Distributions: bars that hold every row of both sides, as plain Python counts them, with edges for people."""

import math
from collections import Counter
from collections.abc import Callable, Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal
from functools import cache
from itertools import pairwise

import pytest
import sqlglot
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from flows.contract import Column
from flows.contract.profile import Bar, Distribution
from flows.diff import DiffSettings
from flows.diff.columns import compare_columns
from flows.diff.distribution import FEW, MANY, distributions
from flows.diff.distribution_edges import RANGES
from flows.diff.distribution_histogram import Axis, ends_sql, histogram_sql
from flows.diff.distribution_values import LABEL_LENGTH, TOP, how_many_sql, top_values_sql
from flows.diff.profile import scan
from flows.diff.profile_types import Kind
from flows.diff.subject import Subject
from flows.warehouse.base import Environment, Relation
from flows.warehouse.snowflake.dialect import SnowflakeDialect
from tests.flows.diff.adapter import Memory, as_warehouse
from tests.flows.diff.test_common_sql import TYPES
from tests.flows.diff.test_types import PAIRS

_at = datetime.fromisoformat

_COLUMNS: dict[str, tuple[st.SearchStrategy[object], Callable[[str], object]]] = {
    "BIGINT": (st.integers(-(2**63), 2**63 - 1) | st.integers(-30, 30), int),
    "HUGEINT": (st.integers(-(2**126), 2**126), int),
    "DECIMAL(18,2)": (st.decimals(-(10**6), 10**6, places=2), Decimal),
    "DECIMAL(38,10)": (st.decimals(-(10**27), 10**27, places=10, allow_nan=False), Decimal),
    "DOUBLE": (st.floats(), float),
    "DATE": (st.dates(), date.fromisoformat),
    "TIMESTAMP": (st.datetimes() | st.datetimes(_at("2024-01-01"), _at("2024-01-02")), _at),
}  # fmt: skip


@cache
def _memory() -> Memory:
    return Memory()


@st.composite
def _numbers(draw: st.DrawFn) -> tuple[str, list[object], list[object]]:
    type_name = draw(st.sampled_from(sorted(_COLUMNS)))
    value = st.one_of(_COLUMNS[type_name][0], _COLUMNS[type_name][0], _COLUMNS[type_name][0], st.none())
    return type_name, draw(st.lists(value, min_size=10, max_size=60)), draw(st.lists(value, max_size=60))


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow], derandomize=True)
@given(_numbers())
def test_histogram_counts_what_python_counts(given_values: tuple[str, list[object], list[object]]) -> None:
    """Ranges follow one another, hold what Python finds between their edges, and lose no finite value."""
    type_name, production, staging = given_values
    found = _of_values(_memory(), type_name, production, staging)
    if found is None or found.kind == "values":
        assert max(len(_distinct(production)), len(_distinct(staging))) <= FEW + 1
        return
    ranges = [bar for bar in found.bars if not bar.is_rest]
    edge = _COLUMNS[type_name][1]
    assert 2 <= len(ranges) <= RANGES
    assert all(one.upper == other.label for one, other in pairwise(ranges))
    for bar in ranges:
        low, high = edge(bar.label or ""), edge(bar.upper or "")
        is_last = bar is ranges[-1]
        for rows, count in ((production, bar.production), (staging, bar.staging)):
            inside = [v for v in _finite(rows) if low <= v and (v < high or (is_last and v == high))]  # type: ignore[operator]
            assert count == len(inside), (bar, rows)
    rest = [bar for bar in found.bars if bar.is_rest]
    beyond = [len([v for v in rows if v is not None]) - len(_finite(rows)) for rows in (production, staging)]
    assert [(bar.label, bar.production, bar.staging) for bar in rest] == ([(None, *beyond)] if any(beyond) else [])


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.too_slow], derandomize=True)
@given(
    st.lists(st.sampled_from([None, *"abcdefghijklmn", "", " ", "É"]), max_size=80),
    st.lists(st.sampled_from([None, *"mnopqr", "", "NULL"]), max_size=80),
)
def test_values_count_what_python_counts(production: list[str | None], staging: list[str | None]) -> None:
    """The most frequent values of either side have their counts, NULL too, and the rest is the rest."""
    found = _of_values(_memory(), "VARCHAR", production, staging)
    before, after = Counter(production), Counter(staging)
    if found is None:
        different = len({*production} - {None}) + len({*staging} - {None})
        assert not production + staging or different > len([v for v in production + staging if v is not None]) / 2
        return
    shown = [bar for bar in found.bars if not bar.is_rest]
    assert [(bar.production, bar.staging) for bar in shown] == [(before[b.label], after[b.label]) for b in shown]
    heights = [max(bar.production, bar.staging) for bar in shown]
    assert heights == sorted(heights, reverse=True)
    expected = sorted((max(before[v], after[v]) for v in {*before, *after} - {None}), reverse=True)[:TOP]
    assert [max(bar.production, bar.staging) for bar in shown if bar.label is not None] == expected
    assert any(bar.label is None for bar in shown) == (None in production + staging)
    assert sum(bar.production for bar in found.bars) == len(production)
    assert sum(bar.staging for bar in found.bars) == len(staging)
    assert [bar.label for bar in found.bars if bar.is_rest] in ([], [None])


@pytest.mark.parametrize(
    ("type_name", "low", "step", "labels"),
    [
        ("INTEGER", 3, 1, ["2", "4", "6", "8", "10", "12", "14", "16", "18", "20", "22"]),
        ("INTEGER", 0, 5, ["0", "10", "20", "30", "40", "50", "60", "70", "80", "90"]),
        ("DOUBLE", -0.25, 0.05, ["-0.3", "-0.2", "-0.1", "0", "0.1", "0.2", "0.3"]),
        ("DECIMAL(18,2)", Decimal("99.90"), Decimal("0.01"), ["99.9", "99.92", "99.94", "99.96", "99.98", "100"]),
        ("DATE", date(1969, 12, 25), timedelta(days=1), ["1969-12-25", "1969-12-27", "1969-12-29", "1969-12-31"]),
        ("DATE", date(2023, 11, 15), timedelta(days=30), ["2023-11-01", "2024-01-01", "2024-03-01", "2024-05-01"]),
        ("TIMESTAMP", _at("2024-01-01 06:00"), timedelta(hours=1), ["2024-01-01 06:00:00", "2024-01-01 08:00:00"]),
        ("DATE", date(399, 1, 1), timedelta(days=450 * 365), ["0001-01-01", "1000-01-01", "2000-01-01"]),
        ("TIMESTAMP", _at("2024-01-01 06:00"), timedelta(days=20), ["2024-01-01", "2024-03-01", "2024-05-01"]),
    ],
)  # fmt: skip
def test_edges_are_those_that_people_would_choose(
    memory: Memory, type_name: str, low: object, step: object, labels: list[str]
) -> None:
    """Steps of 1, 2 or 5, whole days and months, aligned to them, also before 1970."""
    values = [low + n * step for n in range(20)]  # type: ignore[operator]
    found = _of_values(memory, type_name, values, values)
    assert found is not None
    assert [bar.label for bar in found.bars][: len(labels)] == labels
    assert sum(bar.production for bar in found.bars) == 20


@pytest.mark.parametrize("type_name", ["TIMESTAMP WITH TIME ZONE", "TIMESTAMP_NS", "TIMESTAMP_S", "TIMESTAMP_MS"])
def test_time_stamps_of_every_precision_have_a_histogram(memory: Memory, type_name: str) -> None:
    """Precision and time zone of the type make no difference: the edges are in UTC."""
    values = [_at("2024-01-31") + timedelta(hours=n) for n in range(48)]
    found = _of_values(memory, type_name, values, values[:24])
    assert found is not None
    assert [(bar.label, bar.production, bar.staging) for bar in found.bars][3:5] == [
        ("2024-01-31 18:00:00", 6, 6),
        ("2024-02-01 00:00:00", 6, 0),
    ]


@pytest.mark.parametrize("type_name", ["DATE", "TIMESTAMP", "TIMESTAMP WITH TIME ZONE"])
def test_instants_without_a_place_are_the_rest(memory: Memory, type_name: str) -> None:
    """Infinity and the years before Christ have no place on the axis, and are counted all the same."""
    values = [_at("2024-01-01") + timedelta(days=n) for n in range(20)]
    found = _of_values(memory, type_name, [*values, "infinity", "0044-03-15 (BC)"], [*values, "-infinity", None])
    assert found is not None
    assert found.bars[-1] == Bar(label=None, production=2, staging=1, is_rest=True)
    assert found.bars[0].label == "2024-01-01"


def test_nan_and_infinity_are_the_rest(memory: Memory) -> None:
    """The ranges are those of the finite values; what has no place is told apart."""
    found = _of_values(memory, "DOUBLE", [*range(100), "nan", "inf", None], [*range(100), "-inf"])
    assert found is not None
    assert (found.bars[0].label, found.bars[-2].upper) == ("0", "100")
    assert found.bars[-1] == Bar(label=None, production=2, staging=1, is_rest=True)


def test_only_values_without_a_place_are_values(memory: Memory) -> None:
    """Without a finite range there is no histogram; the values are told one by one, NaN as one value."""
    found = _of_values(memory, "DOUBLE", ["nan", "nan", "inf"], ["nan", "-inf"])
    assert found is not None
    assert found.kind == "values"
    assert {(bar.label, bar.production, bar.staging) for bar in found.bars} == {
        ("nan", 2, 1),
        ("inf", 1, 0),
        ("-inf", 0, 1),
    }


def test_nulls_are_a_value(memory: Memory) -> None:
    """A column that is NULL everywhere has one bar; a boolean shows true, false and NULL."""
    assert _of_values(memory, "DOUBLE", [None] * 3, [None]) == Distribution(
        column="v", kind="values", bars=(Bar(label=None, production=3, staging=1),)
    )
    found = _of_values(memory, "BOOLEAN", [True, True, None], [False, True, True])
    assert found is not None
    assert [(bar.label, bar.production, bar.staging) for bar in found.bars] == [
        ("true", 2, 2),
        ("false", 0, 1),
        (None, 1, 0),
    ]


def test_one_value_is_one_bar(memory: Memory) -> None:
    """A constant has no range."""
    found = _of_values(memory, "INTEGER", [7] * 5, [7] * 4)
    assert found == Distribution(column="v", kind="values", bars=(Bar(label="7", production=5, staging=4),))


def test_empty_sides_have_no_distribution(memory: Memory) -> None:
    """No rows, no bars; one empty side is all zeros."""
    assert _of_values(memory, "INTEGER", [], []) is None
    found = _of_values(memory, "INTEGER", [], list(range(20)))
    assert found is not None
    assert (sum(bar.production for bar in found.bars), sum(bar.staging for bar in found.bars)) == (0, 20)


@pytest.mark.parametrize(
    ("type_name", "values"),
    [
        ("VARCHAR", [f"unique {n}" for n in range(50)]),
        ("UUID", ["00000000-0000-0000-0000-000000000001"]),
        ("BLOB", [b"a"] * 5),
        ("JSON", ["{}"] * 5),
        ("INTEGER[]", [[1]] * 5),
        ("INTERVAL", ["1 day"] * 5),
    ],
)
def test_what_has_no_distribution_is_left_out(memory: Memory, type_name: str, values: Sequence[object]) -> None:
    """Nearly unique text, nested and binary values."""
    assert _of_values(memory, type_name, values, values) is None


def test_text_that_is_spread_evenly_over_many_values_is_left_out(memory: Memory) -> None:
    """Bars that together hold almost nothing would show nothing; one frequent value is worth the picture."""
    even = [f"v{n % 1000}" for n in range(3000)]
    assert _of_values(memory, "VARCHAR", even, even) is None
    found = _of_values(memory, "VARCHAR", [*even, *[""] * 500], even)
    assert found is not None
    assert (found.bars[0].label, found.bars[0].production, found.bars[0].staging) == ("", 500, 0)


def test_text_of_very_many_values_is_not_counted(memory: Memory) -> None:
    """Grouping by so many values takes long; nothing is asked, although they are not nearly unique."""
    for schema in ("{p}", "{s}"):
        memory.run(f"CREATE TABLE {schema}.t AS SELECT 'v' || i % {2 * MANY} AS v FROM range({20 * MANY}) r(i)")
    assert _found(memory, ["v"]) == ()
    assert all("row_count" in sql for sql in memory.statements)


def test_masked_column_is_not_even_asked_for(memory: Memory) -> None:
    """No statement, no value, no bar."""
    memory.run("CREATE TABLE {p}.t AS SELECT 'secret-one' AS mail, 1 AS x", "CREATE TABLE {s}.t AS SELECT * FROM {p}.t")
    [found] = _found(memory, ["mail", "x"], masked={"T": frozenset({"Mail"})})
    assert found.column == "x"
    assert not any("secret" in answer for answer in memory.answers)


def test_hostile_values_are_only_text(memory: Memory) -> None:
    """Quotes, markup and very long values come back as text, cut as samples are; similar ones stay apart."""
    values = [
        "'); DROP TABLE dwh.t; --",
        '"',
        "<!channel> *b*",
        "\x00\n",
        "é",
        "e\u0301",
        "x" * 300 + "a",
        "x" * 300 + "b",
    ]
    found = _of_values(memory, "VARCHAR", values, values)
    assert found is not None
    labels = Counter(bar.label for bar in found.bars)
    assert labels == Counter([*values[:6], *["x" * LABEL_LENGTH + "…"] * 2])
    assert all((bar.production, bar.staging) == (1, 1) for bar in found.bars)


def test_hostile_column_name_is_only_a_name(memory: Memory) -> None:
    """A name is quoted, whatever it contains; names of the statement's own columns do no harm."""
    for name in ('v"; DROP TABLE dwh.t; --', "value", "v", "production", "staging", "bar", "low"):
        quoted = memory.dialect.quote(name)
        for schema in ("dwh", "develop_dwh"):
            memory.run(f"CREATE OR REPLACE TABLE {schema}.t AS SELECT i AS {quoted}, i % 3 AS w FROM range(40) r(i)")
        [histogram] = _found(memory, [name])
        assert (histogram.column, sum(bar.staging for bar in histogram.bars)) == (name, 40)
        [few] = _found(memory, ["w"])
        assert sorted(bar.staging for bar in few.bars) == [13, 13, 14]


@pytest.mark.parametrize(
    ("before", "after", "kind", "first"),
    [
        ("INTEGER", "DOUBLE", "histogram", "0"),
        ("INTEGER", "BIGINT", "histogram", "0"),
        ("DECIMAL(18,2)", "DECIMAL(38,10)", "histogram", "0"),
        ("HUGEINT", "FLOAT", "histogram", "0"),
        ("DATE", "TIMESTAMP", "histogram", "2024-01-01"),
        ("TIMESTAMP_S", "TIMESTAMP_NS", "histogram", "2024-01-01"),
    ],
)
def test_sides_of_different_types_share_their_bars(
    memory: Memory, before: str, after: str, kind: str, first: str
) -> None:
    """A retyped column is counted on one axis."""
    is_instant = first.startswith("2024")
    values = [_at("2024-01-01") + timedelta(days=n) if is_instant else n for n in range(40)]
    _make(memory, before, values, schema="dwh")
    _make(memory, after, values, schema="develop_dwh")
    [found] = _found(memory, ["v"])
    assert (found.kind, found.bars[0].label) == (kind, first)
    assert all(bar.production == bar.staging for bar in found.bars)
    assert sum(bar.production for bar in found.bars) == 40


def test_few_values_of_different_types_share_their_bars(memory: Memory) -> None:
    """1 and 1.00 are one value, and so are a label and the text of it."""
    _make(memory, "INTEGER", [1, 1, 2], schema="dwh")
    _make(memory, "DECIMAL(18,2)", ["1.00", "2.50"], schema="develop_dwh")
    [found] = _found(memory, ["v"])
    assert [(bar.label, bar.production, bar.staging) for bar in found.bars] == [("1", 2, 1), ("2", 1, 0), ("2.5", 0, 1)]
    _make(memory, "ENUM('a', 'b')", ["a", "b"], schema="dwh")
    _make(memory, "VARCHAR", ["a", "a"], schema="develop_dwh")
    [found] = _found(memory, ["v"])
    assert [(bar.label, bar.production, bar.staging) for bar in found.bars] == [("a", 1, 2), ("b", 1, 0)]


def test_column_without_a_counterpart_has_no_distribution(memory: Memory) -> None:
    """A column of one side, one of a type that does not compare, and one that does not exist are left out."""
    memory.run(
        "CREATE TABLE {p}.t AS SELECT 1 AS gone, 'a' AS apart, 1 AS x",
        "CREATE TABLE {s}.t AS SELECT 1 AS new, 1 AS apart, 1 AS x",
    )
    assert [found.column for found in _found(memory, ["gone", "new", "apart", "nothing", "x"])] == ["x"]


@pytest.mark.parametrize(("type_name", "old", "new"), PAIRS)
def test_every_type_has_a_profile_and_no_type_breaks_a_distribution(
    memory: Memory, type_name: str, old: str, new: str
) -> None:
    """Whatever DuckDB can hold is profiled, and its distribution holds all rows or is left out."""
    for schema, values in (("{p}", (old, old, "NULL")), ("{s}", (new, old))):
        memory.run(f"CREATE TABLE {schema}.t (v {type_name})")
        memory.run(*(f"INSERT INTO {schema}.t VALUES ({value})" for value in values))
    [relation] = memory.relations(Environment.PRODUCTION)
    found = scan(as_warehouse(memory), relation, "dwh.t", settings=DiffSettings(), with_profile=True)
    assert found.profile["v"].nulls == [old, old, "NULL"].count("NULL")
    for distribution in _found(memory, ["v"]):
        assert sum(bar.production for bar in distribution.bars) == 3
        assert sum(bar.staging for bar in distribution.bars) == 2


def test_each_statement_reads_one_column(memory: Memory) -> None:
    """No other column is read, and a histogram of finite values takes one statement."""
    for schema in ("{p}", "{s}"):
        memory.run(f"CREATE TABLE {schema}.t AS SELECT i AS a, 'x' AS b, i AS c FROM range(40) r(i)")
    _found(memory, ["a", "b"])
    asked = [sql for sql in memory.statements if "row_count" not in sql]
    assert ['"a"' in sql for sql in asked] == [True, False]
    assert not any('"c"' in sql for sql in asked)


def test_statements_parse_as_snowflake() -> None:
    """What the dialect does not write is understood by a parser of Snowflake's SQL, and only shared functions occur."""
    relation = Relation("T", "table", tuple(Column(name=f"C{n}", type=name) for n, name in enumerate(TYPES)))
    subject = _subject(relation, relation, SnowflakeDialect(), DiffSettings())
    number, moment, text = (subject.comparison.pairs[n] for n in (1, 4, 2))
    statements = [top_values_sql(subject, text), how_many_sql(subject, text)]
    for pair, kind, edges in (
        (number, Kind.FLOAT, ("0", "0.5", "1")),
        (moment, Kind.TIMESTAMP, ("2024-01-01", "2024-02-01", "2024-03-01")),
    ):
        axis = Axis(subject, pair, kind)
        statements += [ends_sql(axis), histogram_sql(axis, edges, has_rest=True)]
    shared = {"Count", "Sum", "Min", "Max", "Abs", "Cast", "Coalesce", "Case", "If", "Length", "Left", "Greatest"}
    of_the_dialect = {"ToChar", "ToVarchar", "ConvertTimezone", "TimeToStr", "Trim"}
    for sql in statements:
        [parsed] = sqlglot.parse(sql, dialect="snowflake")
        assert parsed is not None
        functions = {type(function).__name__ for function in parsed.find_all(sqlglot.exp.Func)} - {"Anonymous"}
        assert functions <= shared | of_the_dialect | {"And", "Or"}, sql


def _of_values(
    memory: Memory, type_name: str, production: Sequence[object], staging: Sequence[object]
) -> Distribution | None:
    """The distribution of a column `v` with these values."""
    _make(memory, type_name, production, schema="dwh")
    _make(memory, type_name, staging, schema="develop_dwh")
    return next(iter(_found(memory, ["v"])), None)


def _make(memory: Memory, type_name: str, values: Sequence[object], *, schema: str) -> None:
    memory.connection.execute(f"CREATE OR REPLACE TABLE {schema}.t (v {type_name})")
    if values:
        memory.connection.executemany(f"INSERT INTO {schema}.t VALUES (?)", [[value] for value in values])


def _found(memory: Memory, columns: Sequence[str], **chosen: object) -> tuple[Distribution, ...]:
    chosen_settings = DiffSettings(**chosen)  # type: ignore[arg-type]
    [before], [after] = memory.relations(Environment.PRODUCTION), memory.relations(Environment.STAGING)
    subject = _subject(before, after, memory.dialect, chosen_settings)
    profiles = [
        scan(as_warehouse(memory), relation, table, settings=chosen_settings, with_profile=True).profile
        for relation, table in ((before, subject.production_table), (after, subject.staging_table))
    ]
    return distributions(as_warehouse(memory), subject, columns, profiles[0], profiles[1])


def _subject(before: Relation, after: Relation, dialect: object, chosen: DiffSettings) -> Subject:
    return Subject(
        before,
        after,
        production_table='"dwh"."t"',
        staging_table='"develop_dwh"."t"',
        comparison=compare_columns(before, after, settings=chosen, dialect=dialect),  # type: ignore[arg-type]
        settings=chosen,
        dialect=dialect,  # type: ignore[arg-type]
    )


def _finite(values: Sequence[object]) -> list[object]:
    return [v for v in values if v is not None and not (isinstance(v, float) and not math.isfinite(v))]


def _distinct(values: Sequence[object]) -> set[object]:
    return set(_finite(values))
