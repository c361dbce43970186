"""The profile of a side: the same numbers that plain Python finds in the same rows, in one scan, masks kept."""

import math
from collections.abc import Callable, Sequence
from decimal import Decimal
from functools import cache

import pytest
import sqlglot
from hypothesis import HealthCheck, given, settings

from flows.contract import Column
from flows.contract.profile import Profile
from flows.diff import DiffSettings
from flows.diff.fingerprint import side
from flows.diff.profile import MAX_COLUMNS, Scan, profile_measures, scan, scan_sql
from flows.warehouse.base import Environment, Relation
from flows.warehouse.snowflake.dialect import SnowflakeDialect
from tests.flows.diff.adapter import Memory, as_warehouse
from tests.flows.diff.tables import Tables, tables
from tests.flows.diff.test_common_sql import TYPES

NUMBERS = ("INTEGER", "BIGINT", "HUGEINT", "DOUBLE", "DECIMAL(38,10)")
WIDE = "9" * 28 + ".5000000000"
WITHOUT_ENDS = ("VARCHAR", "BLOB", "BOOLEAN", "INTEGER[]", "STRUCT(a INTEGER, b VARCHAR)")


@cache
def _memory() -> Memory:
    return Memory()


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.too_slow], derandomize=True)
@given(tables())
def test_profile_is_what_python_finds_in_the_same_rows(given_tables: Tables) -> None:
    """NULLs are exact, distinct values within one, least and greatest value and mean those of the rows."""
    memory = _memory()
    _fill(memory, given_tables)
    found = _scan(memory)
    for n, (name, type_name) in enumerate(zip(given_tables.names, given_tables.types, strict=True)):
        values = [row[n] for row in given_tables.production if row[n] is not None]
        profile = found.profile[name]
        assert profile.nulls == len(given_tables.production) - len(values)
        _check_ends(memory, profile, values, type_name)
        _check_mean(profile.mean, values, type_name)
        if type_name in ("INTEGER[]", "STRUCT(a INTEGER, b VARCHAR)"):
            assert profile.distinct is None
        else:
            assert abs((profile.distinct or 0) - _distinct(values)) <= 1


@settings(max_examples=50, deadline=None, suppress_health_check=[HealthCheck.too_slow], derandomize=True)
@given(tables())
def test_rows_and_fingerprint_do_not_depend_on_the_profile(given_tables: Tables) -> None:
    """The same side as the fingerprint module computes, which approvals are bound to, with a profile or without."""
    memory = _memory()
    _fill(memory, given_tables)
    [relation] = memory.relations(Environment.PRODUCTION)
    expected = side(as_warehouse(memory), relation, "dwh.t")
    assert _scan(memory).side == expected
    without = scan(as_warehouse(memory), relation, "dwh.t", settings=DiffSettings(), with_profile=False)
    assert without == Scan(side=expected, profile={})


def test_scan_is_one_statement_that_names_the_table_once(memory: Memory) -> None:
    """One pass over the table, whatever is asked of it."""
    memory.run("CREATE TABLE {p}.t AS SELECT i, 'x' || i AS s, i / 7 AS d FROM range(10) r(i)")
    _scan(memory)
    [statement] = memory.statements
    assert statement.count('"dwh"."t"') == 1
    assert len(list(sqlglot.parse_one(statement, dialect="duckdb").find_all(sqlglot.exp.Table))) == 1


def test_masked_column_tells_nulls_and_distinct_values_only(memory: Memory) -> None:
    """No value of a masked column leaves the warehouse, not even its least, greatest or mean."""
    memory.run(
        "CREATE TABLE {p}.t AS SELECT 'secret-' || i AS mail, 47110815 + i AS pay,"
        " DATE '1999-07-07' + i::INTEGER AS born, i AS id FROM range(3) r(i)"
    )
    found = _scan(memory, masked={"T": frozenset({"MAIL", "pay", "born"})})
    for name in ("mail", "pay", "born"):
        assert found.profile[name] == Profile(nulls=0, distinct=3)
    assert found.profile["id"] == Profile(nulls=0, distinct=3, low="0", high="2", mean="1")
    [answer] = memory.answers
    assert not any(secret in answer for secret in ("secret", "4711081", "1999-07"))


def test_every_column_can_be_masked_at_once(memory: Memory) -> None:
    """A star masks all columns."""
    memory.run("CREATE TABLE {p}.t AS SELECT 'secret' AS a, 47110815 AS b")
    assert set(_scan(memory, masked={"t": frozenset({"*"})}).profile.values()) == {Profile(nulls=0, distinct=1)}
    assert not any(secret in memory.answers[0] for secret in ("secret", "47110815"))


def test_empty_table_has_a_profile_of_nothing(memory: Memory) -> None:
    """No rows: no NULLs, no values."""
    memory.run("CREATE TABLE {p}.t (i INTEGER, s VARCHAR, d DOUBLE, l INTEGER[])")
    found = _scan(memory)
    assert (found.side.rows, found.side.fingerprint) == (0, "0")
    assert found.profile == {**dict.fromkeys("isd", Profile(nulls=0, distinct=0)), "l": Profile(nulls=0)}


