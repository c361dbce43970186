"""Which tables come first, wherever they are listed."""

from bot.blocks.card import card_message
from bot.blocks.details import details_modal
from bot.blocks.listing import listing
from bot.blocks.thread import thread_tables
from bot.payloads import Place
from flows.contract import by_importance
from flows.report_text.markdown import markdown
from flows.report_text.question import question
from tests.bot.card_values import UI, card
from tests.builders import equal_table, report, sample, schema_change, table_diff

CENTS = tuple(
    sample(key=(new,), production=old, staging=new) for old, new in (("1", "100"), ("2", "200"), ("3", "300"))
)
TABLES = (
    equal_table("same"),
    table_diff("small", added=1, removed=0, changed=0),
    table_diff("added_much", added=900, removed=0, changed=0),
    table_diff("removed_some", added=0, removed=50, changed=0),
    table_diff("uncounted", added=None, removed=None, changed=None),
    table_diff("loses_a_column", schema_changes=(schema_change("note", "removed"),)),
    table_diff("in_cents", added=0, removed=0, changed=3, samples=CENTS),
    table_diff("vanishes", status="removed", staging=None),
    table_diff("broken", status="failed", error="timeout"),
    table_diff("also_small", added=1, removed=0, changed=0),
)
ORDER = [
    "broken",
    "vanishes",
    "loses_a_column",
    "in_cents",
    "uncounted",
    "removed_some",
    "added_much",
    "also_small",
    "small",
]


def test_what_could_hurt_comes_first() -> None:
    """Failed, vanishing, a column lost, a unit changed, size unknown; then rows that go or change, then new ones."""
    assert [diff.name for diff in by_importance(TABLES)] == ORDER
    assert [diff.name for diff in by_importance(reversed(TABLES))] == ORDER


def test_every_list_of_tables_has_the_same_order() -> None:
    """The card, its details and its list in Slack, the report and the question in Prefect."""
    about = report(tables=TABLES)
    texts = {
        "card": str(card_message(card(about=about), ui_url=UI).blocks[1:]),
        "list": str(listing(about)[0].blocks[-1]),
        "details": str(details_modal(about, Place("U0MINA0001"), picked=None, shows_rows=True)["blocks"][1]),
        "report": markdown(about).replace("\\", "").partition("| table")[2],
        "question": question(about).replace("\\", "").partition("| table")[2],
    }
    for where, text in texts.items():
        text = text[max(0, text.find("'table'")) :]
        assert _first_seen(text) == ORDER, where
    assert [diff.name for diff in thread_tables(about)] == [
        name for name in ORDER if name not in ("broken", "vanishes")
    ]


def _first_seen(text: str) -> list[str]:
    """The names in the order in which they stand in a text, as words of their own."""
    words = text.replace("`", " ").replace("'", " ").replace('"', " ").split()
    return [word for word in dict.fromkeys(words) if word in ORDER]
