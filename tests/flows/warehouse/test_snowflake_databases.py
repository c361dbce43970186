"""Staging as a database of its own: what stops the swap of two databases, what of access follows it, what a refresh
makes and leaves alone."""

from collections.abc import Iterator

import pytest

from flows.contract import Target
from flows.warehouse.base import WarehouseError
from flows.warehouse.snowflake.errors import Facts
from flows.warehouse.snowflake.reader import SnowflakeReader
from flows.warehouse.snowflake.session import Access
from flows.warehouse.snowflake.warehouse import SnowflakeWarehouse
from tests.flows.warehouse.snowflake_database_world import DatabaseWorld
from tests.flows.warehouse.snowflake_page import sql_of
from tests.flows.warehouse.world import PRODUCTION, STAGING, codes, no_guard, publish, refresh, release, rows
from tests.snowflake.stand_in import StandIn
from tests.snowflake.stand_in import stand_in as started
from wap.diff.places import find_both


@pytest.fixture
def world(stand_in: StandIn) -> Iterator[DatabaseWorld]:
    """Two releases of one schema, and a reader of production."""
    stand_in.run(
        *(f"CREATE ROLE IF NOT EXISTS {role}" for role in ("READER", "STRANGER", "FLOW")),
        f"GRANT USAGE ON WAREHOUSE {stand_in.warehouse} TO ROLE READER",
    )
    with DatabaseWorld(stand_in) as found:
        for side, value in (("{p}", 1), ("{s}", 2)):
            found.execute(f"CREATE TABLE {side}.ORDERS AS SELECT {value} AS ID")
        found.execute(
            "GRANT USAGE ON DATABASE {pd} TO ROLE READER",
            "GRANT USAGE ON SCHEMA {p} TO ROLE READER",
            "GRANT SELECT ON TABLE {p}.ORDERS TO ROLE READER",
        )
        yield found


def granted(world: DatabaseWorld, what: str) -> list[tuple[str, str]]:
    """(privilege, grantee) of everything granted on it but ownership."""
    found = world.rows(f"SHOW GRANTS ON {what}")
    return sorted((row[1], row[5]) for row in found if row[1] != "OWNERSHIP")


def finding(world: DatabaseWorld, code: str) -> tuple[str, str, str]:
    """Severity, object and consequence of the finding of this code."""
    with world.warehouse() as warehouse:
        [found] = [one for one in warehouse.preflight() if one.code == code]
    return found.severity, found.object, found.consequence


def test_preflight_of_two_databases_finds_nothing(world: DatabaseWorld) -> None:
    """What is in the target, an empty PUBLIC and what the publish mirrors are no findings."""
    assert codes(world) == []


@pytest.mark.parametrize("side", ["{pd}", "{sd}"])
@pytest.mark.parametrize(
    "statement",
    [
        "CREATE SCHEMA {side}.ELSEWHERE",
        "CREATE TABLE {side}.PUBLIC.T (ID INTEGER)",
        "CREATE STAGE {side}.PUBLIC.S",
        "CREATE SEQUENCE {side}.PUBLIC.S",
        "CREATE TASK {side}.PUBLIC.T AS SELECT 1",
    ],
)
def test_preflight_blocks_what_is_not_in_the_target(world: DatabaseWorld, side: str, statement: str) -> None:
    """The swap of the databases would move it, too."""
    world.execute(statement.replace("{side}", side))
    database = world.filled(side).strip('"')
    severity, name, consequence = finding(world, "schema_not_in_target")
    assert (severity, name) == ("blocker", f"{database}.{'ELSEWHERE' if 'SCHEMA' in statement else 'PUBLIC'}")
    assert "the swap of the databases would move it" in consequence


@pytest.mark.parametrize("side", ["{pd}", "{sd}"])
def test_preflight_blocks_database_roles(world: DatabaseWorld, side: str) -> None:
    """They go with their database, and so does what everybody has through them."""
    world.execute(f"CREATE DATABASE ROLE {side}.INSIDE")
    severity, name, _ = finding(world, "database_role_in_database")
    assert (severity, name) == ("blocker", f"{world.filled(side)[1:-1]}.INSIDE")


def test_preflight_blocks_a_share_of_a_database(world: DatabaseWorld) -> None:
    """It follows the database, so consumers would get what has been retired."""
    world.execute("CREATE SHARE OUTSIDE_WORLD", "GRANT USAGE ON DATABASE {pd} TO SHARE OUTSIDE_WORLD")
    assert finding(world, "database_shared")[:2] == ("blocker", world.database)


