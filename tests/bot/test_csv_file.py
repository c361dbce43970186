"""The CSV of the examples: complete, safe to open, and never larger than promised."""

import csv
from io import StringIO

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.thread.csv_file import HEAD, harmless, samples_csv
from bot.thread.files import examples
from flows.contract.texts import CELL_CHARS
from tests.builders import report, sample, table_diff

FORMULAS = ("=1+1", "+1", "-1", "@SUM(A1)", "=cmd|' /C calc'!A0", '=HYPERLINK("http://example.com")')


def rows_of(content: bytes) -> list[list[str]]:
    """The file as a spreadsheet reads it."""
    assert content.startswith(b"\xef\xbb\xbf")
    return list(csv.reader(StringIO(content.decode("utf-8-sig"))))


def test_file_holds_every_example_cell() -> None:
    """One line a cell: table, kind, key, column, both sides; NULL and the empty text can be told apart."""
    samples = (
        sample(production=None, staging=""),
        sample("added", key=("18",), staging="new"),
        sample("removed", key=("19",), production="old").model_copy(update={"times": 2}),
    )
    two_keys = table_diff("lines", key=("order", "line"), samples=(sample(key=("7", "1")),))
    file = samples_csv([table_diff(samples=samples), two_keys])
    assert rows_of(file.content) == [
        list(HEAD),
        ["orders", "changed", "1", "17", "amount", "NULL", '""'],
        ["orders", "added", "1", "18", "amount", "", "new"],
        ["orders", "removed", "2", "19", "amount", "old", ""],
        ["lines", "changed", "1", "order 7; line 1", "amount", "10.00", "12.50"],
    ]
    assert (file.rows, file.of) == (4, 4)


@pytest.mark.parametrize("formula", FORMULAS)
@pytest.mark.parametrize("before", ["", " ", "\ufeff", "\u200b", "\u00a0\u3000", "\t", "\r", "\n"])
def test_formula_is_text(formula: str, before: str) -> None:
    """An apostrophe comes first, whatever unseen characters the formula hides behind."""
    assert harmless(before + formula).startswith("'")


@pytest.mark.parametrize("sign", "＝＋－＠﹢﹣﹦﹫")  # noqa: RUF001  these forms are what it is about
def test_full_width_formula_is_text(sign: str) -> None:
    """Some spreadsheets take the wide forms of the signs for the signs."""
    assert harmless(sign + "1").startswith("'")


@pytest.mark.parametrize("text", ["\tx", "\rx", "\nx"])
def test_leading_tab_and_line_breaks_are_shown(text: str) -> None:
    """They cannot begin a cell, or a line."""
    assert harmless(text)[0] == "'"
    assert text[0] not in harmless(text)


@pytest.mark.parametrize("text", ["", "plain", "10.00", "a=b", "x@example.com", "2026-03-02"])
def test_harmless_text_stays_as_it_is(text: str) -> None:
    """Only what could be a formula is touched."""
    assert harmless(text) == text


@given(st.text(max_size=60))
def test_any_text_is_one_harmless_cell(text: str) -> None:
    """Whatever a cell holds, it is one cell of one line and does not begin like a formula."""
    file = samples_csv([table_diff(text or "t", samples=(sample(production=text, staging=text),))])
    head, row = rows_of(file.content)
    assert len(head) == len(row) == len(HEAD)
    assert not row[5].lstrip().startswith(("=", "+", "-", "@", "\t", "\r"))


def test_file_ends_at_its_limit_and_says_so() -> None:
    """Whole rows only; how many are missing is told."""
    huge = table_diff(samples=tuple(sample(key=(str(n),), staging="x" * 10_000) for n in range(8_000)))
    upload = examples(report(tables=(huge,)))
    rows = rows_of(upload.content)[1:]
    assert 10_000_000 < len(upload.content) <= 10 * 1024 * 1024
    assert {len(row[6]) for row in rows} == {CELL_CHARS}
    assert f"{8_000 - len(rows):,} more are not in it, because a file ends at 10 MB." in upload.comment


def test_file_names_are_safe() -> None:
    """A run's name cannot lead out of a folder."""
    upload = examples(report(run_name="../../etc/päss wd\u202e.exe"), subject="a/b")
    assert upload.name == "etc-pass-wd-exe-1-a-b.csv"
