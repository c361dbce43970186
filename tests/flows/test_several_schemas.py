"""A project that writes into several schemas, on real Prefect, real dbt and real DuckDB: all of them or none."""

import pytest

from flows.contract import SchemaPair, Target
from flows.dbt_project.profile import connect_info, read_profile, target_of
from flows.settings import SettingsError, load_settings
from flows.settings.diff_section import DiffSettingsSection, DiffTable
from flows.settings.schemas import of_schema, one_schema
from tests.flows.project import Project
from tests.flows.reviewed import Reviewed, approve, reject
from tests.flows.reviewer import Api
from tests.flows.test_rollback import RolledBack
from tests.flows.two_schemas import say, with_marts

pytestmark = pytest.mark.usefixtures("prefect")

FIRST = {"orders": [(1, 10), (2, 200)], "big_orders": [(2, 200)]}
MARTS = {"order_values": [(1, 20), (2, 400)], "orders": [(10, 1), (200, 2)], "small_orders": [(1, 10)]}


def test_flow_publishes_every_schema_together(prefect: str, project: Project) -> None:
    """The report names what is in the further schema with it; a key, a mask and a rule find it by its own name."""
    with_marts(project)
    project.config.write_text(
        project.config.read_text()
        + '[diff.tables.order_values]\nkey = ["order_id"]\nmask = ["amount"]\n'
        + '[diff.tables."dwh_marts.orders"]\nkey = ["order_id"]\n'
        + '[[rules]]\naction = "ask"\nname = "values"\ntables = ["order_val*"]\nrows_changed_percent = 1.0\n'
    )
    project.rows((1, 10), (2, 200))
    first = Reviewed(prefect, project, approve)
    assert first.ended_as("Published"), first.state.message
    assert (project.contents("dwh"), project.contents("dwh_marts")) == (FIRST, MARTS)
    assert first.report is not None
    assert [table.name for table in first.report.tables] == [
        "big_orders", "dwh_marts.order_values", "dwh_marts.orders", "dwh_marts.small_orders", "orders",
    ]  # fmt: skip
    assert first.report.findings == ()

    project.rows((1, 11), (2, 200))
    second = Reviewed(prefect, project, approve)
    assert second.ended_as("Published"), second.state.message
    assert second.report is not None
    tables = {table.name: table for table in second.report.tables}
    values, mart, orders = tables["dwh_marts.order_values"], tables["dwh_marts.orders"], tables["orders"]
    assert (values.key, values.changed, mart.key, mart.changed, orders.key) == (
        ("order_id",), 1, ("order_id",), 1, ("order_id",)
    )  # fmt: skip
    assert (values.key_source, orders.key_source) == ("wap.toml", "dbt tests unique and not_null")
    assert {cell.staging for sample in values.samples for cell in sample.cells} == {"***"}
    assert [hit.table for hit in second.report.rule_hits] == ["dwh_marts.order_values"]
    assert orders.context is not None
    assert set(orders.context.downstream) == {
        "big_orders", "dwh_marts.order_values", "dwh_marts.orders", "dwh_marts.small_orders",
    }  # fmt: skip
    assert project.contents("dwh_marts")["order_values"] == [(1, 22), (2, 400)]
    assert {row.table: row.after for row in second.receipt.tables}["dwh_marts.orders"] == 2


def test_flow_without_the_setting_builds_nothing_and_says_what_to_add(prefect: str, project: Project) -> None:
    """The line for wap.toml is in the sentence, and with it the next run is asked about."""
    with_marts(project, schemas="")
    refused = Reviewed(prefect, project, None)
    assert refused.ended_as("Refused")
    assert '`schemas = ["dwh", "dwh_marts"]` in `[dbt]`' in (refused.state.message or "")
    assert project.contents("develop_dwh_marts") == {}
    say(project, '["dwh", "dwh_marts"]')
    assert Reviewed(prefect, project, approve).ended_as("Published")
    assert set(project.contents("dwh_marts")) == {"order_values", "orders", "small_orders"}


def test_flow_refuses_a_schema_that_does_not_follow_the_target(prefect: str, project: Project) -> None:
    """A macro of the project that drops the prefix would write into production itself."""
    with_marts(project)
    (project.folder / "macros").mkdir()
    (project.folder / "macros" / "schemas.sql").write_text(
        "{% macro generate_schema_name(custom_schema_name, node) %}"
        "{{ 'dwh_marts' if custom_schema_name else target.schema }}{% endmacro %}"
    )
    refused = Reviewed(prefect, project, None)
    assert refused.ended_as("Refused")
    assert "`generate_schema_name`" in (refused.state.message or "")
    assert project.contents("dwh_marts") == {}


