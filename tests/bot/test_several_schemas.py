"""A report of two schemas: whoever approves sees both, and a table of the second one by its whole name."""

from bot.messages.on_card import confirm_text
from bot.thread.words import Found, find_table
from flows.contract import SchemaPair, Target
from tests.flows.values import report, table
from wap.preview import preview
from wap.preview_choices import State, Surface

TARGET = Target(
    production="dwh",
    staging="develop_dwh",
    warehouse="duckdb",
    further=(SchemaPair(production="dwh_marts", staging="develop_dwh_marts"),),
)
REPORT = report(target=TARGET, tables=(table(), table("dwh_marts.orders", home="dwh_marts")))


def test_card_of_two_schemas_names_both() -> None:
    """In the line of the run, in the table, and in the question before an approval."""
    card = str(preview(REPORT, State.WAITING, Surface.MESSAGE)["blocks"])
    assert "`develop_dwh` → `dwh`, `develop_dwh_marts` → `dwh_marts`" in card
    assert "dwh_marts.orders" in card
    assert confirm_text(REPORT).startswith("develop_dwh replaces dwh, develop_dwh_marts replaces dwh_marts. ")


def test_thread_finds_a_table_of_the_second_schema_by_its_whole_name() -> None:
    """And the one of the first schema by its own."""
    for words, name in (
        (("dwh_marts.orders",), "dwh_marts.orders"),
        (("orders",), "orders"),
        (("dwh.orders",), "orders"),
    ):
        found = find_table(words, REPORT)
        assert isinstance(found, Found)
        assert found.diff.name == name
