"""What every warehouse must do with a target of two schemas. A warehouse runs it by importing it beside a fixture
`twofold` of its own, which is a world with a further pair."""

from typing import Any

import pytest

from flows.warehouse.base import MARKER_TABLE, Environment, WarehouseError
from tests.flows.warehouse.world import (
    PRODUCTION,
    STAGING,
    World,
    codes,
    names,
    no_guard,
    publish,
    refresh,
    release,
    rows,
)


def build(twofold: World) -> None:
    """Both releases: orders, what a mart makes of them, and views across the schemas both ways."""
    for first, further, value in (("{p}", "{P}", 1), ("{s}", "{S}", 2)):
        twofold.execute(
            f"CREATE TABLE {first}.ORDERS AS SELECT {value} AS id",
            f"CREATE TABLE {further}.ORDERS AS SELECT {value * 10} AS id",
            f"CREATE VIEW {further}.B AS SELECT id, {value} AS made FROM {first}.ORDERS",
            f"CREATE VIEW {first}.A AS SELECT id, made FROM {further}.B",
            f"CREATE VIEW {further}.OWN AS SELECT id FROM {further}.ORDERS",
        )


def content(twofold: World, env: Environment) -> list[list[tuple[Any, ...]]]:
    """What one side shows."""
    home = twofold.home
    return [rows(twofold, env, name) for name in ("ORDERS", "A", f"{home}.ORDERS", f"{home}.B", f"{home}.OWN")]


OLD, NEW = [[(1,)], [(1, 1)], [(10,)], [(1, 1)], [(10,)]], [[(2,)], [(2, 2)], [(20,)], [(2, 2)], [(20,)]]


def test_relations_of_the_further_schema_carry_it_in_their_names(twofold: World) -> None:
    """Equal names of two schemas are two tables, and both sides of one table have one name."""
    build(twofold)
    home = twofold.home
    expected = sorted(["A", "ORDERS", f"{home}.B", f"{home}.ORDERS", f"{home}.OWN"])
    assert names(twofold, PRODUCTION) == names(twofold, STAGING) == expected
    with twofold.warehouse() as warehouse:
        homes = {relation.name: relation.home for relation in warehouse.relations(STAGING)}
    assert (homes["ORDERS"], homes[f"{home}.ORDERS"]) == ("", home)


def test_a_name_of_the_first_schema_that_means_the_further_one_is_refused(twofold: World) -> None:
    """Nobody could say which of the two is meant."""
    twofold.execute(f'CREATE TABLE {{s}}."{twofold.home}.ORDERS" AS SELECT 1 AS id')
    with (
        twofold.warehouse() as warehouse,
        pytest.raises(WarehouseError, match=r"^Nothing was read\. .*another name\.$"),
    ):
        warehouse.relations(STAGING)


def test_refresh_copies_both_schemas_and_views_across_read_the_copies(twofold: World) -> None:
    """What is built into staging is seen through all views of staging, and through none of production."""
    build(twofold)
    refresh(twofold)
    assert content(twofold, STAGING) == OLD
    twofold.execute("INSERT INTO {s}.ORDERS VALUES (5)")
    assert rows(twofold, STAGING, "A") == [(1, 1), (5, 1)]
    assert rows(twofold, PRODUCTION, "A") == [(1, 1)]


def test_exchange_publishes_both_schemas(twofold: World) -> None:
    """Contents, views across, and a marker in each; the other way round it is a rollback."""
    build(twofold)
    publish(twofold, "run-1")
    assert (content(twofold, PRODUCTION), content(twofold, STAGING)) == (NEW, OLD)
    for name in (MARKER_TABLE, f"{twofold.home}.{MARKER_TABLE}"):
        assert rows(twofold, PRODUCTION, name)[0][0] == "run-1"
    publish(twofold, "run-2")
    assert (content(twofold, PRODUCTION), content(twofold, STAGING)) == (OLD, NEW)
    with twofold.warehouse() as warehouse:
        assert warehouse.released(PRODUCTION) == release("run-2")
        assert warehouse.released(STAGING) == release("run-1")
        assert warehouse.partly_released() is None


def test_views_across_read_their_own_side_after_the_exchange(twofold: World) -> None:
    """What is written into either side afterwards is seen through its own views."""
    build(twofold)
    publish(twofold)
    twofold.execute("INSERT INTO {p}.ORDERS VALUES (3)", "INSERT INTO {s}.ORDERS VALUES (4)")
    assert rows(twofold, PRODUCTION, "A") == [(2, 2), (3, 2)]
    assert rows(twofold, STAGING, "A") == [(1, 1), (4, 1)]


def test_exchange_of_two_schemas_twice_by_the_same_run_happens_once(twofold: World) -> None:
    """A repeated exchange does nothing, and does not ask the guard."""
    build(twofold)
    publish(twofold)
    asked: list[str] = []
    with twofold.warehouse() as warehouse:
        assert warehouse.exchange(release(), lambda: asked.append("asked")) == ()
    assert asked == []
    assert content(twofold, PRODUCTION) == NEW


def test_exchange_of_two_schemas_with_a_guard_that_raises_changes_nothing(twofold: World) -> None:
    """The guard is asked once for all schemas, before any of them changes."""

    class Moved(Exception):
        pass

    asked: list[str] = []

    def guard() -> None:
        asked.append("asked")
        raise Moved

    build(twofold)
    with twofold.warehouse() as warehouse:
        with pytest.raises(Moved):
            warehouse.exchange(release(), guard)
        assert warehouse.released(PRODUCTION) is None
        assert warehouse.partly_released() is None
    assert asked == ["asked"]
    assert (content(twofold, PRODUCTION), content(twofold, STAGING)) == (OLD, NEW)


def test_exchange_moves_what_only_one_side_of_the_further_schema_has(twofold: World) -> None:
    """New tables appear, vanished ones are kept in staging."""
    twofold.execute("CREATE TABLE {P}.OLD AS SELECT 1 AS id", "CREATE TABLE {S}.NEW AS SELECT 2 AS id")
    publish(twofold)
    assert (names(twofold, PRODUCTION), names(twofold, STAGING)) == ([f"{twofold.home}.NEW"], [f"{twofold.home}.OLD"])


def test_preflight_finds_what_reads_the_wrong_side_across_schemas(twofold: World) -> None:
    """A view of staging that reads the further schema of production by name is told."""
    twofold.execute("CREATE TABLE {P}.ORDERS AS SELECT 1 AS id", "CREATE TABLE {S}.ORDERS AS SELECT 1 AS id")
    assert codes(twofold) == []
    twofold.execute("CREATE VIEW {s}.CROSSING AS SELECT id FROM {P}.ORDERS")
    assert ("warning", "view_reads_other_side") in codes(twofold)


def test_refused_schemas_that_get_in_each_others_way(twofold: World) -> None:
    """One schema in two places would be swapped with itself."""
    with twofold.warehouse() as warehouse:
        assert warehouse.exchange(release(), no_guard)
    twofold.further = (twofold.further[0], twofold.further[0])  # type: ignore[attr-defined]
    with pytest.raises(WarehouseError, match=r"^Not started\. Two schemas of production are both `"):
        twofold.warehouse()
