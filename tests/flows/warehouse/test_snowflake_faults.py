"""A publish that is disturbed at any of its statements happens once or not at all; the next attempt completes it."""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from flows.warehouse.base import Environment, WarehouseError
from flows.warehouse.snowflake.session import Access
from flows.warehouse.snowflake.warehouse import SnowflakeWarehouse
from tests.flows.warehouse.snowflake_releases import two_releases
from tests.flows.warehouse.snowflake_world import SnowflakeWorld
from tests.flows.warehouse.world import no_guard, publish, refresh, release, rows
from tests.snowflake.stand_in import StandIn

HASTY: dict[str, Any] = {"network_timeout": 1, "socket_timeout": 1, "login_timeout": 5}
"""The connector gives up after a second: it asks no second time for an answer that never comes."""


@pytest.fixture
def world(stand_in: StandIn) -> Iterator[SnowflakeWorld]:
    """Old and new orders, a view that can be put right before the swap and one that cannot, and a reader."""
    with two_releases(stand_in, old=1, new=2) as found:
        yield found


def content(world: SnowflakeWorld) -> tuple[object, ...]:
    """What each side shows through tables and views, and who may look."""
    shown = [
        [row for name in ("ORDERS", "EARLY", "LATE") for row in rows(world, env, name)]
        for env in (Environment.PRODUCTION, Environment.STAGING)
    ]
    grants = [
        sorted((row[1], row[5]) for row in world.rows(f"SHOW GRANTS ON {what}") if row[1] != "OWNERSHIP")
        for what in ("SCHEMA {p}", "TABLE {p}.ORDERS", "SCHEMA {s}")
    ]
    with world.warehouse() as warehouse:
        return (*shown, grants, warehouse.released(Environment.PRODUCTION))


PUBLISHED = (
    [(2,), (2,), (2,)],
    [(1,), (1,), (1,)],
    [[("USAGE", "READER")], [("SELECT", "READER")], []],
    release(),
)


def swaps(world: SnowflakeWorld) -> int:
    """How many swaps arrived: more than were executed, if the connection broke or the session had expired."""
    name = f'"{world.production}" SWAP WITH'
    return sum(name in one.text and not one.replayed for one in world.stand_in.statements)


def test_publish_is_one_swap_and_a_few_statements_around_it(world: SnowflakeWorld) -> None:
    """Each statement that changes something is told, with the warehouse's own id of it, and carries the run."""
    with world.warehouse(run="7") as warehouse:
        told = warehouse.exchange(release(), no_guard)
    assert content(world) == PUBLISHED
    assert [one.sql.split(" ")[0] for one in told] == [
        "CREATE",  # the marker
        "CREATE",  # the view that can leave its schema out
        "GRANT",
        "GRANT",
        "ALTER",  # the swap
        "CREATE",  # the view that cannot
        "CREATE",  # both of the retired release
        "CREATE",
        "REVOKE",
    ]
    log = {one.query_id: one for one in world.stand_in.statements}
    assert {log[one.id].tag for one in told} == {"wap:7"}


CHANGES = r"^(CREATE|GRANT|ALTER|REVOKE)"


def test_publish_survives_a_lost_reply_at_every_change(world: SnowflakeWorld) -> None:
    """The connector asks again under the same request id, and the server does not do it twice."""
    _disturb_each(world, "drop_reply", CHANGES, extra=0)


def test_publish_survives_a_broken_connection_at_every_change(world: SnowflakeWorld) -> None:
    """The statement never arrived, and is sent again."""
    _disturb_each(world, "kill_connection", CHANGES, extra=1)


def test_publish_survives_an_expired_session_at_every_change(world: SnowflakeWorld) -> None:
    """The connector renews its token."""
    _disturb_each(world, "expire_session", CHANGES, extra=1)


def test_a_publish_that_ends_at_any_statement_is_completed_by_the_next(world: SnowflakeWorld) -> None:
    """Also at those that only read: what was done until then is what a killed process would leave behind."""
    refusal = {"errno": 3001, "message": "Insufficient privileges.", "sqlstate": "42501"}
    _disturb_each(world, "answer", ".", extra=1, **refusal)