def test_a_schema_that_dbt_builds_nothing_into_stays_in_the_target(prefect: str, project: Project) -> None:
    """What is there is compared and kept: nothing vanishes because of a selection."""
    with_marts(project)
    Reviewed(prefect, project, approve)
    before = project.contents("dwh_marts")
    project.config.write_text(
        project.config.read_text().replace("[gate]", 'arguments = ["build", "--select", "orders"]\n[gate]')
    )
    reviewed = Reviewed(prefect, project, approve)
    assert reviewed.ended_as("Published"), reviewed.state.message
    assert project.contents("dwh_marts") == before


@pytest.mark.parametrize("schema", ["develop_dwh_marts", "dwh_marts"])
def test_flow_when_data_of_the_further_schema_moved_publishes_nothing(
    prefect: str, project: Project, schema: str
) -> None:
    """The last check before the exchange looks at all schemas."""
    with_marts(project)
    Reviewed(prefect, project, approve)
    project.rows((1, 10), (2, 200))

    def move_and_approve(api: Api, run: str) -> None:
        project.execute(f"UPDATE {schema}.order_values SET amount = 666")
        approve(api, run)

    reviewed = Reviewed(prefect, project, move_and_approve)
    assert reviewed.ended_as("Refused")
    assert "`dwh_marts.order_values`" in (reviewed.state.message or "")
    assert project.contents("dwh")["orders"] == [(1, 10)]


def test_rollback_takes_every_schema_back(prefect: str, project: Project) -> None:
    """The release before is in all of them again."""
    with_marts(project)
    project.rows((1, 10), (2, 200))
    assert Reviewed(prefect, project, approve).ended_as("Published")
    project.rows((1, 11))
    second = Reviewed(prefect, project, approve)
    assert second.ended_as("Published"), second.state.message
    done = RolledBack(prefect, project, second.run)
    assert done.state.name == "Rolled back", done.state.message
    assert (project.contents("dwh"), project.contents("dwh_marts")) == (FIRST, MARTS)


def test_a_schema_that_another_target_waits_to_publish_is_refused(prefect: str, project: Project) -> None:
    """Two targets that share a schema would take each other's staging away."""
    with_marts(project)

    def claim_it(api: Api, run: str) -> None:
        other = project.config.read_text().replace('schemas = ["dwh_marts"]', 'schemas = ["dwh"]\ntarget = "marts"')
        profile = (project.folder / "profiles.yml").read_text()
        second = profile.replace('"outputs": {', '"outputs": {"marts": ' + _output(profile) + ", ")
        (project.folder / "profiles.yml").write_text(second)
        mine = project.config.read_text()
        project.config.write_text(other)
        refused.append(Reviewed(prefect, project, None))
        project.config.write_text(mine)
        reject(api, run)

    refused: list[Reviewed] = []
    waiting = Reviewed(prefect, project, claim_it)
    assert waiting.ended_as("Rejected")
    assert refused[0].ended_as("Refused"), refused[0].state.message
    assert "belongs to both targets" in (refused[0].state.message or "")


def _output(profile: str) -> str:
    """The profile's output for the schema of the marts."""
    start = profile.index('"prod": {') + len('"prod": ')
    return profile[start : profile.index("}", start) + 1].replace('"dwh"', '"dwh_marts"')


@pytest.mark.parametrize(
    ("schemas", "says"),
    [
        ('["develop_dwh"]', r"^Not started\. Staging and production are both `develop_dwh`\."),
        ('["a", "A"]', r"^Not started\. Two schemas of production are both `A`\."),
        ('["a.b"]', r"^Not started\. `dbt\.schemas\.0` in .*`a\.b`.*without a dot"),
        ('"dwh_marts"', r"^Not started\. `dbt\.schemas` in "),
    ],
)
def test_schemas_that_cannot_be_used_start_nothing(project: Project, schemas: str, says: str) -> None:
    """One sentence says which and why."""
    say(project, schemas)
    with pytest.raises(SettingsError, match=says):
        _target(project)


def _target(project: Project) -> Target:
    settings = load_settings(project.config)
    return target_of(connect_info(settings, read_profile(settings)), settings)


def test_settings_of_one_schema_are_in_its_own_names() -> None:
    """What is said with the schema counts more than what is said without; masks add up; other schemas are left out."""
    target = Target(
        production="dwh",
        staging="develop_dwh",
        warehouse="duckdb",
        further=tuple(SchemaPair(production=name, staging=f"develop_{name}") for name in ("marts", "other")),
    )
    section = DiffSettingsSection(
        tables={
            "orders": DiffTable(key=("id",), mask=("a",)),
            "marts.ORDERS": DiffTable(key=("order_id",), mask=("b",)),
            "other.orders": DiffTable(mask=("c",)),
        }
    )
    assert of_schema(section, target, "marts").tables == {"orders": DiffTable(key=("order_id",), mask=("b", "a"))}
    assert of_schema(section, target, "").tables == {"orders": DiffTable(key=("id",), mask=("a",))}
    assert one_schema(target, "Marts.orders")[1:] == ("marts", "orders")
    assert one_schema(target, "orders")[1:] == ("", "orders")
