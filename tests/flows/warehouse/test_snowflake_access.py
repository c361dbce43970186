"""Who may read what before, between and after a publish, on the stand-in with roles that are enforced."""

from collections.abc import Iterator

import pytest
from snowflake.connector.errors import ProgrammingError

from flows.warehouse.base import WarehouseError
from tests.flows.warehouse.snowflake_world import SnowflakeWorld
from tests.flows.warehouse.world import no_guard, publish, refresh, release
from tests.snowflake.stand_in import StandIn

Grants = set[tuple[str, str, str]]


@pytest.fixture
def world(stand_in: StandIn) -> Iterator[SnowflakeWorld]:
    """A target that the role WAP_FLOW owns; READER may read all of production, AUDITOR both sides."""
    for role in ("READER", "WRITER", "AUDITOR", "DEVELOPER"):
        stand_in.run(
            f"CREATE ROLE IF NOT EXISTS {role}",
            f"GRANT ROLE {role} TO USER WAP",
            f"GRANT USAGE ON DATABASE {stand_in.database} TO ROLE {role}",
            f"GRANT USAGE ON WAREHOUSE {stand_in.warehouse} TO ROLE {role}",
        )
    with SnowflakeWorld(stand_in, role="WAP_FLOW") as found:
        found.execute(
            "CREATE TABLE {p}.ORDERS AS SELECT 1 AS ID",
            "CREATE VIEW {p}.BIG AS SELECT ID FROM {p}.ORDERS",
            "GRANT USAGE ON SCHEMA {p} TO ROLE READER",
            "GRANT USAGE ON SCHEMA {p} TO ROLE AUDITOR",
            "GRANT USAGE ON SCHEMA {s} TO ROLE AUDITOR",
            "GRANT SELECT ON TABLE {p}.ORDERS TO ROLE READER",
            "GRANT SELECT ON VIEW {p}.BIG TO ROLE READER",
            "GRANT SELECT, INSERT ON TABLE {p}.ORDERS TO ROLE WRITER",
            "CREATE TABLE {s}.ORDERS AS SELECT 2 AS ID",
            "CREATE VIEW {s}.BIG AS SELECT ID FROM {s}.ORDERS",
            "CREATE TABLE {s}.FRESH AS SELECT 3 AS ID",
        )
        for side in ("{p}", "{s}"):  # a clone would bring them along
            found.as_role("SECURITYADMIN", f"GRANT SELECT ON FUTURE TABLES IN SCHEMA {side} TO ROLE READER")
        yield found


def grants(world: SnowflakeWorld, side: str) -> Grants:
    """(privilege, object, role) of everything granted on a side, without ownership."""
    found: Grants = set()
    relations = {"ORDERS": "TABLE", "BIG": "VIEW", "FRESH": "TABLE"}
    there = {name for _, name, *_ in world.rows(f"SHOW OBJECTS IN SCHEMA {side}")}
    for name, kind in relations.items():
        if name in there:
            rows = world.rows(f"SHOW GRANTS ON {kind} {side}.{name}")
            found |= {(row[1], name, row[5]) for row in rows if row[1] != "OWNERSHIP"}
    rows = world.rows(f"SHOW GRANTS ON SCHEMA {side}")
    found |= {(row[1], "", row[5]) for row in rows if row[1] != "OWNERSHIP"}
    rows = world.rows(f"SHOW FUTURE GRANTS IN SCHEMA {side}")
    return found | {(row[1], f"future {row[2]}", row[5]) for row in rows}


def test_publish_keeps_who_may_read_production(world: SnowflakeWorld) -> None:
    """No grant is lost and none gained; a new table is granted as one made there; the reader reads the new release."""
    before = grants(world, "{p}")
    publish(world)
    assert grants(world, "{p}") == before | {("SELECT", "FRESH", "READER")}
    assert world.as_role("READER", "SELECT ID FROM {p}.BIG") == [(2,)]
    assert world.as_role("READER", "SELECT ID FROM {p}.FRESH") == [(3,)]


def test_publish_closes_the_retired_release(world: SnowflakeWorld) -> None:
    """Readers cannot look into staging, before or after; who could before, still can."""
    publish(world)
    with pytest.raises(ProgrammingError):
        world.as_role("READER", "SELECT ID FROM {s}.ORDERS")
    kept = {(privilege, role) for privilege, name, role in grants(world, "{s}") if not name}
    assert kept == {("USAGE", "AUDITOR")}


def test_rollback_brings_back_release_and_grants(world: SnowflakeWorld) -> None:
    """Publishing again the other way round leaves every grant as it was."""
    before = grants(world, "{p}")
    publish(world, "run-1")
    publish(world, "run-2")
    assert grants(world, "{p}") == before
    assert world.as_role("READER", "SELECT ID FROM {p}.BIG") == [(1,)]
    with pytest.raises(ProgrammingError):
        world.as_role("READER", "SELECT ID FROM {s}.ORDERS")


