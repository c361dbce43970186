"""Staging that was a schema and is a database by now: neither way goes on with what the other has begun."""

from uuid import uuid4

import pytest

from flows.contract import Target
from flows.prefect_runs.superseding import shared_schemas
from flows.run import new_run
from flows.settings import load_settings
from flows.steps.publish import complete
from flows.warehouse.base import WarehouseError
from tests.builders import report
from tests.flows.project import Project
from tests.flows.warehouse.world import release


def test_what_was_published_one_way_is_not_completed_the_other_way(project: Project) -> None:
    """The views that are to be put right and the readers that are to be let out are elsewhere."""
    run = new_run(
        load_settings(project.config), id=uuid4(), name="run", attempt=2, requested_by="", requester_user_id=""
    )
    begun = run.target.model_copy(update={"staging": "develop_shop.dwh", "staging_database": "develop_shop"})
    with pytest.raises(WarehouseError, match=r"it published `develop_shop\.dwh`, and wap\.toml is about `develop_dwh`"):
        complete(run, release(), report(target=begun))


def snowflake(database: str, **names: str) -> Target:
    """A target in a database of one account."""
    known = {"warehouse": "snowflake", "database": f"acme.{database}", "production": "DWH"}
    return Target.model_validate(known | names)


@pytest.mark.parametrize(
    ("other", "shared"),
    [
        (snowflake("analytics", staging="develop_dwh"), "dwh"),
        (snowflake("develop_analytics", staging="develop_dwh"), "dwh"),
        (snowflake("elsewhere", staging="develop_dwh"), ""),
    ],
)
def test_a_schema_of_stagings_database_is_shared_with_who_publishes_to_it(other: Target, shared: str) -> None:
    """Whatever each calls it."""
    mine = snowflake("analytics", staging="Develop_Analytics.DWH", staging_database="Develop_Analytics")
    assert shared_schemas(mine, other) == ({shared} if shared else set())