def test_column_of_nulls_has_no_values(memory: Memory) -> None:
    """All rows are NULL: counted, and nothing else to tell."""
    memory.run("CREATE TABLE {p}.t AS SELECT NULL::DOUBLE AS d, NULL::VARCHAR AS s FROM range(3)")
    assert _scan(memory).profile == dict.fromkeys("ds", Profile(nulls=3, distinct=0))


@pytest.mark.parametrize(
    ("type_name", "values", "low", "high", "mean"),
    [
        ("HUGEINT", [2**127 - 1, 2**127 - 1], str(2**127 - 1), str(2**127 - 1), "1.7014118346046923e+38"),
        ("UHUGEINT", [2**128 - 1, 2**128 - 1], str(2**128 - 1), str(2**128 - 1), "3.402823669209385e+38"),
        ("DECIMAL(38,0)", ["9" * 38] * 9, "9" * 38, "9" * 38, "1e+38"),
        ("DECIMAL(38,10)", [WIDE, "-" + WIDE], "-" + WIDE, WIDE, "0"),
        ("BIGINT", [2**63 - 1, 2**63 - 1], str(2**63 - 1), str(2**63 - 1), "9.223372036854776e+18"),
        ("BIGINT", [-(2**63), 2**63 - 1], str(-(2**63)), str(2**63 - 1), "-0.5"),
        ("UTINYINT", [255, 254], "254", "255", "254.5"),
        ("DOUBLE", ["nan", 1.0], "1.0", "nan", "nan"),
        ("DOUBLE", ["inf", "-inf", 1.0], "-inf", "inf", "nan"),
        ("DOUBLE", ["inf", 1.0], "1.0", "inf", "inf"),
        ("DOUBLE", [1e308, 1e308], "1e+308", "1e+308", None),
        ("DOUBLE", [0.1, 0.1, 0.1], "0.1", "0.1", "0.1"),
        ("FLOAT", [0.5, 0.25], "0.25", "0.5", "0.375"),
        ("DECIMAL(18,2)", ["1.10", "1.11"], "1.10", "1.11", "1.105"),
        ("DATE", ["1969-12-31", "0044-03-15 (BC)"], "0044-03-15 (BC)", "1969-12-31", None),
        ("DATE", ["infinity", "1970-01-01"], "1970-01-01", "infinity", None),
        ("TIMESTAMP WITH TIME ZONE", ["2024-03-31 03:00:00+02"] * 2, *["2024-03-31 01:00:00+00"] * 2, None),
        ("VARCHAR", ["a", "b"], None, None, None),
        ("BOOLEAN", [True, False], None, None, None),
        ("UUID", ["00000000-0000-0000-0000-000000000001"], None, None, None),
        ("BLOB", [b"a"], None, None, None),
        ("JSON", ['{"a": 1}'], None, None, None),
        ("INTERVAL", ["1 day"], None, None, None),
        ("TIME", ["10:00:00", "09:00:00"], "09:00:00", "10:00:00", None),
    ],
)  # fmt: skip
def test_ends_and_mean_of_a_type(
    memory: Memory, type_name: str, values: Sequence[object], low: str | None, high: str | None, mean: str | None
) -> None:
    """Wide numbers do not overflow, NaN and infinity are told, and types without a meaningful order have no ends."""
    memory.connection.execute(f"CREATE TABLE dwh.t (v {type_name})")
    memory.connection.executemany("INSERT INTO dwh.t VALUES (?)", [[value] for value in values])
    profile = _scan(memory).profile["v"]
    assert (profile.low, profile.high, profile.mean) == (low, high, mean)


def test_hostile_names_and_values_are_only_text(memory: Memory) -> None:
    """Quotes, semicolons, blanks and markup in names and values do no harm."""
    name, value = 'a"; DROP TABLE dwh.t; --', "'); DROP TABLE dwh.t; -- <!channel> *b* \n\x07"
    memory.connection.execute(f"CREATE TABLE dwh.t ({memory.dialect.quote(name)} VARCHAR)")
    memory.connection.execute("INSERT INTO dwh.t VALUES (?)", [value])
    assert _scan(memory).profile == {name: Profile(nulls=0, distinct=1)}


def test_thousand_columns_are_fingerprinted_and_the_first_are_profiled(memory: Memory) -> None:
    """The fingerprint covers all columns; the note says which have no profile, and why."""
    memory.run(
        f"CREATE TABLE {{p}}.t AS SELECT {', '.join(f'i + {n} AS c{n}' for n in range(1000))} FROM range(3) r(i)"
    )
    [relation] = memory.relations(Environment.PRODUCTION)
    found = _scan(memory)
    assert found.side == side(as_warehouse(memory), relation, "dwh.t")
    assert list(found.profile) == [f"c{n}" for n in range(MAX_COLUMNS)]
    assert found.profile["c199"].low == "199"
    assert found.notes == (
        "Not profiled: 800 of the 1,000 columns, from c200 to c999, because a profile covers the first 200 columns"
        " of a table.",
    )


