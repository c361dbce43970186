"""What every warehouse must do. A warehouse runs it by importing it beside a fixture `world` of its own.

Names are in upper case: unquoted, that is the one spelling that every catalog keeps.
"""

from typing import Any

import pytest

from flows.warehouse.base import MARKER_TABLE, Environment, Release, WarehouseError
from tests.flows.warehouse.world import (
    PRODUCTION,
    STAGING,
    World,
    names,
    no_guard,
    publish,
    refresh,
    release,
    rows,
)

HOSTILE = (
    'say "hi"',
    "two words",
    "select",
    "semi;colon -- no comment",
    "it's",
    "Straße ☃",
    "dotted.name",
    "MixedCase",
    "{brace}",
    "%s ? $1",
    "a" * 120,
)
"""Names that break whatever is not quoted."""


def quoted(name: str) -> str:
    """Standard SQL quoting, not ours."""
    return '"' + name.replace('"', '""') + '"'


def test_relations_lists_tables_and_views_without_the_marker(world: World) -> None:
    """Names come in order, in the catalog's case, with columns and kinds; the marker is ours alone."""
    world.execute(
        "CREATE TABLE {s}.ORDERS (ID INTEGER, NOTE VARCHAR)", "CREATE VIEW {s}.BIG AS SELECT ID FROM {s}.ORDERS"
    )
    publish(world)
    with world.warehouse() as warehouse:
        found = [(r.name, r.kind, [column.name for column in r.columns]) for r in warehouse.relations(PRODUCTION)]
    assert found == [("BIG", "view", ["ID"]), ("ORDERS", "table", ["ID", "NOTE"])]


def test_relations_is_empty_when_the_schema_is_empty(world: World) -> None:
    """An empty schema has no relations and no marker."""
    with world.warehouse() as warehouse:
        assert warehouse.relations(STAGING) == ()
        assert warehouse.released(PRODUCTION) is None


def test_refresh_makes_staging_a_copy_of_production(world: World) -> None:
    """Rows arrive, and what only staging had is gone."""
    world.execute(
        "CREATE TABLE {p}.ORDERS (id INTEGER)",
        "INSERT INTO {p}.ORDERS VALUES (1), (2), (2)",
        "CREATE TABLE {s}.ORDERS (id VARCHAR)",
        "CREATE TABLE {s}.LEFTOVER (id INTEGER)",
        "CREATE VIEW {s}.LEFTOVER_VIEW AS SELECT 1 AS one",
    )
    refresh(world)
    assert names(world, STAGING) == ["ORDERS"]
    assert rows(world, STAGING, "ORDERS") == [(1,), (2,), (2,)]


def test_refresh_leaves_production_alone(world: World) -> None:
    """Production is only read."""
    world.execute("CREATE TABLE {p}.ORDERS AS SELECT 1 AS id", "CREATE TABLE {s}.ORDERS AS SELECT 2 AS id")
    refresh(world)
    assert rows(world, PRODUCTION, "ORDERS") == [(1,)]


def test_refresh_takes_the_marker_from_staging(world: World) -> None:
    """What is built on next is not a release, while production stays released."""
    world.execute("CREATE TABLE {s}.ORDERS AS SELECT 1 AS id")
    publish(world, "run-1")
    publish(world, "run-2")
    refresh(world)
    with world.warehouse() as warehouse:
        assert warehouse.released(STAGING) is None
        assert warehouse.released(PRODUCTION) == release("run-2")


def test_refresh_lets_views_read_staging(world: World) -> None:
    """A view that was copied reads the copies."""
    world.execute(
        "CREATE TABLE {p}.ORDERS AS SELECT 1 AS id",
        "CREATE VIEW {p}.ONE AS SELECT id FROM {p}.ORDERS",
        "CREATE VIEW {p}.A_TWO AS SELECT id FROM {p}.ONE",
    )
    refresh(world)
    world.execute("INSERT INTO {s}.ORDERS VALUES (2)")
    assert rows(world, STAGING, "A_TWO") == [(1,), (2,)]
    assert rows(world, PRODUCTION, "A_TWO") == [(1,)]