def _disturb_each(world: SnowflakeWorld, kind: str, pattern: str, *, extra: int, **options: Any) -> None:
    """Run one publish after the other, with the fault one statement later each time, until it no longer strikes.

    Each turns production around, and the one swap that the fault strikes arrives up to `extra` times more.
    """
    for number in range(1, 200):
        run = f"run-{number}"
        before = rows(world, Environment.PRODUCTION, "LATE")
        fault = getattr(world.stand_in.faults, kind)(pattern, nth=number, **options)
        try:
            publish(world, run)
        except WarehouseError:
            publish(world, run)
        world.stand_in.faults.clear()
        with world.warehouse() as warehouse:
            assert warehouse.released(Environment.PRODUCTION) == release(run)
        assert [row[5] for row in world.rows("SHOW GRANTS ON SCHEMA {s}") if row[1] == "USAGE"] == []
        assert rows(world, Environment.PRODUCTION, "LATE") != before
        assert number <= swaps(world) <= number + extra
        if not fault.happened:
            break
    assert number > 5  # the fault has walked through a whole publish
    assert content(world)[2] == PUBLISHED[2]


@pytest.mark.parametrize("kind", ["drop_reply", "kill_connection"])
def test_swap_without_an_answer_is_told_by_the_markers(world: SnowflakeWorld, kind: str) -> None:
    """The connector has given up. A swap that happened is not sent again; one that did not is told as such."""
    fault = getattr(world.stand_in.faults, kind)("SWAP WITH", times=1000)
    with world.warehouse(**HASTY) as warehouse:
        if kind == "drop_reply":
            assert any("SWAP WITH" in one.sql for one in warehouse.exchange(release(), no_guard))
        else:
            with pytest.raises(WarehouseError, match=r"^Nothing was published\. .* did not happen\. Try again\.$"):
                warehouse.exchange(release(), no_guard)
    assert fault.happened
    world.stand_in.faults.clear()
    publish(world)
    assert content(world) == PUBLISHED
    assert swaps(world) == 1 + (fault.happened if kind == "kill_connection" else 0)


def test_guard_that_meets_a_late_swap_is_not_believed(world: SnowflakeWorld) -> None:
    """A swap that was given up may come through while the guard looks. What it then finds moved has been published."""

    def late() -> None:
        world.execute("ALTER SCHEMA {p} SWAP WITH {s}")
        raise WarehouseError("Not published. Both schemas changed.")

    with world.warehouse() as warehouse:
        warehouse.exchange(release(), late)
    assert content(world) == PUBLISHED
    assert swaps(world) == 1


def test_guard_that_refuses_while_no_marker_can_be_read_is_not_the_last_word(world: SnowflakeWorld) -> None:
    """Then nobody knows, and that is what is said."""

    def blind() -> None:
        world.stand_in.faults.answer("INFORMATION_SCHEMA", 3001, "Insufficient privileges.", times=1000)
        raise WarehouseError("Not published. Both schemas changed.")

    with world.warehouse() as warehouse, pytest.raises(WarehouseError, match=r"^It is not known whether it was publ"):
        warehouse.exchange(release(), blind)


def test_swap_without_an_answer_from_a_server_that_is_gone_is_unknown(world: SnowflakeWorld) -> None:
    """Nobody can say what became of it, and nobody says so; the next attempt finds the marker."""
    world.stand_in.faults.drop_reply("SWAP WITH", times=1000)
    logins = iter([world.stand_in.connection_options | HASTY, world.stand_in.connection_options | HASTY | {"port": 1}])
    warehouse = SnowflakeWarehouse(Access(lambda: next(logins), world.facts()))
    with warehouse, pytest.raises(WarehouseError, match=r"^It is not known whether it was published: .*not answer"):
        warehouse.exchange(release(), no_guard)
    world.stand_in.faults.clear()
    publish(world)
    assert content(world) == PUBLISHED
    assert swaps(world) == 1


def test_refresh_names_a_view_that_cannot_be_read(world: SnowflakeWorld) -> None:
    """A view whose text is hidden could read either side, so staging is not taken for a copy."""
    world.execute("CREATE VIEW {p}.HIDDEN AS SELECT ID FROM {p}.ORDERS")
    world.stand_in.faults.answer("GET_DDL", 2003, "View 'HIDDEN' does not exist or not authorized.", sqlstate="42S02")
    with pytest.raises(WarehouseError, match=r"^Staging was not refreshed\. .*'HIDDEN'"):
        refresh(world)


@pytest.mark.parametrize("pattern", ["CREATE OR REPLACE TABLE", "GRANT SELECT", "GRANT USAGE", "REVOKE"])
def test_the_next_attempt_completes_what_one_left_undone(world: SnowflakeWorld, pattern: str) -> None:
    """An attempt that ends at any statement, before or after the swap, is completed by the next one."""
    world.stand_in.faults.answer(pattern, 3001, "Insufficient privileges to operate on schema 'DWH'.", sqlstate="42501")
    with world.warehouse() as warehouse, pytest.raises(WarehouseError) as caught:
        warehouse.exchange(release(), no_guard)
    refusal = "Published, but not finished." if pattern == "REVOKE" else "Nothing was published."
    assert str(caught.value).startswith(refusal)
    assert "Grant it" in str(caught.value)
    world.stand_in.faults.clear()
    publish(world)
    assert content(world) == PUBLISHED
    assert swaps(world) == 1


