"""The report as Markdown: what a reviewer in the Prefect UI reads, and that data stays data."""

import os
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from markdown_it import MarkdownIt
from markdown_it.token import Token

from docs.samples.hostile import HOSTILE
from docs.samples.reports import FOLDER, SAMPLES, huge
from docs.samples.tables import plain_table
from flows.contract import (
    CellChange,
    ColumnCount,
    DbtSummary,
    Exposure,
    Finding,
    Report,
    RuleHit,
    SampleRow,
    SchemaChange,
    Scope,
    TableContext,
    Target,
)
from flows.report_text import markdown, question
from flows.report_text.markdown import LIMIT
from tests.flows.values import report, side, table

GOLDEN = Path(__file__).parent / "golden"
_PARSER = MarkdownIt("commonmark").enable(["table", "strikethrough"])


@pytest.mark.parametrize("name", SAMPLES)
def test_report_of_sample_is_golden(name: str) -> None:
    """What people read of each sample, word by word. WAP_UPDATE_GOLDEN=1 writes the files anew."""
    _assert_golden(f"{name}.md", markdown(SAMPLES[name]()))
    _assert_golden(f"{name}_question.md", question(SAMPLES[name]()))


def test_ends_of_a_huge_report_are_golden() -> None:
    """Its first and its last lines; what lies between is like the rich sample."""
    text = markdown(huge())
    _assert_golden("huge.md", f"{text[:3_000]}\n(...)\n{text[-3_000:]}")
    _assert_golden("huge_question.md", question(huge()))


@pytest.mark.parametrize("name", SAMPLES)
def test_sample_in_docs_is_the_report(name: str) -> None:
    """The file is what `python -m docs.samples` makes, and the contract accepts it."""
    assert Report.model_validate_json((FOLDER / f"{name}.json").read_bytes()) == SAMPLES[name]()


def test_every_file_of_samples_has_its_maker() -> None:
    """No file is left over from a sample that has another name now."""
    assert {path.stem for path in FOLDER.glob("*.json")} == set(SAMPLES)


def test_markdown_tells_what_would_change() -> None:
    """Tables, counts, keys, changed columns and samples are all there."""
    sample = SampleRow(kind="changed", key=("7",), cells=(CellChange(column="amount", production="10", staging=None),))
    text = markdown(
        report(
            tables=(
                table(
                    changed=3,
                    changed_columns=(ColumnCount(column="amount", rows=3),),
                    samples=(sample,),
                    schema_changes=(SchemaChange(column="note", kind="added", staging="VARCHAR"),),
                ),
                table("customers", status="equal"),
            )
        )
    )
    assert _cells(text, "| orders ") == ["orders", "1 → 2", "1", "0", "3", "amount; schema"]
    assert "- `note` added: VARCHAR" in text
    assert _cells(text, "| 7 ") == ["7", "amount", "10 → *NULL*"]
    assert "1 of 2 tables differ: 1 row added, 3 changed." in text
    assert "1 table is equal on both sides." in text


def test_markdown_with_unknown_counts_never_says_zero() -> None:
    """What is not known is a question mark; a side that does not exist is a dash."""
    new = table("fresh", status="added", production=None, staging=side(4), added=None, removed=None, changed=None)
    assert _cells(markdown(report(tables=(new,))), "| fresh") == ["fresh *(new table)*", "- → 4", "?", "?", "?", ""]


def test_tables_come_in_the_order_of_what_they_would_do() -> None:
    """Failed, vanished, then by rows removed or changed, then by added ones; equal ones have no section."""
    tables = (
        table("b_added", added=9),
        table("equal", status="equal"),
        table("c_changed", changed=5, added=0),
        table("d_removed", removed=1, added=0),
        table("e_vanished", status="removed", staging=None),
        table("f_failed", status="failed", error="No."),
        table("a_added", added=2),
    )
    text = markdown(report(tables=tables))
    assert re.findall(r"^## (.*)$", text, re.MULTILINE) == [
        "f\\_failed", "e\\_vanished", "c\\_changed", "d\\_removed", "b\\_added", "a\\_added",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"added": 0, "schema_changes": (SchemaChange(column="a", kind="added"),)}, "differs, but no row does."),
        ({"status": "failed", "added": None}, "differs; 1 table could not be compared."),
        ({"added": 1_200, "removed": 1}, "differs: 1,200 rows added, 1 removed."),
    ],
)
def test_summary_never_takes_unknown_for_nothing(changed: dict[str, Any], said: str) -> None:
    """No row that differs, and rows that nobody counted, are two things."""
    assert f"**1 of 1 table {said}**" in markdown(report(tables=(table(**changed),)))


