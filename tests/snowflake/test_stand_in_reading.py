"""Values and aggregates as the real connector gets them."""

from datetime import UTC, date, datetime, time
from decimal import Decimal

import pytest
from snowflake.connector.errors import ProgrammingError

from tests.snowflake.stand_in import StandIn


def one(snow: StandIn, sql: str) -> tuple[object, ...]:
    """The only row."""
    [row] = snow.run(sql)
    return row


def test_values_of_every_type_arrive_as_the_connector_decodes_them(snow: StandIn) -> None:
    """38 digits stay exact, times keep microseconds, VARIANT is indented text with sorted keys."""
    row = one(snow, 'SELECT id, "Id", amount, note, at, day, clock, ok, raw, rate FROM dwh.orders WHERE id = 1')
    assert row == (
        1, 10**38 - 1, Decimal("1.50"), "it's", datetime(2024, 2, 29, 10, 11, 12, 123456), date(2024, 2, 29),  # noqa: DTZ001
        time(10, 11, 12), True, b"\x00\xff", 0.1,
    )  # fmt: skip


def test_times_with_zone_arrive_aware(snow: StandIn) -> None:
    """TIMESTAMP_TZ and TIMESTAMP_LTZ are instants."""
    sent, seen = one(snow, "SELECT sent, seen FROM dwh.orders WHERE id = 1")
    assert sent == seen == datetime(2024, 2, 29, 8, 11, 12, tzinfo=UTC)


def test_times_without_an_offset_are_in_the_zone_of_the_session(snow: StandIn) -> None:
    """Which is America/Los_Angeles unless something else was said. docs: sql-reference/parameters (TIMEZONE)"""
    sql = "SELECT '2024-01-01 00:00:00'::TIMESTAMP_TZ"
    [(there,)], [(here,)] = snow.run(sql), snow.run(sql, session_parameters={"TIMEZONE": "Asia/Kolkata"})
    assert (there.isoformat(), here.isoformat()) == ("2024-01-01T00:00:00-08:00", "2024-01-01T00:00:00+05:30")
    assert snow.run("ALTER SESSION SET TIMEZONE = 'UTC'", sql) == [(datetime(2024, 1, 1, tzinfo=UTC),)]


def test_null_stays_null_in_every_type(snow: StandIn) -> None:
    """Also in times, which must not become 1970."""
    assert set(one(snow, "SELECT * EXCLUDE id FROM dwh.orders WHERE id = 2")) == {None}


def test_variant_is_indented_json_with_sorted_keys(snow: StandIn) -> None:
    """docs: sql-reference/parameters (JSON_INDENT), sql-reference/data-types-semistructured"""
    body, text = one(snow, "SELECT body, TO_JSON(body) FROM dwh.orders WHERE id = 1")
    assert body == '{\n  "a": [\n    2,\n    null\n  ],\n  "b": 1\n}'
    assert text == '{"a":[2,null],"b":1}'


def test_sum_of_integers_is_exact(snow: StandIn) -> None:
    """No detour through floating point."""
    sql = "SELECT SUM(v) FROM (SELECT 9007199254740993::NUMBER(38, 0) AS v UNION ALL SELECT 2)"
    assert one(snow, sql) == (9007199254740995,)


def test_columns_may_differ_by_case_alone(snow: StandIn) -> None:
    """docs: sql-reference/identifiers-syntax (double-quoted identifiers)"""
    assert one(snow, 'SELECT "Id" - ID AS x FROM dwh.orders WHERE id = 1') == (10**38 - 2,)
    with pytest.raises(ProgrammingError, match="invalid identifier 'id'") as raised:
        snow.run('SELECT "id" FROM dwh.orders')
    assert (raised.value.errno, raised.value.sqlstate) == (904, "42000")


def test_unaliased_columns_are_named_by_their_text(snow: StandIn) -> None:
    """As Snowflake does."""
    with snow.connect() as connection:
        cursor = connection.cursor()
        cursor.execute("SELECT COUNT(*), id, amount AS a FROM dwh.orders GROUP BY 2, 3")
        assert [column.name for column in cursor.description] == ["COUNT(*)", "ID", "A"]


def test_parameters_bind_on_the_server(snow: StandIn) -> None:
    """paramstyle qmark."""
    with snow.connect(paramstyle="qmark") as connection:
        cursor = connection.cursor()
        cursor.execute("SELECT ?, ? + 1, ?", ("it's", 2, None))
        assert cursor.fetchall() == [("it's", 3, None)]


def test_parameters_bind_on_the_client(snow: StandIn) -> None:
    """paramstyle pyformat, the default: values become literals."""
    with snow.connect() as connection:
        cursor = connection.cursor()
        cursor.execute("SELECT %(text)s, %(day)s::DATE", {"text": "it's \\ \n ?", "day": date(2024, 2, 29)})
        assert cursor.fetchall() == [("it's \\ \n ?", date(2024, 2, 29))]


def test_pandas_and_describe_work(snow: StandIn) -> None:
    """The connector's other ways to read."""
    with snow.connect() as connection:
        cursor = connection.cursor()
        cursor.execute("SELECT id, amount FROM dwh.orders ORDER BY id")
        assert cursor.fetch_pandas_all()["ID"].tolist() == [1, 2]
        assert [column.name for column in cursor.describe("SELECT id, note FROM dwh.orders")] == ["ID", "NOTE"]


