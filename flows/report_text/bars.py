"""Pure: shares as bars of text, and as per cent."""

from typing import Final

_EIGHTHS: Final = " ▏▎▍▌▋▊▉"
WIDTH: Final = 12
"""Characters of a bar that means everything."""


def bar(part: float, whole: float, *, width: int = WIDTH) -> str:
    """A bar of up to `width` characters; a part that is not zero can always be seen."""
    if part <= 0 or whole <= 0:
        return ""
    eighths = max(1, round(min(part / whole, 1.0) * width * 8))
    return ("█" * (eighths // 8) + _EIGHTHS[eighths % 8]).rstrip()


def percent(part: float, whole: float) -> str:
    """The share in per cent with as many digits as help; empty where there is no whole."""
    if whole <= 0:
        return ""
    share = 100 * part / whole
    if 0 < share < 0.1:
        return "<0.1 %"
    if 99.9 < share < 100:
        return ">99.9 %"
    return f"{share:.1f} %" if 0 < share < 10 else f"{share:.0f} %"
