"""The words and bars of the report: what moved, shares, text that steers nothing."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flows.contract import ColumnProfile, Profile
from flows.report_text.bars import WIDTH, bar, percent
from flows.report_text.escaping import cell, sentence, text
from flows.report_text.moves import moves, relative_change
from flows.report_text.visible import apart, edged, visible


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        ("100", "109.6", "+9.6 %"),
        ("100", "90", "-10.0 %"),
        ("-100", "-50", "+50.0 %"),
        ("1", "100", "\N{MULTIPLICATION SIGN}100"),
        ("100", "1", "÷100"),
        ("1000000", "1000001", "+<0.1 %"),
        ("0", "5", ""),
        ("nan", "5", ""),
        ("2026-01-01", "2026-01-02", ""),
        (None, "5", ""),
    ],
)
def test_relative_change(before: str | None, after: str | None, said: str) -> None:
    """Per cent, a factor where it says more, nothing where neither means anything."""
    assert relative_change(before, after) == said


def test_moves_leave_out_noise_and_what_stayed() -> None:
    """Distinct values are counted approximately: a small difference is no move. A new column is a schema change."""
    before = Profile(nulls=0, distinct=1_000, low="1", high="9", mean="5")
    after = Profile(nulls=3, distinct=1_020, low="1", high="9", mean="5")
    profiles = (
        ColumnProfile(column="a", production=before, staging=after),
        ColumnProfile(column="new", staging=after),
    )
    assert [(move.column, move.measure, move.before, move.after) for move in moves(profiles)] == [
        ("a", "nulls", "0", "3")
    ]


@given(part=st.floats(0, 1e12), whole=st.floats(0, 1e12))
def test_bar_is_never_too_long_and_never_hides_what_is_there(part: float, whole: float) -> None:
    """At most its width; empty only if there is nothing."""
    drawn = bar(part, whole)
    assert len(drawn) <= WIDTH
    assert bool(drawn) == (part > 0 and whole > 0)


@pytest.mark.parametrize(
    ("part", "whole", "said"),
    [(0, 10, "0 %"), (10, 10, "100 %"), (1, 3, "33 %"), (1, 30, "3.3 %"), (1, 10_000, "<0.1 %"), (1, 0, "")],
)
def test_percent(part: int, whole: int, said: str) -> None:
    """As many digits as help; what is there is never 0 %."""
    assert percent(part, whole) == said
    assert percent(99_999, 100_000) == ">99.9 %"


@given(st.text())
def test_visible_text_is_one_line_that_steers_nothing(value: str) -> None:
    """Every character can be seen or is an ordinary blank; a text of ordinary characters stays as it is."""
    shown = visible(value)
    assert all(sign.isprintable() or sign in "\u200c\u200d" for sign in shown)
    assert len(shown.splitlines()) <= 1
    if value.isascii() and value.isprintable():
        assert shown == value


@given(st.text(min_size=1), st.text(min_size=1), st.integers(10, 60))
def test_texts_that_differ_are_shown_apart(before: str, after: str, length: int) -> None:
    """Cut to the length, and different where the texts are."""
    old, new = apart(before, after, length)
    assert max(len(old), len(new)) <= length
    if before != after and "…" not in before + after:
        assert old != new


@pytest.mark.parametrize(("value", "shown"), [(" a b ", "␣a b␣"), ("  ", "␣␣"), ("a", "a"), ("", "")])
def test_blanks_at_the_ends_have_a_sign(value: str, shown: str) -> None:
    """Those between words do not need one."""
    assert edged(value) == shown


@pytest.mark.parametrize(
    ("value", "written"),
    [
        ("a|b", "a\\|b"),
        ("- x", "\\- x"),
        ("12. x", "12\\. x"),
        ("see https://example.com now", "see `https://example.com` now"),
        ("a@example.com", "`a@example.com`"),
        ("<b>&amp;", "&lt;b&gt;&amp;amp;"),
    ],
)
def test_text_is_escaped(value: str, written: str) -> None:
    """What would be markup at its place, and no more."""
    assert text(value) == written


def test_code_in_a_sentence_stays_code() -> None:
    """Our sentences mark names with backticks; one that is alone is a character."""
    assert sentence("Set `a|b` to `c_d`, or a_b.") == "Set `a¦b` to `c_d`, or a\\_b."
    assert sentence("one ` alone") == "one \\` alone"


def test_null_empty_and_the_word_null_are_three_things() -> None:
    """Data cannot be in italics."""
    assert [cell(None), cell(""), cell("NULL"), cell("*NULL*")] == ["*NULL*", "*empty*", "NULL", "\\*NULL\\*"]