def test_table_of_as_many_columns_as_are_profiled_has_no_note(memory: Memory) -> None:
    """The limit itself is fine."""
    memory.run(f"CREATE TABLE {{p}}.t AS SELECT {', '.join(f'{n} AS c{n}' for n in range(MAX_COLUMNS))}")
    found = _scan(memory)
    assert (len(found.profile), found.notes) == (MAX_COLUMNS, ())


def test_distinct_values_are_told_within_a_few_per_cent(memory: Memory) -> None:
    """An estimate, never more than there are values."""
    memory.run("CREATE TABLE {p}.t AS SELECT i AS a, i % 1000 AS b, 'x' AS c FROM range(50000) r(i)")
    found = _scan(memory).profile
    assert abs((found["a"].distinct or 0) - 50000) < 5000
    assert (found["a"].distinct or 0) <= 50000
    assert abs((found["b"].distinct or 0) - 1000) < 100
    assert found["c"].distinct == 1


def test_view_is_profiled_as_a_table(memory: Memory) -> None:
    """A view is read like a table."""
    memory.run("CREATE VIEW {p}.t AS SELECT i AS x FROM range(5) r(i)")
    assert _scan(memory).profile == {"x": Profile(nulls=0, distinct=5, low="0", high="4", mean="2")}


def test_statement_parses_as_snowflake() -> None:
    """What the dialect does not write is understood by a parser of Snowflake's SQL, and only shared functions occur."""
    relation = Relation("T", "table", tuple(Column(name=f"C{n}", type=name) for n, name in enumerate(TYPES)))
    dialect = SnowflakeDialect()
    sql = scan_sql(dialect, relation, '"DB"."DWH"."T"', profile_measures(dialect, relation, settings=DiffSettings()))
    parsed = sqlglot.parse_one(sql, dialect="snowflake")
    functions = {type(function).__name__ for function in parsed.find_all(sqlglot.exp.Func)} - {"Anonymous"}
    shared = {"Count", "ApproxDistinct", "Min", "Max", "Avg", "Cast", "Coalesce", "Case"}
    assert {"ApproxDistinct", "Min", "Avg"} <= functions
    texts = {"ToChar", "ToVarchar", "JSONFormat", "ConvertTimezone", "TimeToStr", "Trim", "LowerHex"}
    assert functions <= shared | texts | {"HashAgg"}


def _scan(memory: Memory, **chosen: object) -> Scan:
    [relation] = memory.relations(Environment.PRODUCTION)
    table = memory.table(Environment.PRODUCTION, "t")
    chosen_settings = DiffSettings(**chosen)  # type: ignore[arg-type]
    return scan(as_warehouse(memory), relation, table, settings=chosen_settings, with_profile=True)


def _fill(memory: Memory, given_tables: Tables) -> None:
    columns = zip(given_tables.names, given_tables.types, strict=True)
    declared = ", ".join(f"{memory.dialect.quote(name)} {type_name}" for name, type_name in columns)
    memory.connection.execute(f"CREATE OR REPLACE TABLE dwh.t ({declared})")
    if given_tables.production:
        marks = ", ".join("?" for _ in given_tables.names)
        memory.connection.executemany(f"INSERT INTO dwh.t VALUES ({marks})", [list(r) for r in given_tables.production])


def _check_ends(memory: Memory, profile: Profile, values: Sequence[object], type_name: str) -> None:
    if type_name in WITHOUT_ENDS or not values:
        assert (profile.low, profile.high) == (None, None)
        return
    for found, choose in ((profile.low, min), (profile.high, max)):
        assert found is not None
        [(back,)] = memory.connection.execute(f"SELECT CAST(? AS {type_name})", [found]).fetchall()
        assert _order(back) == choose(_order(value) for value in values)


def _check_mean(found: str | None, values: Sequence[object], type_name: str) -> None:
    if type_name not in NUMBERS or not values:
        assert found is None
        return
    numbers = [float(value) for value in values]  # type: ignore[arg-type]
    mean = float("nan") if any(math.isnan(x) for x in numbers) or {math.inf, -math.inf} <= set(numbers) else None
    mean = mean if mean is not None else sum(numbers) / len(numbers)
    if found is None:
        assert math.isinf(mean)
    else:
        exact = mean if not math.isfinite(mean) else float(sum(Decimal(str(v)) for v in values) / len(values))
        scale = max(abs(x) for x in numbers)
        assert str(float(found)) == str(exact) or math.isclose(
            float(found), exact, rel_tol=1e-11, abs_tol=scale * 1e-15
        )


def _order(value: object) -> tuple[bool, object]:
    """NaN sorts above all numbers; text by its bytes."""
    if isinstance(value, float):
        return (math.isnan(value), 0.0 if math.isnan(value) else value)
    return (False, value.encode() if isinstance(value, str) else value)


def _distinct(values: Sequence[object]) -> int:
    normal: Callable[[object], object] = lambda v: v + 0.0 if isinstance(v, float) else v  # noqa: E731
    return len({repr(normal(value)) for value in values})
