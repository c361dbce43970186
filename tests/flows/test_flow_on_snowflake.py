"""The whole flow on real Prefect, the real dbt-snowflake and the real connector, against a stand-in for Snowflake."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from typing import Any
from uuid import UUID

import pytest
from prefect.client.orchestration import get_client
from prefect.client.schemas.objects import State
from prefect.flow_engine import run_flow

from flows.contract import RECEIPT_ARTIFACT, Receipt
from flows.warehouse.snowflake.past import FORGOTTEN, UNTOLD
from flows.write_audit_publish import write_audit_publish
from tests.flows.project import Project
from tests.flows.reviewed import Reviewed, approve, reject
from tests.flows.reviewer import Api
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
    ledger = second.receipt.ledger
    assert ledger is not None
    assert ledger.access is not None
    assert (ledger.access.lost, ledger.access.gained) == ((), ())
    assert ledger.access.before == ledger.access.after > 2
    assert ledger.sent > len(second.receipt.statements)


def test_flow_on_snowflake_when_rejected_leaves_production(prefect: str, shop: Project, world: SnowflakeWorld) -> None:
    """No is no."""
    shop.rows((1, 10))
    reviewed = Reviewed(prefect, shop, reject)
    assert reviewed.ended_as("Rejected"), reviewed.state.message
    assert world.rows("SHOW OBJECTS IN SCHEMA {p}") == []
    tags = {one.tag for one in world.stand_in.statements if world.staging in one.text and "_wap_release" in one.text}
    assert f"wap:{reviewed.run}" in tags


def test_flow_on_snowflake_killed_after_the_swap_is_completed_by_the_next_attempt(
    prefect: str, shop: Project, world: SnowflakeWorld
) -> None:
    """The next attempt asks nobody and swaps nothing: it shuts readers out of the retired release, and says so."""
    shop.rows((1, 10))
    world.stand_in.faults.delay("^REVOKE", 60.0)  # the swap is over, and the process will not see the rest
    api = Api(prefect)
    with _in_a_process(prefect, shop) as process:
        run = api.wait_paused()["id"]
        approve(api, run)
        revoke = f'REVOKE USAGE ON SCHEMA "{world.stand_in.database}"."{world.staging}"'
        _wait(lambda: any(one.text.startswith(revoke) for one in world.stand_in.statements))
        process.kill()
    world.stand_in.faults.clear()
    assert api.artifacts(run, RECEIPT_ARTIFACT) == []
    swaps = [one for one in world.stand_in.statements if f'"{world.production}" SWAP WITH' in one.text]

    assert _again(api, run, shop).name == "Published"
    receipt = Receipt.model_validate(api.artifacts(run, RECEIPT_ARTIFACT)[0]["data"])
    assert receipt.reason == "Published by an earlier attempt of this run; what it had left undone is done now."
    assert receipt.decision is not None
    assert [one.sql.split(" ")[0] for one in receipt.statements] == ["REVOKE"]
    assert receipt.ledger is not None
    assert receipt.ledger.unknown == (UNTOLD, FORGOTTEN)  # it was the first release: no marker tells what was before
    assert [row[5] for row in world.rows("SHOW GRANTS ON SCHEMA {s}") if row[1] == "USAGE"] == []
    assert read(world, "ORDERS") == [(1, 10)]
    assert [one for one in world.stand_in.statements if f'"{world.production}" SWAP WITH' in one.text] == swaps


def _in_a_process(prefect: str, shop: Project) -> "subprocess.Popen[bytes]":
    """The flow in a process of its own."""
    code = "import sys; from wap.runs import run_once; from pathlib import Path; run_once(Path(sys.argv[1]), 'Tomas')"
    environment = {**os.environ, "PREFECT_API_URL": prefect, "PREFECT_LOGGING_LEVEL": "ERROR"}
    return subprocess.Popen([sys.executable, "-c", code, str(shop.config)], env=environment)


def _again(api: Api, run: str, shop: Project) -> State[Any]:
    """The run's next attempt, in this process."""
    api.set_state(run, "SCHEDULED", force=True)
    with get_client(sync_client=True) as client:
        flow_run = client.read_flow_run(UUID(run))
    state: State[Any] = run_flow(  # type: ignore[assignment]
        write_audit_publish, flow_run=flow_run, parameters={"config": str(shop.config)}, return_type="state"
    )
    return state


def _wait(happened: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 90
    while not happened():
        assert time.monotonic() < deadline, "it did not happen"
        time.sleep(0.05)
