"""A project that writes into two schemas, on the real dbt-snowflake against a stand-in: two swaps, one publish."""

import json
from collections.abc import Iterator
from contextlib import suppress

import pytest

from flows.contract import RECEIPT_ARTIFACT, Outcome, Receipt
from tests.flows import test_flow_on_snowflake as on_snowflake
from tests.flows.project import Project
from tests.flows.reviewed import Reviewed, approve
from tests.flows.reviewer import Api
from tests.flows.test_rollback import RolledBack
from tests.flows.two_schemas import with_marts
from tests.flows.warehouse.snowflake_world import SnowflakeWorld
from tests.snowflake.stand_in import StandIn

pytestmark = pytest.mark.usefixtures("prefect")


@pytest.fixture
def twofold(stand_in: StandIn) -> Iterator[SnowflakeWorld]:
    """Two schemas of production and of staging, with a reader of production."""
    stand_in.run(
        "CREATE ROLE IF NOT EXISTS READER",
        "GRANT ROLE READER TO USER WAP",
        f"GRANT USAGE ON DATABASE {stand_in.database} TO ROLE READER",
        f"GRANT USAGE ON WAREHOUSE {stand_in.warehouse} TO ROLE READER",
    )
    with SnowflakeWorld(stand_in, is_twofold=True) as found:
        for schema in ("{p}", "{P}"):
            found.execute(
                f"GRANT USAGE ON SCHEMA {schema} TO ROLE READER",
                f"GRANT SELECT ON FUTURE TABLES IN SCHEMA {schema} TO ROLE READER",
                f"GRANT SELECT ON FUTURE VIEWS IN SCHEMA {schema} TO ROLE READER",
            )
        yield found


@pytest.fixture
def shop(project: Project, twofold: SnowflakeWorld) -> Project:
    """The small project and its marts, with Snowflake's profile."""
    output = twofold.stand_in.profile(schema=twofold.production.lower())
    (project.folder / "profiles.yml").write_text(json.dumps({"shop": {"target": "prod", "outputs": {"prod": output}}}))
    return with_marts(project, schemas=f'["{twofold.home.lower()}"]')


def read(twofold: SnowflakeWorld, table: str) -> list[tuple[int, ...]]:
    """What the reader of production sees: (order_id, amount)."""
    rows = twofold.as_role("READER", f"SELECT ORDER_ID, AMOUNT FROM {table}")
    return sorted(tuple(int(value) for value in row) for row in rows)


def swapped(twofold: SnowflakeWorld, since: int = 0) -> list[str]:
    """The schemas whose swaps were done, in order."""
    names = (twofold.home, twofold.production)
    texts = [one.text for one in twofold.stand_in.statements[since:] if not one.replayed]
    return [name for text in texts for name in names if f'"{name}" SWAP WITH' in text]


def test_flow_on_snowflake_publishes_two_schemas_and_takes_them_back(
    prefect: str, shop: Project, twofold: SnowflakeWorld
) -> None:
    """Readers read both, through views across them, too; nothing is left for them in staging."""
    shop.rows((1, 10), (2, 200))
    assert Reviewed(prefect, shop, approve).ended_as("Published")
    shop.rows((1, 11), (2, 200), (3, 30))
    second = Reviewed(prefect, shop, approve)
    assert second.ended_as("Published"), second.state.message
    assert second.report is not None
    home = twofold.home
    tables = {table.name: table for table in second.report.tables}
    assert list(tables) == ["BIG_ORDERS", f"{home}.ORDERS", f"{home}.ORDER_VALUES", f"{home}.SMALL_ORDERS", "ORDERS"]
    assert (tables["ORDERS"].key, tables["ORDERS"].changed) == (("ORDER_ID",), 1)
    late = [(finding.code, finding.object) for finding in second.report.findings]
    assert late == [("view_repaired_late", f"DEVELOP_{home}.SMALL_ORDERS")]
    for table, shown in (
        ("{p}.ORDERS", [(1, 11), (2, 200), (3, 30)]),
        ("{p}.BIG_ORDERS", [(2, 200)]),
        ("{P}.ORDERS", [(1, 11), (2, 200), (3, 30)]),
        ("{P}.ORDER_VALUES", [(1, 22), (2, 400), (3, 60)]),
        ("{P}.SMALL_ORDERS", [(1, 11), (3, 30)]),
    ):
        assert read(twofold, table) == shown, table
    for schema in ("{s}", "{S}"):
        assert [row[5] for row in twofold.rows(f"SHOW GRANTS ON SCHEMA {schema}") if row[1] == "USAGE"] == []
    ledger = second.receipt.ledger
    assert ledger is not None
    assert ledger.access is not None
    assert (ledger.access.lost, ledger.access.gained) == ((), ())
    before = len(twofold.stand_in.statements)
    done = RolledBack(prefect, shop, second.run)
    assert done.state.name == "Rolled back", done.state.message
    assert swapped(twofold, before) == [home, twofold.production]
    assert read(twofold, "{P}.ORDER_VALUES") == [(1, 20), (2, 400)]
    assert read(twofold, "{P}.SMALL_ORDERS") == [(1, 10)]


