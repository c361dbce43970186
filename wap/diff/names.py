"""Pure: names as people type them, quoted or not, and which of the names that exist they mean."""

import difflib
import re
from collections.abc import Iterable, Sequence
from typing import Final

from wap.diff.asked import NotCompared

_PARTS: Final = {
    separator: re.compile(rf'\s*(?:"(?P<quoted>(?:[^"]|"")+)"|(?P<bare>[^"{separator}]+))\s*') for separator in ",."
}
"""A part of a name or list, by what separates them; inside of quotes two quotes are one."""
_PLAIN: Final = re.compile(r"[^\W\d]\w*")
_SUGGESTIONS: Final = 3
_NEAR: Final = 0.7


def table_name(typed: str) -> tuple[str, ...]:
    """`table` or `schema.table`, each part quoted like in SQL if it holds a dot, a comma or a quote."""
    parts = _split(typed, ".")
    if parts is None or len(parts) > 2:
        message = (
            f"Not compared. `{typed}` is not the name of a table. Accepted: table, schema.table, "
            'or with quotes "My schema"."My table".'
        )
        raise NotCompared(message)
    return parts


def column_names(typed: str | None, *, option: str) -> tuple[str, ...]:
    """The names between commas; `option` is where they were typed."""
    parts = _split(typed, ",") if typed is not None else ()
    if parts is None:
        message = (
            f"Not compared. `{option}` is `{typed}`, which is not a list of columns. "
            'Accepted: a,b or with quotes "a column","another".'
        )
        raise NotCompared(message)
    return parts


def written(*parts: str) -> str:
    """The name as it can be typed here, quoted only where it must be."""
    return ".".join(part if _PLAIN.fullmatch(part) else '"' + part.replace('"', '""') + '"' for part in parts)


def suggestion(typed: str, known: Iterable[tuple[str, str]]) -> str:
    """`Did you mean ...?` with what may be typed instead; empty if nothing is near.

    `known` are pairs: a name to compare with, and what to suggest for it.
    """
    by_folded: dict[str, list[str]] = {}
    for name, instead in known:
        by_folded.setdefault(name.casefold(), []).append(instead)
    near = difflib.get_close_matches(typed.casefold(), by_folded, n=_SUGGESTIONS, cutoff=_NEAR)
    suggested = [instead for name in near for instead in by_folded[name]]
    return f"Did you mean {either(suggested[:_SUGGESTIONS])}?" if suggested else ""


def either(names: Iterable[str]) -> str:
    """`a`, `b` or `c`."""
    *most, last = (f"`{name}`" for name in names)
    return f"{', '.join(most)} or {last}" if most else last


def _split(typed: str, separator: str) -> tuple[str, ...] | None:
    """The parts between separators outside of quotes; None if the text is not made of such parts."""
    parts: list[str] = []
    place = 0
    while (found := _PARTS[separator].match(typed, place)) is not None:
        part = found["quoted"].replace('""', '"') if found["quoted"] else found["bare"].strip()
        if not part:
            return None
        parts.append(part)
        if found.end() == len(typed):
            return tuple(parts)
        if typed[found.end()] != separator:
            return None
        place = found.end() + 1
    return None


def missing(names: Sequence[str], known: Iterable[str]) -> str | None:
    """The first of the names that is not known in any case; None if all are."""
    folded = {name.casefold() for name in known}
    return next((name for name in names if name.casefold() not in folded), None)
