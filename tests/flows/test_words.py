"""Numbers with their nouns."""

import pytest

from flows.words import counted


@pytest.mark.parametrize(
    ("number", "expected"), [(0, "0 tables"), (1, "1 table"), (2, "2 tables"), (12_000, "12,000 tables")]
)
def test_counted_takes_the_plural_except_for_one(number: int, expected: str) -> None:
    """Nobody reads of 1 tables."""
    assert counted(number, "table") == expected
