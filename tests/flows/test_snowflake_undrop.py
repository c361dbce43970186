"""A release that a newer build has pushed out of staging comes back as docs/snowflake.md says, by its own SQL."""

from contextlib import closing
from typing import Any

import pytest
from snowflake.connector.errors import ProgrammingError

from tests.flows import test_snowflake_roles as roles
from tests.flows.project import Project
from tests.flows.reviewed import Reviewed, approve, reject
from tests.flows.test_rollback import RolledBack
from tests.flows.warehouse.snowflake_page import PAGE, sql_of
from tests.snowflake.stand_in import StandIn

pytestmark = pytest.mark.usefixtures("prefect")

company = roles.company
shop = roles.shop

SECTION = "When a newer build has used staging"
FIRST, SECOND, THIRD = [(1, 10)], [(1, 11), (2, 200)], [(9, 900)]


def test_release_comes_back_by_the_sql_of_the_page(prefect: str, shop: Project, company: StandIn) -> None:
    """The roll back is refused and names the page; after its SQL, run by the flow's role, the same roll back swaps
    once, and readers read the release before; what had come in between lies aside."""
    runs = [_release(prefect, shop, rows, act) for rows, act in ((FIRST, approve), (SECOND, approve), (THIRD, reject))]
    assert [run.state.name for run in runs] == ["Published", "Published", "Rejected"]
    refused = RolledBack(prefect, shop, runs[1].run)
    assert refused.state.name == "Refused"
    assert refused.sentence.endswith(
        f"has built into it since. It may lie in a dropped `develop_dwh`: docs/snowflake.md tells under `{SECTION}` "
        "how to bring it back. Or correct the data or the models and publish that instead."
    )
    assert _orders(company, "DWH") == SECOND

    [(run, _)] = _as_the_flow(company, *sql_of(SECTION))
    assert run == runs[0].run
    done = RolledBack(prefect, shop, runs[1].run)
    assert done.state.name == "Rolled back", done.state.message
    assert sum(" SWAP WITH " in statement.sql for statement in done.receipt.statements) == 1
    assert _orders(company, "DWH") == FIRST
    roles.assert_is_closed(company, "READERS", "DEVELOP_DWH", tables={"ORDERS": SECOND})
    roles.assert_is_closed(company, "READERS", "DEVELOP_DWH_ASIDE", tables={"ORDERS": THIRD})
    _as_the_flow(company, "DROP SCHEMA ANALYTICS.DEVELOP_DWH_ASIDE")


def test_wrong_version_is_refused_and_the_right_one_lies_behind_it(
    prefect: str, shop: Project, company: StandIn
) -> None:
    """Two refreshes since: what comes back first was never published, has no marker, and is not swapped."""
    runs = [_release(prefect, shop, rows, approve) for rows in (FIRST, SECOND)]
    refreshed = "CREATE OR REPLACE SCHEMA ANALYTICS.DEVELOP_DWH CLONE ANALYTICS.DWH"
    _as_the_flow(company, refreshed, 'DROP TABLE ANALYTICS.DEVELOP_DWH."_wap_release"', refreshed)
    *bring_back, ask = sql_of(SECTION)
    _as_the_flow(company, *bring_back)
    with pytest.raises(ProgrammingError):
        _as_the_flow(company, ask)
    assert RolledBack(prefect, shop, runs[1].run).state.name == "Refused"
    assert _orders(company, "DWH") == SECOND
    [(run, _)] = _as_the_flow(company, *(one.replace("_ASIDE", "_ASIDE_2") for one in bring_back), ask)
    assert run == runs[0].run
    assert RolledBack(prefect, shop, runs[1].run).state.name == "Rolled back"
    assert _orders(company, "DWH") == FIRST


def test_page_says_under_this_title_what_the_refusals_point_at() -> None:
    """The flow's sentence and the bot's name the section as it is called."""
    from bot.messages import on_rollback
    from flows.steps import take_back

    assert f"\n## {SECTION}\n" in PAGE.read_text()
    assert f"`{SECTION}`" in take_back.UNDROP_PAGE
    assert SECTION in on_rollback.UNDROP_PAGE


def _release(prefect: str, shop: Project, rows: list[tuple[int, int]], act: Any) -> Reviewed:
    shop.rows(*rows)
    return Reviewed(prefect, shop, act)


def _orders(company: StandIn, schema: str) -> list[tuple[object, ...]]:
    """What readers read."""
    return roles.read(company, "READERS", schema)["ORDERS"]


def _as_the_flow(company: StandIn, *statements: str) -> list[tuple[Any, ...]]:
    """Run statements as the role of the flow; gives the rows of the last."""
    found: list[Any] = []
    with closing(company.connect(role="WAP_FLOW")) as connection:
        for statement in statements:
            found = connection.cursor().execute(statement).fetchall()
    return found
