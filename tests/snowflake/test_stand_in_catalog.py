"""INFORMATION_SCHEMA, SHOW and DESCRIBE tell what is there."""

from datetime import UTC, datetime

from tests.snowflake.conftest import ORDERS
from tests.snowflake.stand_in import StandIn


def shown(snow: StandIn, sql: str, *names: str, **overrides: str) -> list[tuple[object, ...]]:
    """Some columns of a SHOW command, by name."""
    with snow.connect(**overrides) as connection:
        cursor = connection.cursor()
        cursor.execute(sql)
        places = [[column.name for column in cursor.description].index(name) for name in names]
        return [tuple(row[place] for place in places) for row in cursor.fetchall()]


def test_columns_lists_declared_types_in_order(snow: StandIn) -> None:
    """docs: sql-reference/info-schema/columns"""
    found = snow.run(
        "SELECT column_name, data_type, numeric_precision, numeric_scale, character_maximum_length, is_nullable "
        "FROM analytics.information_schema.columns WHERE table_name = 'ORDERS' ORDER BY ordinal_position"
    )
    assert found[:4] == [
        ("ID", "NUMBER", 38, 0, None, "NO"),
        ("Id", "NUMBER", 38, 0, None, "YES"),
        ("AMOUNT", "NUMBER", 10, 2, None, "YES"),
        ("NOTE", "TEXT", None, None, 20, "YES"),
    ]
    assert [row[1] for row in found[4:]] == [
        "TIMESTAMP_NTZ", "TIMESTAMP_LTZ", "TIMESTAMP_TZ", "DATE", "TIME", "BOOLEAN", "BINARY", "FLOAT", "VARIANT",
        "OBJECT", "ARRAY",
    ]  # fmt: skip


def test_columns_of_a_view_are_those_it_was_created_with(snow: StandIn) -> None:
    """Views have columns too."""
    found = snow.run(
        "SELECT column_name, data_type, numeric_scale FROM information_schema.columns "
        "WHERE table_name = 'CHEAP' ORDER BY ordinal_position"
    )
    assert found == [("ID", "NUMBER", 0), ("AMOUNT", "NUMBER", 2)]


def test_tables_lists_views_with_null_sizes(snow: StandIn) -> None:
    """docs: sql-reference/info-schema/tables"""
    found = snow.run(
        "SELECT table_name, table_type, row_count, bytes > 0, comment FROM information_schema.tables "
        "WHERE table_schema = 'DWH' ORDER BY 1"
    )
    assert found == [("CHEAP", "VIEW", None, None, None), ("ORDERS", "BASE TABLE", 2, True, "what was ordered")]


def test_view_definition_is_the_text_that_was_typed(snow: StandIn) -> None:
    """The whole statement, comments included. docs: sql-reference/info-schema/views"""
    assert snow.run("SELECT view_definition FROM information_schema.views") == [(ORDERS[-1],)]


def test_get_ddl_gives_a_statement_under_the_present_name(fresh: StandIn) -> None:
    """The query is the text that was typed. docs: sql-reference/functions/get_ddl"""
    fresh.run(
        "CREATE SECURE VIEW dwh.v (a COMMENT 'it''s', \"b\") COMMENT = 'c' AS SELECT 1 , 2 -- typed",
        "ALTER VIEW dwh.v RENAME TO develop_dwh.w",
    )
    text = "create or replace secure view {}(\n\tA COMMENT 'it''s',\n\t\"b\"\n) COMMENT='c'\n as SELECT 1 , 2 -- typed;"
    assert fresh.run("SELECT GET_DDL('VIEW', 'develop_dwh.w')") == [(text.format("W"),)]
    assert fresh.run("SELECT GET_DDL('VIEW', 'DEVELOP_DWH.W', TRUE)") == [(text.format("ANALYTICS.DEVELOP_DWH.W"),)]


def test_last_altered_moves_with_every_change(fresh: StandIn) -> None:
    """Also with DML that changes no row. docs: sql-reference/info-schema/tables (LAST_ALTERED)"""
    fresh.run("CREATE TABLE dwh.t AS SELECT 1 AS a")
    sql = "SELECT last_altered FROM information_schema.tables WHERE table_name = 'T'"
    seen = [fresh.run(sql)[0][0]]
    for change in (
        "UPDATE dwh.t SET a = 2 WHERE FALSE",
        "ALTER TABLE dwh.t ADD COLUMN b INT",
        "INSERT INTO dwh.t (a) VALUES (1)",
    ):
        fresh.run(change)
        seen.append(fresh.run(sql)[0][0])
    assert sorted(set(seen)) == seen
    assert seen[0] > datetime(2020, 1, 1, tzinfo=UTC)


def test_show_lists_names_kinds_and_text(snow: StandIn) -> None:
    """docs: sql-reference/sql/show-tables, show-views, show-objects"""
    assert shown(snow, "SHOW TABLES IN SCHEMA dwh", "name", "kind", "rows") == [("ORDERS", "TABLE", 2)]
    assert shown(snow, "SHOW VIEWS IN SCHEMA analytics.dwh", "name", "text") == [("CHEAP", ORDERS[-1])]
    assert shown(snow, "SHOW OBJECTS IN DATABASE", "name", "kind") == [("CHEAP", "VIEW"), ("ORDERS", "TABLE")]
    assert shown(snow, "SHOW TERSE OBJECTS IN DATABASE LIKE 'c%'", "name", "schema_name") == [("CHEAP", "DWH")]
    assert shown(snow, "SHOW OBJECTS IN dwh STARTS WITH 'O' LIMIT 1", "name") == [("ORDERS",)]