def test_refresh_keeps_who_may_look_into_staging(world: SnowflakeWorld) -> None:
    """The clone has no grants of its own, so those of staging come back, and no others."""
    refresh(world)
    assert {role for privilege, name, role in grants(world, "{s}") if not name} == {"AUDITOR"}
    publish(world)
    refresh(world)
    assert {role for privilege, name, role in grants(world, "{s}") if not name} == {"AUDITOR"}
    assert world.as_role("READER", "SELECT ID FROM {p}.BIG") == [(1,)]


def test_refresh_closes_what_an_unfinished_publish_left_open(world: SnowflakeWorld) -> None:
    """Production's readers would otherwise read the next build before anybody is asked about it."""
    world.stand_in.faults.answer("^REVOKE USAGE ON SCHEMA", 3001, "Insufficient privileges")
    with pytest.raises(WarehouseError, match=r"^Published, but not finished"):
        publish(world)
    world.stand_in.faults.clear()
    assert world.as_role("READER", "SELECT COUNT(*) FROM {s}.ORDERS")
    refresh(world)
    with pytest.raises(ProgrammingError):
        world.as_role("READER", "SELECT COUNT(*) FROM {s}.ORDERS")
    assert ("USAGE", "", "AUDITOR") in grants(world, "{s}")


def test_preflight_names_who_would_get_in_through_staging(world: SnowflakeWorld) -> None:
    """A developer who may read staging is a blocker until production lets the role in too."""
    assert _codes(world) == []
    world.execute("GRANT USAGE ON SCHEMA {s} TO ROLE DEVELOPER", "GRANT SELECT ON TABLE {s}.FRESH TO ROLE DEVELOPER")
    assert _codes(world) == [("blocker", "grant_would_leak", "DEVELOPER")]


def test_preflight_names_users_who_are_granted_something_themselves(world: SnowflakeWorld) -> None:
    """Documented: privileges can be granted to users without a role. Who has some on staging would get into production,
    and who has some there would lose them: the catalog lists them nowhere, so they are not mirrored."""
    world.execute("GRANT SELECT ON TABLE {p}.ORDERS TO USER ANN")
    assert _codes(world) == [("warning", "grant_not_carried", "ANN")]
    world.execute("GRANT SELECT ON TABLE {s}.ORDERS TO USER BOB")
    assert _codes(world) == [("blocker", "grant_would_leak", "BOB"), ("warning", "grant_not_carried", "ANN")]


def test_preflight_names_future_grants_that_this_role_cannot_mirror(world: SnowflakeWorld) -> None:
    """Documented: only MANAGE GRANTS, or the owner of a schema with managed access, can grant what is not there yet."""
    world.as_role("SECURITYADMIN", "GRANT SELECT ON FUTURE VIEWS IN SCHEMA {p} TO ROLE READER")
    assert _codes(world) == [("blocker", "future_grant_not_mirrored", world.staging)]
    world.execute("ALTER SCHEMA {p} ENABLE MANAGED ACCESS", "ALTER SCHEMA {s} ENABLE MANAGED ACCESS")
    assert _codes(world) == []
    publish(world)
    assert ("SELECT", "future VIEW", "READER") in grants(world, "{p}")


def test_preflight_asks_for_ownership_of_both_schemas(world: SnowflakeWorld) -> None:
    """Only an owner of both can swap them, and that is found before anyone is asked."""
    world.as_role("ACCOUNTADMIN", "GRANT OWNERSHIP ON SCHEMA {p} TO ROLE AUDITOR COPY CURRENT GRANTS")
    world.as_role("ACCOUNTADMIN", "GRANT USAGE ON SCHEMA {p} TO ROLE WAP_FLOW")
    assert ("blocker", "not_owned", world.production) in _codes(world)


def test_preflight_wants_managed_access_alike(world: SnowflakeWorld) -> None:
    """It is a property of the schema, and would travel."""
    world.execute("ALTER SCHEMA {p} ENABLE MANAGED ACCESS")
    assert _codes(world) == [("blocker", "managed_access_differs", world.staging)]
    refresh(world)
    assert _codes(world) == []


def test_managed_access_that_comes_after_the_approval_is_not_swapped_away(world: SnowflakeWorld) -> None:
    """Whoever made production a schema of managed access would find it without, and nothing would say so."""

    def meddle() -> None:
        world.execute("ALTER SCHEMA {p} ENABLE MANAGED ACCESS")

    with (
        world.warehouse() as warehouse,
        pytest.raises(WarehouseError, match=r"^Nothing was published\. `DWH_\d+` has managed access, and `DEVELOP_"),
    ):
        warehouse.exchange(release(), meddle)
    world.execute("ALTER SCHEMA {s} ENABLE MANAGED ACCESS")
    publish(world)


def _codes(world: SnowflakeWorld) -> list[tuple[str, str, str]]:
    with world.warehouse() as warehouse:
        return [(found.severity, found.code, found.object) for found in warehouse.preflight()]


