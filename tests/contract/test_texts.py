"""Texts that are too long are cut where one can see it, and only where nothing is looked up by them."""

from flows.contract import Report
from flows.contract.texts import CELL_CHARS, WORDS_CHARS
from tests.builders import finding, report
from tests.hostile.huge import report_with

HUGE = "x" * (10 * 2**20)


def test_report_never_carries_ten_megabytes() -> None:
    """Cells, keys, reasons, messages and notes of 10 MB leave a report of a few hundred kB, each with an ellipsis."""
    made = report_with(HUGE)
    row = made.tables[0].samples[0]
    assert row.key == ("x" * (CELL_CHARS - 1) + "…",)
    assert {len(cell.staging or "") for cell in row.cells} == {CELL_CHARS}
    said = (made.asked_because, made.findings[0].remedy, made.dbt.nodes[0].message, *made.tables[0].notes)
    assert {(len(text), text[-1]) for text in said} == {(WORDS_CHARS, "…")}
    assert len(made.model_dump_json()) < 2**20


def test_report_that_was_cut_is_read_back_as_it_was() -> None:
    """Cutting twice changes nothing, so the digest and the equality of reports hold."""
    made = report_with(HUGE)
    assert Report.model_validate_json(made.model_dump_json()) == made


def test_texts_up_to_the_limit_stay_whole() -> None:
    """Not a character less."""
    whole = report(asked_because="y" * WORDS_CHARS, findings=(finding(remedy="z" * WORDS_CHARS),))
    assert (whole.asked_because, whole.findings[0].remedy) == ("y" * WORDS_CHARS, "z" * WORDS_CHARS)