def test_refresh_after_an_interrupted_publish_shuts_readers_out(world: SnowflakeWorld) -> None:
    """What the attempt granted on staging for production's sake does not stay there."""
    world.stand_in.faults.answer("SWAP WITH", 3001, "Insufficient privileges.", sqlstate="42501")
    with world.warehouse() as warehouse, pytest.raises(WarehouseError):
        warehouse.exchange(release(), no_guard)
    assert [row[5] for row in world.rows("SHOW GRANTS ON SCHEMA {s}") if row[1] == "USAGE"] == ["READER"]
    refresh(world)
    assert [row[5] for row in world.rows("SHOW GRANTS ON SCHEMA {s}") if row[1] == "USAGE"] == []


def test_reading_goes_on_with_a_new_session(world: SnowflakeWorld) -> None:
    """A lost connection costs a login, not the audit."""
    world.stand_in.faults.drop_reply("WORTH_ASKING", times=2)
    with world.warehouse(**HASTY) as warehouse:
        assert warehouse.query("SELECT 1 AS WORTH_ASKING") == [(1,)]


STATEMENTS = {
    "suspended": (90073, "Warehouse 'WH' cannot be resumed: resource monitor 'M' has exceeded its quota.", "quota"),
    "no warehouse": (606, "No active warehouse selected in the current session.", "Set `warehouse` in dbt's profile"),
    "privilege": (3001, "Insufficient privileges to operate on table 'ORDERS'.", "lacks a privilege"),
    "gone": (390111, "Session no longer exists.  New login required to access the service.", "session expired"),
}  # fmt: skip


@pytest.mark.parametrize(("errno", "message", "says"), STATEMENTS.values(), ids=STATEMENTS.keys())
def test_what_snowflake_refuses_is_one_sentence(world: SnowflakeWorld, errno: int, message: str, says: str) -> None:
    """Object and remedy, whatever the server says, as often as it says so."""
    world.stand_in.faults.answer("WORTH_ASKING", errno, message, times=9)
    with world.warehouse() as warehouse, pytest.raises(WarehouseError, match=says):
        warehouse.query("SELECT 1 AS WORTH_ASKING")


def test_a_statement_that_takes_too_long_is_stopped_by_the_server(world: SnowflakeWorld) -> None:
    """The limit goes along with the login, so nothing of ours need be alive to end the statement."""
    world.stand_in.faults.delay("WORTH_ASKING", 30.0)
    slow = SnowflakeWarehouse(Access(lambda: world.stand_in.connection_options, world.facts(timeout_seconds=1)))
    with slow, pytest.raises(WarehouseError, match=r"^Nothing was read\. .*It took longer than 1 s and was stopped\."):
        slow.query("SELECT 1 AS WORTH_ASKING")


def test_a_connection_of_connections_toml_is_used(world: SnowflakeWorld, monkeypatch: pytest.MonkeyPatch) -> None:
    """The connector reads its own file, or the environment in its place; the database is still ours."""
    options = world.stand_in.connection_options
    lines = [f"{name} = {json.dumps(options[name])}" for name in ("account", "user", "password", "host", "port")]
    monkeypatch.setenv("SNOWFLAKE_CONNECTIONS", "\n".join(["[prod]", 'protocol = "http"', *lines]))
    login = {"connection_name": "prod", "database": world.stand_in.database}
    with SnowflakeWarehouse(Access(lambda: login, world.facts())) as warehouse:
        assert warehouse.query("SELECT CURRENT_DATABASE() AS D") == [(world.stand_in.database,)]


def test_a_role_that_does_not_exist_is_named(world: SnowflakeWorld) -> None:
    """At login, before anything else is tried."""
    world.role = "NOBODY_HAS_IT"
    with pytest.raises(WarehouseError, match=r"^The warehouse was not opened\. .*`NOBODY_HAS_IT`"):
        world.warehouse().__enter__()


def test_an_address_that_does_not_answer_is_named(world: SnowflakeWorld) -> None:
    """A wrong account, or no network."""
    with pytest.raises(WarehouseError, match=r"^The warehouse was not opened\. The account `stand_in` does not answer"):
        world.warehouse(port=1, login_timeout=1).__enter__()
