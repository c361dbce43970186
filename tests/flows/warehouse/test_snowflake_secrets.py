"""What a policy keeps from some readers of the warehouse is kept from the readers of the report, too."""

from collections.abc import Iterator

import pytest

from flows.diff import DiffSettings, diff_schemas
from flows.diff.settings import EVERY_COLUMN
from flows.settings.diff_setup import also_masked
from tests.flows.warehouse.policy_world import EMAIL, customers
from tests.flows.warehouse.snowflake_world import SnowflakeWorld
from tests.snowflake.stand_in import StandIn

ANN = "ann@example.com"


@pytest.fixture
def world(stand_in: StandIn) -> Iterator[SnowflakeWorld]:
    """Customers on both sides; of one the address changes."""
    with customers(stand_in) as found:
        found.execute("UPDATE {s}.CUSTOMERS SET EMAIL = 'new@example.com' WHERE EMAIL = 'ann@example.com'")
        yield found


def report(world: SnowflakeWorld) -> str:
    """All that a report would hold of the tables, as the audit makes it."""
    with world.warehouse() as warehouse:
        settings = also_masked(DiffSettings(), warehouse.secrets())
        return "".join(table.model_dump_json() for table in diff_schemas(warehouse, keys={}, settings=settings))


def mask(world: SnowflakeWorld, side: str) -> None:
    """As a governance team does."""
    world.as_role("ACCOUNTADMIN", f"ALTER TABLE {{{side}}}.CUSTOMERS MODIFY COLUMN EMAIL SET MASKING POLICY {EMAIL}")


@pytest.mark.parametrize("side", ["p", "s"])
def test_masked_columns_of_either_side_are_not_shown(world: SnowflakeWorld, side: str) -> None:
    """The role that reads sees the values: without the mask of the report they would be in it, also of the view, which
    has no policy of its own."""
    assert ANN in report(world)
    mask(world, side)
    assert ANN in str(world.rows("SELECT EMAIL FROM {p}.CUSTOMERS"))
    shown = report(world)
    assert ANN not in shown
    assert '"EMAIL"' in shown


def test_hidden_masks_count(world: SnowflakeWorld) -> None:
    """Whoever may not see the policy's name is told by the table's own text that there is one."""
    mask(world, "p")
    world.as_role("ACCOUNTADMIN", f"REVOKE APPLY ON MASKING POLICY {EMAIL} FROM ROLE WAP_FLOW")
    with world.warehouse() as warehouse:
        assert warehouse.secrets() == {"EMAIL"}


def test_nothing_is_shown_where_policies_cannot_be_read(world: SnowflakeWorld) -> None:
    """Any column could be masked."""
    world.stand_in.faults.answer("GET_DDL", 3001, "Insufficient privileges.", sqlstate="42501")
    with world.warehouse() as warehouse:
        assert warehouse.secrets() == {EVERY_COLUMN}


def test_tables_without_policies_have_no_secrets(world: SnowflakeWorld) -> None:
    """Nothing else is masked."""
    with world.warehouse() as warehouse:
        assert warehouse.secrets() == frozenset()
