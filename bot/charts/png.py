"""Pure: panels -> the bytes of one PNG. Imports matplotlib only when it draws: it costs time and memory."""

from collections.abc import Sequence
from io import BytesIO
from typing import TYPE_CHECKING, Any

from bot.charts.letters import Letters, letters_for
from bot.charts.panels import LABEL_CHARS, TITLE_CHARS, Panel

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

WIDTH = 720
"""Pixels; a phone shows them at half the size, so a letter of 20 is read as one of 10."""

PRODUCTION, STAGING = "#0072B2", "#E69F00"
"""Blue and orange of Okabe and Ito, told apart by every kind of colour vision; production is hatched, for grey."""

_DPI = 100
_PAPER, _INK, _FAINT = "#FFFFFF", "#1D1C1D", "#8A8A8A"
_TEXT, _SMALL = 20 * 72 / _DPI, 17 * 72 / _DPI  # points: 20 and 17 pixels
_MARGIN, _LEGEND, _TITLE, _GAP, _NOTE = 18, 48, 36, 16, 34
_MISSING = "⟨U+…⟩: no font on the bot's machine has these letters"
_HISTOGRAM, _AXIS = 130, 32
_LINE = 42  # of one value with its two bars
_LABELS = 222  # left of the bars of values
_NUMBERS = 96  # right of them
_MOST_PANEL_BARS = 60
_SHORT_LABEL = 12  # three longer ones would touch each other


def draw(panels: Sequence[Panel]) -> bytes:
    """One picture, panels below each other. The same panels give the same bytes with the same matplotlib and fonts."""
    import matplotlib as mpl

    mpl.use("agg")
    with mpl.rc_context():
        mpl.rcdefaults()  # whatever a matplotlibrc on this machine says
        letters = letters_for(text for panel in panels for text in (panel.title, panel.end, *panel.labels))
        mpl.rcParams.update({"hatch.linewidth": 1.6, "font.family": list(letters.families)})
        note = _MISSING if letters.missing else ""
        return _png(_figure([_drawable(panel, letters) for panel in panels], note))


def _figure(panels: Sequence[Panel], note: str) -> "Figure":
    from matplotlib.figure import Figure

    height = _LEGEND + sum(_TITLE + _body_height(panel) + _GAP for panel in panels) + (_NOTE if note else 0)
    figure = Figure(figsize=(WIDTH / _DPI, height / _DPI), dpi=_DPI, facecolor=_PAPER, edgecolor=_FAINT, linewidth=2)
    _legend(figure, height)
    top = _LEGEND
    for panel in panels:
        _text(figure, _MARGIN, top + _TITLE / 2, panel.title, height=height, weight="bold")
        top += _TITLE
        body = _body_height(panel)
        if panel.kind == "histogram":
            _histogram(_axes(figure, (84, top, WIDTH - 84 - _MARGIN, body - _AXIS), height), panel)
        else:
            _values(_axes(figure, (_LABELS, top, WIDTH - _LABELS - _NUMBERS, body), height), panel)
        top += body + _GAP
    _text(figure, _MARGIN, top + _NOTE / 2 - _GAP / 2, note, height=height, size=_SMALL)
    return figure


def _body_height(panel: Panel) -> int:
    return _HISTOGRAM + _AXIS if panel.kind == "histogram" else _LINE * max(1, len(panel.labels))


def _axes(figure: "Figure", box: tuple[int, int, int, int], height: int) -> "Axes":
    """Axes at left, top, width, height in pixels from the upper left corner."""
    left, top, wide, high = box
    axes = figure.add_axes((left / WIDTH, 1 - (top + high) / height, wide / WIDTH, high / height))
    axes.set_facecolor(_PAPER)
    for side in ("top", "right", "left"):
        axes.spines[side].set_visible(False)
    axes.tick_params(length=0, labelsize=_SMALL, labelcolor=_INK)
    return axes


