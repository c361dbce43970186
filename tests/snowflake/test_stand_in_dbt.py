"""Real dbt-snowflake builds on the stand-in, twice in a row, as a role that is no administrator."""

from decimal import Decimal
from pathlib import Path

from tests.snowflake.dbt_shop import run_dbt
from tests.snowflake.stand_in import StandIn

ROLES = (
    "CREATE ROLE wap",
    "CREATE ROLE reader",
    "GRANT USAGE, CREATE SCHEMA ON DATABASE analytics TO ROLE wap",
    "GRANT USAGE ON WAREHOUSE wh TO ROLE wap",
    "DROP SCHEMA develop_dwh",
)


def test_two_builds_in_a_row_continue_what_the_first_made(fresh: StandIn, tmp_path: Path) -> None:
    """Seed, tables, view, four incremental strategies, snapshot, tests, grants, comments, query tags."""
    fresh.run(*ROLES)
    run_dbt(fresh, tmp_path, ["build"], ["build", "--vars", "{day: 2}"])
    states = {
        name: fresh.run(f"SELECT id, status, loaded FROM develop_dwh.orders_{name} ORDER BY 1, 3")
        for name in ("append", "delete_insert", "merge", "insert_overwrite")
    }
    merged = [(1, "paid", 2), (2, "new", 1), (3, "new", 2)]
    assert states == {
        "append": [(1, "new", 1), *merged],
        "delete_insert": merged,
        "merge": merged,
        "insert_overwrite": [(1, "paid", 2), (2, "new", 2), (3, "new", 2)],
    }
    assert fresh.run(
        "SELECT id, status, dbt_valid_to IS NULL FROM develop_dwh.order_history ORDER BY dbt_valid_from, id"
    ) == [(1, "new", False), (2, "new", True), (1, "paid", True), (3, "new", True)]
    assert fresh.run("SELECT * FROM develop_dwh.revenue ORDER BY label") == [
        ("North", Decimal("15.75"), 2),
        ("South", Decimal("20.00"), 1),
    ]
    _check_what_dbt_said_of_the_objects(fresh)


def _check_what_dbt_said_of_the_objects(fresh: StandIn) -> None:
    """Comments, grants, query tags; no temporary object outlives its session."""
    assert fresh.run("SELECT comment, table_owner FROM information_schema.tables WHERE table_name = 'STG_ORDERS'") == [
        ("Orders as they came; it's a view.", "WAP")
    ]
    assert fresh.run(
        "SELECT comment FROM information_schema.columns WHERE table_name = 'STG_ORDERS' AND column_name = 'ID'"
    ) == [("The number of the order.",)]
    assert ("SELECT", "READER") in [(row[1], row[5]) for row in fresh.run("SHOW GRANTS ON develop_dwh.revenue")]
    assert any(one.tag == "shop build" and "revenue" in one.text for one in fresh.statements)
    assert fresh.run("SHOW OBJECTS LIKE '%tmp%' IN DATABASE") == []
