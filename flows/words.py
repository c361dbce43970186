"""Pure: numbers with their nouns, as sentences need them."""


def counted(number: int, noun: str) -> str:
    """`1 table`, `2 tables`, `12,000 rows`: the noun as it is said of one thing; its plural takes an s."""
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"