def test_preflight_blocks_a_database_of_another_role(world: DatabaseWorld) -> None:
    """Only an owner of both can swap them."""
    world.execute("GRANT OWNERSHIP ON DATABASE {sd} TO ROLE FLOW COPY CURRENT GRANTS")
    world.role = "FLOW"
    world.stand_in.run(
        "GRANT ROLE FLOW TO USER WAP",
        *(world.filled(f"GRANT USAGE ON DATABASE {{{side}d}} TO ROLE FLOW") for side in "ps"),
        *(world.filled(f"GRANT OWNERSHIP ON SCHEMA {{{side}}} TO ROLE FLOW COPY CURRENT GRANTS") for side in "ps"),
        f"GRANT USAGE ON WAREHOUSE {world.stand_in.warehouse} TO ROLE FLOW",
    )
    severity, name, consequence = finding(world, "database_not_owned")
    assert (severity, name) == ("blocker", world.database)
    assert "owned by the role `ACCOUNTADMIN` and not by `FLOW`" in consequence


def test_preflight_blocks_a_staging_that_is_not_there(world: DatabaseWorld) -> None:
    """Then nothing else is looked at."""
    world.execute("DROP DATABASE {sd}")
    assert codes(world) == [("blocker", "database_missing")]


def test_preflight_blocks_a_transient_database_in_the_place_of_a_permanent_one(world: DatabaseWorld) -> None:
    """Production would lose its fail-safe."""
    world.execute("DROP DATABASE {sd}", "CREATE TRANSIENT DATABASE {sd}", "CREATE SCHEMA {s}")
    assert finding(world, "database_kind_differs")[:2] == ("blocker", world.staging_database)


def test_preflight_warns_of_another_time_of_retention(world: DatabaseWorld) -> None:
    """It belongs to the database, and the swap exchanges it."""
    world.execute("ALTER DATABASE {pd} SET DATA_RETENTION_TIME_IN_DAYS = 7")
    assert finding(world, "retention_differs")[:2] == ("warning", world.staging_database)


def test_preflight_blocks_who_could_only_enter_staging(world: DatabaseWorld) -> None:
    """The swap would let them into production's database."""
    world.execute("GRANT USAGE ON DATABASE {sd} TO ROLE STRANGER")
    severity, name, consequence = finding(world, "grant_would_leak")
    assert (severity, name) == ("blocker", "STRANGER")
    assert f"on `{world.staging_database}` but nothing like it on `{world.database}`" in consequence


def test_preflight_blocks_a_future_grant_that_only_others_may_mirror(world: DatabaseWorld) -> None:
    """It needs MANAGE GRANTS on a database, managed access or not."""
    world.execute("GRANT SELECT ON FUTURE TABLES IN DATABASE {pd} TO ROLE READER")
    assert codes(world) == []  # ACCOUNTADMIN may
    world.role = "FLOW"
    world.stand_in.run(
        "GRANT ROLE FLOW TO USER WAP",
        f"GRANT USAGE ON WAREHOUSE {world.stand_in.warehouse} TO ROLE FLOW",
        *(
            world.filled(f"GRANT OWNERSHIP ON {what} TO ROLE FLOW COPY CURRENT GRANTS")
            for what in ("DATABASE {pd}", "DATABASE {sd}", "SCHEMA {p}", "SCHEMA {s}", "TABLE {p}.ORDERS",
                         "TABLE {s}.ORDERS")
        ),
    )  # fmt: skip
    assert codes(world) == [("blocker", "future_grant_not_mirrored")]


