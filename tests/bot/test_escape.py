"""Data is never markup."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.blocks import escape
from bot.blocks.escape import code, cut, link, mention, mention_group, value, visible, when


@pytest.mark.parametrize(
    ("raw", "shown"),
    [
        ("plain", "plain"),
        ("a\u202eb", "a⟨U+202E⟩b"),
        ("a\u200bb", "a⟨U+200B⟩b"),
        ("a\nb\x00", "a⟨U+000A⟩b⟨U+0000⟩"),
        ("\ud800", "⟨U+D800⟩"),
        ("Zürich 東京", "Zürich 東京"),
    ],
)
def test_hidden_characters_are_made_visible(raw: str, shown: str) -> None:
    """What a person cannot see could deceive them."""
    assert visible(raw) == shown


@pytest.mark.parametrize(
    ("cell", "shown"),
    [(None, "NULL"), ("NULL", '"NULL"'), ("", '""'), (" x", '" x"'), ("x", "x"), ("0", "0")],
)
def test_null_empty_and_blanks_can_be_told_apart(cell: str | None, shown: str) -> None:
    """NULL, the text NULL, the empty text and outer blanks look different."""
    assert value(cell) == shown


@given(st.text())
def test_code_cannot_be_left(text: str) -> None:
    """Whatever the data, a code span has two back-ticks, no angle bracket and one line."""
    span = code(text)
    assert span.startswith("`")
    assert span.endswith("`")
    assert "`" not in span[1:-1]
    assert not set(span) & set("<>\n")


@given(st.text(min_size=1), st.integers(1, 50))
def test_cut_keeps_the_length(text: str, length: int) -> None:
    """Never longer than asked, and never silently shorter."""
    short = cut(text, length)
    assert len(short) <= length
    assert short == text or short.endswith("…")


def test_only_slack_ids_become_mentions() -> None:
    """A name in the place of an id is data."""
    assert mention("U0MINA0001", "Mina") == "<@U0MINA0001>"
    assert mention("<!channel>", "Mina") == "`Mina`"
    assert mention_group("S0OWNERS01") == "<!subteam^S0OWNERS01>"
    assert mention("NULL", "Mina") == "`Mina`"
    assert mention_group("S> <!here>") == "`S&gt; &lt;!here&gt;`"


def test_link_text_cannot_end_the_link() -> None:
    """A run's name is data inside the link."""
    assert link("http://127.0.0.1:4200/runs/1", "a|b> <!channel>") == (
        "<http://127.0.0.1:4200/runs/1|a¦b&gt; &lt;!channel&gt;>"
    )


def test_moment_is_shown_in_the_readers_zone() -> None:
    """Slack's date syntax, with UTC for clients that do not know it."""
    assert when(datetime(2026, 3, 2, 9, 30, tzinfo=UTC)) == (
        "<!date^1772443800^{date_short_pretty} {time}|2026-03-02 09:30 UTC>"
    )


@pytest.mark.parametrize(
    ("mrkdwn", "kept"),
    [
        ("so <!date^17^{time}|9", "so "),
        ("so <http://127.0.0.1:4200|a> b", "so <http://127.0.0.1:4200|a> b"),
        ("so `order", "so "),
        ("`a` and `b`", "`a` and `b`"),
        ("`a` \n and `b", "`a` \n and "),
        ("a &am", "a "),
        ("a &amp; b", "a &amp; b"),
    ],
)
def test_what_is_begun_and_not_ended_is_left_out(mrkdwn: str, kept: str) -> None:
    """A cut never shows the inside of a link, a moment, a code span or an escape."""
    assert escape.whole(mrkdwn) == kept


def test_cut_mrkdwn_ends_where_something_ends() -> None:
    """At most so long as Slack stores it, and with an ellipsis."""
    line = "`orders` <!date^1772443800^{time}|2026-03-02> &lt;x&gt; "
    for length in range(20, 300):
        cut = escape.cut_mrkdwn(line * 10, length)
        assert escape.stored_chars(cut) <= length
        assert cut.endswith("…")
        assert escape.whole(cut[:-1]) == cut[:-1]
    assert escape.cut_mrkdwn(line, 3_000) == line


@given(st.text(), st.integers(1, 80))
def test_shown_is_what_cutting_all_of_it_would_show(text: str, length: int) -> None:
    """Looking at no more than can be shown changes nothing that is shown."""
    assert escape.shown(text, length) == escape.cut(escape.visible(text), length)
