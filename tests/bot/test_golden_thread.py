"""Golden files of the thread: everything that a report can tell about a table, and the answers to questions.

`WAP_UPDATE_GOLDEN=1 pytest tests/bot/test_golden_thread.py` rewrites them; look at the difference before you commit it.
"""

from typing import Any

import pytest

from bot.blocks.thread import table_message
from bot.ports import Message, Upload
from bot.thread.answers import Picture, answer
from bot.thread.files import chart, examples
from bot.thread.words import parse
from flows.contract import (
    CellChange,
    ColumnCount,
    ColumnProfile,
    Concentration,
    Exposure,
    Freshness,
    Profile,
    Report,
    RuleHit,
    SampleRow,
    Scope,
    TableContext,
    TableDiff,
)
from tests.bot.slack_rules import accept
from tests.bot.test_charts import STATUS, histogram
from tests.bot.test_golden import as_sent, assert_golden
from tests.builders import finding, report, sample, schema_change, table_diff

QUESTIONS = (
    "rows orders changed",
    "columns orders",
    "chart orders amount",
    "csv orders",
    "why",
    "help",
    "rows ordrs",
    "chart orders nothing",
    "colums orders",
    "reject",
)


def row(key: str, *cells: tuple[str, str | None, str | None]) -> SampleRow:
    """A changed row with these cells."""
    changes = tuple(CellChange(column=name, production=old, staging=new) for name, old, new in cells)
    return SampleRow(kind="changed", key=(key,), cells=changes)


def orders() -> TableDiff:
    """A table about which everything is known."""
    profile = ColumnProfile(
        column="amount",
        production=Profile(nulls=0, distinct=400, low="1.00", high="99.00", mean="12.10"),
        staging=Profile(nulls=3, distinct=800, low="1.00", high="198.00", mean="24.20"),
    )
    return table_diff(
        samples=(
            row("17", ("amount", "10.00", "20.00"), ("status", "paid", None)),
            row("18", ("amount", "1.50", "3.00"), ("note", "", " "), ("region", "north", "south"), ("kind", "a", "b")),
            sample("added", key=("19",), staging="7.00"),
            sample("removed", key=("20",), production="8.00"),
        ),
        changed_columns=(ColumnCount(column="amount", rows=5), ColumnCount(column="status", rows=1)),
        schema_changes=(schema_change("note"), schema_change("old", "removed")),
        concentration=Concentration(kind="changed", column="region", value="north", rows=4, of=5, usual=0.25),
        fresh=Freshness(column="created_at", until="2026-03-01", rows=48),
        profile=(profile,),
        distributions=(histogram(), STATUS),
        scope=Scope(condition="day >= '2026-01-01'", sampled=0.1, production_rows=100, staging_rows=101),
        context=TableContext(
            owner="commerce",
            tests_passed=5,
            tests_warned=1,
            downstream=("daily_revenue", "customer_value"),
            downstream_left_out=3,
            exposures=(Exposure(name="Sales board", kind="dashboard"),),
        ),
        notes=("Two columns of type JSON were compared as text.",),
    )


def about() -> Report:
    """A report with rules, findings and this table."""
    hit = RuleHit(action="ask", rule=2, table="orders", consequence="changed 5 % of its rows; 1 % may change")
    return report(tables=(orders(), table_diff("payments", samples=())), findings=(finding(),), rule_hits=(hit,))


def shown(made: Message | Upload | Picture) -> dict[str, Any]:
    """What people see of an answer. The bytes of a picture depend on the version of matplotlib."""
    if isinstance(made, Picture):
        made = chart(about(), made.panels, b"", subject=made.subject)
    if isinstance(made, Message):
        accept(made)
        return as_sent(made)
    told = {"name": made.name, "title": made.title, "comment": made.comment, "alt_text": made.alt_text}
    return {**told, "content": made.content.decode("utf-8-sig").splitlines()}


@pytest.mark.parametrize("name", ["with_rows", "with_profile"])
def test_table(name: str) -> None:
    """One message about one table, with example rows and without."""
    diff = orders() if name == "with_rows" else orders().model_copy(update={"samples": ()})
    message = table_message(diff)
    accept(message)
    assert_golden(f"thread_{name}", as_sent(message))


def test_files() -> None:
    """What the files of a thread are called and say."""
    assert_golden("thread_csv", shown(examples(about())))


def test_answers() -> None:
    """The answer to every kind of question, and to what is not one."""
    assert_golden("thread_answers", {question: shown(answer(parse(question), about())) for question in QUESTIONS})
