"""Staging as a database of its own: what has come into the databases since the preflight, and swaps that come late."""

from collections.abc import Iterator, Sequence
from typing import Any

import pytest

from flows.warehouse.base import WarehouseError
from flows.warehouse.snowflake.journal import Journal
from flows.warehouse.snowflake.session import Access, Session
from flows.warehouse.snowflake.views import pairs_of
from tests.flows.warehouse.snowflake_database_world import DatabaseWorld
from tests.flows.warehouse.test_snowflake_databases import finding
from tests.flows.warehouse.world import PRODUCTION, STAGING, no_guard, release, rows
from tests.snowflake.stand_in import StandIn


@pytest.fixture
def world(stand_in: StandIn) -> Iterator[DatabaseWorld]:
    """Two releases of a target of two schemas."""
    with DatabaseWorld(stand_in, is_twofold=True) as found:
        for side, value in (("p", 1), ("s", 2)):
            for schema in (side, side.upper()):
                found.execute(f"CREATE TABLE {{{schema}}}.ORDERS AS SELECT {value} AS ID")
        yield found


def swaps(world: DatabaseWorld) -> int:
    """How often the databases were swapped."""
    return sum(f'"{world.database}" SWAP WITH' in one.text for one in world.stand_in.statements)


@pytest.mark.parametrize("side", ["{pd}", "{sd}"])
@pytest.mark.parametrize(
    "statement",
    ["CREATE SCHEMA {side}.ELSEWHERE", "CREATE TABLE {side}.PUBLIC.T (ID INTEGER)", "CREATE DATABASE ROLE {side}.R"],
)
def test_what_comes_into_a_database_after_the_approval_stops_the_swap(
    world: DatabaseWorld, side: str, statement: str
) -> None:
    """The preflight may be days old, and nobody has compared what has come since."""

    def meddle() -> None:
        world.execute(statement.replace("{side}", side))

    with world.warehouse() as warehouse:
        assert not [one for one in warehouse.preflight() if one.severity == "blocker"]
        with pytest.raises(WarehouseError, match=rf"^Nothing was published\. `{world.filled(side)[1:-1]}\."):
            warehouse.exchange(release(), meddle)
    assert not swaps(world)


class LateSwap(Session):
    """A session before whose next question about a marker of that schema the databases are swapped by another."""

    world: DatabaseWorld
    schema: str = ""

    def rows(
        self, sql: str, parameters: Sequence[Any] = (), *, refusal: str = "Nothing was read."
    ) -> list[tuple[Any, ...]]:
        """As ever, but once after that swap."""
        if self.schema and f"'{self.schema}'" in sql and "_wap_release" in sql:
            self.schema = ""
            self.world.execute("ALTER DATABASE {pd} SWAP WITH {sd}")
        return super().rows(sql, parameters, refusal=refusal)


def test_a_swap_that_comes_through_between_two_markers_is_not_sent_again(world: DatabaseWorld) -> None:
    """One statement changes all markers, so that one of them has it means that all have."""
    arguments = world.stand_in.connection_options
    session = LateSwap(Access(lambda: arguments, world.facts()))
    session.world = world

    def late() -> None:
        session.schema = world.production

    session.open()
    try:
        Journal(session, pairs_of(world.facts())).run(release(), late)
    finally:
        session.close()
    assert swaps(world) == 1
    assert rows(world, PRODUCTION, "ORDERS") == rows(world, PRODUCTION, f"{world.home}.ORDERS") == [(2,)]


@pytest.mark.parametrize("side", ["{pd}", "{sd}"])
@pytest.mark.parametrize(
    "statement",
    ["CREATE MASKING POLICY {side}.PUBLIC.P AS (V VARCHAR) RETURNS VARCHAR -> 'x'", "CREATE TAG {side}.PUBLIC.T"],
)
def test_preflight_blocks_policies_and_tags_in_public(world: DatabaseWorld, side: str, statement: str) -> None:
    """The swap would move them from where people look for them."""
    world.execute(statement.replace("{side}", side))
    assert finding(world, "schema_not_in_target")[:2] == ("blocker", f"{world.filled(side)[1:-1]}.PUBLIC")


def test_the_role_that_only_reads_enters_a_database_whose_first_schema_is_empty(world: DatabaseWorld) -> None:
    """Projects put all of their models into schemas of their own; the profile's then holds nothing."""
    world.stand_in.run("CREATE ROLE IF NOT EXISTS AUDITOR", "GRANT ROLE AUDITOR TO USER WAP")
    world.execute(
        "DROP TABLE {s}.ORDERS",
        f"GRANT USAGE ON WAREHOUSE {world.stand_in.warehouse} TO ROLE AUDITOR",
        "GRANT USAGE ON DATABASE {pd} TO ROLE AUDITOR",
    )
    world.audit_role = "AUDITOR"
    assert rows(world, STAGING, f"{world.home}.ORDERS") == [(2,)]


def test_preflight_warns_of_who_may_make_schemas_that_nobody_sees(stand_in: StandIn) -> None:
    """The catalog lists what the asking role has a privilege on; what others own, it need not see."""
    stand_in.run("CREATE ROLE IF NOT EXISTS BUILDER")
    with DatabaseWorld(stand_in, role="FLOW") as world:
        world.execute("GRANT CREATE SCHEMA ON DATABASE {pd} TO ROLE FLOW")
        with world.warehouse() as warehouse:
            assert warehouse.preflight() == ()
        world.execute("GRANT CREATE SCHEMA ON DATABASE {pd} TO ROLE BUILDER")
        severity, name, consequence = finding(world, "schema_may_be_hidden")
    assert (severity, name) == ("warning", world.database)
    assert "lets the role `BUILDER` make schemas" in consequence


def test_an_empty_public_stops_nothing(world: DatabaseWorld) -> None:
    """Every database is made with one."""
    with world.warehouse() as warehouse:
        warehouse.exchange(release(), no_guard)
    assert swaps(world) == 1