def test_show_columns_and_describe_agree_with_information_schema(snow: StandIn) -> None:
    """docs: sql-reference/sql/show-columns, desc-table"""
    assert shown(snow, "SHOW COLUMNS IN TABLE dwh.orders", "column_name", "data_type")[2] == (
        "AMOUNT",
        '{"type":"FIXED","precision":10,"scale":2,"nullable":true}',
    )
    assert shown(snow, "DESCRIBE TABLE dwh.orders", "name", "type", "null?", "comment")[:4] == [
        ("ID", "NUMBER(38,0)", "N", None),
        ("Id", "NUMBER(38,0)", "Y", None),
        ("AMOUNT", "NUMBER(10,2)", "Y", None),
        ("NOTE", "VARCHAR(20)", "Y", "said"),
    ]


def test_show_result_can_be_queried(snow: StandIn) -> None:
    """docs: sql-reference/functions/result_scan"""
    with snow.connect() as connection:
        cursor = connection.cursor()
        cursor.execute("SHOW OBJECTS IN SCHEMA dwh")
        cursor.execute('SELECT "name" AS n FROM TABLE(RESULT_SCAN(LAST_QUERY_ID())) ORDER BY "name" DESC')
        assert cursor.fetchall() == [("ORDERS",), ("CHEAP",)]


def test_hostile_names_survive(fresh: StandIn) -> None:
    """Quotes, dots, spaces, semicolons, letters of both cases."""
    names = [
        'say "hi"',
        "two words",
        "select",
        "semi;colon -- no",
        "it's",
        "Straße ☃",
        "dot.ted",
        "Mixed",
        "MIXED",
        "%s ? $1",
    ]
    for number, name in enumerate(names):
        quoted = '"' + name.replace('"', '""') + '"'
        with fresh.connect(paramstyle="qmark") as connection:
            connection.cursor().execute(f"CREATE TABLE dwh.{quoted} ({quoted} INT)")
            connection.cursor().execute(f"INSERT INTO dwh.{quoted} VALUES ({number})")
            cursor = connection.cursor()
            cursor.execute(f"SELECT {quoted} FROM dwh.{quoted}")
            assert ([column.name for column in cursor.description], cursor.fetchall()) == ([name], [(number,)])
    found = fresh.run("SELECT table_name, column_name FROM information_schema.columns")
    assert sorted(found) == sorted((name, name) for name in names)


def test_objects_that_only_exist_are_listed(fresh: StandIn) -> None:
    """Streams, tasks, dynamic tables, pipes and policies, which a publish has to warn of."""
    fresh.run(
        "CREATE TABLE dwh.t AS SELECT 1 AS a",
        "CREATE STREAM dwh.changes ON TABLE dwh.t",
        "CREATE TASK dwh.nightly WAREHOUSE = wh SCHEDULE = '60 MINUTE' AS SELECT 1",
        "CREATE DYNAMIC TABLE dwh.fast TARGET_LAG = '1 hour' WAREHOUSE = wh AS SELECT a FROM dwh.t",
        "CREATE PIPE dwh.feed AS COPY INTO dwh.t FROM @stage",
        "CREATE MASKING POLICY dwh.hide AS (v VARCHAR) RETURNS VARCHAR -> '***'",
        "CREATE ROW ACCESS POLICY dwh.some AS (v VARCHAR) RETURNS BOOLEAN -> TRUE",
    )
    assert shown(fresh, "SHOW STREAMS IN SCHEMA dwh", "name", "table_name") == [("CHANGES", "ANALYTICS.DWH.T")]
    assert shown(fresh, "SHOW TASKS IN SCHEMA dwh", "name", "state", "schedule") == [
        ("NIGHTLY", "suspended", "60 MINUTE")
    ]
    assert shown(fresh, "SHOW DYNAMIC TABLES IN SCHEMA dwh", "name", "target_lag") == [("FAST", "1 hour")]
    assert fresh.run("SELECT a FROM dwh.fast") == [(1,)]
    assert shown(fresh, "SHOW PIPES IN DATABASE", "name") == [("FEED",)]
    assert shown(fresh, "SHOW MASKING POLICIES IN SCHEMA dwh", "name") == [("HIDE",)]
    assert shown(fresh, "SHOW ROW ACCESS POLICIES IN SCHEMA dwh", "name") == [("SOME",)]


def test_primary_keys_are_listed_and_not_enforced(fresh: StandIn) -> None:
    """docs: sql-reference/sql/show-primary-keys, sql-reference/constraints-overview"""
    fresh.run(
        "CREATE TABLE dwh.a (id INT PRIMARY KEY)",
        "CREATE TABLE dwh.b (x INT, y INT, PRIMARY KEY (y, x))",
        "INSERT INTO dwh.a VALUES (1), (1)",
    )
    assert shown(fresh, "SHOW PRIMARY KEYS IN SCHEMA dwh", "table_name", "column_name", "key_sequence") == [
        ("A", "ID", "1"),
        ("B", "Y", "1"),
        ("B", "X", "2"),
    ]
