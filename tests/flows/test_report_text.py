"""The report as Markdown: what a reviewer in the Prefect UI reads, and that data stays data."""

from flows.contract import CellChange, ColumnCount, DbtSummary, Finding, SampleRow, SchemaChange, Target
from flows.report_text import markdown, question
from tests.flows.values import report, side, table


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
    overview = next(line for line in text.splitlines() if line.startswith("| orders"))
    assert [part.strip() for part in overview.strip("|").split("|")] == [
        "orders", "changed", "1", "2", "1", "0", "3", "amount", "order\\_id",
    ]  # fmt: skip
    assert "column `note` added: none → VARCHAR" in text
    assert "| changed | 7" in text
    assert "NULL" in text
    assert "1 table is equal on both sides." in text


def test_markdown_with_unknown_counts_never_says_zero() -> None:
    """What is not known is a question mark; a side that does not exist is a dash."""
    new = table("fresh", status="added", production=None, staging=side(4), added=None, removed=None, changed=None)
    line = next(line for line in markdown(report(tables=(new,))).splitlines() if line.startswith("| fresh"))
    assert [part.strip() for part in line.strip("|").split("|")][2:7] == ["-", "4", "?", "?", "?"]


def test_markdown_with_hostile_data_stays_one_table() -> None:
    """A value cannot add a column, a row, a link, a heading or a tag."""
    evil = "a|b\n# big <img src=x> [click](http://example.com) `code` \\"
    sample = SampleRow(kind="added", key=(evil,), cells=(CellChange(column=evil, staging=evil),))
    text = markdown(report(tables=(table(evil, samples=(sample,)),)))
    assert "<img" not in text
    assert "](http" not in text.replace("\\](", "")
    assert "\n# big" not in text
    rows = [line for line in text.splitlines() if line.startswith("| added")]
    assert len(rows) == 1
    assert rows[0].replace("\\|", "").count("|") == 6


def test_question_is_short_and_names_the_unverified_door() -> None:
    """The form's text shows ten tables at most, says how many more, and how the decision will be recorded."""
    text = question(report(tables=tuple(table(f"t{i:02}") for i in range(25))))
    assert "and 15 more tables" in text
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


def test_question_puts_blockers_and_warnings_first() -> None:
    """What matters most is read first."""
    warning = Finding(severity="warning", code="x", object="dwh.v", consequence="reads staging", remedy="Repair it.")
    text = question(report(findings=(warning,)))
    assert text.index("reads staging") < text.index("| table")
