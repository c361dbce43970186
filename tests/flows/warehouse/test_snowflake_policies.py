"""Policies and tags that somebody attached to production: a publish carries them over, or nobody is asked."""

import contextlib
import os
from collections.abc import Iterator

import pytest
from snowflake.connector.errors import ProgrammingError

from flows.warehouse.base import Environment, WarehouseError
from tests.flows.warehouse.policy_world import EMAIL, EUROPE, PII, customers
from tests.flows.warehouse.snowflake_page import sql_of
from tests.flows.warehouse.snowflake_world import SnowflakeWorld
from tests.flows.warehouse.world import no_guard, publish, refresh, release, rows
from tests.snowflake.stand_in import StandIn

EVERY = int(os.environ.get("WAP_STRIDE", "3"))
"""Of how many statements one is broken off."""

MAILS = [("ann@example.com",), ("bob@example.com",)]


@pytest.fixture
def world(stand_in: StandIn) -> Iterator[SnowflakeWorld]:
    """Customers on both sides, nothing protected yet."""
    with customers(stand_in) as found:
        yield found


def by_hand(world: SnowflakeWorld, *statements: str) -> None:
    """Attach something as a governance team does."""
    world.as_role("ACCOUNTADMIN", *statements)


def mask(world: SnowflakeWorld, relation: str = "TABLE {p}.CUSTOMERS", policy: str = EMAIL) -> None:
    """Mask the mail addresses of production."""
    by_hand(world, f"ALTER {relation} MODIFY COLUMN EMAIL SET MASKING POLICY {policy}")


def mails(world: SnowflakeWorld, relation: str = "{p}.CUSTOMERS", role: str = "READER") -> list[tuple[str, ...]]:
    """What the role sees."""
    return sorted(world.as_role(role, f"SELECT EMAIL FROM {relation}"))


def test_a_swap_alone_unmasks(world: SnowflakeWorld) -> None:
    """What a publish would do without all of this: documented, a table that is made anew has no policies."""
    mask(world)
    world.execute(
        "GRANT SELECT ON TABLE {s}.CUSTOMERS TO ROLE READER",
        "GRANT USAGE ON SCHEMA {s} TO ROLE READER",
        "ALTER SCHEMA {p} SWAP WITH {s}",
    )
    assert mails(world) == MAILS


def test_publish_keeps_a_mask(world: SnowflakeWorld) -> None:
    """A reader sees masked values before and after, in tables and in views over them; the role that publishes does
    not, and neither does who rolls back."""
    mask(world)
    for run in ("run-1", "run-2"):
        publish(world, run)
        assert mails(world) == mails(world, "{p}.LIST") == [("***",), ("***",)]
        assert rows(world, Environment.PRODUCTION, "LIST") == [(1, "ann@example.com"), (2, "bob@example.com")]


CARRIED = {
    "a mask on a view": ("ALTER VIEW {{p}}.LIST MODIFY COLUMN EMAIL SET MASKING POLICY {email}", "LIST"),
    "a conditional mask": (
        "ALTER TABLE {{p}}.CUSTOMERS MODIFY COLUMN EMAIL SET MASKING POLICY {email}_UNLESS USING (EMAIL, LAND)",
        "CUSTOMERS",
    ),
    "rows": ("ALTER TABLE {{p}}.CUSTOMERS ADD ROW ACCESS POLICY {europe} ON (LAND)", "CUSTOMERS"),
    "rows of a view": ("ALTER VIEW {{p}}.LIST ADD ROW ACCESS POLICY {europe}_BY_MAIL ON (EMAIL)", "LIST"),
}


@pytest.mark.parametrize("everywhere", [False, True], ids=["policy by policy", "every policy"])
@pytest.mark.parametrize(("statement", "relation"), CARRIED.values(), ids=CARRIED.keys())
def test_publish_keeps(world: SnowflakeWorld, statement: str, relation: str, everywhere: bool) -> None:
    """What the reader gets is the same before and after, and less than everything; by either way of being allowed."""
    if everywhere:
        by_hand(
            world, *(f"GRANT APPLY {kind} POLICY ON ACCOUNT TO ROLE WAP_FLOW" for kind in ("MASKING", "ROW ACCESS"))
        )
    by_hand(world, statement.format(email=EMAIL, europe=EUROPE))
    if "USING" in statement and not everywhere:
        with pytest.raises(WarehouseError, match="conditional masking policy, and nothing tells this role its columns"):
            publish(world)
        return
    before = mails(world, f"{{p}}.{relation}")
    publish(world)
    assert mails(world, f"{{p}}.{relation}") == before != MAILS