def test_flow_on_snowflake_killed_between_two_swaps_is_completed_by_the_next_attempt(
    prefect: str, shop: Project, twofold: SnowflakeWorld
) -> None:
    """It asks nobody and swaps only what is missing; the receipt says which attempt published what."""
    shop.rows((1, 10))
    twofold.stand_in.faults.kill_connection(
        f'"{twofold.production}" SWAP WITH', times=1000
    )  # the connector goes on trying
    api = Api(prefect)
    with on_snowflake._in_a_process(prefect, shop) as process:
        run = _paused(api)
        approve(api, run)
        on_snowflake._wait(lambda: twofold.production in swapped(twofold))
        process.kill()
    twofold.stand_in.faults.clear()
    assert api.artifacts(run, RECEIPT_ARTIFACT) == []
    with twofold.warehouse() as warehouse:
        part = warehouse.partly_released()
    assert part is not None
    assert (part.release.run, part.holding, part.waiting) == (run, (twofold.home,), (twofold.production,))

    assert on_snowflake._again(api, run, shop).name == "Published"
    receipt = Receipt.model_validate(api.artifacts(run, RECEIPT_ARTIFACT)[0]["data"])
    assert receipt.reason.startswith(
        f"Published by an earlier attempt of this run to `{twofold.home}`, and by this one to the rest; "
    )
    assert receipt.decision is not None
    assert sum("SWAP WITH" in statement.sql for statement in receipt.statements) == 1
    assert swapped(twofold).count(twofold.home) == 1
    assert read(twofold, "{p}.ORDERS") == read(twofold, "{P}.ORDERS") == read(twofold, "{P}.SMALL_ORDERS") == [(1, 10)]


def test_flow_on_snowflake_that_cannot_complete_says_in_the_receipt_what_is_where(
    prefect: str, shop: Project, twofold: SnowflakeWorld
) -> None:
    """Half is never called Published, nor nothing; run again it is completed."""
    shop.rows((1, 10))
    assert Reviewed(prefect, shop, approve).ended_as("Published")
    shop.rows((1, 11), (2, 20))
    refusal = {"errno": 3001, "message": "Insufficient privileges.", "sqlstate": "42501"}
    twofold.stand_in.faults.answer(f'"{twofold.production}" SWAP WITH', times=1000, **refusal)
    failed = Reviewed(prefect, shop, approve)
    twofold.stand_in.faults.clear()
    assert failed.ended_as("Failed"), failed.state.message
    says = f"Published in part: `{twofold.home}` holds the release, `{twofold.production}` not yet. Run it again"
    assert failed.receipt.reason.startswith(says), failed.receipt.reason
    rows = {row.table: (row.before, row.after) for row in failed.receipt.tables}
    assert (rows["ORDERS"], rows[f"{twofold.home}.ORDERS"]) == ((1, 1), (1, 2))
    assert (read(twofold, "{p}.ORDERS"), read(twofold, "{P}.ORDERS")) == ([(1, 10)], [(1, 11), (2, 20)])

    assert on_snowflake._again(failed.api, failed.run, shop).name == "Published"
    assert failed.receipt.outcome is Outcome.PUBLISHED
    assert read(twofold, "{p}.ORDERS") == read(twofold, "{P}.ORDERS") == [(1, 11), (2, 20)]


def _paused(api: Api) -> str:
    """The run that a new process has brought to its question; that takes a while on a busy machine."""
    for _ in range(4):
        with suppress(TimeoutError):
            return str(api.wait_paused()["id"])
    raise TimeoutError("no run paused")