def test_exchange_is_one_swap_and_access_follows(world: DatabaseWorld) -> None:
    """Readers go on reading production, and nobody has gained access to the retired database."""
    world.execute(
        "GRANT MONITOR ON DATABASE {pd} TO ROLE READER",
        "GRANT SELECT ON FUTURE TABLES IN DATABASE {pd} TO ROLE READER",
    )
    rights = [granted(world, what) for what in ("DATABASE {pd}", "SCHEMA {p}", "TABLE {p}.ORDERS")]
    before = len(world.stand_in.statements)
    with world.warehouse() as warehouse:
        warehouse.exchange(release(), no_guard)
        books = warehouse.ledger()
    sent = [one.text for one in world.stand_in.statements[before:]]
    assert [text for text in sent if " SWAP WITH " in text] == [
        world.filled("ALTER DATABASE {pd} SWAP WITH {sd}"),
    ]
    swap = next(number for number, text in enumerate(sent) if " SWAP WITH " in text)
    grants = [text for text in sent[:swap] if text.startswith("GRANT ")]
    assert grants[-1] == world.filled('GRANT USAGE ON DATABASE {sd} TO ROLE "READER"')
    assert [granted(world, what) for what in ("DATABASE {pd}", "SCHEMA {p}", "TABLE {p}.ORDERS")] == rights
    assert granted(world, "DATABASE {sd}") == granted(world, "SCHEMA {s}") == []
    assert [row[1:6] for row in world.rows("SHOW FUTURE GRANTS IN DATABASE {pd}")] != []
    assert world.as_role("READER", "SELECT ID FROM {p}.ORDERS") == [(2,)]
    with pytest.raises(Exception, match="does not exist or not authorized"):
        world.as_role("READER", "SELECT ID FROM {s}.ORDERS")
    assert books is not None
    assert books.access is not None
    assert (books.access.lost, books.access.gained) == ((), ())


def test_exchange_keeps_what_staging_itself_was_granted(world: DatabaseWorld) -> None:
    """Whoever may look into both databases still may; what the publish added is taken back."""
    world.execute("GRANT USAGE ON DATABASE {pd} TO ROLE STRANGER", "GRANT USAGE ON DATABASE {sd} TO ROLE STRANGER")
    publish(world)
    assert granted(world, "DATABASE {pd}") == [("USAGE", "READER"), ("USAGE", "STRANGER")]
    assert granted(world, "DATABASE {sd}") == [("USAGE", "STRANGER")]


def test_exchange_that_lost_its_reply_is_not_sent_again(world: DatabaseWorld) -> None:
    """The marker of the first schema tells what became of it."""
    world.stand_in.faults.drop_reply(" SWAP WITH ", times=1)
    publish(world)
    assert rows(world, PRODUCTION, "ORDERS") == [(2,)]
    swaps = [one for one in world.stand_in.statements if f'"{world.database}" SWAP WITH' in one.text]
    assert len([one for one in swaps if not one.replayed]) == 1


def test_a_publish_schema_by_schema_is_not_completed_by_a_swap_of_databases(stand_in: StandIn) -> None:
    """It would take back what has been published."""
    with DatabaseWorld(stand_in, is_twofold=True) as world:
        world.execute("CREATE TABLE {S}.ORDERS AS SELECT 1 AS ID")
        marker = "AS SELECT 'run-1' AS \"run\", 'd' AS \"digest\", '2025' AS \"at\", '[]' AS \"kept\""
        world.execute(f'CREATE TABLE {{P}}."_wap_release" {marker}')
        with (
            world.warehouse() as warehouse,
            pytest.raises(WarehouseError, match=r"^Published in part: .*schema by schema"),
        ):
            warehouse.exchange(release("run-1"), no_guard)
        assert not any(f'"{world.database}" SWAP WITH' in one.text for one in stand_in.statements)


def test_refresh_makes_staging_like_production(world: DatabaseWorld) -> None:
    """A database of its kind, and future grants on it, so that what is built there has them from the beginning."""
    world.execute(
        "GRANT SELECT ON FUTURE TABLES IN DATABASE {pd} TO ROLE READER", "DROP DATABASE {sd}", "DROP SCHEMA {p}"
    )
    refresh(world)
    world.execute("CREATE TABLE {s}.NEW AS SELECT 1 AS ID")
    assert granted(world, "TABLE {s}.NEW") == [("SELECT", "READER")]
    assert granted(world, "DATABASE {sd}") == []
    assert codes(world) == []


def test_refresh_of_a_transient_database_makes_a_transient_one(world: DatabaseWorld) -> None:
    """A permanent one could not hold clones of transient schemas."""
    world.execute("DROP DATABASE {sd}", "DROP DATABASE {pd}", "CREATE TRANSIENT DATABASE {pd}", "CREATE SCHEMA {p}")
    refresh(world)
    kinds = {row[1]: row[7] for row in world.rows("SHOW DATABASES")}
    assert (kinds[world.database], kinds[world.staging_database]) == ("TRANSIENT", "TRANSIENT")
    assert codes(world) == []


