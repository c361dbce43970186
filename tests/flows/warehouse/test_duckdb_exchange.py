"""What an exchange and a refresh inside a DuckDB file keep: definitions, order of rows, what is equal."""

import pytest

from flows.warehouse.base import WarehouseError
from tests.flows.warehouse.world import (
    PRODUCTION,
    STAGING,
    DuckDBWorld,
    names,
    no_guard,
    publish,
    refresh,
    release,
    rows,
)

DEFINITIONS = {
    "primary key": "id INTEGER PRIMARY KEY",
    "primary key of two": "id INTEGER, b VARCHAR DEFAULT 'x', PRIMARY KEY (b, id)",
    "unique": "id INTEGER UNIQUE, b VARCHAR, UNIQUE (b, id)",
    "not null": "id INTEGER NOT NULL",
    "check": "id INTEGER CHECK (id < 100), CHECK (id <> 50)",
    "default": "id INTEGER DEFAULT (40 + 2), b VARCHAR DEFAULT 'it''s (', c TIMESTAMP DEFAULT current_timestamp",
    "generated": "id INTEGER, twice INTEGER GENERATED ALWAYS AS (id * 2)",
    "collation": "id INTEGER, b VARCHAR COLLATE nocase",
    "types": 'id INTEGER, d DECIMAL(38, 10), l INTEGER[], s STRUCT(a INTEGER, "b c" VARCHAR), m MAP(VARCHAR, DOUBLE), '
    "e ENUM('x', 'y'), u UNION(n INTEGER, t VARCHAR), tz TIMESTAMPTZ, h HUGEINT, bl BLOB, i INTERVAL, v VARIANT, "
    "f FLOAT[3], j JSON, n UUID, b BIT",
}


def definitions(world: DuckDBWorld, schema: str) -> list[tuple[str, ...]]:
    """The catalog's words for tables, indexes and constraints of one schema, without the name of the schema."""
    found = world.rows(
        "SELECT replace(sql, schema_name || '.', '') FROM duckdb_tables() "
        f"WHERE schema_name = '{schema}' AND table_name <> '_wap_release' "
        f"UNION ALL SELECT replace(sql, schema_name || '.', '') FROM duckdb_indexes() WHERE schema_name = '{schema}' "
        f"UNION ALL SELECT comment FROM duckdb_tables() WHERE schema_name = '{schema}' "
        f"UNION ALL SELECT comment FROM duckdb_views() WHERE schema_name = '{schema}' "
        f"UNION ALL SELECT comment FROM duckdb_indexes() WHERE schema_name = '{schema}' "
        f"UNION ALL SELECT column_name || comment FROM duckdb_columns() WHERE schema_name = '{schema}' ORDER BY ALL"
    )
    return [row for row in found if row != (None,)]


@pytest.mark.parametrize("columns", DEFINITIONS.values(), ids=DEFINITIONS.keys())
def test_exchange_keeps_definitions(world: DuckDBWorld, columns: str) -> None:
    """Constraints, defaults, generated columns and types go with the data, each way and into a refresh."""
    world.execute(
        f"CREATE TABLE {{s}}.t ({columns})",
        "INSERT INTO {s}.t (id) VALUES (7)",
        "CREATE TABLE {p}.t (plain VARCHAR)",
    )
    before = definitions(world, "develop_dwh"), definitions(world, "dwh")
    publish(world)
    assert (definitions(world, "dwh"), definitions(world, "develop_dwh")) == before
    refresh(world)
    assert definitions(world, "develop_dwh") == definitions(world, "dwh")
    assert world.rows("SELECT id FROM {s}.t") == [(7,)]


def test_exchange_keeps_constraints_working(world: DuckDBWorld) -> None:
    """A primary key that moved still refuses a duplicate."""
    world.execute(
        "CREATE TABLE {s}.t (id INTEGER PRIMARY KEY)", "INSERT INTO {s}.t VALUES (1)", "CREATE TABLE {p}.t (id INTEGER)"
    )
    publish(world)
    with pytest.raises(Exception, match="primary key"):
        world.execute("INSERT INTO {p}.t VALUES (1)")
    world.execute("INSERT INTO {s}.t VALUES (1)", "INSERT INTO {s}.t VALUES (1)")


