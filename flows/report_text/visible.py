"""Pure: text of unknown origin made visible: no control character, no change of direction, no line break."""

from typing import Final

_DELETE: Final = 0x7F
_PICTURES: Final = 0x2400
"""Unicode's pictures of the control characters 0 to 31 begin here."""

_KEPT: Final = "\u200c\u200d"
"""Joiner and non-joiner are part of how some scripts, and emoji of several signs, are written."""


def visible(text: str) -> str:
    """The text on one line, with a sign for every character that would steer a screen instead of being seen."""
    if text.isascii() and text.isprintable():
        return text
    return "".join(map(_shown, text))


def edged(text: str) -> str:
    """The visible text with signs for blanks at its ends, which a screen would swallow."""
    inner = text.strip(" ")
    if inner == text:
        return text
    before = len(text) - len(text.lstrip(" "))
    return "␣" * before + inner + "␣" * (len(text) - len(inner) - before)


def apart(before: str, after: str, length: int) -> tuple[str, str]:
    """Both texts cut to a length; where they begin alike for long, the cut leaves what differs in sight."""
    pairs = enumerate(zip(before, after, strict=False))
    alike = next((place for place, (old, new) in pairs if old != new), min(len(before), len(after)))
    skipped = max(0, alike - length // 3)
    if max(len(before), len(after)) <= length or skipped == 0:
        return shortened(before, length), shortened(after, length)
    return shortened(f"…{before[skipped:]}", length), shortened(f"…{after[skipped:]}", length)


def shortened(text: str, length: int) -> str:
    """The text, cut visibly after `length` characters."""
    return text if len(text) <= length else text[: length - 1] + "…"


def _shown(sign: str) -> str:
    place = ord(sign)
    if place < ord(" "):
        return chr(_PICTURES + place)
    if place == _DELETE:
        return "␡"
    # Not printable are also directions, zero widths, foreign line breaks, and blanks that look like others.
    return sign if sign.isprintable() or sign in _KEPT else f"⟨U+{place:04X}⟩"
