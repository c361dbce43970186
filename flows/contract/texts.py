"""The longest texts of the contract: what is longer is cut where one can see it, before Prefect keeps it."""

from typing import Annotated

from pydantic import AfterValidator

CELL_CHARS = 2_000
"""Of a value. The audit cuts in the warehouse, after `cell_length` characters; this holds whatever else made it."""

NAME_CHARS = 1_000
"""Of the name of a table or column. A name is looked up by, so it is never cut: a table with a longer one fails."""

WORDS_CHARS = 4_000
"""Of what a program said: an error of dbt, a note, a reason."""


def shortened(text: str, length: int) -> str:
    """At most `length` characters, the last of them an ellipsis if some are missing. Once is enough."""
    return text if len(text) <= length else text[: length - 1] + "…"


def cut_cell(text: str | None) -> str | None:
    """A value as the contract keeps it."""
    return text if text is None else shortened(text, CELL_CHARS)


def _words(text: str) -> str:
    return shortened(text, WORDS_CHARS)


Words = Annotated[str, AfterValidator(_words)]
"""Sentences, and names that nothing is looked up by."""