def test_refresh_twice_changes_nothing_more(world: World) -> None:
    """Refreshing is safe to repeat."""
    world.execute("CREATE TABLE {p}.ORDERS AS SELECT 1 AS id", "CREATE VIEW {p}.V AS SELECT * FROM {p}.ORDERS")
    refresh(world)
    refresh(world)
    assert names(world, STAGING) == ["ORDERS", "V"]
    assert rows(world, STAGING, "V") == [(1,)]


def test_exchange_swaps_the_contents_both_ways(world: World) -> None:
    """Production gets what staging had; staging keeps what production had."""
    world.execute("CREATE TABLE {p}.ORDERS AS SELECT 1 AS id", "CREATE TABLE {s}.ORDERS AS SELECT 2 AS id, 'x' AS note")
    publish(world)
    assert rows(world, PRODUCTION, "ORDERS") == [(2, "x")]
    assert rows(world, STAGING, "ORDERS") == [(1,)]


def test_exchange_moves_what_only_one_side_has(world: World) -> None:
    """New tables appear in production, vanished ones are kept in staging."""
    world.execute("CREATE TABLE {p}.OLD AS SELECT 1 AS id", "CREATE TABLE {s}.NEW AS SELECT 2 AS id")
    publish(world)
    assert (names(world, PRODUCTION), names(world, STAGING)) == (["NEW"], ["OLD"])
    assert (rows(world, PRODUCTION, "NEW"), rows(world, STAGING, "OLD")) == ([(2,)], [(1,)])


def test_exchange_moves_a_relation_that_changes_its_kind(world: World) -> None:
    """A table may become a view, and the other way round."""
    world.execute(
        "CREATE TABLE {p}.A AS SELECT 1 AS id",
        "CREATE VIEW {p}.B AS SELECT id FROM {p}.A",
        "CREATE TABLE {s}.B AS SELECT 2 AS id",
        "CREATE VIEW {s}.A AS SELECT id FROM {s}.B",
    )
    publish(world)
    with world.warehouse() as warehouse:
        assert [(r.name, r.kind) for r in warehouse.relations(PRODUCTION)] == [("A", "view"), ("B", "table")]
        assert [(r.name, r.kind) for r in warehouse.relations(STAGING)] == [("A", "table"), ("B", "view")]
    assert (rows(world, PRODUCTION, "A"), rows(world, STAGING, "B")) == ([(2,)], [(1,)])


def test_exchange_lets_views_read_their_own_side(world: World) -> None:
    """Views over views, created in an order that is not alphabetical, read production after the publish."""
    for schema, value in (("{p}", 1), ("{s}", 2)):
        world.execute(
            f"CREATE TABLE {schema}.ORDERS AS SELECT {value} AS id",
            f"CREATE VIEW {schema}.Z AS SELECT id FROM {schema}.ORDERS",
            f"CREATE VIEW {schema}.M AS WITH m AS (SELECT id FROM {schema}.Z) SELECT m.id, {value} AS made FROM m",
            f"CREATE VIEW {schema}.A AS SELECT l.id FROM {schema}.M AS l JOIN {schema}.Z AS r ON l.id = r.id",
        )
    publish(world)
    world.execute("INSERT INTO {p}.ORDERS VALUES (3)")
    assert rows(world, PRODUCTION, "A") == [(2,), (3,)]
    assert rows(world, PRODUCTION, "M") == [(2, 2), (3, 2)]
    assert rows(world, STAGING, "A") == [(1,)]


def test_exchange_leaves_the_marker_in_production(world: World) -> None:
    """The marker says which run, which data, when."""
    world.execute("CREATE TABLE {s}.ORDERS AS SELECT 1 AS id")
    publish(world)
    with world.warehouse() as warehouse:
        assert warehouse.released(PRODUCTION) == Release(
            run="run-1", digest="digest of run-1", at="2025-06-01T12:00:00+00:00"
        )
        assert warehouse.released(STAGING) is None