def test_exchange_keeps_indexes_and_comments(world: DuckDBWorld) -> None:
    """Indexes with odd names and expressions, and comments on tables, columns, indexes and views."""
    for schema, mark in (("{p}", "old"), ("{s}", "new")):
        world.execute(
            f'CREATE TABLE {schema}."T x" (a INTEGER, "b ON (c" VARCHAR)',
            f"INSERT INTO {schema}.\"T x\" VALUES (1, '{mark}')",
            f'CREATE UNIQUE INDEX "ON ix" ON {schema}."T x"(a, (lower("b ON (c")))',
            f"COMMENT ON TABLE {schema}.\"T x\" IS 'it''s {mark}'",
            f'COMMENT ON COLUMN {schema}."T x"."b ON (c" IS \'column {mark}\'',
            f"COMMENT ON INDEX {schema}.\"ON ix\" IS 'index {mark}'",
            f'CREATE VIEW {schema}.v AS SELECT a AS "a b" FROM {schema}."T x"',
            f"COMMENT ON VIEW {schema}.v IS 'view {mark}'",
            f"COMMENT ON COLUMN {schema}.v.\"a b\" IS 'view column {mark}'",
        )
    before = definitions(world, "develop_dwh"), definitions(world, "dwh")
    publish(world)
    assert (definitions(world, "dwh"), definitions(world, "develop_dwh")) == before
    assert len(before[0]) == 7


def test_exchange_keeps_foreign_keys(world: DuckDBWorld) -> None:
    """Tables that point at each other move together, though only the parent's rows differ."""
    for schema, parents in (("{p}", "(1)"), ("{s}", "(1), (2)")):
        world.execute(
            f"CREATE TABLE {schema}.z_parent (id INTEGER PRIMARY KEY)",
            f"INSERT INTO {schema}.z_parent VALUES {parents}",
            f"CREATE TABLE {schema}.child (id INTEGER PRIMARY KEY, parent INTEGER REFERENCES {schema}.z_parent(id))",
            f"INSERT INTO {schema}.child VALUES (10, 1)",
            f"CREATE TABLE {schema}.a_grandchild (child INTEGER REFERENCES {schema}.child(id))",
            f"INSERT INTO {schema}.a_grandchild VALUES (10)",
        )
    before = definitions(world, "dwh")
    publish(world)
    assert definitions(world, "dwh") == definitions(world, "develop_dwh") == before
    assert rows(world, PRODUCTION, "z_parent") == [(1,), (2,)]
    assert rows(world, STAGING, "z_parent") == [(1,)]
    with pytest.raises(Exception, match="foreign key"):
        world.execute("INSERT INTO {p}.child VALUES (11, 99)")
    refresh(world)
    assert rows(world, STAGING, "z_parent") == [(1,), (2,)]


def test_exchange_keeps_foreign_keys_that_name_no_schema(world: DuckDBWorld) -> None:
    """The catalog keeps REFERENCES as it was written; after the move it means its own side."""
    world.execute(
        "USE {s}",
        "CREATE TABLE parent (id INTEGER PRIMARY KEY)",
        "CREATE TABLE child (id INTEGER REFERENCES parent(id))",
        "INSERT INTO parent VALUES (1)",
        "INSERT INTO child VALUES (1)",
    )
    publish(world)
    assert names(world, PRODUCTION) == ["child", "parent"]
    refresh(world)
    assert rows(world, STAGING, "child") == [(1,)]