def test_a_view_is_not_made_anew_without_the_columns_of_its_mask(world: SnowflakeWorld) -> None:
    """Its text names its own schema, and does not tell this role on which columns its mask depends."""
    for side in ("{p}", "{s}"):
        world.execute(f"CREATE OR REPLACE VIEW {side}.LIST COPY GRANTS AS SELECT ID, EMAIL, LAND FROM {side}.CUSTOMERS")
        by_hand(
            world, f"ALTER VIEW {side}.LIST MODIFY COLUMN EMAIL SET MASKING POLICY {EMAIL}_UNLESS USING (EMAIL, LAND)"
        )
    before = mails(world, "{p}.LIST")
    with pytest.raises(WarehouseError, match=r"^Nothing was published\. `LIST.EMAIL` has a conditional masking policy"):
        publish(world)
    by_hand(world, "GRANT APPLY MASKING POLICY ON ACCOUNT TO ROLE WAP_FLOW")
    publish(world)
    assert mails(world, "{p}.LIST") == before == [("***",), ("bob@example.com",)]


def test_publish_keeps_tags(world: SnowflakeWorld) -> None:
    """On tables, columns and views, with their values; those that staging has already are left alone."""
    by_hand(
        world,
        f"ALTER TABLE {{p}}.CUSTOMERS SET TAG {PII} = 'yes'",
        f"ALTER TABLE {{p}}.CUSTOMERS MODIFY COLUMN EMAIL SET TAG {PII} = 'mail'",
        f"ALTER VIEW {{p}}.LIST MODIFY COLUMN EMAIL SET TAG {PII} = 'it''s mail'",
        f"ALTER TABLE {{s}}.CUSTOMERS SET TAG {PII} = 'yes'",
    )
    before = tags(world)
    publish(world)
    assert tags(world) == before
    assert {value for *_, value in before} == {"yes", "mail", "it's mail"}


def tags(world: SnowflakeWorld) -> list[tuple[str, ...]]:
    """(relation, column, where it was set, value) of the tags of production."""
    return sorted(
        row
        for name in ("CUSTOMERS", "LIST")
        for row in world.rows(
            "SELECT OBJECT_NAME AS N, COLUMN_NAME AS C, LEVEL AS L, TAG_VALUE AS V FROM "
            f"TABLE(ANALYTICS.INFORMATION_SCHEMA.TAG_REFERENCES_ALL_COLUMNS('{world.production}.{name}', 'TABLE'))"
        )
    )


def test_publish_keeps_who_may_put_a_column_out(world: SnowflakeWorld) -> None:
    """A projection policy, which hides nothing on the stand-in, is there after the publish."""
    by_hand(
        world,
        "CREATE PROJECTION POLICY IF NOT EXISTS ANALYTICS.GOVERNANCE.OUT AS () RETURNS PROJECTION_CONSTRAINT -> "
        "PROJECTION_CONSTRAINT(ALLOW => TRUE)",
        "GRANT APPLY ON PROJECTION POLICY ANALYTICS.GOVERNANCE.OUT TO ROLE WAP_FLOW",
        "ALTER VIEW {p}.LIST MODIFY COLUMN ID SET PROJECTION POLICY ANALYTICS.GOVERNANCE.OUT",
    )
    with world.warehouse() as warehouse:
        assert "policies_carried_over" in {found.code for found in warehouse.preflight()}
        warehouse.exchange(release(), no_guard)
        ledger = warehouse.ledger()
    assert ledger is not None
    assert ledger.access is not None
    assert (ledger.access.lost, ledger.access.gained) == ((), ())
    [(text,)] = world.as_role("ACCOUNTADMIN", f"SELECT GET_DDL('VIEW', 'ANALYTICS.{world.production}.LIST') AS D")
    assert "ID WITH PROJECTION POLICY ANALYTICS.GOVERNANCE.OUT" in text


