"""The picture: which columns it shows, and that it can be read, drawn again and trusted with any label."""

import struct
from pathlib import Path
from typing import Any

import pytest
from fontTools.fontBuilder import FontBuilder
from fontTools.pens.ttGlyphPen import TTGlyphPen
from matplotlib.font_manager import fontManager

from bot.charts.drawing import DrawingFailed, draw_apart
from bot.charts.letters import FONT, Letters, letters_for
from bot.charts.panels import BARS, LABEL_CHARS, PANELS, Panel, table_panels, top_panels
from bot.charts.png import WIDTH, draw
from bot.messages import in_thread
from flows.contract import Bar, ColumnCount, ColumnProfile, Distribution, Profile
from tests.bot.test_limits import HOSTILE
from tests.builders import report, table_diff


def bar(label: str | None, production: int, staging: int, **more: Any) -> Bar:
    """One bar of a distribution."""
    return Bar(label=label, production=production, staging=staging, **more)


def values(column: str, *bars: Bar) -> Distribution:
    """The most frequent values of a column."""
    return Distribution(column=column, kind="values", bars=bars)


def histogram(column: str = "amount", *, bars: int = 20, shift: int = 5) -> Distribution:
    """A column of numbers whose values have moved by `shift` bars."""
    return Distribution(
        column=column,
        kind="histogram",
        bars=tuple(bar(str(n * 10), 100 - n, 100 - n + shift, upper=str(n * 10 + 10)) for n in range(bars)),
    )


STATUS = values("status", bar("paid", 10, 2), bar("new", 1, 9), bar(None, 1, 1))


def size(png: bytes) -> tuple[int, int]:
    """Width and height, from the head of the file."""
    assert png.startswith(b"\x89PNG\r\n\x1a\n")
    return struct.unpack(">II", png[16:24])


def test_picture_is_as_wide_as_promised_and_the_same_again() -> None:
    """Twice a phone's width; the same numbers give the same bytes."""
    panels = table_panels(table_diff(distributions=(histogram(), STATUS)))
    png = draw(panels)
    assert size(png)[0] == WIDTH
    assert png == draw(panels)
    assert png != draw(panels[:1])


def test_panels_are_those_that_differ_most() -> None:
    """Four at most, the greatest difference first, over all tables; columns that are alike are left out."""
    tables = (
        table_diff("orders", distributions=(values("same", bar("a", 5, 5)), values("most", bar("a", 9, 0)))),
        *(table_diff(f"t{n}", distributions=(values(f"c{n}", bar("a", 9, n), bar("b", 9, 9)),)) for n in range(6)),
    )
    found = top_panels(report(tables=tables))
    assert [panel.title for panel in found] == ["orders.most", "t0.c0", "t1.c1", "t2.c2"]
    assert len(found) == PANELS
    assert top_panels(report(tables=tables[:0])) == ()


def test_column_of_several_tables_is_shown_once() -> None:
    """Four pictures of one fact tell less than four facts; mere counts come last, and only for their NULLs."""
    before, after = Profile(nulls=0, distinct=1), Profile(nulls=9, distinct=2)
    tables = tuple(
        table_diff(
            name,
            changed_columns=(ColumnCount(column="amount", rows=1),),
            distributions=(values("amount", bar("a", 9, 8)), values("day", bar("a", 9, 0))),
            profile=(
                ColumnProfile(column="note", production=before, staging=after),
                ColumnProfile(column="same", production=before, staging=before.model_copy(update={"distinct": 7})),
            ),
        )
        for name in ("orders", "stg_orders")
    )
    found = top_panels(report(tables=tables))
    assert [panel.title for panel in found] == ["orders.amount", "orders.day", "orders.note", "stg_orders.amount"]


def test_bars_beyond_the_limit_are_added_up() -> None:
    """No value is dropped: what has no bar of its own is in the last one."""
    many = values("status", *(bar(str(n), n, 2 * n) for n in range(20)))
    (panel,) = table_panels(table_diff(distributions=(many,)))
    assert len(panel.labels) == BARS
    assert panel.labels[-1] == "all others"
    assert sum(panel.production) == sum(range(20))
    assert sum(panel.staging) == 2 * sum(range(20))


def test_profile_takes_the_place_of_an_unknown_spread() -> None:
    """Without a distribution, the NULLs and the different values are drawn."""
    before, after = Profile(nulls=1, distinct=40), Profile(nulls=30, distinct=4)
    diff = table_diff(profile=(ColumnProfile(column="note", production=before, staging=after),))
    (panel,) = table_panels(diff, column="note")
    assert (panel.labels, panel.production, panel.staging) == (("NULL", "different values"), (1, 40), (30, 4))
    assert table_panels(diff, column="other") == ()


