"""Pure: data is never markup. What Markdown or HTML would read as a sign is escaped, links included."""

import re
from collections.abc import Iterable
from typing import Final

from flows.report_text.visible import apart, edged, shortened, visible

NAME: Final = 60
"""Characters of a name; tables in the Prefect UI do not wrap their cells."""

CELL: Final = 40
"""Characters of a value in a table."""

_SENTENCE: Final = 1000
_SIGNS: Final = str.maketrans(
    {sign: f"\\{sign}" for sign in "\\`*_[]#|~!{}$"} | {"<": "&lt;", ">": "&gt;", "&": "&amp;"}
)
_LINE_START: Final = re.compile(r"^(\d*)([-+=.)])")
"""Where a line begins these would make a list of it, or a heading of the line above."""

_BARE_LINK: Final = re.compile(r"\S*(?:://|www\.|@)\S*", re.IGNORECASE)
"""GitHub's Markdown, which both of Prefect's pages speak, makes links of bare addresses, escaped or not; some readers
of it also in the middle of a word."""

_ADDRESS: Final = re.compile(r"https?://[A-Za-z0-9.-]+(:\d+)?(/[A-Za-z0-9._~/?=&%+,:;@-]*)?")


def text(value: str, *, length: int = _SENTENCE) -> str:
    """The value as plain text on one line, also where a line begins with it."""
    return _LINE_START.sub(r"\1\\\2", _escaped(_seen(value, length)))


def name(value: str) -> str:
    """The name of a table or column as plain text."""
    return text(value, length=NAME)


def names(values: Iterable[str], most: int = 12, *, others: int = 0) -> str:
    """Names for a sentence, the rest of them counted, together with `others` that are not among the values."""
    listed = [name(value) for value in values]
    more = max(0, len(listed) - most) + others
    return ", ".join(listed[:most]) + (f" and {more:,} more" if more > 0 else "")


def cell(value: str | None) -> str:
    """A value in a table. NULL and the empty text are in italics, which no data can be."""
    return _known(value) or _escaped(_seen(value or "", CELL))


def change(before: str | None, after: str | None) -> str:
    """Both values of a cell, old and new."""
    old, new = apart(edged(visible(before or "")), edged(visible(after or "")), CELL)
    return f"{_known(before) or _escaped(old)} → {_known(after) or _escaped(new)}"


def code(value: str) -> str:
    """The name or value in code font."""
    return _in_code(_seen(value, NAME))


def sentence(value: str) -> str:
    """A sentence of a program, in which `this` is code."""
    parts = visible(shortened(value, _SENTENCE)).split("`")
    if len(parts) % 2 == 0:
        return text(value)
    told = "".join(_escaped(part) if place % 2 == 0 else _in_code(part) for place, part in enumerate(parts) if part)
    return _LINE_START.sub(r"\1\\\2", told)


def link(label: str, address: str) -> str:
    """A link, if the address is a plain web address; else the label alone."""
    plain = _ADDRESS.fullmatch(address)
    return f"[{text(label)}]({address})" if plain else text(label)


def _seen(value: str, length: int) -> str:
    """The value made visible and cut; of a long one no more is looked at than can be seen."""
    return shortened(edged(visible(value[: length + 2])), length)


def _known(value: str | None) -> str:
    return "*NULL*" if value is None else "*empty*" if value == "" else ""


def _escaped(value: str) -> str:
    """Plain text; a word that would become a link is put in code font, where nothing does."""
    parts = []
    place = 0
    for found in _BARE_LINK.finditer(value):
        parts += [_plain(value[place : found.start()]), _in_code(found[0])]
        place = found.end()
    return "".join([*parts, _plain(value[place:])])


def _plain(value: str) -> str:
    # Prefect's page looks for the end of a link behind a bracket even if the bracket is escaped.
    return value.translate(_SIGNS).replace("](", "]\\(")


def _in_code(value: str) -> str:
    # A backtick would end the code and a bar would end a table's cell.
    return f"`{value.replace('`', chr(39)).replace('|', '¦')}`"