def _histogram(axes: "Axes", panel: Panel) -> None:
    places = range(len(panel.labels))
    axes.bar([place + 0.28 for place in places], panel.production, 0.42, **_side(PRODUCTION))
    axes.bar([place + 0.72 for place in places], panel.staging, 0.42, **_side(STAGING))
    most = max((*panel.production, *panel.staging, 1))
    axes.set_xlim(0, max(1, len(panel.labels)))
    axes.set_ylim(0, most * 1.04)
    axes.set_yticks([0, most], ["0", _short_number(most)], parse_math=False)
    axes.grid(axis="y", color=_FAINT, alpha=0.35, linewidth=1)
    axes.set_axisbelow(True)
    edges = (*panel.labels, panel.end) if panel.end else panel.labels
    middle = {len(edges) // 2} if max(map(len, edges), default=0) <= _SHORT_LABEL else set()
    told = sorted({0, len(edges) - 1} | middle) if edges else []
    axes.set_xticks(told, [edges[place] for place in told], parse_math=False)
    for place, label in zip(told, axes.get_xticklabels(), strict=True):
        label.set_horizontalalignment("left" if place == 0 else "right" if place == len(edges) - 1 else "center")


def _values(axes: "Axes", panel: Panel) -> None:
    places = range(len(panel.labels))
    axes.barh([place - 0.19 for place in places], panel.production, 0.36, **_side(PRODUCTION))
    axes.barh([place + 0.19 for place in places], panel.staging, 0.36, **_side(STAGING))
    axes.spines["bottom"].set_visible(False)
    axes.spines["left"].set_visible(True)
    axes.spines["left"].set_color(_FAINT)
    axes.set_xlim(0, max((*panel.production, *panel.staging, 1)))
    axes.set_ylim(len(panel.labels) - 0.5, -0.5)
    axes.set_xticks([])
    axes.set_yticks(list(places), list(panel.labels), parse_math=False)
    for offset, counts in ((-0.19, panel.production), (0.19, panel.staging)):
        for place, count in zip(places, counts, strict=True):
            axes.annotate(
                _short_number(count),
                (count, place + offset),
                xytext=(5, 0),
                textcoords="offset points",
                va="center",
                fontsize=_SMALL,
                color=_INK,
                parse_math=False,
            )


def _side(color: str) -> dict[str, Any]:
    """Production is hatched in white, staging is plain: told apart in grey, too."""
    if color == PRODUCTION:
        return {"facecolor": color, "hatch": "///", "edgecolor": _PAPER, "linewidth": 0}
    return {"facecolor": color, "edgecolor": _INK, "linewidth": 0.8}


def _legend(figure: "Figure", height: int) -> None:
    from matplotlib.patches import Rectangle

    for left, color, words in ((_MARGIN, PRODUCTION, "production (before)"), (372, STAGING, "staging (after)")):
        box = (left / WIDTH, 1 - 37 / height)
        swatch = Rectangle(box, 34 / WIDTH, 22 / height, transform=figure.transFigure, **_side(color))
        figure.add_artist(swatch)
        _text(figure, left + 44, 26, words, height=height)


def _text(
    figure: "Figure", left: float, top: float, words: str, *, height: int, weight: str = "normal", size: float = _TEXT
) -> None:
    figure.text(
        left / WIDTH,
        1 - top / height,
        words,
        fontsize=size,
        fontweight=weight,
        color=_INK,
        va="center",
        parse_math=False,
    )


def _short_number(count: int) -> str:
    """At most six characters: 950, 12.3k, 4.5M."""
    for size, unit in ((10**12, "T"), (10**9, "G"), (10**6, "M"), (10**3, "k")):
        if count >= 10 * size or (count >= size and unit != "k"):
            return f"{count / size:.1f}{unit}".replace(".0", "") if count < 1000 * size else f"{count // size:,}{unit}"
    return f"{count:,}"


def _drawable(panel: Panel, letters: Letters) -> Panel:
    """The panel in letters that can be drawn, and with no more bars than the width shows."""
    from dataclasses import replace

    return replace(
        panel,
        title=letters.fitted(panel.title, TITLE_CHARS),
        labels=tuple(letters.fitted(label, LABEL_CHARS) for label in panel.labels[:_MOST_PANEL_BARS]),
        production=panel.production[:_MOST_PANEL_BARS],
        staging=panel.staging[:_MOST_PANEL_BARS],
        end=letters.fitted(panel.end, LABEL_CHARS),
    )


def _png(figure: "Figure") -> bytes:
    from matplotlib.backends.backend_agg import FigureCanvasAgg

    FigureCanvasAgg(figure)
    out = BytesIO()
    figure.savefig(out, format="png", dpi=_DPI, facecolor=_PAPER, edgecolor=_FAINT, metadata={"Software": None})
    return out.getvalue()