def test_the_privileges_of_the_page_are_enough(world: SnowflakeWorld) -> None:
    """docs/snowflake.md tells what the role needs, and what it tells is run here."""
    by_hand(
        world,
        *(f"REVOKE APPLY ON MASKING POLICY {EMAIL}{end} FROM ROLE WAP_FLOW" for end in ("", "_UNLESS", "_FROM_ALL")),
        *(f"REVOKE APPLY ON ROW ACCESS POLICY {EUROPE}{end} FROM ROLE WAP_FLOW" for end in ("", "_BY_MAIL")),
        f"REVOKE APPLY ON TAG {PII} FROM ROLE WAP_FLOW",
        "REVOKE USAGE ON SCHEMA ANALYTICS.GOVERNANCE FROM ROLE WAP_FLOW",
        f"ALTER TABLE {{p}}.CUSTOMERS MODIFY COLUMN EMAIL SET MASKING POLICY {EMAIL}_UNLESS USING (EMAIL, LAND)",
        f"ALTER VIEW {{p}}.LIST ADD ROW ACCESS POLICY {EUROPE}_BY_MAIL ON (EMAIL)",
        f"ALTER TABLE {{p}}.CUSTOMERS SET TAG {PII} = 'yes'",
    )
    before = mails(world), mails(world, "{p}.LIST"), tags(world)
    by_hand(world, *sql_of("Masking policies, row access policies, tags"))
    with world.warehouse() as warehouse:
        assert "blocker" not in {found.severity for found in warehouse.preflight()}
    publish(world)
    assert (mails(world), mails(world, "{p}.LIST"), tags(world)) == before


def test_nobody_gets_in_before_the_policies_are_there(world: SnowflakeWorld) -> None:
    """Production's readers are let into staging for the swap, and not before it masks what production masks.

    The guard comes before both: it reads what the report has read, whatever the policies hide from its role.
    """
    mask(world, policy=f"{EMAIL}_FROM_ALL")
    seen: list[list[tuple[str, ...]]] = []

    def look() -> None:
        seen.append(sorted(world.rows("SELECT EMAIL FROM {s}.CUSTOMERS")))
        with pytest.raises(ProgrammingError, match="does not exist or not authorized"):
            mails(world, "{s}.CUSTOMERS")

    with world.warehouse() as warehouse:
        done = [statement.sql for statement in warehouse.exchange(release(), look)]
    assert seen == [MAILS]
    [masked] = [place for place, sql in enumerate(done) if "SET MASKING POLICY" in sql]
    [opened] = [place for place, sql in enumerate(done) if sql.startswith("GRANT USAGE ON SCHEMA")]
    [swapped] = [place for place, sql in enumerate(done) if "SWAP WITH" in sql]
    assert masked < opened < swapped


def test_another_attempt_reads_staging_without_the_policies_of_the_first(world: SnowflakeWorld) -> None:
    """The first got as far as the swap. Without taking them off, the guard would say that staging has changed."""
    mask(world, policy=f"{EMAIL}_FROM_ALL")
    world.stand_in.faults.answer("SWAP WITH", 604, "SQL execution canceled", sqlstate="57014")
    with pytest.raises(WarehouseError, match=r"^Nothing was published"):
        publish(world)
    assert world.rows("SELECT DISTINCT EMAIL FROM {s}.CUSTOMERS") == [("***",)]
    seen: list[list[tuple[str, ...]]] = []

    def look() -> None:
        seen.append(sorted(world.rows("SELECT EMAIL FROM {s}.CUSTOMERS")))
        with pytest.raises(ProgrammingError, match="does not exist or not authorized"):
            mails(world, "{s}.CUSTOMERS")

    with world.warehouse() as warehouse:
        warehouse.exchange(release(), look)
    assert seen == [MAILS]
    assert mails(world) == [("***",), ("***",)]


