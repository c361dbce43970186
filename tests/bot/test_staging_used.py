"""What a person reads when a newer build keeps a release from being taken back."""

from bot.messages import on_rollback
from flows.contract import StagingUse
from tests.builders import TARGET, report

USE = StagingUse(run="22222222-2222-3333-4444-555555555555", run_name="newer-otter")
_REFUSED = (
    "Not rolled back. Run `newer-otter` has built into `develop_dwh` since, so the release before is not kept there "
    "any more. "
)


def test_staging_used_in_duckdb_has_no_way_back() -> None:
    """What was replaced in a file is gone."""
    said = on_rollback.staging_used(report(), USE)
    assert said == f"{_REFUSED}Correct the data or the models and publish that instead."


def test_staging_used_in_snowflake_names_the_page() -> None:
    """Snowflake may keep what was dropped; the bot cannot look, so it says where to."""
    said = on_rollback.staging_used(report(target=TARGET.model_copy(update={"warehouse": "snowflake"})), USE)
    assert said == (
        f"{_REFUSED}Snowflake may still keep it: docs/snowflake.md tells under `When a newer build has used staging` "
        "how to bring it back. Or correct the data or the models and publish that instead."
    )