def test_formats_of_times_are_followed(snow: StandIn) -> None:
    """docs: sql-reference/sql-format-models"""
    sql = (
        "SELECT TO_VARCHAR(at, 'YYYY-MM-DD\"T\"HH24:MI:SS.FF6'), TO_CHAR(day, 'DD/MM/YY') FROM dwh.orders WHERE id = 1"
    )
    assert one(snow, sql) == ("2024-02-29T10:11:12.123456", "29/02/24")


HASHES_ALIKE = [
    ("1::NUMBER(10, 0)", "1.00::NUMBER(20, 2)"),
    ("1::NUMBER(38, 0)", "1::FLOAT"),
    ("1.50::NUMBER(10, 2)", "1.5::NUMBER(38, 1)"),
    ("0::FLOAT", "-0.0::FLOAT"),
    ("'2024-01-01 00:00:00 +02:00'::TIMESTAMP_TZ", "'2023-12-31 22:00:00 +00:00'::TIMESTAMP_TZ"),
    ('PARSE_JSON(\'{"a":1,"b":2}\')', 'PARSE_JSON(\'{"b": 2, "a": 1}\')'),
]
HASHES_DIFFER = [("1", "'1'"), ("NULL", "0"), ("NULL", "''"), ("'a'", "'A'"), ("1, 2", "2, 1"), ("NULL", "NULL, NULL")]


@pytest.mark.parametrize(("one_value", "other"), HASHES_ALIKE)
def test_hash_is_alike_for_equal_numbers_and_instants(snow: StandIn, one_value: str, other: str) -> None:
    """docs: sql-reference/functions/hash (usage notes)"""
    assert one(snow, f"SELECT HASH({one_value}) = HASH({other}) AS x") == (True,)


@pytest.mark.parametrize(("one_value", "other"), HASHES_DIFFER)
def test_hash_differs_by_type_null_and_order(snow: StandIn, one_value: str, other: str) -> None:
    """NULL counts, and so does the order of the arguments."""
    assert one(snow, f"SELECT HASH({one_value}) = HASH({other}) AS x") == (False,)


def test_hash_agg_ignores_order_and_counts_duplicates(snow: StandIn) -> None:
    """docs: sql-reference/functions/hash_agg"""
    forth = one(snow, "SELECT HASH_AGG(a, b) FROM (VALUES (1, 'x'), (2, NULL), (2, NULL)) AS v (a, b)")
    back = one(snow, "SELECT HASH_AGG(*) FROM (VALUES (2, NULL), (1, 'x'), (2, NULL)) AS v (a, b)")
    once = one(snow, "SELECT HASH_AGG(a, b) FROM (VALUES (2, NULL), (1, 'x')) AS v (a, b)")
    distinct = one(snow, "SELECT HASH_AGG(DISTINCT a, b) FROM (VALUES (1, 'x'), (2, NULL), (2, NULL)) AS v (a, b)")
    assert forth == back != once == distinct
    assert all(isinstance(value, int) and -(2**63) <= value < 2**63 for value in (*forth, *once))


def test_hash_agg_of_no_rows_is_zero(snow: StandIn) -> None:
    """Never NULL."""
    assert one(snow, "SELECT HASH_AGG(id), HASH_AGG(*) FROM dwh.orders WHERE FALSE") == (0, 0)


def test_approximate_count_is_a_number(snow: StandIn) -> None:
    """docs: sql-reference/functions/approx_count_distinct"""
    assert one(snow, "SELECT APPROX_COUNT_DISTINCT(id), APPROX_COUNT_DISTINCT(note) FROM dwh.orders") == (2, 1)


ERRORS = [
    ("SELECT FROM", 1003, "42000"),
    ("SELECT * FROM dwh.nothing", 2003, "42S02"),
    ("SELECT * FROM elsewhere.orders", 2003, "42S02"),
    ("SELECT nothing FROM dwh.orders", 904, "42000"),
    ("SELECT 'x'::INT", 100038, "22018"),
    ("DESCRIBE TABLE dwh.nothing", 2043, "02000"),
    ("USE SCHEMA nothing", 2043, "02000"),
    ("CREATE TABLE dwh.orders (id INT)", 2002, "42710"),
    ("DROP TABLE dwh.nothing", 2003, "42S02"),
    ("SELECT 1; SELECT 2", 8, "0A000"),
    ("VACUUM", 1003, "42000"),
    ("ALTER SESSION SET nothing = 1", 1006, "22023"),
]


@pytest.mark.parametrize(("sql", "errno", "sqlstate"), ERRORS)
def test_failures_are_programming_errors_with_a_number(snow: StandIn, sql: str, errno: int, sqlstate: str) -> None:
    """Never HTTP 500, which the connector would repeat until its timeout."""
    with pytest.raises(ProgrammingError) as raised:
        snow.run(sql)
    assert (raised.value.errno, raised.value.sqlstate) == (errno, sqlstate)
    assert raised.value.sfqid