def test_a_swap_that_comes_through_late_is_made_up_for(world: SnowflakeWorld) -> None:
    """The swap of the first attempt arrives when the second has taken the policies off staging and has let nobody in:
    production gets both."""
    mask(world)
    world.stand_in.faults.answer("SWAP WITH", 604, "SQL execution canceled", sqlstate="57014")
    with pytest.raises(WarehouseError, match=r"^Nothing was published"):
        publish(world)

    def late() -> None:
        world.execute("ALTER SCHEMA {p} SWAP WITH {s}")
        with pytest.raises(ProgrammingError, match="does not exist or not authorized"):
            mails(world)  # what would be left without it
        raise WarehouseError("Not published. Both schemas changed.")

    with world.warehouse() as warehouse:
        warehouse.exchange(release(), late)
    assert mails(world) == mails(world, "{p}.LIST") == [("***",), ("***",)]
    with pytest.raises(ProgrammingError, match="does not exist or not authorized"):
        mails(world, "{s}.CUSTOMERS")


def test_nobody_sees_more_wherever_a_publish_breaks_off(world: SnowflakeWorld) -> None:
    """At whatever statement it ends: production masks, nobody is let into staging without the mask, and the next
    attempt completes it once."""
    mask(world)
    publish(world, "run-0")
    sent = 0
    for number, at in enumerate(range(1, 60, EVERY), 1):
        built = f"m{number}@example.com"
        world.execute(f"CREATE OR REPLACE TABLE {{s}}.CUSTOMERS AS SELECT 1 AS ID, '{built}' AS EMAIL, 'DE' AS LAND")
        fault = world.stand_in.faults.answer("^(?!LOGIN )", 604, "SQL execution canceled", sqlstate="57014", nth=at)
        with contextlib.suppress(WarehouseError):
            publish(world, f"run-{number}")
        world.stand_in.faults.clear()
        assert mails(world)[0] == ("***",)
        with contextlib.suppress(ProgrammingError):
            assert mails(world, "{s}.CUSTOMERS")[0] == ("***",)
        publish(world, f"run-{number}")
        assert (mails(world)[0], mails(world, role="WAP_FLOW")) == (("***",), [(built,)])
        sent = at
        if not fault.happened:
            break
    assert sent > 25, "the faults have not walked through a publish"


def test_a_policy_that_may_not_be_seen_stops_the_publish(world: SnowflakeWorld) -> None:
    """Also when it was attached after the preflight."""
    by_hand(world, f"REVOKE APPLY ON MASKING POLICY {EMAIL} FROM ROLE WAP_FLOW")
    mask(world)
    with pytest.raises(WarehouseError, match=r"^Nothing was published\. `DWH_\d+\.CUSTOMERS` has a masking policy"):
        publish(world)
    assert mails(world) == [("***",), ("***",)]


def test_a_mask_that_comes_while_the_guard_reads_is_kept(world: SnowflakeWorld) -> None:
    """The guard takes minutes. What somebody attaches to production in them is not swapped away: that attempt
    publishes nothing, and the next one carries it over."""
    with (
        world.warehouse() as warehouse,
        pytest.raises(WarehouseError, match=r"^Nothing was published\. While both sides were compared, `DWH_\d+` has "),
    ):
        warehouse.exchange(release(), lambda: mask(world))
    assert mails(world) == [("***",), ("***",)]
    publish(world)
    assert mails(world) == [("***",), ("***",)]


def test_a_mask_that_goes_with_its_column_does_not_stop_the_publish(world: SnowflakeWorld) -> None:
    """The preflight has told it."""
    mask(world)
    world.execute("CREATE OR REPLACE TABLE {s}.CUSTOMERS AS SELECT 1 AS ID, 'DE' AS LAND", "DROP VIEW {s}.LIST")
    publish(world)
    assert world.as_role("READER", "SELECT * FROM {p}.CUSTOMERS") == [(1, "DE")]


def test_a_mask_that_comes_after_the_approval_is_not_lost_with_its_column(world: SnowflakeWorld) -> None:
    """When people were asked, nothing masked the column that the release renames."""
    world.execute(
        "CREATE OR REPLACE TABLE {s}.CUSTOMERS AS SELECT 1 AS ID, 'ann@example.com' AS MAIL, 'DE' AS LAND",
        "DROP VIEW {s}.LIST",
    )
    with world.warehouse() as warehouse:
        assert [found for found in warehouse.preflight() if "policy" in found.code] == []
    mask(world)
    with pytest.raises(
        WarehouseError, match=r"^Nothing was published\. `CUSTOMERS.EMAIL` of production .* `MAIL` there"
    ):
        publish(world)
    assert mails(world) == [("***",), ("***",)]
    by_hand(world, f"ALTER TABLE {{s}}.CUSTOMERS MODIFY COLUMN MAIL SET MASKING POLICY {EMAIL}")
    publish(world)
    assert world.as_role("READER", "SELECT * FROM {p}.CUSTOMERS") == [(1, "***", "DE")]


