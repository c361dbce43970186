"""The rules of wap.toml: what of a difference stops a run, asks a person, or may pass without asking anybody."""

import math
from typing import Annotated, Literal, Self

from pydantic import BeforeValidator, Field, model_validator

from flows.contract.base import Frozen
from flows.contract.policy import MOST_APPROVALS
from flows.contract.texts import Words

Action = Literal["block", "ask", "auto"]

_LIMITS = ("rows_added_percent", "rows_removed_percent", "rows_changed_percent", "rows_fresh_percent")
_CONDITIONS = ("schema_change", "column_dropped", "vanished", "new_table")


def _percent(value: object) -> object:
    is_number = isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)
    if value is not None and not (is_number and 0 <= value <= 100):  # type: ignore[operator]  # mypy loses is_number
        raise ValueError("a percentage from 0 to 100, such as 10 or 0.5")
    return value


def _flag(value: object) -> object:
    if not isinstance(value, bool):
        raise ValueError("true or false")
    return value


def _allow(value: object) -> object:
    if value not in (None, "allow"):
        raise ValueError('"allow", or leave it out')
    return value


def _texts(value: object) -> object:
    # An empty list could be read as "none" or as "all": neither is guessed.
    if not isinstance(value, list | tuple) or not value or not all(isinstance(text, str) and text for text in value):
        raise ValueError('a list with at least one text, such as ["fct_*"]; without the key: all')
    return value


Percent = Annotated[float | None, BeforeValidator(_percent)]
"""Percent of production's rows."""

Flag = Annotated[bool, BeforeValidator(_flag)]
Allow = Annotated[Literal["allow"] | None, BeforeValidator(_allow)]
Texts = Annotated[tuple[str, ...], BeforeValidator(_texts)]


class _Rule(Frozen):
    name: str = Field(default="", max_length=80)
    """What people call the rule, besides its number."""

    tables: Texts = ("*",)
    """Names or shell patterns of the tables and views that it covers, whatever their case."""

    tags: Texts | None = None
    """Only tables with at least one of these dbt tags; None: with any or no tag."""

    rows_added_percent: Percent = None
    rows_removed_percent: Percent = None
    rows_changed_percent: Percent = None
    rows_fresh_percent: Percent = None
    """Rows that are only newer than production's, where the project names an event time."""


def _has_a_limit(rule: _Rule) -> bool:
    return any(getattr(rule, name) is not None for name in _LIMITS)


class _Guard(_Rule):
    """Fires on a table when any of its limits is exceeded or any of its conditions is true there."""

    schema_change: Flag = False
    """A column was added, removed or retyped."""

    column_dropped: Flag = False
    vanished: Flag = False
    """Production has the table and staging does not."""

    new_table: Flag = False

    @model_validator(mode="after")
    def _watches_something(self) -> Self:
        conditions = (self.schema_change, self.column_dropped, self.vanished, self.new_table)
        if not _has_a_limit(self) and not any(conditions):
            known = ", ".join(f"`{name}`" for name in (*_LIMITS, *_CONDITIONS))
            raise ValueError(f"watches nothing. Name at least one of {known}")
        return self


class BlockRule(_Guard):
    """Where it fires, nobody is asked and nothing is published."""

    action: Literal["block"]


class AskRule(_Guard):
    """Where it fires, a person is asked, whatever else would let the run pass."""

    action: Literal["ask"]
    approvals: int = Field(default=1, ge=1, le=MOST_APPROVALS)
    """How many different approvers are then needed."""


class AutoRule(_Rule):
    """What stays within it may be published without asking. What it does not name must not occur: a limit that is left
    out is 0, and schema changes and new tables are let pass only by the word `allow`. Whatever vanishes is asked about.
    """

    action: Literal["auto"]
    schema_change: Allow = None
    """Columns that were added or retyped."""

    new_table: Allow = None

    @model_validator(mode="after")
    def _is_limited(self) -> Self:
        if not _has_a_limit(self):
            known = ", ".join(f"`{name}`" for name in _LIMITS)
            raise ValueError(f"would publish without a limit. Name at least one of {known}")
        return self


Rule = Annotated[BlockRule | AskRule | AutoRule, Field(discriminator="action")]


class RuleHit(Frozen):
    """A rule at work on one table. Of an "auto" rule: what it let pass; such hits exist only when everything passes.

    `table` is empty where no table differs. `consequence` goes on with a sentence that begins with the table, with
    the numbers seen and allowed.
    """

    action: Action
    rule: int
    """Its number in wap.toml, from 1."""
    name: str = ""
    table: str
    consequence: Words
    approvals: int = 1

    @property
    def label(self) -> str:
        """`rule 3 of wap.toml`, with the name that people gave it."""
        return f"rule {self.rule} of wap.toml" + (f" ({self.name})" if self.name else "")
