"""Database roles: the catalog's list of privileges says nothing of them, so each relation is asked for by itself."""

from collections.abc import Iterator

import pytest
from snowflake.connector.errors import ProgrammingError

from tests.flows.warehouse.killed_publish import publish_whole
from tests.flows.warehouse.snowflake_releases import READER, two_releases
from tests.flows.warehouse.snowflake_world import SnowflakeWorld
from tests.flows.warehouse.world import release
from tests.snowflake.stand_in import StandIn
from tests.snowflake.stand_in import stand_in as started


@pytest.fixture
def stand_in() -> Iterator[StandIn]:
    """An account of this test alone: a database role is seen by all schemas of its database."""
    with started() as found:
        yield found


@pytest.fixture
def world(stand_in: StandIn) -> Iterator[SnowflakeWorld]:
    """Two releases. A role reads production by a database role that it has, future tables and views too."""
    with two_releases(stand_in, old=1, new=2) as found:
        found.execute(
            "CREATE ROLE ANALYST",
            f"GRANT USAGE ON DATABASE {stand_in.database} TO ROLE ANALYST",
            f"GRANT USAGE ON WAREHOUSE {stand_in.warehouse} TO ROLE ANALYST",
            'CREATE DATABASE ROLE "In.side"',
            'GRANT DATABASE ROLE "In.side" TO ROLE ANALYST',
            'GRANT USAGE ON SCHEMA {p} TO DATABASE ROLE "In.side"',
            'GRANT SELECT ON ALL TABLES IN SCHEMA {p} TO DATABASE ROLE "In.side"',
            'GRANT SELECT ON ALL VIEWS IN SCHEMA {p} TO DATABASE ROLE "In.side"',
            'GRANT SELECT ON FUTURE TABLES IN SCHEMA {p} TO DATABASE ROLE "In.side"',
            "CREATE TABLE {s}.NEW AS SELECT 3 AS ID",
        )
        yield found


def access(world: SnowflakeWorld, side: str) -> dict[str, list[tuple[object, ...]]]:
    """Who may do what with one side: privilege, kind of grantee, grantee."""
    asked = [f"GRANTS ON SCHEMA {side}", f"FUTURE GRANTS IN SCHEMA {side}"]
    asked += [f"GRANTS ON {what} {side}.{name}" for what, name in (("TABLE", "ORDERS"), ("VIEW", "EARLY"))]
    return {one: sorted((row[1], *row[4:6]) for row in world.rows(f"SHOW {one}")) for one in asked}


def test_what_a_database_role_may_is_carried_over(world: SnowflakeWorld) -> None:
    """Who has it reads the new release, new tables too, and nothing of the retired one; the receipt knows it."""
    before = access(world, "{p}")
    assert ("SELECT", "DATABASE_ROLE", "In.side") in before["GRANTS ON VIEW {p}.EARLY"]
    with world.warehouse() as warehouse:
        ledger = publish_whole(warehouse, release())
    assert access(world, "{p}") == before
    for name, value in (("ORDERS", 2), ("EARLY", 2), ("LATE", 2), ("NEW", 3)):
        assert world.as_role("ANALYST", f"SELECT ID FROM {{p}}.{name}") == [(value,)]
    with pytest.raises(ProgrammingError):
        world.as_role("ANALYST", "SELECT ID FROM {s}.ORDERS")
    assert ledger is not None
    assert ledger.access is not None
    assert (ledger.access.lost, ledger.access.gained) == ((), ())
    assert ledger.access.after == ledger.access.before + 1  # what the new table got from the future grant


def test_relations_are_asked_for_one_by_one_only_with_database_roles(world: SnowflakeWorld) -> None:
    """Without any, the number of questions does not depend on that of the relations."""

    def asked(run: str) -> list[str]:
        before = len(world.stand_in.statements)
        with world.warehouse() as warehouse:
            publish_whole(warehouse, release(run))
        sent = [one.text for one in world.stand_in.statements[before:]]
        return [text for text in sent if text.startswith(("SHOW GRANTS ON TABLE", "SHOW GRANTS ON VIEW"))]

    # Of production, of staging, of production when the comparison is over, and after the swap.
    assert len(asked("run-1")) == 3 + 4 + 3 + 4
    world.execute('DROP DATABASE ROLE "In.side"')
    assert asked("run-2") == []
    assert [row[5] for row in world.rows("SHOW GRANTS ON SCHEMA {p}") if row[1] == "USAGE"] == [READER]
