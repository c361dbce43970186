"""The main job on the stand-in for Snowflake: asked for, approved and taken back in Slack, every part real."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.blocks.buttons import APPROVE
from bot.blocks.rollback import ROLL_BACK
from flows.contract import Outcome, Via
from sandbox.manifest import asked_for
from sandbox.testing import sandbox_settings, start_sandbox
from sandbox.workspace import MINA, TOMAS
from tests.flows import test_flow_on_snowflake as on_snowflake
from tests.flows.project import Project
from tests.flows.warehouse.snowflake_world import SnowflakeWorld
from tests.snowflake.stand_in import StandIn
from tests.snowflake.stand_in import stand_in as started_stand_in
from tests.story.slack_on_snowflake import Json, Story, started

MANIFEST = Path(__file__).parents[2] / "manifest.yml"

world = on_snowflake.world
shop = on_snowflake.shop
read = on_snowflake.read

OLD = {
    "ORDERS": [(1, 10), (2, 200), (3, 300)],
    "BIG_ORDERS": [(2, 200), (3, 300)],
    "LOG": [(1, 10), (2, 200), (3, 300)],
    "HISTORY": [(1, 10), (2, 200), (3, 300)],
}
NEW = {
    "ORDERS": [(1, 11), (2, 200), (4, 400)],
    "BIG_ORDERS": [(2, 200), (4, 400)],  # a view
    "LOG": [(1, 11), (2, 200), (3, 300), (4, 400)],  # incremental: goes on from what was published
    "HISTORY": [(1, 10), (1, 11), (2, 200), (3, 300), (4, 400)],  # a snapshot: keeps what was
}


@pytest.fixture
def stand_in() -> Iterator[StandIn]:
    """An account of this story alone."""
    with started_stand_in() as found:
        yield found


@pytest.fixture
def project(tmp_path: Path) -> Project:
    """A dbt project that Mina approves releases of."""
    made = Project.create(tmp_path)
    made.config.write_text(made.config.read_text().replace("U0MINA", MINA))
    return made


@pytest.fixture
def story(tmp_path: Path, prefect_url: str, shop: Project) -> Iterator[Story]:
    """A Slack, the bot, and the flows served."""
    # The rate limit of Slack is not what this is about.
    with (
        start_sandbox(sandbox_settings(message_burst=1000, **asked_for(MANIFEST))) as slack,
        started(tmp_path, slack, prefect_url, config=shop.config) as found,
    ):
        yield found


def published(story: Story) -> str:
    """A release that Tomas asked for and Mina approved: its run."""
    run = story.ask_for_release(TOMAS)
    story.press(MINA, story.card(run, "Waiting"), APPROVE, confirmed=True)
    story.card(run, "Published")
    return run


def production(world: SnowflakeWorld) -> dict[str, object]:
    """What a reader of production sees."""
    return {table: read(world, table) for table in OLD}


def elsewhere(world: SnowflakeWorld) -> list[tuple[int, ...]]:
    """What a reader sees through a view of production that lies in another schema."""
    rows = world.as_role("READER", "SELECT ORDER_ID, AMOUNT FROM REPORTS.BIG")
    return sorted(tuple(int(value) for value in row) for row in rows)


def access(world: SnowflakeWorld) -> dict[str, list[tuple[object, ...]]]:
    """Who may do what: with production, with each relation in it, with what will be made there; and with staging."""
    kinds = {"BIG_ORDERS": "VIEW"}
    asked = ["GRANTS ON SCHEMA {p}", "FUTURE GRANTS IN SCHEMA {p}", "GRANTS ON SCHEMA {s}"]
    asked += [f"GRANTS ON {kinds.get(name, 'TABLE')} {{p}}.{name}" for name in OLD]
    return {one: sorted((row[1], row[5], row[6]) for row in world.rows(f"SHOW {one}")) for one in asked}


def swaps(world: SnowflakeWorld) -> int:
    """How many swaps of this target the account was ever asked for."""
    return sum(f'"{world.production}" SWAP WITH' in one.text for one in world.stand_in.statements)


def cells(card: Json) -> list[list[str]]:
    """Of the card's table: name, rows before and after, added, removed, changed."""
    [table] = [block for block in card["blocks"] if block["type"] == "table"]
    return [[cell["text"] for cell in row[:5]] for row in table["rows"][1:]]


def test_release_on_snowflake_is_approved_and_taken_back_in_slack(
    story: Story, shop: Project, world: SnowflakeWorld
) -> None:
    """The card shows what would change; a click publishes it by one swap, another takes it back by one more. Readers
    have the same rights throughout, see nothing before the click, and see everything after it, through views too."""
    shop.rows((1, 10), (2, 200), (3, 300))
    published(story)
    assert production(world) == OLD
    world.as_role(
        "ACCOUNTADMIN",
        "CREATE SCHEMA REPORTS",
        "CREATE VIEW REPORTS.BIG AS SELECT * FROM {p}.BIG_ORDERS",
        "GRANT USAGE ON SCHEMA REPORTS TO ROLE READER",
        "GRANT SELECT ON VIEW REPORTS.BIG TO ROLE READER",
    )
    rights = access(world)
    assert ("SELECT", "READER", "false") in rights["GRANTS ON VIEW {p}.BIG_ORDERS"]
    assert "READER" not in str(rights["GRANTS ON SCHEMA {s}"])

    shop.rows((1, 11), (2, 200), (4, 400))
    run = story.ask_for_release(TOMAS)
    asked = story.card(run, "Waiting")
    assert sorted(cells(asked)) == [
        ["BIG_ORDERS", "2 → 2", "1", "1", "—"],  # a view has no tests, hence no key
        ["HISTORY", "3 → 5", "2", "0", "1"],
        ["LOG", "3 → 4", "1", "0", "1"],
        ["ORDERS", "3 → 3", "1", "1", "1"],
    ]
    dialog = story.press(MINA, asked, APPROVE, confirmed=False)
    assert dialog["confirm"]["title"]["text"] == f"Publish to {world.production.lower()}?"
    assert (production(world), swaps(world)) == (OLD, 1)

    story.press(MINA, asked, APPROVE, confirmed=True)
    told = story.card(run, "Published")
    assert (production(world), elsewhere(world), swaps(world)) == (NEW, NEW["BIG_ORDERS"], 2)
    assert access(world) == rights
    receipt = story.receipt(run)
    assert receipt.decision is not None
    assert (receipt.decision.via, receipt.decision.decider.user_id) == (Via.SLACK, MINA)
    assert receipt.ledger is not None
    assert receipt.ledger.access is not None
    assert (receipt.ledger.access.lost, receipt.ledger.access.gained) == ((), ())

    dialog = story.press(MINA, told, ROLL_BACK, confirmed=False)
    assert dialog["confirm"]["title"]["text"] == f"Roll back {world.production.lower()}?"
    assert (production(world), swaps(world)) == (NEW, 2)
    story.press(MINA, told, ROLL_BACK, confirmed=True)
    story.card(run, "Rolled back")
    assert (production(world), elsewhere(world), swaps(world)) == (OLD, OLD["BIG_ORDERS"], 3)
    assert access(world) == rights
    taken_back = story.receipt(story.run_that_rolls_back(MINA, run))
    assert taken_back.outcome is Outcome.ROLLED_BACK
    assert taken_back.rollback is not None
    assert taken_back.rollback.decider.user_id == MINA