def test_exchange_twice_by_the_same_run_happens_once(world: World) -> None:
    """A repeated exchange does nothing, says so with no statements, and does not ask the guard."""
    world.execute("CREATE TABLE {p}.ORDERS AS SELECT 1 AS id", "CREATE TABLE {s}.ORDERS AS SELECT 2 AS id")
    publish(world)
    asked: list[str] = []
    with world.warehouse() as warehouse:
        assert warehouse.exchange(release(), lambda: asked.append("asked")) == ()
    assert asked == []
    assert rows(world, PRODUCTION, "ORDERS") == [(2,)]


def test_exchange_by_another_run_is_a_rollback(world: World) -> None:
    """The second exchange brings the old contents back, and the marker of the first lies in staging."""
    world.execute("CREATE TABLE {p}.ORDERS AS SELECT 1 AS id", "CREATE TABLE {s}.ORDERS AS SELECT 2 AS id")
    publish(world, "run-1")
    publish(world, "run-2")
    assert (rows(world, PRODUCTION, "ORDERS"), rows(world, STAGING, "ORDERS")) == ([(1,)], [(2,)])
    with world.warehouse() as warehouse:
        assert warehouse.released(PRODUCTION) == release("run-2")
        assert warehouse.released(STAGING) == release("run-1")


def test_exchange_returns_what_it_did(world: World) -> None:
    """Every statement comes with its wall time."""
    world.execute("CREATE TABLE {s}.ORDERS AS SELECT 1 AS id")
    with world.warehouse() as warehouse:
        statements = warehouse.exchange(release(), no_guard)
    assert statements
    assert all(statement.sql and statement.seconds >= 0 for statement in statements)


def test_exchange_of_equal_sides_still_marks(world: World) -> None:
    """Nothing to swap is a publish all the same."""
    world.execute("CREATE TABLE {p}.ORDERS AS SELECT 1 AS id", "CREATE TABLE {s}.ORDERS AS SELECT 1 AS id")
    publish(world)
    with world.warehouse() as warehouse:
        assert warehouse.released(PRODUCTION) == release()


def test_exchange_with_a_guard_that_raises_changes_nothing(world: World) -> None:
    """The guard's own exception comes out, and both sides are as they were."""

    class Moved(Exception):
        pass

    def guard() -> None:
        raise Moved

    world.execute("CREATE TABLE {p}.ORDERS AS SELECT 1 AS id", "CREATE TABLE {s}.ORDERS AS SELECT 2 AS id")
    with world.warehouse() as warehouse, pytest.raises(Moved):
        warehouse.exchange(release(), guard)
    assert (rows(world, PRODUCTION, "ORDERS"), rows(world, STAGING, "ORDERS")) == ([(1,)], [(2,)])
    with world.warehouse() as warehouse:
        assert warehouse.released(PRODUCTION) is None
    publish(world)
    assert rows(world, PRODUCTION, "ORDERS") == [(2,)]


def test_exchange_asks_the_guard_before_anything_changes(world: World) -> None:
    """The guard can read both sides, and sees them as they were."""
    world.execute("CREATE TABLE {p}.ORDERS AS SELECT 1 AS id", "CREATE TABLE {s}.ORDERS AS SELECT 2 AS id")
    seen: list[Any] = []
    with world.warehouse() as warehouse:

        def guard() -> None:
            seen.extend(warehouse.query(f"SELECT id FROM {warehouse.table(env, 'ORDERS')}") for env in Environment)
            seen.append([relation.name for relation in warehouse.relations(PRODUCTION)])

        warehouse.exchange(release(), guard)
    assert seen == [[(2,)], [(1,)], ["ORDERS"]]