def test_summary_counts_alarms() -> None:
    """Blockers, warnings, failed and vanished tables are in the first sentence."""
    found = Finding(severity="blocker", code="x", object="o", consequence="c", remedy="r")
    tables = (table("a", status="failed", error="No."), table("b", status="removed", staging=None))
    text = markdown(report(tables=tables, findings=(found, found.model_copy(update={"severity": "warning"}))))
    assert "; 1 table could not be compared; 1 table would vanish; 1 blocker; 1 warning." in text


def test_long_report_stays_below_its_limit_and_says_what_is_missing() -> None:
    """Two hundred tables that differ in everything: every one has a line and a sentence."""
    text = markdown(huge())
    assert len(text.encode()) <= LIMIT
    assert len(re.findall(r"^## table", text, re.MULTILINE)) == 200
    assert re.search(r"\*\*\d+ tables in short\*\*, without columns, examples and profile, because this report", text)


def test_longer_report_counts_the_tables_that_have_no_section() -> None:
    """Beyond what sentences can hold, tables are counted: in the overview, and at the end."""
    tables = tuple(plain_table(f"{number:05}_{'x' * 200}") for number in range(3_000))
    text = markdown(report(tables=tables))
    assert len(text.encode()) <= LIMIT
    assert "and 2,800 more tables" in text
    left_out = re.search(r"\*\*And ([\d,]+) more tables\*\* without a section", text)
    assert left_out is not None
    assert len(re.findall(r"^## ", text, re.MULTILINE)) + int(left_out[1].replace(",", "")) == 3_000


@pytest.mark.parametrize("write", [markdown, question])
def test_hostile_values_are_never_markup(write: Callable[[Report], str]) -> None:
    """Parsed as GitHub's Markdown: no link, no image, no tag, no heading, rule or list that data has made."""
    tokens = _PARSER.parse(write(SAMPLES["hostile"]()))
    flat = [*tokens, *(child for token in tokens for child in token.children or ())]
    kinds = {token.type for token in flat}
    assert not kinds & {"link_open", "image", "html_inline", "html_block", "hr", "s_open", "fence", "code_block"}
    assert {token.tag for token in flat if token.type == "heading_open"} <= {"h1", "h2"}
    assert sum(token.type == "ordered_list_open" for token in flat) == 0
    assert max((token.level for token in flat if token.type == "bullet_list_open"), default=0) == 0
    # GitHub's Markdown makes links of bare addresses wherever it finds them in plain text, but not in code.
    assert not [token.content for token in flat if token.type == "text" and re.search(r"://|www\.|@", token.content)]


def test_hostile_values_add_no_cell_and_no_row() -> None:
    """Every row of every table has as many cells as its header."""
    tokens = _PARSER.parse(markdown(SAMPLES["hostile"]()))
    rows = [_width(tokens[place:]) for place, token in enumerate(tokens) if token.type == "tr_open"]
    tables = sum(token.type == "table_open" for token in tokens)
    assert len(rows) == 2 * tables  # each has one row under its header
    assert rows[0::2] == rows[1::2]


def test_no_character_of_data_steers_a_screen() -> None:
    """Controls, directions and foreign line breaks are shown as signs."""
    text = markdown(SAMPLES["hostile"]())
    assert not set(text) & set("\x1b\r\x0b\x85\u202e\u2066\u200b\u2028")
    assert "⟨U+202E⟩" in text
    assert HOSTILE not in text


def test_exposure_with_an_odd_address_is_no_link() -> None:
    """Only a plain web address is one."""
    odd = ("javascript:alert(1)", "https://example.com/)[b](c", "https://example.com/a b", "HTTPS://EXAMPLE.COM")
    for url, is_link in (("https://example.com/a", True), *((address, False) for address in odd)):
        context = TableContext(exposures=(Exposure(name="Board", url=url),))
        text = markdown(report(tables=(table(context=context),)))
        assert (f"[Board]({url})" in text) is is_link
        assert "**Shown in**" in text


def test_values_that_begin_alike_are_cut_where_they_differ() -> None:
    """Two long texts never look the same in a row that says they changed."""
    changed = CellChange(column="note", production="x" * 500 + "old", staging="x" * 500 + "new")
    text = markdown(report(tables=(table(samples=(SampleRow(kind="changed", key=("1",), cells=(changed,)),)),)))
    assert re.search(r"…x+old → …x+new", text)


def test_blanks_and_emptiness_are_visible() -> None:
    """NULL, an empty text, blanks at the ends and the word NULL are four different things."""
    cells = [
        CellChange(column="a", production=None, staging=""),
        CellChange(column="b", production="NULL", staging="x "),
    ]
    text = markdown(report(tables=(table(samples=(SampleRow(kind="changed", key=("1",), cells=tuple(cells)),)),)))
    assert "*NULL* → *empty*" in text
    assert "NULL → x␣" in text