def test_exchange_keeps_the_order_of_rows(world: DuckDBWorld) -> None:
    """Rows come back as they were inserted."""
    world.execute(
        "CREATE TABLE {s}.t AS SELECT (i * 7919) % 300000 + 1 AS i FROM range(300000) AS r(i)",
        "CREATE TABLE {p}.t AS SELECT 299999 - i AS i FROM range(300000) AS r(i)",
    )
    before = world.rows("FROM {s}.t"), world.rows("FROM {p}.t")
    publish(world)
    assert (world.rows("FROM {p}.t"), world.rows("FROM {s}.t")) == before


def test_exchange_leaves_equal_relations_alone(world: DuckDBWorld) -> None:
    """Only what differs is touched: rows in another order are equal, a comment or an index is a difference."""
    for schema, order in (("{p}", "ASC"), ("{s}", "DESC")):
        world.execute(
            f"CREATE TABLE {schema}.same_rows AS SELECT i FROM range(10) AS r(i) ORDER BY i {order}",
            f"CREATE VIEW {schema}.same_view AS SELECT * FROM {schema}.same_rows",
            f"CREATE TABLE {schema}.floats AS SELECT '{'-0.0' if order == 'ASC' else '0.0'}'::DOUBLE AS f",
            f"INSERT INTO {schema}.floats VALUES ('nan'), ('inf'), (NULL)",
            f"CREATE TABLE {schema}.indexed (i INTEGER)",
            f"CREATE TABLE {schema}.nested AS SELECT {'[NULL]' if order == 'ASC' else '[]'}::INTEGER[] AS l",
        )
    world.execute("CREATE INDEX ix ON {s}.indexed(i)")
    with world.warehouse() as warehouse:
        text = "\n".join(statement.sql for statement in warehouse.exchange(release(), no_guard))
    assert "same_rows" not in text
    assert "same_view" not in text
    assert "floats" not in text
    assert '"dwh"."indexed"' in text
    assert '"dwh"."nested"' in text


def test_exchange_takes_names_that_differ_in_case_as_one(world: DuckDBWorld) -> None:
    """DuckDB ignores the case of ASCII letters: "Orders" and orders are one table, each side with its spelling."""
    world.execute(
        'CREATE TABLE {p}."ORDERS" AS SELECT 1 AS id',
        'CREATE TABLE {s}."Orders" AS SELECT 2 AS id',
        'CREATE TABLE {s}."Ärger" AS SELECT 3 AS id',
        'CREATE TABLE {s}."ärger" AS SELECT 4 AS id',
    )
    publish(world)
    assert (names(world, PRODUCTION), names(world, STAGING)) == (["Orders", "Ärger", "ärger"], ["ORDERS"])
    assert rows(world, PRODUCTION, "Orders") == [(2,)]


def test_exchange_finds_schemas_in_any_case(tmp_path_factory: pytest.TempPathFactory) -> None:
    """The configured spelling need not be the catalog's."""
    world = DuckDBWorld(tmp_path_factory.mktemp("case"), production="DWH", staging="Develop_dwh")
    world.execute("CREATE SCHEMA dwh", "CREATE SCHEMA develop_dwh", "CREATE TABLE develop_dwh.t AS SELECT 1 AS id")
    world.execute("CREATE VIEW develop_dwh.v AS SELECT id FROM DEVELOP_dwh.t")
    publish(world)
    assert rows(world, PRODUCTION, "v") == [(1,)]
    assert names(world, STAGING) == []


@pytest.mark.parametrize(("production", "staging"), [("main", "dev"), ('Dé"v.x', 'de v"'), ("select", "from")])
def test_exchange_works_with_any_schema_names(
    tmp_path_factory: pytest.TempPathFactory, production: str, staging: str
) -> None:
    """`main`, which the catalog leaves out of its definitions, and names that must be quoted."""
    world = DuckDBWorld(tmp_path_factory.mktemp("names"), production=production, staging=staging)
    refresh(world)
    for schema, value in (("{p}", 1), ("{s}", 2)):
        world.execute(
            f"CREATE TABLE {schema}.t (id INTEGER PRIMARY KEY)",
            f"INSERT INTO {schema}.t VALUES ({value})",
            f"CREATE TABLE {schema}.c (id INTEGER REFERENCES {schema}.t(id))",
            f"CREATE VIEW {schema}.v AS SELECT id FROM {schema}.t WHERE {schema}.t.id > 0",
        )
    publish(world)
    assert (rows(world, PRODUCTION, "v"), rows(world, STAGING, "v")) == ([(2,)], [(1,)])
    refresh(world)
    assert rows(world, STAGING, "v") == [(2,)]


