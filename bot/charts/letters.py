"""Which letters the fonts of this machine can draw, and what is written where none can. Imports matplotlib late."""

import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from matplotlib.font_manager import FontEntry
    from matplotlib.ft2font import FT2Font

FONT = "DejaVu Sans"
"""Comes with matplotlib: Latin, Greek, Cyrillic, Arabic, Hebrew and many signs are the same on every machine."""

_NO_TEXT = ("Last Resort", "STIXSize", "STIXNonUnicode", "cmb", "cmex", "cmmi", "cmr", "cmss", "cmsy", "cmtt")
"""Fonts of matplotlib's own that have boxes or pieces of formulas in the places of letters."""


@dataclass(frozen=True, slots=True)
class Letters:
    """The font families to draw with, best first, and the letters that none of them has."""

    families: tuple[str, ...]
    missing: frozenset[str]

    def fitted(self, text: str, length: int) -> str:
        """The text with code points for the missing letters, at most `length` columns wide, cut in its middle.

        Its beginning and its end stay, where names and numbers differ; a wide letter takes two columns.
        """
        parts = [self._part(text, place) for place in range(len(text))]
        widths = list(map(_width, parts))
        if sum(widths) <= length:
            return "".join(parts)
        tail = length // (3 if self.missing.isdisjoint(text) else 2)
        head = length - tail - 1
        return "".join([*_within(parts, widths, head), "…", *reversed([*_within(parts[::-1], widths[::-1], tail)])])

    def _part(self, text: str, place: int) -> str:
        """A letter as it is, or as its code point; those of missing letters in a row share one pair of brackets."""
        if text[place] not in self.missing:
            return text[place]
        is_first = place == 0 or text[place - 1] not in self.missing
        is_last = place + 1 == len(text) or text[place + 1] not in self.missing
        return f"{'⟨U+' if is_first else ' '}{ord(text[place]):04X}{'⟩' if is_last else ''}"


def letters_for(texts: Iterable[str]) -> Letters:
    """What is needed to draw these texts: fonts of this machine are asked only for letters that FONT lacks."""
    missing = {letter for text in texts for letter in text if not _has(FONT, letter)}
    families = [FONT]
    for entry in _others() if missing else ():
        if entry.name not in families and (found := _drawable(entry.fname, entry.index, missing)):
            families.append(entry.name)
            missing -= found
        if not missing:
            break
    return Letters(tuple(families), frozenset(missing))


def _within(parts: list[str], widths: list[int], room: int) -> Iterator[str]:
    """The first parts, whole, as far as there is room."""
    for part, width in zip(parts, widths, strict=True):
        room -= width
        if room < 0:
            return
        yield part


def _width(part: str) -> int:
    return sum(2 if unicodedata.east_asian_width(letter) in "WF" else 1 for letter in part)


def _others() -> Iterator["FontEntry"]:
    """The upright fonts of normal weight, those without serifs first; the order does not depend on the machine's."""
    from matplotlib.font_manager import fontManager

    upright = (entry for entry in fontManager.ttflist if entry.style == "normal" and entry.weight in (400, "normal"))
    found = [entry for entry in upright if not entry.name.startswith(_NO_TEXT)]
    yield from sorted(found, key=lambda entry: ("Sans" not in entry.name, entry.name, entry.fname, entry.index))


@cache
def _has(family: str, letter: str) -> bool:
    """Whether this font has the letter in both of the weights that we draw with."""
    from matplotlib.font_manager import FontProperties, findfont, get_font

    fonts = (get_font(findfont(FontProperties(family=family, weight=weight))) for weight in ("normal", "bold"))
    return all(font.get_char_index(ord(letter)) for font in fonts)


def _drawable(path: str, index: int, letters: Iterable[str]) -> set[str]:
    """Those letters of which a font has an outline: a colour font has pictures instead, which would stay empty."""
    from matplotlib.ft2font import FT2Font

    try:
        font = FT2Font(path, face_index=index)
        return {letter for letter in letters if font.get_char_index(ord(letter)) and _has_outline(font, letter)}
    except (OSError, RuntimeError, ValueError):  # a font that has gone, or that FreeType cannot read
        return set()


def _has_outline(font: "FT2Font", letter: str) -> bool:
    font.load_char(ord(letter))
    return len(font.get_path()[0]) > 0
