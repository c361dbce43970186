"""The whole flow on real Prefect, the real dbt-snowflake and the real connector, against a stand-in for Snowflake."""

import json
from collections.abc import Iterator

import pytest

from tests.flows.project import Project
from tests.flows.reviewed import Reviewed, approve, reject
from tests.flows.warehouse.snowflake_world import SnowflakeWorld
from tests.snowflake.stand_in import StandIn

pytestmark = pytest.mark.usefixtures("prefect")

_HISTORY = """{% snapshot history %}
{{ config(unique_key='order_id', strategy='check', check_cols=['amount'], target_schema=target.schema) }}
select * from {{ ref('orders') }}
{% endsnapshot %}"""


@pytest.fixture
def world(stand_in: StandIn) -> Iterator[SnowflakeWorld]:
    """Production and staging of the project, with a reader of production."""
    stand_in.run(
        "CREATE ROLE IF NOT EXISTS READER",
        "GRANT ROLE READER TO USER WAP",
        f"GRANT USAGE ON DATABASE {stand_in.database} TO ROLE READER",
        f"GRANT USAGE ON WAREHOUSE {stand_in.warehouse} TO ROLE READER",
    )
    with SnowflakeWorld(stand_in) as found:
        found.execute(
            "GRANT USAGE ON SCHEMA {p} TO ROLE READER",
            "GRANT SELECT ON FUTURE TABLES IN SCHEMA {p} TO ROLE READER",
            "GRANT SELECT ON FUTURE VIEWS IN SCHEMA {p} TO ROLE READER",
        )
        yield found


@pytest.fixture
def shop(project: Project, world: SnowflakeWorld) -> Project:
    """The small project with Snowflake's profile, an incremental model and a snapshot."""
    output = world.stand_in.profile(schema=world.production.lower())
    profile = {"shop": {"target": "prod", "outputs": {"prod": output}}}
    (project.folder / "profiles.yml").write_text(json.dumps(profile))
    (project.folder / "models" / "log.sql").write_text(
        "{{ config(materialized='incremental', unique_key='order_id') }} select * from {{ ref('orders') }}"
    )
    (project.folder / "snapshots").mkdir()
    (project.folder / "snapshots" / "history.sql").write_text(_HISTORY)
    return project


def read(world: SnowflakeWorld, table: str) -> list[tuple[object, ...]]:
    """What the reader of production sees."""
    rows = world.as_role("READER", f"SELECT ORDER_ID, AMOUNT FROM {{p}}.{table}")
    return sorted(tuple(int(value) for value in row) for row in rows)


def test_flow_on_snowflake_publishes_what_was_reviewed(prefect: str, shop: Project, world: SnowflakeWorld) -> None:
    """Two releases: each is built, compared by key, approved and swapped; readers read it; incremental models and
    snapshots go on from what was published; nothing is left for readers in staging."""
    shop.rows((1, 10), (2, 200), (3, 300))
    first = Reviewed(prefect, shop, approve)
    assert first.ended_as("Published"), first.state.message
    assert read(world, "ORDERS") == [(1, 10), (2, 200), (3, 300)]
    assert read(world, "BIG_ORDERS") == [(2, 200), (3, 300)]

    shop.rows((1, 11), (2, 200), (4, 400))
    second = Reviewed(prefect, shop, approve)
    assert second.ended_as("Published"), second.state.message
    assert second.report is not None
    assert second.report.findings == ()
    orders = next(table for table in second.report.tables if table.name == "ORDERS")
    assert (orders.method, orders.key) == ("keyed", ("ORDER_ID",))
    assert (orders.added, orders.removed, orders.changed, orders.unchanged) == (1, 1, 1, 1)
    assert read(world, "ORDERS") == [(1, 11), (2, 200), (4, 400)]
    assert read(world, "BIG_ORDERS") == [(2, 200), (4, 400)]
    assert read(world, "LOG") == [(1, 11), (2, 200), (3, 300), (4, 400)]
    assert len(read(world, "HISTORY")) == 5
    assert [row[5] for row in world.rows("SHOW GRANTS ON SCHEMA {s}") if row[1] == "USAGE"] == []
    assert all(statement.id for statement in second.receipt.statements)


def test_flow_on_snowflake_when_rejected_leaves_production(prefect: str, shop: Project, world: SnowflakeWorld) -> None:
    """No is no."""
    shop.rows((1, 10))
    reviewed = Reviewed(prefect, shop, reject)
    assert reviewed.ended_as("Rejected"), reviewed.state.message
    assert world.rows("SHOW OBJECTS IN SCHEMA {p}") == []