def test_exchange_that_fails_midway_changes_nothing(world: DuckDBWorld) -> None:
    """A foreign key to itself cannot be copied; everything before it is rolled back, and the file is let go."""
    world.execute(
        "CREATE TABLE {p}.a AS SELECT 1 AS id",
        "CREATE TABLE {s}.a AS SELECT 2 AS id",
        "CREATE TABLE {s}.tree (id INTEGER PRIMARY KEY, up INTEGER REFERENCES {s}.tree(id))",
        "INSERT INTO {s}.tree VALUES (1, NULL)",
        "INSERT INTO {s}.tree VALUES (2, 1)",
    )
    before = world.content()
    with pytest.raises(WarehouseError, match=r"^Nothing was published\. DuckDB says: .*[Ff]oreign key"):
        publish(world)
    assert world.content() == before


def test_exchange_interrupted_by_the_keyboard_changes_nothing(world: DuckDBWorld) -> None:
    """Not only errors roll back."""
    world.execute("CREATE TABLE {s}.a AS SELECT 2 AS id")
    before = world.content()

    def guard() -> None:
        raise KeyboardInterrupt

    with world.warehouse() as warehouse, pytest.raises(KeyboardInterrupt):
        warehouse.exchange(release(), guard)
    assert world.content() == before


def test_exchange_drops_a_broken_view_of_production(world: DuckDBWorld) -> None:
    """A view that nobody can read any more does not keep its correction from being published."""
    world.execute(
        "CREATE TABLE {p}.gone AS SELECT 1 AS id",
        "CREATE VIEW {p}.v AS SELECT id FROM {p}.gone",
        "DROP TABLE {p}.gone",
        "CREATE VIEW {s}.v AS SELECT 2 AS id",
    )
    assert names(world, PRODUCTION) == []
    publish(world)
    assert rows(world, PRODUCTION, "v") == [(2,)]
    assert names(world, STAGING) == []


def test_refresh_leaves_out_a_broken_view(world: DuckDBWorld) -> None:
    """Nothing could re-create it, and dbt has to be able to build its correction."""
    world.execute(
        "CREATE TABLE {p}.t AS SELECT 1 AS id", "CREATE VIEW {p}.v AS SELECT id FROM {p}.t", "DROP TABLE {p}.t"
    )
    refresh(world)
    assert world.rows("SELECT view_name FROM duckdb_views() WHERE schema_name = 'develop_dwh'") == []


def test_views_of_other_schemas_read_the_release(world: DuckDBWorld) -> None:
    """A report elsewhere in the file sees the new data, also when a column was added."""
    world.execute(
        "CREATE TABLE {p}.t AS SELECT 1 AS id",
        "CREATE VIEW main.report AS SELECT * FROM {p}.t",
        "CREATE TABLE {s}.t AS SELECT 'x' AS note, 2::BIGINT AS id",
    )
    publish(world)
    assert world.rows("FROM main.report") == [("x", 2)]


def test_table_that_only_hashes_like_the_old_one_is_published(world: DuckDBWorld) -> None:
    """What is left alone because it is equal must be: DuckDB's hash of 128 bits takes -0.01 for 0.00."""
    world.execute(
        "CREATE TABLE {p}.t AS SELECT 0::DECIMAL(38,2) AS v", "CREATE TABLE {s}.t AS SELECT -0.01::DECIMAL(38,2) AS v"
    )
    publish(world)
    assert [str(v) for (v,) in world.rows("SELECT v FROM {p}.t")] == ["-0.01"]