@pytest.mark.parametrize("name", HOSTILE)
def test_exchange_moves_hostile_names(world: World, name: str) -> None:
    """A name of a table, column or view can be anything that the warehouse takes."""
    table, column, view = quoted(name), quoted(name + " c"), quoted(name + " v")
    for schema, value in (("{p}", 1), ("{s}", 2)):
        world.execute(
            f"CREATE TABLE {schema}.{table} ({column} INTEGER, {quoted(name)} VARCHAR)",
            f"INSERT INTO {schema}.{table} VALUES ({value}, 'x')",
            f"CREATE VIEW {schema}.{view} AS SELECT {column} FROM {schema}.{table}",
        )
    publish(world)
    assert names(world, PRODUCTION) == names(world, STAGING) == sorted((name, name + " v"))
    assert rows(world, PRODUCTION, name + " v") == [(2,)]
    assert rows(world, STAGING, name + " v") == [(1,)]
    refresh(world)
    assert rows(world, STAGING, name) == [(2, "x")]


def test_query_takes_parameters(world: World) -> None:
    """Values go beside the SQL."""
    with world.warehouse() as warehouse:
        assert warehouse.query("SELECT ? AS a, ? AS b", ["it's", 2]) == [("it's", 2)]


def test_query_refuses_to_write(world: World) -> None:
    """Whatever is not a single reading statement is not run."""
    world.execute("CREATE TABLE {s}.ORDERS AS SELECT 1 AS id")
    with world.warehouse() as warehouse:
        table = warehouse.table(STAGING, "ORDERS")
        for sql in (f"DELETE FROM {table}", f"SELECT 1; DELETE FROM {table}", f"DROP TABLE {table}", ""):
            with pytest.raises(WarehouseError, match=r"^Nothing was run\."):
                warehouse.query(sql)
    assert rows(world, STAGING, "ORDERS") == [(1,)]


def test_query_says_what_was_wrong(world: World) -> None:
    """A mistake in SQL is a sentence, and the next query works."""
    with world.warehouse() as warehouse:
        with pytest.raises(WarehouseError, match=r"(?i)^Nothing was read\. .*missing_table"):
            warehouse.query(f"SELECT * FROM {warehouse.table(STAGING, 'missing_table')}")
        assert warehouse.query("SELECT 1 AS one") == [(1,)]


def test_warehouse_refuses_work_when_it_is_closed(world: World) -> None:
    """Nothing is opened behind the caller's back."""
    with pytest.raises(WarehouseError, match="not open"):
        world.warehouse().query("SELECT 1 AS one")


def test_warehouse_opens_again_after_it_was_closed(world: World) -> None:
    """Opened late, closed early, as often as needed."""
    warehouse = world.warehouse()
    for _ in range(2):
        with warehouse:
            assert warehouse.query("SELECT 1 AS one") == [(1,)]


def test_fingerprint_names_the_rows_and_not_their_order(world: World) -> None:
    """Order does not count; duplicates, NULLs and the column of a value do; no rows give '0'."""
    same = "SELECT 1 AS A, 'x' AS B UNION ALL SELECT 2, NULL UNION ALL SELECT 2, NULL"
    turned = "SELECT 2 AS A, NULL AS B UNION ALL SELECT 1, 'x' UNION ALL SELECT 2, NULL"
    fewer = "SELECT 1 AS A, 'x' AS B UNION ALL SELECT 2, NULL"
    other = "SELECT 1 AS A, 'x' AS B UNION ALL SELECT 2, '' UNION ALL SELECT 2, NULL"
    with world.warehouse() as warehouse:

        def of(sql: str, columns: tuple[str, ...] = ("A", "B")) -> Any:
            aggregate = warehouse.dialect.fingerprint([warehouse.dialect.quote(column) for column in columns])
            return warehouse.query(f"SELECT {aggregate} AS f FROM ({sql}) AS t")[0][0]

        assert of(same) == of(turned)
        assert len({of(same), of(fewer), of(other)}) == 3
        assert of("SELECT 1 AS A, 2 AS B") != of("SELECT 1 AS A, 2 AS B", ("B", "A"))
        assert of(f"{same} LIMIT 0") == "0"


def test_marker_is_one_row_however_often_is_published(world: World) -> None:
    """Each publish replaces the marker."""
    world.execute("CREATE TABLE {s}.ORDERS AS SELECT 1 AS id")
    for run in ("run-1", "run-2", "run-3"):
        publish(world, run)
    assert [row[0] for row in rows(world, PRODUCTION, MARKER_TABLE)] == ["run-3"]