def test_ledger_tells_what_was_lost_and_gained(world: SnowflakeWorld) -> None:
    """What somebody grants or revokes while the publish runs is told, and what the publish itself does is neither."""

    def meddle() -> None:
        world.execute(
            "REVOKE SELECT ON VIEW {s}.BIG FROM ROLE READER", "GRANT INSERT ON TABLE {s}.ORDERS TO ROLE READER"
        )

    with world.warehouse() as warehouse:
        warehouse.exchange(release(), meddle)
        ledger = warehouse.ledger()
    assert ledger is not None
    assert ledger.access is not None
    assert ledger.access.lost == ("SELECT ON VIEW BIG TO ROLE READER",)
    assert ledger.access.gained == ("INSERT ON TABLE ORDERS TO ROLE READER",)
    assert (ledger.access.before, ledger.access.after) == (7, 8)


def test_who_is_let_out_of_production_meanwhile_does_not_come_back(world: SnowflakeWorld) -> None:
    """The comparison takes minutes, and the grants were mirrored before it: who is revoked since must not get in again
    by the swap, neither by the schema nor by a table, and who is granted something since keeps it."""

    def meddle() -> None:
        world.as_role(
            "ACCOUNTADMIN",
            "REVOKE SELECT ON TABLE {p}.ORDERS FROM ROLE READER",
            "REVOKE USAGE ON SCHEMA {p} FROM ROLE READER",
            "GRANT USAGE ON SCHEMA {p} TO ROLE DEVELOPER",
            "GRANT SELECT ON TABLE {p}.ORDERS TO ROLE DEVELOPER",
        )

    with world.warehouse() as warehouse:
        warehouse.exchange(release(), meddle)
        ledger = warehouse.ledger()
    after = grants(world, "{p}")
    assert not {("USAGE", "", "READER"), ("SELECT", "ORDERS", "READER")} & after
    assert {("USAGE", "", "DEVELOPER"), ("SELECT", "ORDERS", "DEVELOPER")} <= after
    assert world.as_role("DEVELOPER", "SELECT ID FROM {p}.ORDERS") == [(2,)]
    with pytest.raises(ProgrammingError):
        world.as_role("DEVELOPER", "SELECT ID FROM {s}.ORDERS")
    assert ledger is not None
    assert ledger.access is not None
    assert (ledger.access.lost, ledger.access.gained) == ((), ())


def test_who_is_let_out_between_two_attempts_does_not_come_back(world: SnowflakeWorld) -> None:
    """The first attempt has let production's readers into staging, and ended; staging's marker tells whom."""
    world.stand_in.faults.answer("SWAP WITH", 3001, "Insufficient privileges.", sqlstate="42501")
    with pytest.raises(WarehouseError, match=r"^Nothing was published\."):
        publish(world)
    assert ("USAGE", "", "READER") in grants(world, "{s}")
    world.execute("REVOKE USAGE ON SCHEMA {p} FROM ROLE READER")
    publish(world)
    assert ("USAGE", "", "READER") not in grants(world, "{p}") | grants(world, "{s}")


def test_who_was_let_out_of_production_since_the_build_does_not_come_back(world: SnowflakeWorld) -> None:
    """A build clones production with its grants, and an approval can take days. Who may do nothing there any more is
    not let in again: staging is not ours to judge, so nothing is published until somebody has looked."""
    refresh(world)
    world.execute("CREATE OR REPLACE TABLE {s}.FRESH AS SELECT 3 AS ID")
    world.execute("REVOKE ALL PRIVILEGES ON TABLE {p}.ORDERS FROM ROLE WRITER")
    with pytest.raises(WarehouseError, match=r"^Nothing was published\. The role `WRITER` has INSERT on `ORDERS` of `"):
        publish(world)
    assert world.as_role("READER", "SELECT ID FROM {p}.ORDERS") == [(1,)]
    world.execute("REVOKE ALL PRIVILEGES ON TABLE {s}.ORDERS FROM ROLE WRITER")
    publish(world)
    assert not [one for one in grants(world, "{p}") if "WRITER" in one]


def test_publish_sends_the_same_number_of_statements_for_any_number_of_tables(world: SnowflakeWorld) -> None:
    """Only what has to be changed costs a statement more: each grant that is missing."""
    publish(world, "run-1")
    publish(world, "run-2")  # from now on both sides have a marker
    for side in ("{p}", "{s}"):
        world.execute(f"CREATE TABLE {side}.FEW AS SELECT 1 AS ID")
    few = _sent(world, "run-3")
    for number in range(10):
        world.execute(
            f"CREATE TABLE {{p}}.T{number} AS SELECT 1 AS ID", f"CREATE TABLE {{s}}.T{number} AS SELECT 1 AS ID"
        )
    assert _sent(world, "run-4") == few


def _sent(world: SnowflakeWorld, run: str) -> int:
    with world.warehouse() as warehouse:
        told = warehouse.exchange(release(run), no_guard)
        ledger = warehouse.ledger()
    assert ledger is not None
    return ledger.sent - len(told)