def test_a_policy_that_cannot_be_attached_again_stops_the_publish(world: SnowflakeWorld) -> None:
    """Attached after the approval. Without its entity keys it would be another one."""
    by_hand(
        world,
        "CREATE AGGREGATION POLICY IF NOT EXISTS ANALYTICS.GOVERNANCE.GROUPS AS () RETURNS AGGREGATION_CONSTRAINT -> "
        "AGGREGATION_CONSTRAINT(MIN_GROUP_SIZE => 3)",
        "GRANT APPLY ON AGGREGATION POLICY ANALYTICS.GOVERNANCE.GROUPS TO ROLE WAP_FLOW",
        "ALTER TABLE {p}.CUSTOMERS SET AGGREGATION POLICY ANALYTICS.GOVERNANCE.GROUPS",
    )
    with pytest.raises(
        WarehouseError, match=r"^Nothing was published\. `DWH_\d+\.CUSTOMERS` has the aggregation policy"
    ):
        publish(world)


def test_policies_that_lie_in_production_travel_with_it(world: SnowflakeWorld) -> None:
    """Staging's clone of the policy is attached, so that the next clone can replace the retired schema.

    Documented: a schema whose policies are attached elsewhere cannot be replaced.
    """
    world.execute("CREATE MASKING POLICY {p}.OWN AS (VAL VARCHAR) RETURNS VARCHAR -> '***'")
    mask(world, policy="{p}.OWN")
    for run in ("run-1", "run-2"):
        refresh(world)
        world.execute("CREATE OR REPLACE TABLE {s}.CUSTOMERS AS SELECT 3 AS ID, 'cyd@example.com' AS EMAIL")
        publish(world, run)
        assert mails(world) == [("***",)]


def test_the_receipt_tells_what_became_of_policies(world: SnowflakeWorld) -> None:
    """One that dbt attached instead of production's, and one that somebody takes off while the publish runs."""
    mask(world)
    mask(world, "VIEW {p}.LIST")
    mask(world, "TABLE {s}.CUSTOMERS", f"{EMAIL}_FROM_ALL")
    mask(world, "VIEW {s}.LIST")

    def meddle() -> None:
        by_hand(world, "ALTER VIEW {s}.LIST MODIFY COLUMN EMAIL UNSET MASKING POLICY")

    with world.warehouse() as warehouse:
        warehouse.exchange(release(), meddle)
        ledger = warehouse.ledger()
    assert ledger is not None
    assert ledger.access is not None
    assert ledger.access.lost == (
        f"MASKING POLICY {EMAIL} ON CUSTOMERS.EMAIL",
        f"MASKING POLICY {EMAIL} ON LIST.EMAIL",
    )
    assert ledger.access.gained == (f"MASKING POLICY {EMAIL}_FROM_ALL ON CUSTOMERS.EMAIL",)
    assert (ledger.access.before, ledger.access.after) == (5, 4)


def test_questions_about_policies_do_not_grow_with_tables(world: SnowflakeWorld) -> None:
    """Only what must be attached costs a statement more."""
    mask(world)
    publish(world, "run-1")
    publish(world, "run-2")  # from now on both sides have a marker, the mask, and its grants
    few = _sent(world, "run-3")
    for side in ("{p}", "{s}"):
        world.execute(*(f"CREATE TABLE {side}.T{n} AS SELECT 'a' AS EMAIL" for n in range(10)))
        for n in range(10):
            mask(world, f"TABLE {side}.T{n}")
    assert _sent(world, "run-4") == few


def _sent(world: SnowflakeWorld, run: str) -> int:
    with world.warehouse() as warehouse:
        told = warehouse.exchange(release(run), no_guard)
        ledger = warehouse.ledger()
    assert ledger is not None
    return ledger.sent - len(told)