def test_columns_whose_cut_names_look_alike_stay_apart() -> None:
    """Two columns are two, although the report shows only the beginning of their names."""
    cells = tuple(CellChange(column="c" * 100 + end, staging=end) for end in ("1", "2"))
    text = markdown(report(tables=(table(samples=(SampleRow(kind="added", key=("7",), cells=cells),)),)))
    assert _cells(text, "| 7 ") == ["7", "1", "2"]


def test_rules_that_let_everything_pass_are_named() -> None:
    """Nobody waits for a decision, and the reader learns which rule it was."""
    hit = RuleHit(action="auto", rule=3, name="small", table="orders", consequence="adds 5 % of its rows, 10 % may be")
    text = markdown(report(rule_hits=(hit,)))
    assert "Nobody is asked, because the rules of wap.toml let everything pass." in text
    assert "- **rule 3 of wap.toml (small):** `orders` adds 5 % of its rows, 10 % may be." in text
    assert "Waits until" not in text


def test_rules_that_ask_say_why_and_how_many() -> None:
    """Why a person is asked although a rule could have let it pass, and how many must approve."""
    hit = RuleHit(action="ask", rule=1, table="orders", consequence="changed", approvals=2)
    text = question(report(rule_hits=(hit,), asked_because="No rule applies to `orders`: it has no key."))
    assert "UTC. 2 different people must approve. No rule applies to `orders`: it has no key." in text


def test_readers_that_are_not_named_are_counted() -> None:
    """The context holds the nearest models only, and says how many more there are."""
    context = TableContext(downstream=("a", "b"), downstream_left_out=38)
    assert "**Read by** 40 models: a, b and 38 more." in markdown(report(tables=(table(context=context),)))


def test_scope_says_that_only_a_part_was_compared() -> None:
    """In the first lines of its section: counts of a part must not look like counts of all rows."""
    scope = Scope(condition="day > '2026-01-01'", production_rows=1, staging_rows=2)
    text = markdown(report(tables=(table(scope=scope, production=side(10), staging=side(12)),)))
    assert "**Only a part was compared:** 1 of 10 rows of production, 2 of 12 rows of staging." in text


def test_question_is_short_and_names_the_unverified_door() -> None:
    """Ten tables and five findings at most, how many more there are, and how the decision will be recorded."""
    found = Finding(severity="warning", code="x", object="o", consequence="c", remedy="r")
    text = question(report(tables=tuple(table(f"t{i:02}") for i in range(25)), findings=(found,) * 9))
    assert "and 15 more tables" in text
    assert "- and 4 more findings" in text
    assert len(text) < 3_000
    assert "identity unverified" in text


def test_question_counts_one_thing_in_the_singular() -> None:
    """One model, one test, one more table."""
    text = question(
        report(tables=tuple(table(f"t{i:02}") for i in range(11)), dbt=DbtSummary(models=1, tests_passed=1))
    )
    assert "and 1 more table\n" in text
    assert "1 model built" in text
    assert "1 test passed" in text


def test_report_names_the_database_but_no_folder() -> None:
    """Which of two databases it is, and nothing of the machine that holds it."""
    here = Target(
        production="dwh", staging="develop_dwh", warehouse="duckdb", database="/srv/harbour/secret-folder/shop.duckdb"
    )
    for text in (markdown(report(target=here)), question(report(target=here))):
        assert "in `shop.duckdb`" in text
        assert "secret-folder" not in text


def test_findings_come_before_tables() -> None:
    """What matters most is read first, and code in a sentence of ours stays code."""
    warning = Finding(
        severity="warning", code="x", object="dwh.v", consequence="reads staging", remedy="Set `vanish` to allow."
    )
    for text in (markdown(report(findings=(warning,))), question(report(findings=(warning,)))):
        assert text.index("- **Warning:** `dwh.v` reads staging. Set `vanish` to allow.") < text.index("| table")


def _assert_golden(name: str, text: str) -> None:
    path = GOLDEN / name
    if os.environ.get("WAP_UPDATE_GOLDEN"):
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, encoding="utf-8")
    assert text == path.read_text(encoding="utf-8")


def _cells(text: str, start: str) -> list[str]:
    line = next(line for line in text.splitlines() if line.startswith(start))
    return [part.strip() for part in line.strip("|").split("|")]


def _width(tokens: list[Token]) -> int:
    end = next(place for place, token in enumerate(tokens) if token.type == "tr_close")
    return sum(token.type in ("th_open", "td_open") for token in tokens[:end])