def test_alt_text_says_the_numbers() -> None:
    """Whoever cannot see the picture reads what it shows."""
    panels = table_panels(table_diff(distributions=(STATUS, histogram())))
    assert in_thread.chart_alt(panels) == (
        "orders.status: paid 10 → 2, new 1 → 9, NULL 1 → 1. "
        "orders.amount from 0 to 200: most different from 0 up, 100 → 105 rows."
    )
    long = table_panels(table_diff("x" * 900, distributions=(STATUS, histogram())))
    assert len(in_thread.chart_alt(long)) <= 1_000


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("text", [*HOSTILE[:-2], "$x^2$ \\frac{", "100 % $", "中文 שלום 🦦", "a\x00b", "$" * 30])
def test_any_label_is_drawn_as_text(text: str) -> None:
    """No label is taken for mathematics, none breaks the picture, none makes it wider."""
    diff = table_diff(
        text or "t",
        distributions=(
            values(text, bar(text, 10**13, 1), bar(text, 0, 0), bar(None, 5, 6)),
            Distribution(column=text, kind="histogram", bars=(bar(text, 1, 2, upper=text),)),
            Distribution(column="none", kind="histogram", bars=()),
        ),
    )
    panels = table_panels(diff)
    assert all(len(label) <= LABEL_CHARS for panel in panels for label in panel.labels)
    assert "\u202e" not in str(panels)
    assert size(draw(panels))[0] == WIDTH


def test_missing_letters_are_code_points() -> None:
    """What no font has is told, with its beginning and its end, and the picture explains the sign."""
    letters = Letters((FONT,), frozenset("订单表🦦"))
    assert letters.fitted("订单 a", 19) == "⟨U+8BA2 5355⟩ a"
    assert letters.fitted("🦦", 19) == "⟨U+1F9A6⟩"
    assert letters.fitted("订单订单表", 19) == "⟨U+8BA2… 8868⟩"
    assert letters.fitted("amount", 19) == "amount"
    assert len(letters.fitted("x" * 90, 19)) == 19
    assert letters.fitted("中" * 90, 19) == "中" * 6 + "…" + "中" * 3
    plain = draw(table_panels(table_diff(distributions=(STATUS,))))
    coded = draw(table_panels(table_diff(distributions=(values("status", bar("\U000e0100", 10, 2)),))))
    assert size(coded)[1] < size(plain)[1]


def test_dejavu_alone_is_enough_for_its_own_letters() -> None:
    """Without a foreign letter no other font is looked for: the picture is the same on every machine."""
    assert letters_for(["orders.Größe", "Ελλάδα", "مدفوع", "⟨U+202E⟩ … → €"]) == Letters((FONT,), frozenset())


@pytest.mark.filterwarnings("error")
def test_fonts_of_the_machine_are_asked_for_foreign_letters(tmp_path: Path) -> None:
    """One that has the letters is used, without a warning; a glyph without an outline does not count."""
    font = tmp_path / "Quay.ttf"
    _font(font, "Quay", drawn="订单", empty="表")
    fontManager.addfont(font)
    try:
        found = letters_for(["订单表.a"])
        assert found == Letters((FONT, "Quay"), frozenset("表"))
        with_font = draw(table_panels(table_diff("订单", distributions=(values("订", bar("单", 1, 2)),))))
    finally:
        fontManager.ttflist = [entry for entry in fontManager.ttflist if entry.fname != str(font)]
    without = draw(table_panels(table_diff("订单", distributions=(values("订", bar("单", 1, 2)),))))
    assert with_font != without
    assert size(with_font)[1] == size(without)[1] - 34  # the line that explains code points


def _font(path: Path, name: str, *, drawn: str, empty: str) -> None:
    """A font with a square for each of these letters, and with nothing for the others."""
    pen = TTGlyphPen(None)
    for place, corner in enumerate(((0, 0), (0, 700), (700, 700), (700, 0))):
        (pen.lineTo if place else pen.moveTo)(corner)
    pen.closePath()
    square = pen.glyph()
    names = {letter: f"u{ord(letter):04X}" for letter in drawn + empty}
    builder = FontBuilder(1000, isTTF=True)
    builder.setupGlyphOrder([".notdef", *names.values()])
    builder.setupCharacterMap({ord(letter): glyph for letter, glyph in names.items()})
    blank = TTGlyphPen(None).glyph()
    glyphs = {glyph: square if letter in drawn else blank for letter, glyph in names.items()}
    builder.setupGlyf({".notdef": blank, **glyphs})
    builder.setupHorizontalMetrics(dict.fromkeys((".notdef", *names.values()), (800, 0)))
    builder.setupHorizontalHeader(ascent=800, descent=-200)
    builder.setupNameTable({"familyName": name, "styleName": "Regular"})
    builder.setupOS2()
    builder.setupPost()
    builder.save(path)


async def test_process_of_its_own_draws_the_same() -> None:
    """What comes out of the process is what would be drawn here."""
    panels = table_panels(table_diff(distributions=(histogram(), STATUS)))
    assert await draw_apart(panels) == draw(panels)


async def test_failing_process_is_an_error_of_ours() -> None:
    """The cause is in the error, and no half picture comes back."""
    broken = Panel("t", "t", "t", "values", ("a",), ("not a number",), (1,))  # type: ignore[arg-type]  # what the drawing must fail on
    with pytest.raises(DrawingFailed, match="exit code 1"):
        await draw_apart([broken])
