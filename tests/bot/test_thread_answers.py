"""Questions in a thread: what is understood, and what is answered from the report."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.ports import Message, Upload
from bot.thread.answers import Answer, Picture, answer
from bot.thread.words import Chart, Columns, Csv, Decide, Found, Help, Missing, Question, Rows, Why, find_table, parse
from flows.contract import ColumnProfile, DbtNode, DbtSummary, Profile, Report, RuleHit
from tests.bot.slack_rules import accept
from tests.bot.test_charts import STATUS, histogram
from tests.bot.test_limits import HOSTILE, _assert_inert, everything
from tests.builders import equal_table, finding, report, sample, table_diff

PROFILE = ColumnProfile(
    column="amount",
    production=Profile(nulls=0, distinct=400, low="1.00", high="99.00", mean="12.10"),
    staging=Profile(nulls=3, distinct=800, low="1.00", high="198.00", mean="24.20"),
)


def asked_about(**changes: Any) -> Report:
    """A report of orders with everything to ask about, and of tables that have less."""
    orders = table_diff(
        samples=(sample(), sample("added", key=("18",)), sample("removed", key=("19",))),
        distributions=(histogram(), STATUS),
        profile=(PROFILE,),
    )
    return report(tables=(orders, table_diff("Order Items", samples=()), equal_table()), **changes)


def ask(text: str, about: Report | None = None) -> Answer:
    """What the thread gets to read."""
    made = answer(parse(text), about or asked_about())
    if isinstance(made, Message):
        accept(made)
    return made


def text_of(made: Answer) -> str:
    """The text of an answer in words."""
    assert isinstance(made, Message)
    return made.text


def cells(made: Answer) -> list[list[str]]:
    """The table of an answer."""
    assert isinstance(made, Message)
    (table,) = [block for block in made.blocks if block["type"] == "table"]
    return [[cell["text"] for cell in row] for row in table["rows"]]


@pytest.mark.parametrize(
    ("text", "question"),
    [
        ("", Help()),
        ("help", Help()),
        ("HELP me", Help()),
        ("rows orders", Rows(("orders",))),
        ("Rows `orders` Changed", Rows(("orders",), "changed")),
        ("rows changed", Rows(("changed",))),
        ("rows order items added", Rows(("order", "items"), "added")),
        ("rows", Help("rows", "rows TABLE")),
        ("columns “orders”,", Columns(("orders",))),
        ("chart", Chart(())),
        ("chart orders amount", Chart(("orders", "amount"))),
        ("csv", Csv(())),
        ("why?", Why()),
        ("approve", Decide("approve")),
        ("colums orders", Help("colums orders", "columns orders")),
        ("what is this", Help("what is this", "")),
    ],
)
def test_words_are_understood(text: str, question: Question) -> None:
    """Case, quotes and marks around a word do not matter; a typo is noticed."""
    assert parse(text) == question


@given(st.text(max_size=80))
def test_any_words_are_a_question(text: str) -> None:
    """Nothing that people type is an error."""
    parse(text)


@pytest.mark.parametrize("words", [("ORDERS", "x"), ("dwh.orders", "x"), ("develop_dwh.Orders", "x")])
def test_table_is_found_with_or_without_its_schema(words: tuple[str, ...]) -> None:
    """As people write it; what follows its name is kept."""
    found = find_table(words, asked_about())
    assert isinstance(found, Found)
    assert (found.diff.name, found.rest) == ("orders", ("x",))


def test_longest_name_wins() -> None:
    """A name of two words is found before one of its words is."""
    found = find_table(("order", "items", "amount"), asked_about())
    assert isinstance(found, Found)
    assert (found.diff.name, found.rest) == ("Order Items", ("amount",))
    assert find_table(("ordrs",), asked_about()) == Missing("ordrs", ("orders", "Order Items"))


def test_rows_are_old_to_new() -> None:
    """Of all kinds, or of the one asked for."""
    assert cells(ask("rows orders")) == [
        ["id", "amount"],
        ["~ 17", "10.00 → 12.50"],
        ["+ 18", "12.50"],
        ["- 19", "10.00"],
    ]
    changed = ask("rows orders changed")
    assert cells(changed) == [["id", "amount"], ["~ 17", "10.00 → 12.50"]]
    assert text_of(changed) == "`orders`: 1 of 5 changed rows."


def test_absent_rows_are_said() -> None:
    """What the report counts without an example is not 0."""
    assert text_of(ask("rows Order Items removed")) == (
        "Nothing to show. The report holds no example of removed rows of `Order Items`; it counts 2 rows."
    )
    assert "it counts 10 added, 2 removed, 5 changed" in text_of(ask("rows order items"))


def test_columns_tell_how_values_moved() -> None:
    """Those that differ in most rows first; before and after in one cell."""
    made = ask("columns orders")
    assert cells(made)[1:] == [
        ["amount DECIMAL(18,2)", "5", "0 → 3", "400 → 800", "1.00 … 99.00, mean 12.10 → 1.00 … 198.00, mean 24.20"],
        ["id BIGINT", "0", "—", "—", "—"],
    ]


def test_unknown_table_gets_near_names() -> None:
    """A slip is answered with what was probably meant."""
    assert text_of(ask("rows ordrs")) == (
        "Nothing was looked up. This report has no table `ordrs`. Near: `orders`, `Order Items`."
    )
    assert "What differs: `orders`, `Order Items`." in text_of(ask("csv zzz"))


def test_charts_are_of_a_column_a_table_or_the_report() -> None:
    """Whichever was asked for; a column without numbers names those that have some."""
    one, table, top = ask("chart orders STATUS"), ask("chart orders"), ask("chart")
    assert isinstance(one, Picture)
    assert isinstance(table, Picture)
    assert isinstance(top, Picture)
    assert [panel.title for panel in one.panels] == ["orders.status"]
    assert [panel.title for panel in table.panels] == ["orders.status", "orders.amount"]
    assert [panel.title for panel in top.panels] == ["orders.amount", "orders.status"]
    assert text_of(ask("chart orders amont")) == (
        "No picture. The report has no numbers to draw for `amont` of `orders`. Try `amount`."
    )
    assert text_of(ask("chart customers")) == "No picture. The report has no numbers to draw for `customers`."


def test_csv_is_of_a_table_or_of_all() -> None:
    """The examples as a file; a table without any says so."""
    one = ask("csv orders")
    assert isinstance(one, Upload)
    assert one.name == "quiet-otter-1-orders.csv"
    assert isinstance(ask("csv"), Upload)
    assert "no example rows" in text_of(ask("csv order items"))


def test_why_names_rules_findings_and_the_greatest_change() -> None:
    """Everything that stands out, from the report."""
    hit = RuleHit(action="ask", rule=3, name="big", table="orders", consequence="lost 12 % of its rows; 10 % may go")
    about = asked_about(
        findings=(finding(),),
        rule_hits=(hit,),
        dbt=DbtSummary(nodes=(DbtNode(name="positive", kind="test", status="warn", message="Got 3 results."),)),
    )
    made = ask("why", about)
    assert isinstance(made, Message)
    said = str(made.blocks)
    for words in (
        "`dwh` would change: 2 tables differ in `develop_dwh`.",
        "orders lost 12 % of its rows; 10 % may go (rule 3 of wap.toml (big))",
        "orders.note: would vanish from production.",
        "dbt test positive: warn. Got 3 results.",
        "• `orders`: 17 rows touched; `amount` differs in 5 rows.",
    ):
        assert words in said


def test_deciding_is_left_to_buttons_and_commands() -> None:
    """A thread takes no decision, and says where it is taken."""
    assert text_of(ask("approve")) == (
        "Nothing was decided. A thread does not take `approve`: press a button of the card, or type "
        "`/wap approve quiet-otter`."
    )


def test_table_name_alone_is_nearly_a_question() -> None:
    """Whoever types only a table is told what to type."""
    assert "Did you mean `@wap rows orders`?" in text_of(ask("orders"))


QUESTIONS = ("rows {}", "rows {} added", "columns {}", "chart {}", "chart {} {}", "csv {}", "why", "help", "{}")


@settings(max_examples=100, deadline=None)
@given(st.text(max_size=100), st.sampled_from(QUESTIONS))
def test_any_answer_is_accepted_and_inert(text: str, question: str) -> None:
    """Hostile names and cells neither break an answer nor mention anybody."""
    _check(question.format(text, text), text)


@pytest.mark.parametrize("text", HOSTILE[:-2])
@pytest.mark.parametrize("question", QUESTIONS)
def test_hostile_answer_is_accepted_and_inert(text: str, question: str) -> None:
    """The same for the worst names that we know."""
    _check(question.format(text, text), text)


def _check(question: str, text: str) -> None:
    about = everything(text)
    for name in ("", about.tables[0].name):
        made = answer(parse(f"{question} {name}"), about)
        if isinstance(made, Message):
            accept(made)
            _assert_inert(list(made.blocks), made.text)
