"""Pure: numbers with their nouns and lists of names, as sentences need them."""

from collections.abc import Sequence


def counted(number: int, noun: str) -> str:
    """`1 table`, `2 tables`, `12,000 rows`: the noun as it is said of one thing; its plural takes an s."""
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"


def joined(names: Sequence[str]) -> str:
    """`Mina`, `Mina and Tomas`, `Mina, Tomas and Priya`; empty for nobody."""
    *first, last = names or ("",)
    return f"{', '.join(first)} and {last}" if first else last