def test_refresh_leaves_alone_what_it_does_not_know(world: DatabaseWorld) -> None:
    """Staging's database is never replaced; the preflight tells of what is in it."""
    world.execute("CREATE SCHEMA {sd}.ELSEWHERE", "CREATE TABLE {sd}.ELSEWHERE.T AS SELECT 1 AS ID")
    refresh(world)
    assert world.rows("SELECT ID FROM {sd}.ELSEWHERE.T") == [(1,)]
    assert rows(world, STAGING, "ORDERS") == [(1,)]


def test_refresh_takes_back_what_an_interrupted_publish_let_in(world: DatabaseWorld) -> None:
    """It had opened staging's database to production's readers and never swapped."""
    world.stand_in.faults.answer(" SWAP WITH ", 3001, "Insufficient privileges.", sqlstate="42501")
    with pytest.raises(WarehouseError, match=r"^Nothing was published\."):
        publish(world)
    world.stand_in.faults.clear()
    assert granted(world, "DATABASE {sd}") == [("USAGE", "READER")]
    refresh(world)
    assert granted(world, "DATABASE {sd}") == granted(world, "SCHEMA {s}") == []
    publish(world, "run-2")
    assert granted(world, "DATABASE {sd}") == []
    assert granted(world, "DATABASE {pd}") == [("USAGE", "READER")]


def test_the_page_says_what_the_role_needs() -> None:
    """Its SQL is all that a role needs to make staging, publish, and take it back."""
    with started() as account:
        account.run("CREATE SCHEMA DWH", "CREATE TABLE DWH.ORDERS AS SELECT 1 AS ID", *sql_of("Staging as a database"))
        facts = Facts(
            account="stand_in", user="WAP", role="WAP_FLOW", warehouse="WH", database="ANALYTICS", production="DWH",
            staging="DEVELOP_ANALYTICS.DWH", staging_database="DEVELOP_ANALYTICS", timeout_seconds=60.0,
        )  # fmt: skip
        login = account.connection_options | {"role": "WAP_FLOW"}
        for run, found in (("run-1", 2), ("run-2", 1)):
            with SnowflakeWarehouse(Access(lambda: login, facts)) as warehouse:
                if run == "run-1":
                    warehouse.refresh_staging()
                    account.run("INSERT INTO DEVELOP_ANALYTICS.DWH.ORDERS VALUES (2)", role="WAP_FLOW")
                assert warehouse.preflight() == ()
                warehouse.exchange(release(run), no_guard)
                assert len(warehouse.query(f"SELECT ID FROM {warehouse.table(PRODUCTION, 'ORDERS')}")) == found


def test_reader_finds_both_sides_of_a_table(world: DatabaseWorld) -> None:
    """As `wap diff` asks: by the names that the report has for them."""
    arguments = world.stand_in.connection_options
    database, schema = world.staging_database.lower(), world.production.lower()
    target = Target(
        production=schema,
        staging=f"{database}.{schema}",
        warehouse="snowflake",
        staging_database=database,
    )
    with SnowflakeReader(Access(lambda: arguments, world.facts())) as reader:
        production, staging = find_both(reader, reader.places(), target, typed="orders")
        assert production is not None
        assert staging is not None
        assert [reader.query(f"SELECT ID FROM {place.sql}") for place in (production, staging)] == [[(1,)], [(2,)]]
        assert reader.primary_key(staging) == ()


def test_dropped_staging_is_found_in_its_database(world: DatabaseWorld) -> None:
    """A refresh replaces the schemas in it, and UNDROP SCHEMA brings them back."""
    with world.warehouse() as warehouse:
        assert not warehouse.keeps_dropped_staging()
        warehouse.refresh_staging()
        assert warehouse.keeps_dropped_staging()


def test_managed_access_that_comes_after_the_approval_stops_the_swap(world: DatabaseWorld) -> None:
    """Both schemas have one name, and are looked for in their own databases."""

    def meddle() -> None:
        world.execute("ALTER SCHEMA {p} ENABLE MANAGED ACCESS")

    with (
        world.warehouse() as warehouse,
        pytest.raises(
            WarehouseError, match=r"^Nothing was published\. `DWH_\d+` has managed access, and `DEVELOP_\w+\."
        ),
    ):
        warehouse.exchange(release(), meddle)
